"""The pupil against what it was just before each stimulus."""

import dataclasses
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.preprocessing.pupil_requirements import require_pupil_level, require_stimuli
from emogap.types import GazeSeries, PupilUnit, Recording, Step, StimulusInterval

__all__ = ["BaselineConfig", "correct_baseline"]

UNITS: dict[tuple[str, str], PupilUnit] = {
    ("subtractive", "mm"): "mm_from_baseline",
    ("subtractive", "au"): "au_from_baseline",
    ("divisive", "mm"): "share_of_baseline",
    ("divisive", "au"): "share_of_baseline",
}


class BaselineConfig(BaseModel):
    """Window before the onset and how the pupil is set against it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["subtractive", "divisive"] = Field(
        default="subtractive",
        description="Difference or ratio; the ratio is thrown off by a small baseline "
        "(Mathot et al. 2018, doi:10.3758/s13428-017-1007-2).",
    )
    from_s: float = Field(default=0.5, gt=0, description="The window begins so long before the onset, in s.")
    to_s: float = Field(default=0.0, ge=0, description="It ends so long before the onset, in s.")
    min_valid_share: float = Field(
        default=0.5, gt=0, le=1, description="A window with a smaller share of measured samples is no baseline. Choice."
    )

    @model_validator(mode="after")
    def _window_has_a_length(self) -> "BaselineConfig":
        if self.to_s >= self.from_s:
            raise ValueError(f"the window from {self.from_s:g} to {self.to_s:g} s before the onset is empty")
        return self


def correct_baseline(recording: Recording, config: BaselineConfig | None = None) -> Recording:
    """The recording with the pupil of each stimulus against its median before that stimulus.

    Parameters
    ----------
    recording : Recording
        A whole session with ``stimuli``: the window lies before the onset, so trim afterwards. Pupil in mm or in the
        device's unit, blinks and outliers missing rather than interpolated.
    config : BaselineConfig, optional

    Returns
    -------
    Recording
        Pupil in ``mm_from_baseline``, ``au_from_baseline`` or ``share_of_baseline``, each eye against its own
        baseline; every sample is marked as altered. Outside the stimuli, and in stimuli whose baseline was refused,
        it is NaN. Per presentation the step names each baseline (``baseline``: stimulus, onset in
        s, level of every eye) and each refusal (``refused``: stimulus, onset in s, eye).

    Raises
    ------
    UsageError
        If the recording has no pupil, or a pupil that is a difference; if it does not say what was shown when, or
        is trimmed, so that nothing lies before the onset.
    DataError
        If no stimulus has a baseline.

    References
    ----------
    Mathot et al. (2018), doi:10.3758/s13428-017-1007-2: subtractive, a short window before the onset, the median.
    """
    config = config or BaselineConfig()
    gaze, pupil, altered = _require_usable(recording)
    corrected = np.full(pupil.shape, np.nan)
    baselines, refused = [], []
    for stimulus in recording.stimuli:
        level = _baseline(gaze, pupil, stimulus, config)
        shown = (stimulus.stimulus_id, stimulus.onset_s)
        refused += [(*shown, gaze.eyes[eye]) for eye in np.flatnonzero(~np.isfinite(level))]
        baselines.append((*shown, tuple(level.tolist())))
        on = (gaze.time_s >= stimulus.onset_s) & (gaze.time_s < stimulus.offset_s)
        corrected[on] = pupil[on] - level if config.method == "subtractive" else pupil[on] / level
    if len(refused) == len(recording.stimuli) * len(gaze.eyes):
        raise DataError(
            f"none of {counted(len(recording.stimuli), 'stimulus')} has a baseline: in every window less than"
            f" {config.min_valid_share:.0%} of the samples hold a pupil",
            where=recording.recording_id,
            fix="widen the window (from_s), lower min_valid_share, or record longer pauses",
        )
    assert gaze.pupil_unit is not None
    changed = dataclasses.replace(
        gaze,
        pupil=corrected,
        pupil_unit=UNITS[config.method, gaze.pupil_unit],
        pupil_altered=altered | np.isfinite(pupil),
    )
    parameters = {**config.model_dump(), "baseline": tuple(baselines), "refused": tuple(refused)}
    step = Step("correct_baseline", parameters, __version__)
    return dataclasses.replace(recording, gaze=changed, steps=(*recording.steps, step))


def _baseline(
    gaze: GazeSeries, pupil: Float[ndarray, "T E"], stimulus: StimulusInterval, config: BaselineConfig
) -> Float[ndarray, " E"]:
    """Median of each eye in the window; NaN where too little of it was measured."""
    start_s, stop_s = stimulus.onset_s - config.from_s, stimulus.onset_s - config.to_s
    window = pupil[(gaze.time_s >= start_s) & (gaze.time_s < stop_s)]
    level = np.full(pupil.shape[1], np.nan)
    for eye in range(pupil.shape[1]):
        seen = window[np.isfinite(window[:, eye]), eye]
        if len(seen) >= max(1.0, config.min_valid_share * (stop_s - start_s) * gaze.rate_hz):
            level[eye] = np.median(seen)
    return level


def _require_usable(recording: Recording) -> tuple[GazeSeries, Float[ndarray, "T E"], Bool[ndarray, "T E"]]:
    gaze, pupil, altered = require_pupil_level(
        recording,
        without_pupil="leave the baseline out of the cleaning",
        with_difference="take the baseline once, and before the change from sample to sample",
    )
    require_stimuli(recording)
    if not (gaze.time_s < max(stimulus.onset_s for stimulus in recording.stimuli)).any():
        raise UsageError(
            "there is no sample before the onset of a stimulus: the recording is trimmed",
            where=recording.recording_id,
            fix="correct the whole session, then trim",
        )
    return gaze, pupil, altered
