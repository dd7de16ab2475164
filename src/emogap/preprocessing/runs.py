"""Runs of samples: where something holds, and where a signal was lost.

A sample lasts until the next one, or for one nominal interval if the next one is later. What lies between
two known samples and is longer than half an interval is a loss, whether its rows are in the file or not.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

__all__ = [
    "Losses",
    "any_eye",
    "find_losses",
    "find_runs",
    "is_joined",
    "mark_runs",
    "sample_ends_s",
    "samples_in",
    "unbroken_runs",
]

ROUNDING_S = 1e-9
"""Durations that differ by less are the same: limits must not depend on the rounding of time stamps."""

LONGEST_STEP = 1.5
"""In sampling intervals: rows further apart than this do not follow each other (half an interval of jitter)."""


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Stretches without a known sample, in order of time.

    Attributes
    ----------
    onset_s, offset_s : float64 array, shape (R,)
        From the end of the last known sample to the next known one.
    before, after : int64 array, shape (R,)
        Index of the known sample on either side; -1 or T where the recording begins or ends lost.
    """

    onset_s: Float[ndarray, " R"]
    offset_s: Float[ndarray, " R"]
    before: Int[ndarray, " R"]
    after: Int[ndarray, " R"]

    @property
    def duration_s(self) -> Float[ndarray, " R"]:
        """Length of each loss in s; at either end of the recording a lower bound."""
        duration_s: Float[ndarray, " R"] = self.offset_s - self.onset_s
        return duration_s

    def chosen(self, which: Bool[ndarray, " R"]) -> "Losses":
        """Only the losses at which `which` is True."""
        return Losses(self.onset_s[which], self.offset_s[which], self.before[which], self.after[which])


def any_eye(holds: Bool[ndarray, "T E"]) -> Bool[ndarray, " T"]:
    """Whether it holds for at least one eye."""
    one_eye: Bool[ndarray, " T"] = np.logical_or.reduce(holds, axis=1)
    return one_eye


def find_runs(holds: Bool[ndarray, " T"]) -> tuple[Int[ndarray, " R"], Int[ndarray, " R"]]:
    """First index and one past the last index of every run of True.

    Examples
    --------
    >>> start, stop = find_runs(np.array([True, False, True, True]))
    >>> start.tolist(), stop.tolist()
    ([0, 2], [1, 4])
    """
    padded = np.zeros(len(holds) + 2, np.int8)
    padded[1:-1] = holds
    change = np.diff(padded)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)


def mark_runs(start: Int[ndarray, " R"], stop: Int[ndarray, " R"], num_samples: int) -> Bool[ndarray, " T"]:
    """Which of `num_samples` samples lie in a run from `start` to before `stop`; runs may overlap or be empty.

    Examples
    --------
    >>> mark_runs(np.array([0, 2]), np.array([1, 4]), 5).tolist()
    [True, False, True, True, False]
    """
    change = np.zeros(num_samples + 1, np.int64)
    np.add.at(change, start, 1)
    np.add.at(change, stop, -1)
    return np.cumsum(change[:-1]) > 0


def unbroken_runs(
    known: Bool[ndarray, " T"], time_s: Float[ndarray, " T"], rate_hz: float
) -> tuple[Int[ndarray, " R"], Int[ndarray, " R"]]:
    """First index and one past the last of every run of known samples without a missing row in it."""
    start, stop = find_runs(known)
    gaps = np.flatnonzero(~is_joined(time_s, rate_hz)) + 1
    breaks = gaps[known[gaps] & known[gaps - 1]]
    return np.sort(np.concatenate([start, breaks])), np.sort(np.concatenate([stop, breaks]))


def sample_ends_s(time_s: Float[ndarray, " T"], rate_hz: float) -> Float[ndarray, " T"]:
    """When each sample ends: at the next sample, or one nominal interval later if the next is later still."""
    ends_s = time_s + 1.0 / rate_hz
    ends_s[:-1] = np.minimum(ends_s[:-1], time_s[1:])
    return ends_s


def is_joined(time_s: Float[ndarray, " T"], rate_hz: float) -> Bool[ndarray, " T-1"]:
    """Whether each sample is followed by the next without a missing row between them."""
    return np.diff(time_s) <= LONGEST_STEP / rate_hz


def find_losses(known: Bool[ndarray, " T"], time_s: Float[ndarray, " T"], rate_hz: float) -> Losses:
    """Every stretch of more than half a sampling interval that holds no known sample.

    Parameters
    ----------
    known : bool array, shape (T,)
    time_s : float64 array, shape (T,)
        Seconds, strictly increasing.
    rate_hz : float
        Nominal sampling rate in Hz.

    Examples
    --------
    >>> known = np.array([True, True, False, False, True])
    >>> losses = find_losses(known, np.arange(5) / 100, 100.0)
    >>> losses.onset_s.round(3).tolist(), losses.offset_s.round(3).tolist()
    ([0.02], [0.04])
    """
    num_samples = len(time_s)
    index = np.flatnonzero(known)
    before, after = np.concatenate([[-1], index]), np.concatenate([index, [num_samples]])
    onset_s, offset_s = np.zeros(len(before)), np.zeros(len(after))
    # One loss may run from the first row to the last; without any row there is none.
    if num_samples:
        ends_s = sample_ends_s(time_s, rate_hz)
        onset_s[0], onset_s[1:] = time_s[0], ends_s[index]
        offset_s[:-1], offset_s[-1] = time_s[index], ends_s[-1]
    lost = offset_s - onset_s > (LONGEST_STEP - 1.0) / rate_hz
    return Losses(onset_s, offset_s, before, after).chosen(lost)


def samples_in(losses: Losses, num_samples: int) -> Bool[ndarray, " T"]:
    """Which samples lie in one of `losses`."""
    return mark_runs(losses.before + 1, losses.after, num_samples)
