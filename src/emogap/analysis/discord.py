"""Stretches of a recording in which felt and shown seem to differ, from windows that were scored one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import UsageError

__all__ = ["DiscordSegment", "discord_segments", "window_starts"]


@dataclass(frozen=True, slots=True)
class DiscordSegment:
    """A stretch of time.

    Attributes
    ----------
    start_s, stop_s : float
        On the clock of the windows.
    probability : float
        Mean over its windows that felt and shown differ, weighted by their lengths.
    num_windows : int
        Windows that flag it.
    """

    start_s: float
    stop_s: float
    probability: float
    num_windows: int


def window_starts(start_s: float, stop_s: float, *, window_s: float, step_s: float) -> Float[ndarray, " W"]:
    """Where windows begin that lie wholly between `start_s` and `stop_s`, the last one ending at `stop_s`.

    Parameters
    ----------
    start_s, stop_s : float
    window_s : float
        Length of a window; one that is longer than the stretch is cut down to it.
    step_s : float
        From one start to the next; the last step may be shorter.

    Raises
    ------
    UsageError
        If the window or the step is not above 0, or a step skips time between windows.

    Examples
    --------
    >>> window_starts(10.0, 18.0, window_s=4.0, step_s=1.5).tolist()
    [10.0, 11.5, 13.0, 14.0]
    """
    if not 0 < step_s <= window_s:
        raise UsageError(
            f"windows of {window_s:g} s every {step_s:g} s do not cover the recording",
            fix="give a step above 0 s and at most as long as the window",
        )
    last_s = max(start_s, stop_s - window_s)
    starts = np.arange(start_s, last_s, step_s)
    return np.append(starts[starts < last_s - 1e-9], last_s)


def discord_segments(
    start_s: Sequence[float] | Float[ndarray, " W"],
    stop_s: Sequence[float] | Float[ndarray, " W"],
    probability: Sequence[float] | Float[ndarray, " W"],
    *,
    threshold: float,
) -> tuple[DiscordSegment, ...]:
    """Overlapping or touching windows above the threshold, merged.

    Parameters
    ----------
    start_s, stop_s : float arrays, shape (W,)
        Each window, in any order; they may overlap.
    probability : float array, shape (W,)
        That felt and shown differ in it.
    threshold : float
        A window is flagged above it.

    Returns
    -------
    tuple of DiscordSegment
        In order, none touching another. The time is that of the flagged windows, so a segment is never shorter than a
        window, and its borders are no finer than that.

    Raises
    ------
    UsageError
        If the arrays are of different lengths, or a window does not last.

    Examples
    --------
    >>> discord_segments([0, 2, 4, 10], [4, 6, 8, 14], [0.8, 0.6, 0.1, 0.9], threshold=0.5)
    (DiscordSegment(start_s=0.0, stop_s=6.0, probability=0.7, num_windows=2), DiscordSegment(start_s=10.0, \
stop_s=14.0, probability=0.9, num_windows=1))
    """
    starts, stops, said = (np.asarray(values, np.float64) for values in (start_s, stop_s, probability))
    if not starts.shape == stops.shape == said.shape or (stops <= starts).any():
        raise UsageError(
            f"windows are not given by one start, a later stop and one probability each ({len(starts)}, {len(stops)},"
            f" {len(said)})",
            fix="give three arrays of one length, every stop after its start",
        )
    flagged = np.flatnonzero(said > threshold)
    flagged = flagged[np.argsort(starts[flagged], kind="stable")]
    groups: list[list[int]] = []
    end_s = -np.inf
    for window in flagged.tolist():
        if starts[window] > end_s:
            groups.append([])
        groups[-1].append(window)
        end_s = max(end_s, float(stops[window]))
    return tuple(_merged(starts[group], stops[group], said[group]) for group in groups)


def _merged(starts: Float[ndarray, " W"], stops: Float[ndarray, " W"], said: Float[ndarray, " W"]) -> DiscordSegment:
    mean = float(np.average(said, weights=stops - starts))
    return DiscordSegment(float(starts.min()), float(stops.max()), round(mean, 12), len(said))
