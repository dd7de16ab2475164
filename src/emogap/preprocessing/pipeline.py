"""The whole of cleaning, in order, with three presets; every step is recorded and every altered sample marked.

``clean`` is the way in. The order: degrees, smoothing (if asked for), events from gaze as measured, pupil outliers,
foreshortening, light reflex and baseline (each if asked for), losses, saccades, change of the pupil, another rate (if
asked for).
"""

import dataclasses
from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap import __version__
from emogap.errors import UnknownNameError, UsageError
from emogap.preprocessing.blinks import BlinkConfig, correct_blinks
from emogap.preprocessing.events import EventConfig, detect_events
from emogap.preprocessing.interpolation import MAX_GAP_S, fill_gaps
from emogap.preprocessing.pupil import pupil_change
from emogap.preprocessing.pupil_baseline import BaselineConfig, correct_baseline
from emogap.preprocessing.pupil_foreshortening import ForeshorteningConfig, correct_foreshortening
from emogap.preprocessing.pupil_light import LightConfig, remove_light_reflex
from emogap.preprocessing.pupil_outliers import OutlierConfig, remove_pupil_outliers
from emogap.preprocessing.resample import resample
from emogap.preprocessing.runs import any_eye
from emogap.preprocessing.saccades import correct_saccades
from emogap.preprocessing.smoothing import SmoothingConfig, smooth
from emogap.preprocessing.visual_angle import to_degrees
from emogap.types import EyeEvents, GazeSeries, Recording, Step, StimulusLuminance

__all__ = ["PRESETS", "CleaningConfig", "clean", "remove_unmeasured_fixations"]


