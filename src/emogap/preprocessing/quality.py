"""How good a recording is, and how much of it pre-processing changed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.runs import any_eye, find_losses, sample_ends_s, unbroken_runs
from emogap.preprocessing.visual_angle import to_degrees
from emogap.types import EyeEvents, GazeSeries, Recording

__all__ = ["Quality", "bcea_deg2", "measure_quality", "rms_s2s_deg", "sd_deg"]

BCEA_SHARE = 0.682
"""Share of samples inside the ellipse: one standard deviation, the usual choice (Crossland and Rubin 2002)."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Data quality of one recording, both eyes together; NaN where it cannot be said.

    Attributes
    ----------
    loss_share : float
        Share of samples at which no eye was measured, in [0, 1]; interpolated is not measured.
    rms_s2s_deg : float
        Precision: root mean square of the distance between successive samples within fixations, in degrees.
    bcea_deg2 : float
        Median over fixations of the bivariate contour ellipse area, in square degrees.
    sd_deg : float
        Precision: median over fixations of the standard deviation of the samples around their centre, in degrees.
    effective_rate_hz : float
        Measured samples per second of recording.
    longest_gap_s : float
        Longest stretch without a measured sample, in s.
    altered_share, pupil_altered_share : float
        Share of the values (samples x eyes) of gaze, and of the pupil, that pre-processing changed; NaN without
        a pupil.
    """

    loss_share: float
    rms_s2s_deg: float
    bcea_deg2: float
    sd_deg: float
    effective_rate_hz: float
    longest_gap_s: float
    altered_share: float
    pupil_altered_share: float


def measure_quality(
    recording: Recording, *, cleaned: Recording | None = None, duration_s: float | None = None
) -> Quality:
    """Data quality as measured, and the share that cleaning changed.

    Parameters
    ----------
    recording : Recording
        As measured (best), or after cleaning: then every altered sample counts as not measured.
    cleaned : Recording, optional
        The same recording after cleaning; its fixations and its altered samples are used. `recording` itself if
        not given.
    duration_s : float, optional
        How long the stimulus was on that the recording was trimmed to, in s from time zero. Rows that are missing at
        its beginning or end then count in the effective rate and in the longest gap; without it the recording is
        taken to last from its first row to the end of its last.

    Raises
    ------
    UsageError
        If the recording holds no gaze, or gaze that cannot be given in degrees.

    Notes
    -----
    RMS-S2S ``= sqrt(mean(d_i^2))``, d_i: distance between samples i and i+1, both measured, with no row missing
    between, within one fixation (Holmqvist, Nystrom and Mulvey 2012). BCEA ``= 2 k pi s_x s_y sqrt(1 - r^2)``,
    ``k = -ln(1 - P)`` with P = 0.682, s: standard deviations, r: their correlation, over the measured samples of one
    fixation (Crossland and Rubin 2002). SD ``= sqrt(s_x^2 + s_y^2)`` over the same samples (Niehorster et al. 2020).
    The effective rate is the number of samples at which an eye was measured over the time from the first row to the
    end of the last, or over `duration_s`. Fixations are those of the first set of events that is in degrees, or else
    of the first set.

    References
    ----------
    Holmqvist, Nystrom and Mulvey (2012), doi:10.1145/2168556.2168563. Niehorster et al. (2020),
    doi:10.3758/s13428-020-01400-9. Crossland and Rubin (2002), doi:10.1097/00006324-200211000-00011.
    """
    cleaned = cleaned if cleaned is not None else recording
    gaze, changed = to_degrees(recording).gaze, cleaned.gaze
    if gaze is None or changed is None:
        raise UsageError(
            "there is no raw gaze to measure the quality of",
            where=recording.recording_id,
            fix="data quality needs samples; a recording of events alone has none",
        )
    measured = any_eye(gaze.valid & ~gaze.altered)
    num_samples = len(gaze.time_s)
    if duration_s is None:
        lasted_s = gaze.time_s[-1] - gaze.time_s[0] + 1 / gaze.rate_hz if num_samples else np.nan
    else:
        lasted_s = duration_s
    position = np.where(measured[:, None], cyclopean(gaze)[0], np.nan)
    fixation = _fixation_number(gaze, cleaned.events)
    return Quality(
        loss_share=1.0 - float(measured.mean()) if num_samples else np.nan,
        rms_s2s_deg=rms_s2s_deg(position, gaze, fixation),
        bcea_deg2=bcea_deg2(position, fixation),
        sd_deg=sd_deg(position, fixation),
        effective_rate_hz=float(measured.sum() / lasted_s),
        longest_gap_s=_longest_gap_s(measured, gaze, duration_s) if num_samples else np.nan,
        altered_share=float(changed.altered.mean()) if num_samples else np.nan,
        pupil_altered_share=float(changed.pupil_altered.mean())
        if changed.pupil_altered is not None and num_samples
        else np.nan,
    )


def _longest_gap_s(measured: Bool[ndarray, " T"], gaze: GazeSeries, duration_s: float | None) -> float:
    """Longest stretch without a measured sample, its ends included where the length of the stimulus is known."""
    longest_s = float(find_losses(measured, gaze.time_s, gaze.rate_hz).duration_s.max(initial=0.0))
    if duration_s is None:
        return longest_s
    if not measured.any():
        return duration_s
    # Up to one interval may pass before the first sample of a stimulus: that is no gap.
    late_s = float(gaze.time_s[measured][0])
    early_s = duration_s - float(sample_ends_s(gaze.time_s, gaze.rate_hz)[measured][-1])
    return max(longest_s, *(edge_s if edge_s > 1 / gaze.rate_hz else 0.0 for edge_s in (late_s, early_s)))


def _fixation_number(gaze: GazeSeries, events: tuple[EyeEvents, ...]) -> ndarray:
    """Which fixation each sample belongs to, -1 for none."""
    ours = [one for one in events if one.frame == "deg"] or list(events)
    if not ours:
        return np.full(len(gaze.time_s), -1)
    chosen = ours[0].kind == "fixation"
    onset_s, offset_s = ours[0].onset_s[chosen], ours[0].offset_s[chosen]
    last = np.searchsorted(onset_s, gaze.time_s, side="right") - 1
    inside = (last >= 0) & (gaze.time_s < np.append(offset_s, -np.inf)[last])
    return np.where(inside, last, -1)


def rms_s2s_deg(position: Float[ndarray, "T 2"], gaze: GazeSeries, fixation: ndarray) -> float:
    """Root mean square distance between successive samples of the same fixation; NaN without a pair.

    Parameters
    ----------
    position : float64 array, shape (T, 2)
        In degrees; NaN where not measured.
    gaze : GazeSeries
        For its clock.
    fixation : int array, shape (T,)
        Number of the fixation of each sample; -1 for none.
    """
    known = np.isfinite(position).all(axis=1)
    follows = np.zeros(len(position), bool)
    for start, stop in zip(*unbroken_runs(known, gaze.time_s, gaze.rate_hz), strict=True):
        follows[start + 1 : stop] = True
    follows[1:] &= (fixation[1:] >= 0) & (fixation[1:] == fixation[:-1])
    index = np.flatnonzero(follows)
    if not len(index):
        return float("nan")
    step = position[index] - position[index - 1]
    return float(np.sqrt((step**2).sum(axis=1).mean()))


def bcea_deg2(position: Float[ndarray, "T 2"], fixation: ndarray) -> float:
    """Median over fixations of the ellipse that holds 68.2 % of the samples; NaN if none has three samples."""
    areas = []
    for covariance in _covariances(position, fixation):
        # The product of the two deviations and sqrt(1 - r^2) is the root of the covariance's determinant.
        determinant = max(float(np.linalg.det(covariance)), 0.0)
        areas.append(-2 * np.log(1 - BCEA_SHARE) * np.pi * np.sqrt(determinant))
    return float(np.median(areas)) if areas else float("nan")


def sd_deg(position: Float[ndarray, "T 2"], fixation: ndarray) -> float:
    """Median over fixations of the samples' standard deviation, both axes together; NaN if none has three samples."""
    deviations = [float(np.sqrt(np.trace(covariance))) for covariance in _covariances(position, fixation)]
    return float(np.median(deviations)) if deviations else float("nan")


def _covariances(position: Float[ndarray, "T 2"], fixation: ndarray) -> list[Float[ndarray, "2 2"]]:
    """Covariance of the known samples of every fixation that has three of them."""
    known: Bool[ndarray, " T"] = np.isfinite(position).all(axis=1) & (fixation >= 0)
    stretches = [position[known & (fixation == number)] for number in np.unique(fixation[known])]
    return [np.cov(points.T) for points in stretches if len(points) >= 3]
