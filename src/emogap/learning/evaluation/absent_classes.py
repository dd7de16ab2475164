"""Classes that a fold lacks: a reader of its scores must know."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.protocols import Protocol
from emogap.scoring import harden
from emogap.types import vocabulary

__all__ = ["absent_classes"]


def absent_classes(dataset: Dataset, protocol: Protocol, splits: Iterable[Split]) -> tuple[str, ...]:
    """Sentences on classes of the scored view that no clip has, or that a fold lacks in training or in its test.

    A class that training lacks cannot be predicted; one that the test of a cell lacks is left out of the UAR of that
    cell, though not of the pooled one. Empty for values.
    """
    if protocol.space is None:
        return ()
    shares = label_array(dataset, protocol.view, "class", protocol.space)
    is_labelled = np.isfinite(shares).all(axis=1)
    classes = np.full(len(shares), -1)
    classes[is_labelled] = harden(shares[is_labelled])
    words = vocabulary(protocol.space)
    nowhere = [word for number, word in enumerate(words) if not (classes == number).any()]
    notes = [f"{protocol.name}: no clip is labelled {', '.join(nowhere)}."] if nowhere else []
    for split in splits:
        for side in ("train", "test"):
            rows = [getattr(cell, side) for cell in split.cells]
            notes += _of_side(protocol, split, side, words, classes, rows, leave_out=nowhere)
    return tuple(notes)


def _of_side(
    protocol: Protocol,
    split: Split,
    side: str,
    words: Sequence[str],
    classes: NDArray[np.int64],
    rows: Sequence[Sequence[int]],
    *,
    leave_out: Sequence[str],
) -> list[str]:
    notes = []
    for number, word in enumerate(words):
        lacking = [
            cell.name for cell, own in zip(split.cells, rows, strict=True) if not (classes[list(own)] == number).any()
        ]
        if lacking and word not in leave_out:
            clips = "training" if side == "train" else "test"
            notes.append(
                f"{protocol.name}, split {split.name} (seed {split.seed}): the {clips} clips of {len(lacking)} of"
                f" {len(rows)} cells hold no {word}, first cell {lacking[0]}."
            )
    return notes
