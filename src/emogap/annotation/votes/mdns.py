"""MDNS: nine ratings of the intensity of each expression in a face, from 0 (absent) to 4, as counts per level.

The file lists nine numbers per face and expression. Their order says nothing about who gave them: the third number
of one face and the third of another may come from different people. They are counted, and the order is dropped, so
that nobody takes a column for a rater.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.annotation.votes.counts import VoteCounts
from emogap.errors import DataError, UnknownNameError

__all__ = ["NUM_LEVELS", "IntensityVotes", "read_mdns", "spread"]

NUM_LEVELS = 5
"""Intensities 0, 1, 2, 3, 4."""

SAME_WORD = {"surprised": "surprise"}
"""One of the two files spells an expression otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class IntensityVotes:
    """How many raters gave each intensity, for I faces and E expressions.

    Attributes
    ----------
    faces : tuple of str, length I
    expressions : tuple of str, length E
    count : int64 array, shape (I, E, 5)
        Raters who gave the intensity 0, 1, 2, 3 or 4.
    """

    faces: tuple[str, ...]
    expressions: tuple[str, ...]
    count: Int[ndarray, "I E 5"]

    def of(self, expression: str) -> VoteCounts:
        """The ratings of one expression, on an ordinal scale.

        Raises
        ------
        UnknownNameError
            If it was not rated.
        """
        if expression not in self.expressions:
            raise UnknownNameError("expression", expression, self.expressions)
        levels = tuple(str(level) for level in range(NUM_LEVELS))
        return VoteCounts(self.faces, levels, self.count[:, self.expressions.index(expression)], "ordinal")

    @property
    def mean(self) -> Float[ndarray, "I E"]:
        """Mean intensity, float64 (I, E), 0 to 4."""
        return np.asarray(self.count @ np.arange(NUM_LEVELS) / self.count.sum(axis=2))

    @property
    def share_present(self) -> Float[ndarray, "I E"]:
        """Share of the raters who saw any of the expression (intensity 1 or more), float64 (I, E)."""
        return np.asarray(1 - self.count[:, :, 0] / self.count.sum(axis=2))


def spread(votes: VoteCounts) -> Float[ndarray, " I"]:
    """Mean absolute difference between two raters of an item, in levels; NaN with fewer than two votes.

    Returns
    -------
    float64 array, shape (I,)
        From 0 (all alike) to a little more than half the range of levels.

    Notes
    -----
    ``sum_kl n_k n_l |k - l| / (n (n - 1))`` over levels k and l: Gini's mean difference, unbiased for any n.

    References
    ----------
    Yitzhaki and Schechtman (2013), *The Gini Methodology*, doi:10.1007/978-1-4614-4720-7, chapter 2.

    Examples
    --------
    >>> votes = VoteCounts(("a", "b"), ("0", "1", "2"), np.array([[3, 0, 0], [1, 0, 1]]), "ordinal")
    >>> spread(votes).tolist()
    [0.0, 2.0]
    """
    levels = np.arange(len(votes.categories))
    distance = np.abs(levels[:, None] - levels[None, :])
    pairs = np.einsum("ik,il,kl->i", votes.count, votes.count, distance)
    number = votes.num_votes * (votes.num_votes - 1.0)
    return np.asarray(pairs / np.where(number > 0, number, np.nan))


def read_mdns(path: Path) -> IntensityVotes:
    """The ratings of an MDNS file, primary expressions or primary and compound ones.

    Raises
    ------
    DataError
        If the file is no such table, a face lacks an expression, or a rating is none of 0 to 4; with face and
        expression.
    """
    content = _read(path)
    faces = tuple(content)
    spelled = tuple(content[faces[0]])
    count = np.zeros((len(faces), len(spelled), NUM_LEVELS), np.int64)
    for row, face in enumerate(faces):
        if set(content[face]) != set(spelled):
            missing = sorted(set(spelled) ^ set(content[face]))
            raise DataError(
                f"the expression {missing[0]} is rated for some faces only",
                where=f"{path.name}, {face}",
                fix="leave out this face, or use the files in which every face has all expressions",
            )
        for column, expression in enumerate(spelled):
            count[row, column] = _levels(content[face][expression], f"{path.name}, {face}, {expression}")
    return IntensityVotes(faces, tuple(SAME_WORD.get(word, word) for word in spelled), count)


def _read(path: Path) -> dict[str, dict[str, list[int]]]:
    if not path.is_file():
        raise DataError("there is no such file", where=str(path), fix="check the path")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"this is not JSON: {error}", where=path.name, fix="fetch the file again") from error
    is_table = isinstance(content, dict) and bool(content) and all(isinstance(face, dict) for face in content.values())
    if not is_table or not all(isinstance(given, list) for face in content.values() for given in face.values()):
        raise DataError("this is no file of MDNS: face, expression, list of ratings", where=path.name)
    return dict(content)


def _levels(given: list[int], where: str) -> Int[ndarray, " 5"]:
    off = [rating for rating in given if type(rating) is not int or not 0 <= rating < NUM_LEVELS]
    if off or not given:
        raise DataError(
            f"{off[0]!r} is no intensity from 0 to {NUM_LEVELS - 1}" if off else "there is no rating",
            where=where,
            fix="correct the file, or leave out this face",
        )
    return np.bincount(given, minlength=NUM_LEVELS).astype(np.int64)
