"""Tables of predictions made by hand."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
import pytest
from tests.learning.evaluation.hand_predictions import KEYS, LABEL, one_hot

from emogap.learning.evaluation.predictions import prediction_frame, sorted_predictions
from emogap.types import LabelView, Prediction


@pytest.fixture(scope="session")
def frame_of() -> Callable[..., pl.DataFrame]:
    """A table of predictions of the view felt: by model the class of every clip, in folds of three people."""

    def make(
        guesses: Mapping[str, np.ndarray],
        *,
        split: str = "person",
        seed: int = 0,
        label: np.ndarray | None = None,
        clips: np.ndarray | None = None,
    ) -> pl.DataFrame:
        shares = one_hot(LABEL) if label is None else label
        clips = np.arange(len(KEYS)) if clips is None else clips
        folds = np.array([int(key.participant_id[1:]) % 3 for key in KEYS])
        frames = []
        for model, guess in guesses.items():
            for fold in range(3):
                rows = clips[folds[clips] == fold]
                prediction = Prediction(
                    keys=tuple(KEYS[row] for row in rows),
                    view=LabelView.FELT,
                    target="class",
                    space="emotion3",
                    output=0.8 * one_hot(guess)[rows] + 0.2 / 3,
                    label=shares[rows],
                    model=model,
                    split=split,
                    cell=str(fold),
                    seed=seed,
                )
                frames.append(prediction_frame(prediction, protocol="er3", fold=fold))
        return sorted_predictions(frames)

    return make