class CleaningConfig(BaseModel):
    """What is done to a recording; the presets are instances of this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    losses: Literal["kept", "short_filled", "all_but_blinks_filled"] = Field(
        default="all_but_blinks_filled",
        description="Which losses get a straight line: none, those under max_gap_s, or (the paper) all but blinks.",
    )
    max_gap_s: float = Field(
        default=MAX_GAP_S, gt=0, description="With short_filled: longer losses stay missing (Olsen 2012, 3.1.1)."
    )
    max_fill_s: float | None = Field(
        default=None, gt=0, description="With all_but_blinks_filled: longer losses stay missing; none in the paper."
    )
    saccades: Literal["kept", "interpolated"] = Field(
        default="interpolated", description="Whether saccades become straight lines (EMER, arXiv 2512.16485, III.C)."
    )
    pupil: Literal["level", "change"] = Field(
        default="change", description="The diameter, or its difference to the sample before (EMER, III.C)."
    )
    pupil_outliers: OutlierConfig | None = Field(
        default=None, description="Takes away pupil samples that are too fast or lie beside a loss."
    )
    foreshortening: ForeshorteningConfig | None = Field(
        default=None, description="Undoes the narrowing of a pupil that looks away from the camera."
    )
    light_reflex: LightConfig | None = Field(
        default=None, description="Takes the light reflex out; needs a whole session and the stimuli's luminance."
    )
    baseline: BaselineConfig | None = Field(
        default=None, description="Sets the pupil against its level before each stimulus; needs a whole session."
    )
    max_unmeasured_share: float | None = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Fixations with a larger share of samples without a measured eye are dropped, and so leave the "
        "maps; the limit is ours, the paper gives none. None: all are kept.",
    )
    events: EventConfig = Field(default_factory=EventConfig, description="How fixations and saccades are found.")
    blinks: BlinkConfig = Field(default_factory=BlinkConfig, description="What counts as a blink.")
    smoothing: SmoothingConfig | None = Field(
        default=None, description="Savitzky-Golay smoothing before events are found."
    )
    rate_hz: float | None = Field(
        default=None, gt=0, description="Another sampling rate in Hz at the end; None: the native."
    )

    @model_validator(mode="after")
    def _baseline_stays_a_level(self) -> "CleaningConfig":
        if self.baseline is not None and self.pupil == "change":
            raise ValueError("a baseline falls out of a difference between samples: use pupil='level' with baseline")
        return self


PRESETS: Mapping[str, CleaningConfig] = {
    "emer": CleaningConfig(),
    "standard": CleaningConfig(losses="short_filled", saccades="kept", pupil="level", max_unmeasured_share=None),
    "none": CleaningConfig(losses="kept", saccades="kept", pupil="level", max_unmeasured_share=None),
}
"""``emer``: the three steps of the paper. ``standard``: short gaps filled. ``none``: degrees and events alone."""


def clean(
    recording: Recording,
    preset: str | CleaningConfig = "emer",
    *,
    luminance: Mapping[str, StimulusLuminance] | None = None,
) -> Recording:
    """The recording in degrees, corrected, with our events beside the vendor's and every step recorded.

    Parameters
    ----------
    recording : Recording
        As read; the file and this object stay as they are.
    preset : {"emer", "standard", "none"} or CleaningConfig
        ``emer``: the paper's blink, saccade and pupil correction at the native rate. ``standard``: losses under 75 ms
        interpolated, saccades kept, pupil level. ``none``: neither.
    luminance : mapping from stimulus id to StimulusLuminance, optional
        Of every stimulus; only ``light_reflex`` needs it.

    Returns
    -------
    Recording
        ``gaze.frame == "deg"``; ``steps`` is never empty; what was altered is marked in ``gaze.altered`` and
        ``gaze.pupil_altered``; the last of ``events`` is ours, blinks included, whatever the preset. A recording
        without raw gaze passes with a step that says so.

    Raises
    ------
    UnknownNameError
        If there is no such preset.
    UsageError
        If gaze cannot be given in degrees, because size or distance of the screen are unknown; if the sampling rate
        is unknown, because the clock of the file is not to be trusted; if the light reflex is to be removed without
        luminance, or a pupil correction meets a recording it cannot work on.
    DataError
        If a pupil correction finds too little to go by.

    Notes
    -----
    Light reflex and baseline need what lies before and between the stimuli: clean the session, then trim.
    """
    config = preset if isinstance(preset, CleaningConfig) else _preset(preset)
    if recording.gaze is None:
        return _noted(recording, "no_raw_gaze", {"reason": "the recording holds events only; nothing was corrected"})
    if not np.isfinite(recording.gaze.rate_hz):
        raise UsageError(
            "the sampling rate is unknown: " + ("; ".join(recording.doubts) or "the clock is not to be trusted"),
            where=recording.recording_id,
            fix="export it with real time stamps; 'emogap look' says what is wrong with these",
        )
    recording = to_degrees(recording)
    if config.smoothing is not None:
        assert recording.gaze is not None
        smoothed = smooth(recording.gaze, config.smoothing)
        recording = _applied(recording, smoothed, "smooth", config.smoothing.model_dump())
    recording = _with_events(recording, config)
    recording = _correct_pupil_level(recording, config, luminance)
    for correct in (_correct_losses, _correct_saccades, _correct_pupil, _correct_rate):
        recording = correct(recording, config)
    return recording


def _preset(name: str) -> CleaningConfig:
    if name not in PRESETS:
        raise UnknownNameError("cleaning preset", name, PRESETS)
    return PRESETS[name]


def _noted(recording: Recording, name: str, parameters: dict[str, object]) -> Recording:
    return dataclasses.replace(recording, steps=(*recording.steps, Step(name, parameters, __version__)))


def _applied(recording: Recording, gaze: GazeSeries, name: str, parameters: dict[str, object]) -> Recording:
    return _noted(dataclasses.replace(recording, gaze=gaze), name, parameters)


def _with_events(recording: Recording, config: CleaningConfig) -> Recording:
    assert recording.gaze is not None
    events = detect_events(recording.gaze, config.events, config.blinks)
    parameters: dict[str, object] = {
        "events": config.events.model_dump(),
        "blinks": config.blinks.model_dump(),
    }
    if config.max_unmeasured_share is not None:
        before = len(events.kind)
        events = remove_unmeasured_fixations(events, recording.gaze, max_share=config.max_unmeasured_share)
        parameters["max_unmeasured_share"] = config.max_unmeasured_share
        parameters["fixations_removed"] = before - len(events.kind)
    kept = tuple(other for other in recording.events if other.method != events.method)
    return _noted(dataclasses.replace(recording, events=(*kept, events)), "detect_events", parameters)


def remove_unmeasured_fixations(events: EyeEvents, gaze: GazeSeries, *, max_share: float) -> EyeEvents:
    """The events without the fixations that rest on losses rather than on measured gaze.

    Parameters
    ----------
    events : EyeEvents
        Ours or the vendor's, on the clock of `gaze`.
    gaze : GazeSeries
        As measured: before losses are filled.
    max_share : float
        Largest share of a fixation's samples at which no eye was measured, in [0, 1]. A fixation without any
        sample is removed.

    References
    ----------
    EMER: arXiv 2512.16485, section III.C: fixations on invalid eye movement are removed from the maps.
    """
    measured = np.concatenate([[0], np.cumsum(any_eye(gaze.valid))])
    first = np.searchsorted(gaze.time_s, events.onset_s, side="left")
    stop = np.searchsorted(gaze.time_s, events.offset_s, side="left")
    rows = stop - first
    lost = rows - (measured[stop] - measured[first])
    rests_on_losses = (rows == 0) | (lost > max_share * rows)
    keep = ~((events.kind == "fixation") & rests_on_losses)
    return dataclasses.replace(
        events,
        **{name: getattr(events, name)[keep] for name in ("kind", "onset_s", "offset_s", "centre", "amplitude_deg")},
    )


def _correct_pupil_level(
    recording: Recording, config: CleaningConfig, luminance: Mapping[str, StimulusLuminance] | None
) -> Recording:
    """What is asked for beyond the presets, on the pupil as measured: before any loss is filled."""
    if config.pupil_outliers is not None:
        recording = remove_pupil_outliers(recording, config.pupil_outliers)
    if config.foreshortening is not None:
        recording = correct_foreshortening(recording, config.foreshortening)
    if config.light_reflex is not None:
        if luminance is None:
            raise UsageError(
                "the light reflex cannot be removed without the luminance of the stimuli",
                where=recording.recording_id,
                fix="clean(recording, config, luminance=read_study_luminance(study))",
            )
        recording = remove_light_reflex(recording, luminance, config.light_reflex)
    if config.baseline is not None:
        recording = correct_baseline(recording, config.baseline)
    return recording


def _correct_losses(recording: Recording, config: CleaningConfig) -> Recording:
    assert recording.gaze is not None
    if config.losses == "kept":
        return recording
    if config.losses == "short_filled":
        filled = fill_gaps(recording.gaze, max_gap_s=config.max_gap_s)
        return _applied(recording, filled, "fill_gaps", {"max_gap_s": config.max_gap_s})
    filled = correct_blinks(recording.gaze, config.blinks, max_fill_s=config.max_fill_s)
    parameters = {**config.blinks.model_dump(), "max_fill_s": config.max_fill_s}
    return _applied(recording, filled, "correct_blinks", parameters)


def _correct_saccades(recording: Recording, config: CleaningConfig) -> Recording:
    assert recording.gaze is not None
    if config.saccades == "kept":
        return recording
    ours = recording.events[-1]
    return _applied(recording, correct_saccades(recording.gaze, ours), "correct_saccades", {"events": ours.method})


def _correct_pupil(recording: Recording, config: CleaningConfig) -> Recording:
    assert recording.gaze is not None
    if config.pupil == "level" or recording.gaze.pupil is None:
        return recording
    changed = pupil_change(recording.gaze)
    return _applied(recording, changed, "pupil_change", {"unit": changed.pupil_unit})


def _correct_rate(recording: Recording, config: CleaningConfig) -> Recording:
    assert recording.gaze is not None
    if config.rate_hz is None:
        return recording
    resampled = resample(recording.gaze, rate_hz=config.rate_hz)
    return _applied(recording, resampled, "resample", {"rate_hz": config.rate_hz, "method": "linear"})
