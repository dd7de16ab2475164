"""Labels of people whom neither pre-training nor fine-tuning saw, from several folds: every row of the comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.learning.finetuning.comparison import Compared, compare
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.people import PeopleSplit, split_people
from emogap.learning.finetuning.scores import RowScores, score_rows
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.learning.pretraining.checkpoint import Pretrained

__all__ = ["label_scores", "scored_over_folds"]

Told = Mapping[str, Float[ndarray, "seeds R O"]]


def label_scores(
    windows: LabelledWindows,
    folds: Sequence[tuple[Pretrained, tuple[str, ...]]],
    config: FinetuningConfig,
    folder: Path,
) -> dict[str, object]:
    """Rows with intervals over people, and paired differences of ``pretrained`` to every other row.

    Each fold is a network and the people to test, whom it has not seen; the others train, and `config.validation_share`
    of those select the epoch.
    """
    told: list[Told] = []
    rows = []
    for number, (pretrained, people) in enumerate(folds):
        split = split_people(
            windows, pretrained, test=people, validation_share=config.validation_share, seed=config.seed
        )
        told.append(compare(pretrained, windows, split, config, folder=folder / f"fold-{number}").told)
        rows.append(split.test)
        print(f"  labels, fold {number}", flush=True)
    return scored_over_folds(windows, told, rows)


def scored_over_folds(windows: LabelledWindows, told: Sequence[Told], rows: Sequence[ndarray]) -> dict[str, object]:
    """The scores of what was told of the windows `rows`, a fold after the other, over all of them together."""
    whole = {name: np.concatenate([each[name] for each in told], axis=1) for name in told[0]}
    nobody = np.zeros(0, np.int64)
    split = PeopleSplit(nobody, nobody, np.concatenate(rows))
    scored = score_rows(Compared((), whole), windows, split)
    return {
        "windows": len(split.test),
        "people": len({windows.people[row] for row in split.test}),
        "rows": {row["row"]: row["metrics"] for row in scored},
        "differences": {name: _difference(whole, name, windows, split) for name in whole if name != "pretrained"},
        "confusion": {row["row"]: row["confusion"] for row in scored if row["confusion"]},
    }


def _difference(whole: Told, name: str, windows: LabelledWindows, split: PeopleSplit) -> object:
    """``pretrained`` minus another row, which :func:`score_rows` finds of the row that stands for ``random``."""
    pair = {"random": whole[name], "pretrained": whole["pretrained"]}
    scored: list[RowScores] = score_rows(Compared((), pair), windows, split)
    return scored[-1]["gain"]
