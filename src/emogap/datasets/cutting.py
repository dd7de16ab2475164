"""One stimulus of one recording: trimmed, cleaned, measured and sampled. The road of everything with raw gaze."""

import json
from dataclasses import asdict

from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.gaze_frames import gaze_streams
from emogap.datasets.plan import BuildConfig, Clip, LeftOut
from emogap.datasets.samples import SampledStream, chunk_centres, sample_eye, sample_fixation, sample_map
from emogap.errors import DataError
from emogap.preprocessing.eye_measures import measure_eyes
from emogap.preprocessing.fixation_map import low_resolution
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.quality import measure_quality
from emogap.preprocessing.thinning import thin
from emogap.preprocessing.trim import trim
from emogap.preprocessing.visual_angle import screen_extent_deg
from emogap.types import EyeEvents, GazeSeries, Recording, SampleKey, StimulusInterval

__all__ = ["cut_gaze", "excluded", "require_covered", "step_columns"]

MAP_SHAPE = (8, 8)


def cut_gaze(recording: Recording, interval: StimulusInterval, key: SampleKey, config: BuildConfig) -> Clip | LeftOut:
    """The streams ``eye``, ``fixation`` and, if asked for, ``gaze`` of one stimulus, or why the clip is excluded.

    Parameters
    ----------
    recording : Recording
        As it was read, with raw gaze.
    interval : StimulusInterval
        When the stimulus was on, in seconds of the recording.
    key : SampleKey
    config : BuildConfig

    Returns
    -------
    Clip or LeftOut
        Excluded with stage ``gaze`` if no sample of the clip has a valid point of gaze.

    Raises
    ------
    DataError
        If the interval lies outside the recording, or lacks what the stream ``gaze`` needs.
    UsageError
        If another rate is asked for that cannot be made of the recording's.
    """
    require_covered(recording, interval)
    if config.as_rate:
        recording = thin(recording, rate_hz=config.as_rate)
    trimmed = trim(recording, interval)
    assert trimmed.gaze is not None
    if not trimmed.gaze.valid.any():
        return excluded(
            key, "gaze", f"none of its {counted(len(trimmed.gaze.time_s), 'sample')} has a valid point of gaze"
        )
    cleaned = clean(trimmed, config.cleaning)
    assert cleaned.gaze is not None
    duration_s = interval.offset_s - interval.onset_s
    times_s = chunk_centres(duration_s, config.eye_steps)
    position_deg, _ = cyclopean(cleaned.gaze)
    events = own_events(cleaned)
    eye = sample_eye(cleaned.gaze, times_s, position_deg=position_deg, events=events)
    streams = {
        "eye": eye,
        "fixation": _fixation(cleaned, events, times_s, config),
        **gaze_streams(trimmed, config),
    }
    measures = measure_eyes(trimmed, cleaned=cleaned, duration_s=duration_s)
    return Clip(key, streams, quality=_quality(trimmed, cleaned, eye, duration_s), measures=measures)


def excluded(key: SampleKey, stage: str, reason: str) -> LeftOut:
    """A clip that is left out at `stage`."""
    return LeftOut(
        key.recording_id,
        key.participant_id,
        key.stimulus_id,
        key.stimulus_group,
        key.start_s,
        key.stop_s,
        stage,
        reason,
    )


def step_columns(recording: Recording) -> dict[str, str]:
    """What was done with a clip and what is doubtful about it, as columns of ``quality.parquet``.

    Returns
    -------
    mapping
        `steps`: JSON, a list of name and parameters in order. `doubts`: one a line.
    """
    steps = [{"name": step.name, "parameters": dict(step.parameters)} for step in recording.steps]
    return {"steps": json.dumps(steps, default=str), "doubts": "\n".join(recording.doubts)}


def _quality(
    trimmed: Recording, cleaned: Recording, eye: SampledStream, duration_s: float
) -> dict[str, float | int | str | None]:
    """The row of ``quality.parquet`` of one clip: losses as recorded, altered shares as cleaned.

    Rate and longest gap count the whole stimulus of `duration_s`, as :func:`emogap.datasets.clip_quality.measure_clip`
    does: the report of a study and that of a data set give one number for one clip.
    """
    assert cleaned.gaze is not None
    measures = asdict(measure_quality(trimmed, cleaned=cleaned, duration_s=duration_s))
    return measures | _altered_shares(cleaned.gaze, eye) | step_columns(cleaned)


def _altered_shares(gaze: GazeSeries, eye: SampledStream) -> dict[str, float]:
    """Share of the clip's samples that cleaning altered, for each channel of the stream ``eye``."""
    return {f"{channel.name}_altered": _altered_share(gaze, channel.name) for channel in eye.channels}


def _altered_share(gaze: GazeSeries, channel: str) -> float:
    """Share of altered samples: of the eye for its own channels, of the merged gaze for all others."""
    quantity, letter, *_ = channel.split("_")
    eye = next((position for position, name in enumerate(gaze.eyes) if name[0] == letter), None)
    if quantity == "pupil" and gaze.pupil_altered is not None:
        return float(gaze.pupil_altered[:, eye].mean())
    if quantity in ("direction", "origin"):
        return float(gaze.altered[:, eye].mean())
    measured = gaze.valid & ~gaze.altered
    return float((gaze.altered.any(axis=1) & ~measured.any(axis=1)).mean())


def own_events(recording: Recording) -> EyeEvents:
    """The events that cleaning found, in degrees."""
    found = [events for events in recording.events if events.method == "ivt"]
    assert len(found) == 1
    return found[0]


def _fixation(
    recording: Recording, events: EyeEvents, times_s: Float[ndarray, " T"], config: BuildConfig
) -> SampledStream:
    """Centres of the fixations, or maps that cover the screen."""
    if config.fixation == "centre":
        return sample_fixation(events, times_s)
    assert recording.screen is not None
    extent_deg = screen_extent_deg(recording.screen)
    maps = low_resolution(events, times_s, extent_deg=extent_deg, shape=MAP_SHAPE)
    return sample_map(maps, shape=MAP_SHAPE)


def require_covered(recording: Recording, interval: StimulusInterval) -> None:
    """Raise a :class:`DataError` unless the gaze samples reach from onset to offset of the stimulus."""
    gaze = recording.gaze
    if gaze is None:
        raise DataError("the recording holds no gaze samples", where=recording.source)
    step_s = 1 / gaze.rate_hz
    first_s, last_s = float(gaze.time_s[0]), float(gaze.time_s[-1])
    if interval.onset_s < first_s - step_s or interval.offset_s > last_s + 2 * step_s:
        raise DataError(
            f"stimulus {interval.stimulus_id} was on from {interval.onset_s:.3f} to {interval.offset_s:.3f} s, but"
            f" the gaze file runs from {first_s:.3f} to {last_s:.3f} s",
            where=recording.source,
            fix="correct trials.tsv, or export the whole recording again",
        )
