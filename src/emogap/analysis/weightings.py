"""Clips weighted by how often their person (and stimulus) is drawn, for estimates fitted anew in every draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.scoring.resampling import Method, draw_counts, interval_of
from emogap.scoring.sums import codes_of

__all__ = ["Weightings", "draw_weightings"]


@dataclass(frozen=True, slots=True, eq=False)
class Weightings:
    """How often each of N clips counts: in every draw, and without each person (and stimulus) in turn.

    Attributes
    ----------
    drawn : float64 array, shape (D, N)
    left_out : tuple of float64 arrays, shapes (people, N) and, two way, (stimuli, N)
    clusters : str
        What was drawn, in words.
    """

    drawn: Float[ndarray, "D N"]
    left_out: tuple[Float[ndarray, "clusters N"], ...]
    clusters: str

    def intervals(
        self,
        score: Callable[[Float[ndarray, "D N"]], Float[ndarray, "D M"]],
        *,
        block: int,
        method: Method,
        level: float = 0.95,
        num_people: Sequence[int] | None = None,
    ) -> tuple[Interval, ...]:
        """Interval of each of M numbers that `score` computes from weights, `block` weightings at a time.

        With the percentile method `num_people` may say of how many people each number is, where it is not of all: its
        tails are then widened for so few.
        """
        # The percentile method asks how many clusters there are, not what the score is without each.
        left_out = self.left_out if method == "bca" else ()
        weights = np.concatenate([self.drawn, *left_out])
        scores = np.concatenate([score(weights[start : start + block]) for start in range(0, len(weights), block)])
        estimate = score(np.ones((1, self.drawn.shape[1])))[0]
        resampled, *without = np.split(scores, np.cumsum([len(self.drawn), *map(len, left_out)])[:-1])
        without = without or [np.full((len(each), len(estimate)), np.nan) for each in self.left_out]
        few: Sequence[int | None] = [None] * len(estimate) if num_people is None else num_people
        return tuple(
            interval_of(
                float(estimate[column]),
                resampled[:, column],
                left_out=tuple(values[:number, column] for values in without),
                method=method,
                level=level,
                clusters=self.clusters if number is None else f"{number} people",
            )
            for column, number in enumerate(few)
        )


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
    doi:10.1214/07-AOAS122), which is conservative.

    Examples
    --------
    >>> weightings = draw_weightings(["p1", "p1", "p2"], draws=5, seed=0)
    >>> weightings.drawn.shape, weightings.left_out[0].tolist(), weightings.clusters
    ((5, 3), [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]], '2 people')
    """
    rng = np.random.default_rng(seed)
    drawn, left_out, words = np.ones((draws, np.size(people))), [], []
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
    return Weightings(drawn, tuple(left_out), " x ".join(words))


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
