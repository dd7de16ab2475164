"""One recording as the player shows it: gaze on the screen, signals, and when something happened."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import EmogapError, UsageError
from emogap.interfaces.web.pyramid import Pyramid
from emogap.preprocessing import clean, cyclopean
from emogap.preprocessing.runs import any_eye, find_losses
from emogap.types import GazeSeries, Recording, Screen

__all__ = ["Signal", "Tracks", "tracks_of", "tracks_without_gaze"]

INTERVALS = ("fixation", "saccade", "blink", "loss")


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One line of the time line: its name, unit and values at every zoom."""

    name: str
    unit: str
    pyramid: Pyramid


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """A recording as the player shows it.

    Attributes
    ----------
    start_s, stop_s : float
        First sample, and end of the last.
    rate_hz : float
        Of the gaze; 0 where none was recorded.
    time_s : float64 array, shape (T,)
    place : float64 array, shape (T, 2), or None
        Point of gaze as share of the screen, origin top left; NaN where there is none. None where the file does not
        say where on a screen somebody looked.
    signals : mapping from name to Signal
    intervals : mapping from kind to float64 array, shape (N, 2)
        Onset and offset in s of fixations, saccades, blinks and losses.
    doubts : tuple of str
    """

    start_s: float
    stop_s: float
    rate_hz: float
    time_s: Float[ndarray, " T"]
    place: Float[ndarray, "T 2"] | None
    signals: Mapping[str, Signal]
    intervals: Mapping[str, Float[ndarray, "N 2"]]
    doubts: tuple[str, ...]


def tracks_of(recording: Recording) -> Tracks:
    """Everything that the player draws of a recording: as measured, events found, nothing filled.

    Raises
    ------
    UsageError
        If there are no gaze samples, or their clock is not to be trusted.
    """
    gaze = recording.gaze
    if gaze is None or not len(gaze.time_s):
        raise UsageError("there are no gaze samples", where=recording.source, fix="export samples, not only events")
    if not np.isfinite(gaze.rate_hz):
        raise UsageError(
            "the clock of the file is not to be trusted: it cannot be played",
            where=recording.source,
            fix="export it with real time stamps",
        )
    doubts = recording.doubts
    intervals = {kind: np.zeros((0, 2)) for kind in INTERVALS}
    try:
        events = clean(recording, "none").events[-1]
        for kind in ("fixation", "saccade", "blink"):
            chosen = events.kind == kind
            intervals[kind] = np.column_stack([events.onset_s[chosen], events.offset_s[chosen]])
    except EmogapError as problem:
        doubts = (*doubts, f"no fixations, saccades and blinks: {problem.what}")
    losses = find_losses(any_eye(gaze.valid), gaze.time_s, gaze.rate_hz)
    intervals["loss"] = np.column_stack([losses.onset_s, losses.offset_s])
    place = _place(gaze, recording.screen)
    return Tracks(
        start_s=float(gaze.time_s[0]),
        stop_s=float(gaze.time_s[-1]) + 1 / gaze.rate_hz,
        rate_hz=gaze.rate_hz,
        time_s=gaze.time_s,
        place=place,
        signals=_signals(gaze, place),
        intervals=intervals,
        doubts=doubts,
    )


def tracks_without_gaze(stop_s: float) -> Tracks:
    """The tracks of a session in which no gaze was recorded, from 0 to `stop_s` of the clock of its video."""
    return Tracks(
        start_s=0.0,
        stop_s=stop_s,
        rate_hz=0.0,
        time_s=np.zeros(0),
        place=None,
        signals={},
        intervals={kind: np.zeros((0, 2)) for kind in INTERVALS},
        doubts=("no gaze was recorded in this session",),
    )


def _signals(gaze: GazeSeries, place: Float[ndarray, "T 2"] | None) -> dict[str, Signal]:
    found: dict[str, tuple[str, Float[ndarray, " T"]]] = {}
    if gaze.pupil is not None and gaze.pupil_unit is not None:
        known = np.isfinite(gaze.pupil)
        count = known.sum(axis=1)
        total = np.where(known, gaze.pupil, 0).sum(axis=1)
        found["pupil"] = (gaze.pupil_unit, np.where(count > 0, total / np.maximum(count, 1), np.nan))
    if place is not None:
        found["gaze_x"] = ("screen", place[:, 0])
        found["gaze_y"] = ("screen", place[:, 1])
    return {
        name: Signal(name, unit, Pyramid(gaze.time_s, values, gaze.rate_hz)) for name, (unit, values) in found.items()
    }


def _place(gaze: GazeSeries, screen: Screen | None) -> Float[ndarray, "T 2"] | None:
    position, _ = cyclopean(gaze)
    if gaze.frame == "screen_norm":
        return position
    if gaze.frame == "screen_px" and screen is not None:
        in_px: Float[ndarray, "T 2"] = position / np.asarray(screen.size_px, float)
        return in_px
    if gaze.frame == "screen_mm" and screen is not None and screen.size_mm is not None:
        share = position / np.asarray(screen.size_mm)
        return np.column_stack([share[:, 0], 1 - share[:, 1]])
    return None
