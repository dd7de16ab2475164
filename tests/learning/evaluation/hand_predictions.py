"""Clips of nine people and six stimuli in three groups, three classes: made by hand, predicted by nobody."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from emogap.learning.evaluation.predictions import prediction_frame, sorted_predictions
from emogap.types import LabelView, Prediction, SampleKey

PEOPLE, STIMULI = 9, 6
KEYS = tuple(
    SampleKey("hand", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"g{stimulus // 2}", 0.0, 8.0)
    for person in range(PEOPLE)
    for stimulus in range(STIMULI)
)
LABEL = np.array([(int(key.participant_id[1:]) + int(key.stimulus_id[1:])) % 3 for key in KEYS])


def one_hot(classes: np.ndarray) -> np.ndarray:
    return np.eye(3)[classes]


def wrong(classes: np.ndarray, *, every: int) -> np.ndarray:
    """The classes with every so-many-th replaced by the next class."""
    spoilt = np.arange(len(classes)) % every == 0
    return np.where(spoilt, (classes + 1) % 3, classes)


def predictions_of(
    guesses: Mapping[str, np.ndarray],
    *,
    split: str = "person",
    seed: int = 0,
    label: np.ndarray | None = None,
    clips: np.ndarray | None = None,
) -> pl.DataFrame:
    """Predictions of the view felt: by model the class of every clip, in folds of three people."""
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
