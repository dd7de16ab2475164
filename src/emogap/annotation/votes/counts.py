"""Votes of which only the counts are known: how many raters chose each category, but not who they were."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError

__all__ = ["VoteCounts", "plurality", "refuse_without_raters", "vote_entropy", "vote_shares_of", "winner_share"]

NEEDS_RATERS = {
    "cohen_kappa": "compares two named raters",
    "cohen_kappa_linear": "compares two named raters",
    "cohen_kappa_quadratic": "compares two named raters",
    "cronbach_alpha": "needs the variance of every rater over the items",
    "icc2_1": "needs the same raters on every item",
    "icc2_k": "needs the same raters on every item",
    "icc3_k": "needs the same raters on every item",
    "dawid_skene": "estimates a confusion matrix of every rater",
    "em_reliability": "estimates a reliability of every rater",
    "gaussian": "estimates bias and variance of every rater",
}
"""Methods that counts cannot feed, with the reason."""


@dataclass(frozen=True, slots=True, eq=False)
class VoteCounts:
    """How many raters chose each of K categories, for I items.

    Attributes
    ----------
    items : tuple of str, length I
        No item stands twice.
    categories : tuple of str, length K
        In ascending order if `scale` is ordinal.
    count : int64 array, shape (I, K)
        Not negative. A row of zeros is an item that nobody rated.
    scale : "nominal" or "ordinal"

    Raises
    ------
    DataError
        If the shape does not fit, a count is negative, or an item stands twice.

    Examples
    --------
    >>> votes = VoteCounts(("clip1", "clip2"), ("anger", "fear", "neutral"), np.array([[3, 1, 0], [1, 1, 2]]))
    >>> votes.num_votes.tolist()
    [4, 4]
    """

    items: tuple[str, ...]
    categories: tuple[str, ...]
    count: Int[ndarray, "I K"]
    scale: Literal["nominal", "ordinal"] = "nominal"

    def __post_init__(self) -> None:
        shape = (len(self.items), len(self.categories))
        if self.count.shape != shape or not np.issubdtype(self.count.dtype, np.integer):
            raise DataError(f"counts must be whole numbers of shape {shape}, got {self.count.dtype} {self.count.shape}")
        if (self.count < 0).any():
            row, column = np.argwhere(self.count < 0)[0]
            raise DataError(
                f"{counted(self.count[row, column], 'vote')} for {self.categories[column]}",
                where=f"item {self.items[row]}",
                fix="a sentinel such as -1 is no count: leave the item out or correct it",
            )
        if len(set(self.items)) < len(self.items):
            twice = Counter(self.items).most_common(1)[0][0]
            raise DataError(f"the item {twice} stands twice", fix="add its counts up, or keep one of the rows")
        self.count.flags.writeable = False

    @property
    def num_votes(self) -> Int[ndarray, " I"]:
        """Votes of each item, int64 (I,)."""
        return np.asarray(self.count.sum(axis=1), np.int64)

    def only(self, rows: ndarray) -> "VoteCounts":
        """The items at the positions (or where the mask) `rows`."""
        chosen = np.arange(len(self.items))[rows]
        return VoteCounts(tuple(self.items[row] for row in chosen), self.categories, self.count[chosen], self.scale)

    def among(self, categories: Sequence[str]) -> "VoteCounts":
        """The votes for `categories` alone; the others are dropped, so rows may add up to less."""
        columns = [self.categories.index(category) for category in categories]
        return VoteCounts(self.items, tuple(categories), self.count[:, columns], self.scale)


def vote_shares_of(votes: VoteCounts) -> Float[ndarray, "I K"]:
    """Share of each category among an item's votes: the soft label; NaN where nobody voted.

    Returns
    -------
    float64 array, shape (I, K), in [0, 1]; rows add up to 1.

    Examples
    --------
    >>> vote_shares_of(VoteCounts(("a",), ("anger", "fear", "neutral"), np.array([[3, 1, 0]]))).tolist()
    [[0.75, 0.25, 0.0]]
    """
    total = votes.num_votes[:, None].astype(np.float64)
    return np.asarray(votes.count / np.where(total > 0, total, np.nan), np.float64)


def vote_entropy(votes: VoteCounts, *, corrected: bool = True) -> Float[ndarray, " I"]:
    """Entropy of each item's votes in bits, from 0 (all alike); NaN where nobody voted.

    Parameters
    ----------
    votes : VoteCounts
    corrected : bool
        Whether to add Miller's term: the entropy of a handful of votes is too low on average, and the fewer the
        votes the more so. Needed where items with different numbers of votes are compared.

    Returns
    -------
    float64 array, shape (I,)
        At most log2 K, plus (K - 1) / (2 n ln 2) if corrected.

    Notes
    -----
    ``H = -sum_k p_k log2 p_k`` over the shares p_k; Miller's term is ``(m - 1) / (2 n ln 2)`` with n votes and m
    categories that got any.

    References
    ----------
    Miller (1955), "Note on the bias of information estimates", in Quastler (ed.), Information Theory in
    Psychology, 95-100. Paninski (2003), Neural Computation 15(6), doi:10.1162/089976603321780272, equation 4.

    Examples
    --------
    >>> votes = VoteCounts(("a", "b"), ("anger", "fear", "neutral"), np.array([[2, 2, 0], [4, 0, 0]]))
    >>> vote_entropy(votes, corrected=False).tolist()
    [1.0, 0.0]
    """
    share = vote_shares_of(votes)
    surprise = -np.log2(np.where(share > 0, share, 1.0))
    entropy = (share * surprise).sum(axis=1)
    if not corrected:
        return np.asarray(entropy)
    chosen = (votes.count > 0).sum(axis=1)
    return np.asarray(entropy + (chosen - 1) / (2 * np.maximum(votes.num_votes, 1) * np.log(2)))


def winner_share(votes: VoteCounts) -> Float[ndarray, " I"]:
    """Share of the most chosen category among an item's votes, in [1 / K, 1]; NaN where nobody voted.

    Notes
    -----
    With n votes it is at least 1 / n: a handful of votes looks more settled than its crowd, and the fewer the more so.

    Examples
    --------
    >>> winner_share(VoteCounts(("a",), ("anger", "fear", "neutral"), np.array([[3, 1, 0]]))).tolist()
    [0.75]
    """
    return np.asarray(vote_shares_of(votes).max(axis=1), np.float64)


def plurality(votes: VoteCounts) -> tuple[tuple[str, ...], ...]:
    """The most chosen categories of each item: one, or all that tie; none where nobody voted.

    Examples
    --------
    >>> votes = VoteCounts(("a", "b"), ("anger", "fear", "neutral"), np.array([[3, 1, 0], [2, 0, 2]]))
    >>> plurality(votes)
    (('anger',), ('anger', 'neutral'))
    """
    is_most = (votes.count == votes.count.max(axis=1, keepdims=True)) & (votes.count > 0)
    return tuple(tuple(votes.categories[k] for k in np.flatnonzero(row)) for row in is_most)


def refuse_without_raters(method: str, *, where: str | None = None) -> NoReturn:
    """Say why `method` cannot be had from counts.

    Raises
    ------
    UsageError
        Always.
    """
    reason = NEEDS_RATERS.get(method, "needs to know who gave which rating")
    raise UsageError(
        f"{method} {reason}, and here only the counts of votes are known, not who cast them",
        where=where,
        fix="counts support vote shares, entropy, majority (--method majority), fleiss_kappa and krippendorff_alpha; "
        "for anything else ask the source for one row per rating (item, annotator, rating)",
    )
