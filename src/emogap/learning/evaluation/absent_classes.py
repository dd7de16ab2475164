"""Classes that a fold lacks: a reader of its scores must know."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from emogap.counted_nouns import counted
from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.protocols import Protocol
from emogap.scoring import harden
from emogap.types import vocabulary

__all__ = ["absent_classes"]

THINNED = "person-thinned"


def absent_classes(dataset: Dataset, protocol: Protocol, splits: Iterable[Split]) -> tuple[str, ...]:
    """Sentences on classes of the scored view that no clip has, or that a fold lacks in training or in its test.

    A class that training lacks cannot be predicted; one that the test of a cell lacks is left out of the UAR of that
    cell, though not of the pooled one. A thinned training set has the test clips of the split that it is compared
    with: they are told once. Empty for values.
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
            if side == "test" and split.name == THINNED:
                continue
            rows = [getattr(cell, side) for cell in split.cells]
            lacking = _lacking(words, classes, rows, leave_out=nowhere)
            if lacking:
                clips = "training" if side == "train" else "test"
                notes.append(
                    f"{protocol.name}, split {split.name} (seed {split.seed}): of {counted(len(rows), 'cell')}, the"
                    f" {clips} clips lack {', '.join(lacking)}."
                )
    return tuple(notes)


def _lacking(
    words: Sequence[str], classes: NDArray[np.int64], rows: Sequence[Sequence[int]], *, leave_out: Sequence[str]
) -> list[str]:
    """Each class that some cell lacks, and how many cells do: ``fear in 2``."""
    counts = [sum(not (classes[list(own)] == number).any() for own in rows) for number in range(len(words))]
    return [f"{word} in {count}" for word, count in zip(words, counts, strict=True) if count and word not in leave_out]
