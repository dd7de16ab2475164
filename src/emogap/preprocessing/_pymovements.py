"""The only file that knows pymovements: arrays in, sample indices out.

pymovements loads Matplotlib, so it is imported when a detector is called, not with this file. Intervals come
back as (start, stop) with `stop` one past the last sample.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.errors import DataError

__all__ = ["blinks", "idt_fixations", "ivt_fixations", "load", "microsaccades", "smooth_velocity"]


def load() -> None:
    """Import pymovements now."""
    import pymovements.events  # noqa: F401


def ivt_fixations(
    velocity_deg_s: Float[ndarray, "T 2"], *, threshold_deg_s: float
) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Runs of samples slower than the threshold; a missing velocity ends a run."""
    from pymovements.events import ivt

    events = ivt(velocities=velocity_deg_s, minimum_duration=0, velocity_threshold=threshold_deg_s)
    return events.frame["onset"].to_numpy(), events.frame["offset"].to_numpy() + 1


def idt_fixations(
    position_deg: Float[ndarray, "T 2"], *, dispersion_deg: float, shortest: int
) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Runs of at least `shortest` samples within the dispersion; `position_deg` has no missing sample.

    pymovements 0.28 reports as offset the sample that broke the dispersion, except at the end of the data,
    where it reports the last sample: the stop is that offset, and one more at the end of the data.
    """
    from pymovements.events import idt

    if len(position_deg) < shortest:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    events = idt(positions=position_deg, minimum_duration=shortest, dispersion_threshold=dispersion_deg)
    start, stop = events.frame["onset"].to_numpy(), events.frame["offset"].to_numpy().copy()
    ends_with_data = stop == len(position_deg) - 1
    within = np.array([_dispersion(position_deg[first:]) < dispersion_deg for first in start[ends_with_data]], bool)
    stop[np.flatnonzero(ends_with_data)[within]] += 1
    return start, stop


def _dispersion(position_deg: Float[ndarray, "T 2"]) -> float:
    return float((position_deg.max(axis=0) - position_deg.min(axis=0)).sum())


def smooth_velocity(position_deg: Float[ndarray, "T 2"], rate_hz: float) -> Float[ndarray, "T 2"]:
    """Velocity in deg/s over five samples, as Engbert and Kliegl (2003) have it; at least six samples."""
    from pymovements.transforms.numpy import pos2vel

    velocity: Float[ndarray, "T 2"] = pos2vel(position_deg, sampling_rate=rate_hz, method="smooth")
    return velocity


def microsaccades(
    velocity_deg_s: Float[ndarray, "T 2"], *, threshold_factor: float, shortest: int
) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Runs of at least `shortest` samples outside the ellipse of `threshold_factor` median-based deviations.

    Raises
    ------
    DataError
        If the deviation is 0, as in gaze that mostly stands still to the last digit.
    """
    from pymovements.events import microsaccades as detect

    try:
        events = detect(velocities=velocity_deg_s, minimum_duration=shortest - 1, threshold_factor=threshold_factor)
    except ValueError as error:
        raise DataError(
            f"gaze has no noise to set a velocity threshold by ({error})",
            fix="use method='ivt': its threshold is fixed",
        ) from error
    return events.frame["onset"].to_numpy(), events.frame["offset"].to_numpy() + 1


def blinks(pupil: Float[ndarray, " T"], time_s: Float[ndarray, " T"]) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Blinks of one eye with the defaults of pymovements: losses and jumps of the pupil that last 50 to 500 ms.

    Times are handed over in whole milliseconds, which pymovements takes for its limits.
    """
    from pymovements.events import blink

    time_ms = np.rint(1000 * (time_s - time_s[0])).astype(np.int64)
    events = blink(pupil, timesteps=time_ms)
    start = np.searchsorted(time_ms, events.frame["onset"].to_numpy())
    return start, np.searchsorted(time_ms, events.frame["offset"].to_numpy(), side="right")
