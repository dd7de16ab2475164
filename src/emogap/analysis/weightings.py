"""Clips weighted by how often their person (and stimulus) is drawn, for estimates fitted anew in every draw."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
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
    ) -> tuple[Interval, ...]:
        """Interval of each of M numbers that `score` computes from weights, `block` weightings at a time."""
        # The percentile method asks how many clusters there are, not what the score is without each.
        left_out = self.left_out if method == "bca" else ()
        weights = np.concatenate([self.drawn, *left_out])
        scores = np.concatenate([score(weights[start : start + block]) for start in range(0, len(weights), block)])
        estimate = score(np.ones((1, self.drawn.shape[1])))[0]
        resampled, *without = np.split(scores, np.cumsum([len(self.drawn), *map(len, left_out)])[:-1])
        without = without or [np.full((len(each), len(estimate)), np.nan) for each in self.left_out]
        return tuple(
            interval_of(
                float(estimate[column]),
                resampled[:, column],
                left_out=tuple(values[:, column] for values in without),
                method=method,
                level=level,
                clusters=self.clusters,
            )
            for column in range(len(estimate))
        )


def draw_weightings(people: ArrayLike, stimuli: ArrayLike | None = None, *, draws: int, seed: int) -> Weightings:
    """Draws of people with replacement, each with all clips; with `stimuli`, those are drawn independently too.

    Parameters
    ----------
    people, stimuli : array, shape (N,)
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
        drawn = drawn * draw_counts(number, draws, rng)[:, codes]
        left_out.append((1 - np.eye(number))[:, codes])
        words.append(f"{number} {what}")
    return Weightings(drawn, tuple(left_out), " x ".join(words))
