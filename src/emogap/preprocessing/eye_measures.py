"""What the eyes did in one clip, as one number each: fixations, saccades, blinks, pupil, spread, loss.

``measure_eyes`` is the way in. Everything is measured at the native rate on what was recorded; events are those that
cleaning found. A number that cannot be known is NaN, never 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.quality import measure_quality
from emogap.preprocessing.runs import sample_ends_s
from emogap.preprocessing.velocity import window_velocity
from emogap.preprocessing.visual_angle import to_degrees
from emogap.types import EyeEvents, GazeSeries, Recording

__all__ = ["LEAST_MEASURED_SHARE", "LEAST_RATE_HZ", "EyeMeasures", "measure_eyes"]

LEAST_MEASURED_SHARE = 0.5
"""Share of a clip's samples that must be measured for anything that speaks of the clip as a whole. Choice."""

LEAST_RATE_HZ = 50.0
"""Below this rate a saccade has too few samples for its velocity (Wierts, Janssen and Kingma 2008)."""

VELOCITY_WINDOW_S = 0.02
"""As in finding saccades (Olsen 2012, 3.1.4)."""

LEAST_PUPIL_SAMPLES = 3
"""Fewer say nothing of a slope and a variance beside it."""

LEAST_FIXATIONS = 2
"""One fixation has no spread about its own centre."""

SAME_TIME_S = 1e-6


@dataclass(frozen=True, slots=True)
class EyeMeasures:
    """Measures of one clip; NaN = cannot be known.

    Attributes
    ----------
    fixation_duration_s : float
        Mean duration of the fixations that begin and end within the clip.
    fixation_rate_per_s : float
        Fixations per second of the clip.
    fixation_time_share : float
        Dwell: share of the clip spent in fixations, in [0, 1].
    saccade_amplitude_deg, saccade_peak_velocity_deg_s, saccade_mean_velocity_deg_s : float
        Means over saccades; peak and mean are taken within each saccade first.
    blink_rate_per_min : float
    pupil_mean_mm, pupil_slope_mm_s, pupil_variance_mm2 : float
        Mean, slope of the least squares line over time, and variance about the mean, of the diameter in mm.
    pupil_mean_au, pupil_slope_au_s, pupil_variance_au2 : float
        The same for devices with a unit of their own; NaN where the pupil is in mm, and the other way round.
    gaze_dispersion_deg : float
        Root mean square distance of the measured samples from their median.
    fixation_dispersion_deg : float
        Root mean square distance of the fixations' centres from their mean, each weighted by its duration.
    loss_share : float
        Share of samples at which no eye was measured, in [0, 1].
    """

    fixation_duration_s: float
    fixation_rate_per_s: float
    fixation_time_share: float
    saccade_amplitude_deg: float
    saccade_peak_velocity_deg_s: float
    saccade_mean_velocity_deg_s: float
    blink_rate_per_min: float
    pupil_mean_mm: float
    pupil_slope_mm_s: float
    pupil_variance_mm2: float
    pupil_mean_au: float
    pupil_slope_au_s: float
    pupil_variance_au2: float
    gaze_dispersion_deg: float
    fixation_dispersion_deg: float
    loss_share: float


