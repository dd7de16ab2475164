"""Recordings as rows of a figure: signals in the cells of a picture, and data quality window by window."""

import math

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.interfaces.web.pyramid import Pyramid
from emogap.preprocessing import clean, cyclopean, measure_quality, trim
from emogap.preprocessing.runs import any_eye, find_losses
from emogap.reporting.figures.eye_trace import TraceRow
from emogap.reporting.figures.quality_course import QualityRow
from emogap.types import GazeSeries, Recording, StimulusInterval

__all__ = ["measured_windows", "trace_rows", "window_length_s"]

NUM_CELLS = 1600
"""Of a signal, at most: two per unit of the figure's width."""

WINDOWS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
MOST_WINDOWS = 40


def trace_rows(
    recording: Recording, cleaning: str, *, from_s: float, to_s: float, shift_s: float
) -> tuple[list[TraceRow], dict[str, Float[ndarray, "N 2"]]]:
    """Gaze and pupil as rows, and the intervals of fixations, saccades, blinks and losses.

    Parameters
    ----------
    recording : Recording
        As measured, whole.
    cleaning : str
        Preset; what it altered is told apart.
    from_s, to_s : float
        The window, in s after `shift_s` of the recording's clock.
    shift_s : float
        Zero of the figure's time.
    """
    cleaned = clean(recording, cleaning)
    gaze = cleaned.gaze
    assert gaze is not None
    position, _ = cyclopean(gaze)
    altered = any_eye(gaze.altered)
    signals = [("gaze x", "deg", position[:, 0], altered), ("gaze y", "deg", position[:, 1], altered)]
    if gaze.pupil is not None and gaze.pupil_unit is not None:
        is_changed = np.zeros(len(gaze.time_s), bool)
        if gaze.pupil_altered is not None:
            is_changed = any_eye(gaze.pupil_altered)
        signals.append(("pupil", gaze.pupil_unit.replace("_", " "), _mean_pupil(gaze.pupil), is_changed))
    rows = [_row(*signal, gaze=gaze, from_s=from_s, to_s=to_s, shift_s=shift_s) for signal in signals]
    events = cleaned.events[-1]
    intervals = {}
    for kind in ("fixation", "saccade", "blink"):
        chosen = events.kind == kind
        intervals[kind] = np.column_stack([events.onset_s[chosen], events.offset_s[chosen]]) - shift_s
    raw = recording.gaze
    assert raw is not None
    lost = find_losses(any_eye(raw.valid), raw.time_s, raw.rate_hz)
    intervals["loss"] = np.column_stack([lost.onset_s, lost.offset_s]) - shift_s
    return rows, intervals


def _mean_pupil(pupil: Float[ndarray, "T E"]) -> Float[ndarray, " T"]:
    known = np.isfinite(pupil)
    count = known.sum(axis=1)
    mean: Float[ndarray, " T"] = np.where(
        count > 0, np.where(known, pupil, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan
    )
    return mean


def _row(
    name: str,
    unit: str,
    values: Float[ndarray, " T"],
    altered: Bool[ndarray, " T"],
    *,
    gaze: GazeSeries,
    from_s: float,
    to_s: float,
    shift_s: float,
) -> TraceRow:
    # What was measured and what was altered share their cells: both begin with the first sample.
    windows = [
        Pyramid(gaze.time_s, np.where(chosen, values, np.nan), gaze.rate_hz).window(
            from_s + shift_s, to_s + shift_s, cells=NUM_CELLS
        )
        for chosen in (~altered, altered)
    ]
    measured, changed = windows
    return TraceRow(
        name,
        unit,
        measured.start_s - shift_s,
        measured.step_s,
        measured.low,
        measured.high,
        changed.low,
        changed.high,
    )


def window_length_s(duration_s: float) -> float:
    """How long a window is, so that there are no more than can be told apart.

    Examples
    --------
    >>> window_length_s(40.0), window_length_s(3600.0)
    (1.0, 120.0)
    """
    return next((length_s for length_s in WINDOWS_S if duration_s / length_s <= MOST_WINDOWS), WINDOWS_S[-1])


def measured_windows(name: str, recording: Recording, *, from_s: float, to_s: float, window_s: float) -> QualityRow:
    """Data quality of a recording, window by window; the last takes what is left.

    Parameters
    ----------
    name : str
    recording : Recording
        As measured; fixations, for the precision, are found anew.
    from_s, to_s : float
        On the clock of the recording.
    window_s : float
    """
    cleaned = clean(recording, "none")
    lost, precision, longest = [], [], []
    num_windows = max(1, round((to_s - from_s) / window_s))
    for number in range(num_windows):
        begin_s = from_s + number * window_s
        interval = StimulusInterval(name, begin_s, to_s if number == num_windows - 1 else begin_s + window_s)
        duration_s = interval.offset_s - interval.onset_s
        try:
            quality = measure_quality(trim(recording, interval), cleaned=trim(cleaned, interval), duration_s=duration_s)
        except DataError:
            # Not one row of the file lies in this window.
            lost.append(1.0)
            precision.append(math.nan)
            longest.append(duration_s)
            continue
        lost.append(quality.loss_share)
        precision.append(quality.rms_s2s_deg)
        longest.append(quality.longest_gap_s)
    return QualityRow(name, lost, precision, longest)
