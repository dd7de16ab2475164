"""Data quality of one clip as recorded: before cleaning, whatever cleaning a data set gets, and without any label."""

import math

from emogap.counted_nouns import counted
from emogap.datasets.cutting import require_covered
from emogap.errors import DataError
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.quality import measure_quality
from emogap.preprocessing.trim import trim
from emogap.types import Recording, StimulusInterval
from emogap.types.quality import ClipQuality

__all__ = ["measure_clip"]


def measure_clip(
    recording: Recording,
    interval: StimulusInterval,
    *,
    accuracy_deg: float | None = None,
    face_found_share: float | None = None,
) -> ClipQuality:
    """Quality of the gaze while one stimulus was on.

    Parameters
    ----------
    recording : Recording
        The whole session as read, with the participant's id, screen and tracker.
    interval : StimulusInterval
        In seconds of the recording.
    accuracy_deg : float, optional
        Of the session, where a validation is known.
    face_found_share : float, optional
        Share of the frames looked at in which a face was found, where there is a video.

    Returns
    -------
    ClipQuality
        With a `problem` and nothing else if the recording does not reach the stimulus or holds no valid sample in it.

    Raises
    ------
    UsageError
        If gaze cannot be given in degrees, or its clock is not to be trusted.

    Notes
    -----
    Fixations, which precision is measured in, are found in uncorrected gaze (cleaning preset ``none``), so that the
    result is the same beside every cleaning of the data set.
    """
    participant_id = recording.participant_id or recording.recording_id
    duration_s = interval.offset_s - interval.onset_s
    empty = ClipQuality(participant_id, interval.stimulus_id, duration_s)
    try:
        require_covered(recording, interval)
        trimmed = trim(recording, interval)
    except DataError as problem:
        return _with_problem(empty, problem.what)
    gaze = trimmed.gaze
    if gaze is None or not gaze.valid.any():
        rows = 0 if gaze is None else len(gaze.time_s)
        return _with_problem(
            empty, f"none of its {counted(rows, 'sample')} has a valid point of gaze", num_samples=rows
        )
    measured = measure_quality(trimmed, cleaned=clean(trimmed, "none"), duration_s=duration_s)
    nominal_hz = recording.tracker.rate_hz or gaze.rate_hz
    return ClipQuality(
        participant_id,
        interval.stimulus_id,
        duration_s,
        num_samples=len(gaze.time_s),
        valid_share=1.0 - measured.loss_share,
        effective_rate_hz=measured.effective_rate_hz,
        effective_rate_share=measured.effective_rate_hz / nominal_hz,
        longest_gap_s=measured.longest_gap_s,
        rms_s2s_deg=measured.rms_s2s_deg,
        sd_deg=measured.sd_deg,
        bcea_deg2=measured.bcea_deg2,
        accuracy_deg=math.nan if accuracy_deg is None else accuracy_deg,
        face_found_share=math.nan if face_found_share is None else face_found_share,
    )


def _with_problem(empty: ClipQuality, problem: str, *, num_samples: int = 0) -> ClipQuality:
    return ClipQuality(
        empty.participant_id, empty.stimulus_id, empty.duration_s, num_samples=num_samples, problem=problem
    )