def measure_eyes(recording: Recording, *, cleaned: Recording | None = None, duration_s: float) -> EyeMeasures:
    """The eye measures of a clip.

    Parameters
    ----------
    recording : Recording
        Trimmed to the clip, as measured, so that neither interpolation nor the removal of saccades speaks in a
        measure. Without raw gaze what its fixations tell is measured, and the rest is NaN.
    cleaned : Recording, optional
        The same after cleaning: the last of its events is used, and its pupil where that is still a diameter (freed
        of the light reflex, say) and no change per sample; else the pupil as recorded. `recording` itself if not
        given.
    duration_s : float
        How long the stimulus was on, from time zero.

    Returns
    -------
    EyeMeasures

    Raises
    ------
    UsageError
        If there are no events, or gaze cannot be given in degrees.

    Notes
    -----
    What must be known, else NaN: half of the samples, for rates, shares and dispersion of a recording with raw gaze;
    half of the samples of an eye, and three, for its pupil; one complete fixation, for the duration; one saccade
    measured from the sample before it to the sample after it, for amplitude and velocity (a lid that closes looks like
    a saccade), and 50 Hz, for velocity; two fixations for their dispersion.

    Fixations cut by the edge of the clip count in rate, share and dispersion, not in the duration: how long they
    lasted is unknown. Long fixations are cut more often, so the mean lies below that of an endless clip.

    Velocity ``v`` is the change of the point of gaze over a window of 20 ms (:func:`window_velocity`); the peak is its
    maximum within a saccade, the mean its mean. Pupil measures are taken in each eye and averaged over the eyes, so
    that an eye that is lost for a while leaves no step: the slope is ``sum((t - m_t)(d - m_d)) / sum((t - m_t)^2)``,
    the variance ``sum((d - m_d)^2) / (n - 1)``. Sample dispersion is ``sqrt(mean(|g - median(g)|^2))``, the median
    taken in x and y; that of fixations ``sqrt(sum(w |c - m|^2) / sum(w))``, w their durations. Directions in the world
    (``world_deg``) have no samples; distances between them are angles on the sphere, from the mean direction.

    References
    ----------
    Holmqvist et al. (2011), Eye Tracking, chapters 10 (movement measures), 11 (position measures, dispersion) and
    13 (rates), ISBN 978-0-19-969708-3. Wierts, Janssen and Kingma (2008), Measuring saccade peak velocity using a
    low-frequency sampling rate of 50 Hz, IEEE Trans. Biomed. Eng. 55(12), 2840-2842.
    """
    cleaned = cleaned if cleaned is not None else recording
    if not cleaned.events:
        raise UsageError(
            "there are no fixations to measure", where=recording.recording_id, fix="apply preprocessing.clean first"
        )
    events = cleaned.events[-1]
    gaze = None if recording.gaze is None else to_degrees(recording).gaze
    loss_share = np.nan if gaze is None else measure_quality(recording, cleaned=cleaned).loss_share
    is_known = gaze is None or loss_share <= 1 - LEAST_MEASURED_SHARE
    fixation = events.kind == "fixation"
    lasts_s = (events.offset_s - events.onset_s)[fixation]
    saccades = dict.fromkeys(("amplitude", "peak", "mean"), np.nan)
    dispersion, blink_rate = np.nan, np.nan
    if gaze is not None:
        position = np.where((gaze.valid & ~gaze.altered).any(axis=1)[:, None], cyclopean(gaze)[0], np.nan)
        saccades = _saccades(events, position, gaze)
        if is_known:
            dispersion = _sample_dispersion_deg(position)
            blink_rate = float((events.kind == "blink").sum() / duration_s * 60)
    pupil = {unit: _pupil(_diameters(recording.gaze, cleaned.gaze), unit) for unit in ("mm", "au")}
    return EyeMeasures(
        fixation_duration_s=_complete_duration_s(events, fixation, gaze, duration_s),
        fixation_rate_per_s=float(fixation.sum() / duration_s) if is_known else np.nan,
        fixation_time_share=min(1.0, float(lasts_s.sum() / duration_s)) if is_known else np.nan,
        saccade_amplitude_deg=saccades["amplitude"],
        saccade_peak_velocity_deg_s=saccades["peak"],
        saccade_mean_velocity_deg_s=saccades["mean"],
        blink_rate_per_min=blink_rate,
        pupil_mean_mm=pupil["mm"][0],
        pupil_slope_mm_s=pupil["mm"][1],
        pupil_variance_mm2=pupil["mm"][2],
        pupil_mean_au=pupil["au"][0],
        pupil_slope_au_s=pupil["au"][1],
        pupil_variance_au2=pupil["au"][2],
        gaze_dispersion_deg=dispersion,
        fixation_dispersion_deg=_fixation_dispersion_deg(events, fixation) if is_known else np.nan,
        loss_share=loss_share,
    )


def _complete_duration_s(
    events: EyeEvents, fixation: Bool[ndarray, " N"], gaze: GazeSeries | None, duration_s: float
) -> float:
    """Mean duration of the fixations that touch neither end of the clip, nor of what was recorded of it."""
    first_s, last_s = 0.0, duration_s
    if gaze is not None:
        first_s = max(first_s, float(gaze.time_s[0]))
        last_s = min(last_s, float(sample_ends_s(gaze.time_s, gaze.rate_hz)[-1]))
    onset_s, offset_s = events.onset_s[fixation], events.offset_s[fixation]
    complete = (onset_s > first_s + SAME_TIME_S) & (offset_s < last_s - SAME_TIME_S)
    return float((offset_s - onset_s)[complete].mean()) if complete.any() else np.nan


