"""Clips weighted by how often their person (and stimulus) is drawn, for estimates fitted anew in every draw."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.scoring.jackknife import two_way_variance
from emogap.scoring.resampling import Method, draw_counts, interval_of
from emogap.scoring.sums import codes_of

__all__ = ["FromWeights", "Weightings", "draw_weightings", "without_each"]

FromWeights = Callable[[Float[ndarray, "D N"]], Float[ndarray, "D M"]]
"""M numbers of each of D weightings of N clips."""


@dataclass(frozen=True, slots=True, eq=False)
class Weightings:
    """How often each of N clips counts: in every draw, and without each person (and stimulus) in turn.

    Attributes
    ----------
    drawn : float64 array, shape (D, N)
    left_out : tuple of float64 arrays, shapes (people, N) and, two way, (stimuli, N)
    clusters : str
        What was drawn, in words.
    cell : int array, shape (N,), or None
        Two way, the person and stimulus of each clip as one number; None one way.
    """

    drawn: Float[ndarray, "D N"]
    left_out: tuple[Float[ndarray, "clusters N"], ...]
    clusters: str
    cell: Int[ndarray, " N"] | None = None

    def intervals(
        self,
        score: FromWeights,
        *,
        block: int,
        method: Method,
        level: float = 0.95,
        num_people: Sequence[int] | None = None,
        left_out_score: FromWeights | None = None,
    ) -> tuple[Interval, ...]:
        """Interval of each of M numbers that `score` computes from weights, `block` weightings at a time.

        With the percentile method `num_people` may say of how many people each number is, where it is not of all: its
        tails are then widened for so few. `left_out_score` computes the same as `score` where one cluster is left out,
        for estimates that are found in steps: leaving out one clip moves them little.

        Two way, the draws give the shape of an interval and :func:`emogap.scoring.jackknife.two_way_variance` its
        width, as in :func:`emogap.scoring.bootstrap_metric`.
        """
        without_one = left_out_score or score
        resampled = _in_blocks(score, _rows(self.drawn, block))
        estimate = score(np.ones((1, self.drawn.shape[1])))[0]
        if method == "bca" or self.cell is not None:
            without = [_in_blocks(without_one, _rows(each, block)) for each in self.left_out]
        else:
            # One way, the percentile method asks how many clusters there are, not what the score is without each.
            without = [np.full((len(each), len(estimate)), np.nan) for each in self.left_out]
        variance: list[float | None] = [None] * len(estimate)
        if self.cell is not None:
            of_cells = _in_blocks(without_one, without_each(self.cell, block))
            variance = [
                two_way_variance(*columns) for columns in zip(*(one.T for one in (*without, of_cells)), strict=True)
            ]
        few: Sequence[int | None] = [None] * len(estimate) if num_people is None else num_people
        return tuple(
            interval_of(
                float(estimate[column]),
                resampled[:, column],
                left_out=tuple(values[:number, column] for values in without),
                method=method,
                level=level,
                clusters=self.clusters if number is None else counted(number, "person"),
                variance=variance[column],
            )
            for column, number in enumerate(few)
        )


def _rows(weights: Float[ndarray, "D N"], block: int) -> Iterator[Float[ndarray, "B N"]]:
    return (weights[start : start + block] for start in range(0, len(weights), block))


def _in_blocks(score: FromWeights, blocks: Iterator[Float[ndarray, "B N"]]) -> Float[ndarray, "D M"]:
    return np.concatenate([score(weights) for weights in blocks])


def without_each(codes: Int[ndarray, " N"], block: int) -> Iterator[Float[ndarray, "B N"]]:
    """How often each clip counts without each of the clusters that occur, `block` at a time, which bounds memory.

    Examples
    --------
    >>> [weights.tolist() for weights in without_each(np.array([7, 7, 9]), 1)]
    [[[0.0, 0.0, 1.0]], [[1.0, 1.0, 0.0]]]
    """
    for own in _rows(np.unique(codes)[:, None], block):
        yield (codes != own).astype(np.float64)


def draw_weightings(
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    *,
    strata: ArrayLike | None = None,
    draws: int,
    seed: int,
) -> Weightings:
    """Draws of people with replacement, each with all clips; with `stimuli`, those are drawn independently too.

    Parameters
    ----------
    people, stimuli : array, shape (N,)
    strata : array, shape (N,), optional
        A trait of each clip's person; as many people of each trait are then drawn as there are.
    draws : int
    seed : int

    Raises
    ------
    UsageError
        If there are fewer than two people, or stimuli where they are given.

    Notes
    -----
    Two way, a clip counts as often as its person times its stimulus was drawn (the pigeonhole bootstrap of Owen 2007,
    doi:10.1214/07-AOAS122). These draws spread too much; see :meth:`Weightings.intervals`.

    Examples
    --------
    >>> weightings = draw_weightings(["p1", "p1", "p2"], draws=5, seed=0)
    >>> weightings.drawn.shape, weightings.left_out[0].tolist(), weightings.clusters
    ((5, 3), [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]], '2 people')
    """
    rng = np.random.default_rng(seed)
    drawn, left_out, words = np.ones((draws, np.size(people))), [], []
    cell = np.zeros(np.size(people), np.int64)
    for names, what in ((people, "people"), (stimuli, "stimuli")):
        if names is None:
            continue
        codes, number = codes_of(names)
        if number < 2:
            raise UsageError(
                f"an interval over {what} needs at least two, got {number}", fix="give a data set with more of them"
            )
        if names is people and strata is not None:
            drawn = _drawn_within(codes, np.asarray(strata), draws, rng)
        else:
            drawn = drawn * draw_counts(number, draws, rng)[:, codes]
        left_out.append((1 - np.eye(number))[:, codes])
        words.append(f"{number} {what}")
        cell = cell * number + codes
    return Weightings(drawn, tuple(left_out), " x ".join(words), cell if stimuli is not None else None)


def _drawn_within(
    codes: Int[ndarray, " N"], strata: ndarray, draws: int, rng: np.random.Generator
) -> Float[ndarray, "draws N"]:
    """How often each clip counts when the people of each stratum are drawn apart."""
    drawn = np.ones((draws, len(codes)))
    for stratum in np.unique(strata):
        inside = strata == stratum
        within, number = codes_of(codes[inside])
        drawn[:, inside] = draw_counts(number, draws, rng)[:, within]
    return drawn
