"""FER+: ten votes on each face of FER2013, as counts.

References
----------
Barsoum, Zhang, Canton Ferrer and Zhang (2016), ICMI, 279-283, doi:10.1145/2993148.2993165.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emogap.annotation.votes.counts import VoteCounts
from emogap.errors import DataError
from emogap.rows import Row, read_rows

__all__ = ["FERPLUS_ANSWERS", "FERPLUS_EMOTIONS", "FerPlus", "read_ferplus"]

FERPLUS_EMOTIONS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
"""The eight classes, in the order of the columns."""

FERPLUS_ANSWERS = (*FERPLUS_EMOTIONS, "unknown", "not a face")
"""Everything that a rater could answer; the last two are answers, no classes."""

COLUMNS = (*FERPLUS_EMOTIONS, "unknown", "NF")


@dataclass(frozen=True, slots=True)
class FerPlus:
    """Votes on the images that show a face.

    Attributes
    ----------
    votes : VoteCounts
        All answers (:data:`FERPLUS_ANSWERS`); ``votes.among(FERPLUS_EMOTIONS)`` has the classes alone.
    usage : tuple of str, length I
        ``Training``, ``PublicTest`` or ``PrivateTest``.
    num_without_face : int
        Rows left out, because every vote said that there is no face.
    num_without_name : int
        Those among them whose image name is empty.
    num_repeated : int
        Rows left out, because they repeat an image with the same votes.
    """

    votes: VoteCounts
    usage: tuple[str, ...]
    num_without_face: int
    num_without_name: int
    num_repeated: int


def read_ferplus(path: Path) -> FerPlus:
    """The votes of ``fer2013new.csv``, without the images that every rater called no face.

    Raises
    ------
    DataError
        If a cell is no count, an image stands twice with different votes, or a row has no image name though
        somebody saw a face; with file and line.
    """
    rows = read_rows(path, columns=("Usage", "Image name", *COLUMNS), delimiter=",")
    counts = [_counts(row) for row in rows]
    kept, without_name = [], 0
    for place, (row, count) in enumerate(zip(rows, counts, strict=True)):
        is_named = row.optional("Image name") is not None
        if sum(count) > count[-1]:
            if not is_named:
                raise DataError(
                    "the image name is empty, but votes name an emotion", where=row.where, fix="fetch the file again"
                )
            kept.append(place)
        elif not is_named:
            without_name += 1
    if not kept:
        raise DataError("no image shows a face", where=str(path), fix="fetch the file again")
    once = _without_repeats([rows[place] for place in kept], [counts[place] for place in kept])
    return FerPlus(
        votes=VoteCounts(tuple(once), FERPLUS_ANSWERS, np.array([count for _, count in once.values()], np.int64)),
        usage=tuple(row.text("Usage") for row, _ in once.values()),
        num_without_face=len(rows) - len(kept),
        num_without_name=without_name,
        num_repeated=len(kept) - len(once),
    )


def _without_repeats(rows: list[Row], counts: list[list[int]]) -> dict[str, tuple[Row, list[int]]]:
    """Row and votes of each image; a row that says the same again is passed over."""
    once: dict[str, tuple[Row, list[int]]] = {}
    for row, count in zip(rows, counts, strict=True):
        name = row.text("Image name")
        if name in once and once[name][1] != count:
            raise DataError(
                f"{name} stands in line {once[name][0].line} already, with other votes",
                where=row.where,
                fix="keep the row that belongs to the image",
            )
        once.setdefault(name, (row, count))
    return once


def _counts(row: Row) -> list[int]:
    numbers = [row.number(column, low=0) for column in COLUMNS]
    if any(number != int(number) for number in numbers):
        raise DataError("a count of votes is not whole", where=row.where, fix="fetch the file again")
    return [int(number) for number in numbers]
