"""Finding recordings that are in the data twice under different people: renamed, resampled or trimmed.

What two clips of one recording share is the eyes' movement itself, step by step, to a fraction of how far the eyes
move within the clip. Two people, even with the same picture, never do that. The streams are compared, not the files, so
that a copy is found whichever file it came from.

``alignment`` lays pairs of clips upon each other; here is decided which of them are one.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.alignment import Clips, Streamed, coarse_pairs, fine_distance
from emogap.types import SampleKey

__all__ = ["Copies", "Copy", "find_copies"]

LEAST_NULL_PAIRS = 30
"""Fewer pairs than this give no null distribution."""

OUTLYING = 4.5
"""Robust SD below the median of the null, on a log scale. The null has a thin lower tail: the nearest pair of
different people is 2.7 below on Uniss-FGD (767,000 pairs), 3.6 on CEAP-360VR, 3.2 in a simulated cohort."""

ALIKE = 0.5
"""And at most this near: a clip and its copy are nearer than half of the clip's own movement."""

IDENTICAL = 0.02
"""Nearer than this no tracker measures twice; the only rule where there are too few pairs for a null."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Two clips of different people that are one recording.

    Attributes
    ----------
    first, second : SampleKey
    distance : float
        Of the two, in units of their own movement: 0 = the same, about 1.5 = two people.
    shift_s : float
        When `second` begins on the clock of `first`, in seconds; 0 for a renamed or resampled copy.
    """

    first: SampleKey
    second: SampleKey
    distance: float
    shift_s: float


@dataclass(frozen=True, slots=True)
class Copies:
    """The result of a search.

    Attributes
    ----------
    found : tuple of Copy
        The nearest first.
    num_pairs : int
        Pairs of clips of different people that were compared.
    threshold : float
        Pairs nearer than this are copies.
    nearest_other : float
        The nearest pair that is not a copy; NaN if there is none.
    """

    found: tuple[Copy, ...]
    num_pairs: int
    threshold: float
    nearest_other: float


def find_copies(data: Streamed, *, seed: int = 0) -> Copies:
    """Pairs of clips of different people that are the same recording.

    Parameters
    ----------
    data : Streamed
        A data set with N clips.
    seed : int
        Draws the pairs that the null distribution is estimated from.

    Returns
    -------
    Copies

    Notes
    -----
    Every channel is divided by its SD within a clip (median over clips) and weighted by its autocorrelation from
    one step to the next: a channel that does not carry over, such as pupil *changes*, tells nothing about a copy
    whose steps fall between. At the best shift the distance of two clips at one step is the weighted root mean
    square of the channels' differences, each at most 3 SD; over steps the *median* is taken, and divided by the
    same number between a clip and itself half a clip later, the smaller of the two clips'.

    A pair is a copy if it is nearer than 0.5 *and* more than 4.5 robust SD (1.4826 x median absolute deviation)
    below the median of a random sample of pairs, on a log scale. With copies planted into Uniss-FGD (40 images,
    cleaning ``emer``): renamed 40 of 40 found, resampled to 220 Hz 39, trimmed by 15 % 40, by 30 % 32; no two of
    the 16 people were taken for one.

    Not found: copies that share less than 40 % of the steps of the shorter clip, and shifted copies whose steps
    are too far apart for any channel to carry over (CEAP-360VR: one step in 1.9 s).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from emogap.datasets.channels import Channel
    >>> step = np.random.default_rng(0).normal(size=(24, 40, 5))
    >>> gaze = np.cumsum(step, axis=1)[:, 8:] - np.cumsum(step, axis=1)[:, :-8]
    >>> gaze[7] = gaze[2]  # of p1 and of p2
    >>> data = SimpleNamespace(
    ...     keys=tuple(SampleKey("d", str(n), f"p{n % 6}", "s", "s", 0.0, 8.0) for n in range(24)),
    ...     streams={"eye": gaze.astype(np.float32)},
    ...     masks={"eye": np.ones((24, 32), bool)},
    ...     channels={"eye": tuple(Channel(name, "deg") for name in "abcde")},
    ... )
    >>> [(copy.first.participant_id, copy.second.participant_id) for copy in find_copies(data).found]
    [('p2', 'p1')]
    """
    people = np.unique([key.participant_id for key in data.keys], return_inverse=True)[1]
    clips = Clips.of(data)
    if clips is None or people.max(initial=0) < 1:
        return Copies((), 0, np.nan, np.nan)
    near, sampled = coarse_pairs(clips, people, np.random.default_rng(seed))
    distance, shift_s = fine_distance(clips, near)
    null, _ = fine_distance(clips, sampled)
    threshold = _threshold(null[np.isfinite(null)])
    is_copy = distance < threshold
    found = [
        Copy(data.keys[one], data.keys[two], float(distance[row]), float(shift_s[row]))
        for row, (one, two) in enumerate(near.rows)
        if is_copy[row]
    ]
    others = np.concatenate([distance, null])
    others = others[np.isfinite(others) & (others >= threshold)]
    counts = np.bincount(people)
    return Copies(
        found=tuple(sorted(found, key=lambda copy: (copy.distance, copy.first, copy.second))),
        num_pairs=int((len(people) ** 2 - (counts**2).sum()) // 2),
        threshold=float(threshold),
        nearest_other=float(others.min()) if len(others) else np.nan,
    )


def _threshold(null: Float[ndarray, " Q"]) -> float:
    """The distance below which a pair is a copy."""
    positive = null[null > 0]
    if len(positive) < LEAST_NULL_PAIRS:
        return IDENTICAL
    logarithm = np.log(positive)
    median = np.median(logarithm)
    spread = 1.4826 * np.median(np.abs(logarithm - median))
    return float(max(IDENTICAL, min(ALIKE, np.exp(median - OUTLYING * spread))))