def _saccades(events: EyeEvents, position: Float[ndarray, "T 2"], gaze: GazeSeries) -> dict[str, float]:
    """Mean amplitude, peak velocity and mean velocity of the saccades that were measured throughout."""
    known = np.isfinite(position).all(axis=1)
    velocity = window_velocity(position, gaze.time_s, window_s=VELOCITY_WINDOW_S, rate_hz=gaze.rate_hz)
    speed_deg_s = np.hypot(velocity[:, 0], velocity[:, 1])
    found: list[tuple[float, float, float]] = []
    for event in np.flatnonzero((events.kind == "saccade") & np.isfinite(events.amplitude_deg)):
        start, stop = _rows(gaze, float(events.onset_s[event]), float(events.offset_s[event]))
        around = known[max(0, start - 1) : stop + 1]
        if stop > start and around.all():
            inside = speed_deg_s[start:stop]
            found.append((float(events.amplitude_deg[event]), float(inside.max()), float(inside.mean())))
    if not found:
        return dict.fromkeys(("amplitude", "peak", "mean"), np.nan)
    amplitude, peak, mean = np.mean(found, axis=0).tolist()
    is_fast_enough = gaze.rate_hz >= LEAST_RATE_HZ
    return {
        "amplitude": amplitude,
        "peak": peak if is_fast_enough else np.nan,
        "mean": mean if is_fast_enough else np.nan,
    }


def _rows(gaze: GazeSeries, onset_s: float, offset_s: float) -> tuple[int, int]:
    """First row of an event and one past its last."""
    first, stop = np.searchsorted(gaze.time_s, [onset_s - SAME_TIME_S, offset_s - SAME_TIME_S])
    return int(first), int(stop)


def _sample_dispersion_deg(position: Float[ndarray, "T 2"]) -> float:
    known = position[np.isfinite(position).all(axis=1)]
    return float(np.sqrt(((known - np.median(known, axis=0)) ** 2).sum(axis=1).mean())) if len(known) else np.nan


def _fixation_dispersion_deg(events: EyeEvents, fixation: Bool[ndarray, " N"]) -> float:
    kept = np.flatnonzero(fixation & np.isfinite(events.centre).all(axis=1))
    if len(kept) < LEAST_FIXATIONS or events.frame not in ("deg", "world_deg"):
        return np.nan
    weight = (events.offset_s - events.onset_s)[kept]
    distance_deg = (_angle_from_mean if events.frame == "world_deg" else _distance_from_mean)(
        events.centre[kept], weight
    )
    return float(np.sqrt((weight * distance_deg**2).sum() / weight.sum()))


def _distance_from_mean(centre: Float[ndarray, "N 2"], weight: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    offset = centre - (weight[:, None] * centre).sum(axis=0) / weight.sum()
    return np.asarray(np.hypot(offset[:, 0], offset[:, 1]))


def _angle_from_mean(centre: Float[ndarray, "N 2"], weight: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    """Angle in degrees between each direction, given as yaw and pitch, and the mean direction."""
    yaw, pitch = np.deg2rad(centre).T
    vector = np.stack([np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)], axis=1)
    mean = (weight[:, None] * vector).sum(axis=0)
    across = np.linalg.norm(np.cross(vector, mean), axis=1)
    return np.asarray(np.rad2deg(np.arctan2(across, vector @ mean)))


def _diameters(recorded: GazeSeries | None, cleaned: GazeSeries | None) -> GazeSeries | None:
    """The series whose pupil is to be measured: the cleaned one, unless cleaning left changes or other units."""
    if cleaned is not None and cleaned.pupil_unit in ("mm", "au"):
        return cleaned
    return recorded


def _pupil(gaze: GazeSeries | None, unit: str) -> tuple[float, float, float]:
    """Mean, slope per s and variance of the pupil in `unit`, averaged over the eyes in which they can be known."""
    nothing = (np.nan, np.nan, np.nan)
    if gaze is None or gaze.pupil is None or gaze.pupil_unit != unit:
        return nothing
    found = []
    for eye in range(len(gaze.eyes)):
        rows: Int[ndarray, " M"] = np.flatnonzero(np.isfinite(gaze.pupil[:, eye]))
        if len(rows) >= max(LEAST_PUPIL_SAMPLES, LEAST_MEASURED_SHARE * len(gaze.time_s)):
            found.append(_line(gaze.time_s[rows], gaze.pupil[rows, eye]))
    return tuple(np.mean(found, axis=0).tolist()) if found else nothing


def _line(time_s: Float[ndarray, " M"], diameter: Float[ndarray, " M"]) -> tuple[float, float, float]:
    time, deviation = time_s - time_s.mean(), diameter - diameter.mean()
    slope = float((time * deviation).sum() / (time**2).sum())
    return float(diameter.mean()), slope, float((deviation**2).sum() / (len(deviation) - 1))
