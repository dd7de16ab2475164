"""The light reflex of a session, fitted to the luminance of what was shown and taken out of the pupil.

A bright scene narrows the pupil by several times what a feeling widens it. The reflex is the same in every clip of a
person, so it is fitted once to a whole session, from the course of luminance alone: labels play no part. Read in this
order: :class:`LightConfig`, :class:`LightReflex`, :func:`fit_light_reflex`, :func:`remove_light_reflex`.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.optimize import least_squares

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.preprocessing.fixation_map import EXTENT_DEG
from emogap.preprocessing.light_course import (
    LightParameters,
    Projection,
    SessionGrid,
    light_course,
    mean_of_eyes,
    session_grid,
)
from emogap.preprocessing.pupil_requirements import require_pupil_level, require_stimuli
from emogap.preprocessing.runs import any_eye
from emogap.preprocessing.visual_angle import screen_extent_deg
from emogap.types import GazeSeries, Recording, Screen, Step, StimulusLuminance

__all__ = ["LightConfig", "LightReflex", "fit_light_reflex", "remove_light_reflex"]

LEAST_CHANGE_MM = 0.02
"""Standard deviation of the settled diameter below which there is no reflex to fit."""

SEARCHED = ("latency_s", "constriction_s", "dilation_s", "lag_s", "surround")
MUST_BE_INSIDE = ("latency_s", "constriction_s", "dilation_s")

AT_LIMIT = 0.01
"""A parameter within this share of its range from an end counts as standing there."""

TOLERANCE = 1e-4
"""Relative change of the misfit, and of the parameters, at which the search ends."""

DIFF_STEP = 1e-3
"""Of the numerical derivative, in shares of a range: above the rounding that ``follow_light`` causes."""


class LightConfig(BaseModel):
    """Limits within which the reflex is fitted; each pair is (least, most), the fit starts at its geometric middle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency_s: tuple[float, float] = Field(
        default=(0.12, 0.6),
        description="From light to the first movement; wide around 0.2 to 0.3 s, Bergamin and Kardon (2003), "
        "doi:10.1167/iovs.02-0468.",
    )
    constriction_s: tuple[float, float] = Field(
        default=(0.1, 1.5),
        description="Time constant of constriction; wide around Ellis (1981), doi:10.1136/bjo.65.11.754.",
    )
    dilation_s: tuple[float, float] = Field(
        default=(0.1, 5.0), description="Time constant of re-dilation; slower, same source."
    )
    lag_s: tuple[float, float] = Field(
        default=(0.01, 0.3),
        description="Two further time constants, equal to each other; about 0.1 s in Stark and Sherman (1957), "
        "doi:10.1152/jn.1957.20.1.17.",
    )
    surround: tuple[float, float] = Field(
        default=(0.002, 0.5),
        description="What the room and a black screen add, as a share of white; ITU-R BT.2035 asks for 0.1.",
    )
    white_cd_m2: float = Field(
        default=100.0, gt=0, description="Luminance of white on the screen (ITU-R BT.2035, reference environment)."
    )
    pause_luminance: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of white between stimuli. Give it where it is known; None: fitted too, and then hard to "
        "tell from what the stimuli add as a whole.",
    )
    drift_degree: int = Field(
        default=1, ge=0, le=5, description="Polynomial over the session that is no light; it stays in the pupil."
    )
    grid_hz: float = Field(default=30.0, ge=10, description="Rate at which the reflex is computed, in Hz.")
    least_s: float = Field(default=20.0, gt=0, description="Least measured pupil for a fit, in s. Choice.")

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> "LightConfig":
        for name in SEARCHED:
            low, high = getattr(self, name)
            if not 0 < low < high:
                raise ValueError(f"{name} must be two positive numbers, the lesser first, got {low:g} and {high:g}")
        return self


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class LightReflex:
    """What was found in one session.

    Attributes
    ----------
    course : float64 array, shape (T, E)
        The light's part of the pupil at every sample, in the unit of the pupil, zero on average over the samples with
        a pupil.
    latency_s, constriction_s, dilation_s, lag_s : float
        Of the reflex.
    surround : float
        Luminance of the surround as a share of white.
    pause_luminance : float
        Luminance between the stimuli.
    gaze_weight : float
        Share of the luminance around the gaze in the luminance that counts; 0 where it was not given.
    gain : tuple of float
        Per eye: the pupil's change over that of the average observer of Watson and Yellott (2012); NaN for an eye
        that was hardly measured, and then its `course` is NaN too.
    r2_removed : tuple of float
        Per eye: share of the pupil's variance over the session that goes with `course`; below 0 if it grew.
    used_s : float
        Time with a measured pupil that the fit rests on.
    at_limit : tuple of str
        Which of latency, constriction and dilation ended at an end of its range: the reflex is not of this form, or a
        clock is off.
    """

    course: Float[ndarray, "T E"]
    latency_s: float
    constriction_s: float
    dilation_s: float
    lag_s: float
    surround: float
    pause_luminance: float
    gaze_weight: float
    gain: tuple[float, ...]
    r2_removed: tuple[float, ...]
    used_s: float
    at_limit: tuple[str, ...]


def fit_light_reflex(
    recording: Recording,
    luminance: Mapping[str, StimulusLuminance],
    config: LightConfig | None = None,
    *,
    around_gaze: Float[ndarray, " T"] | None = None,
) -> LightReflex:
    """The light reflex of one participant over all stimuli of a session.

    Parameters
    ----------
    recording : Recording
        A whole session, with ``stimuli`` saying what was on when; blinks missing, pupil in mm or in the device's unit.
    luminance : mapping from stimulus id to StimulusLuminance
        Of every stimulus of the recording.
    config : LightConfig, optional
    around_gaze : float64 array, shape (T,), optional
        Luminance around the point of gaze at every sample (:func:`~emogap.preprocessing.luminance_around_gaze`); NaN
        where unknown, there that of the whole picture counts.

    Raises
    ------
    UsageError
        If the recording has no pupil, no stimuli, or a pupil that is a difference; if a stimulus has no luminance.
    DataError
        If too little pupil was measured, if luminance hardly changes, or if the pupil grows with light.

    Notes
    -----
    ``pupil = gain * D(t) + sum_k a_k B_k(t) + polynomial(t) + rest``. D follows the settled diameter of the luminance
    ``(1 - w) whole + w around`` plus surround, after a latency, through two equal lags and a third that differs
    between constriction and dilation. B_k is stimulus k's time on the screen convolved with the pupil's response to
    an event (Hoeks and Levelt 1993): what a stimulus adds as a whole is estimated beside the light, so that arousal
    which happens to go with a bright or a dark clip is not taken for light. Only ``gain * D`` is the reflex. Latency,
    time constants, surround, luminance of the pauses and w are found by least squares (trust region), the linear part
    is solved for at every step (variable projection, Golub and Pereyra 1973). Eyes are fitted together and get a gain
    each.

    References
    ----------
    Steady state: Watson and Yellott (2012), doi:10.1167/12.10.12. Pupil as a sum of convolved events: Wierda et al.
    (2012), doi:10.1073/pnas.1201858109; Korn and Bach (2016), doi:10.1167/16.3.28. Arousal under changing light by
    regression on luminance: Raiturkar et al. (2016), ACM Symposium on Applied Perception; Pansara et al. (2025),
    arXiv:2504.13886.
    """
    config = config or LightConfig()
    gaze, pupil = _require_usable(recording, luminance)
    grid = session_grid(
        gaze.time_s,
        recording.stimuli,
        luminance,
        around_gaze=around_gaze,
        grid_hz=config.grid_hz,
        drift_degree=config.drift_degree,
    )
    eyes = [grid.averaged(pupil[:, eye], gaze.time_s) for eye in range(pupil.shape[1])]
    best, course, at_limit, used_s = _fit(grid, mean_of_eyes(np.stack(eyes, axis=1)), config, recording)
    gains = tuple(_gain(eye, course, grid) for eye in eyes)
    if (np.array(gains) <= 0).any():
        raise DataError(
            f"the pupil does not narrow with light (gain {np.nanmin(gains):.2f}): it does not follow this luminance",
            where=recording.recording_id,
            fix="check the onsets in trials.tsv, and that each luminance table belongs to its stimulus",
        )
    at_samples = np.interp(gaze.time_s, grid.time_s, course)
    seen = np.isfinite(pupil)
    part = np.array(gains) * (at_samples[:, None] - at_samples[any_eye(seen)].mean())
    return LightReflex(
        course=part,
        **dataclasses.asdict(best),
        gain=gains,
        r2_removed=tuple(
            _r2(pupil[seen[:, eye], eye], part[seen[:, eye], eye]) if np.isfinite(gain) else float("nan")
            for eye, gain in enumerate(gains)
        ),
        used_s=used_s,
        at_limit=at_limit,
    )


def _r2(pupil: Float[ndarray, " K"], part: Float[ndarray, " K"]) -> float:
    return 1 - float(np.var(pupil - part) / np.var(pupil))


def remove_light_reflex(
    recording: Recording,
    luminance: Mapping[str, StimulusLuminance],
    config: LightConfig | None = None,
    *,
    around_gaze: Float[ndarray, " T"] | None = None,
) -> Recording:
    """The recording with the pupil as it would be under its own average light.

    Parameters
    ----------
    recording, luminance, config, around_gaze
        As for :func:`fit_light_reflex`.

    Returns
    -------
    Recording
        Pupil in its unit and at its level; every sample is marked in ``pupil_altered``. The step
        ``remove_light_reflex`` holds what was found and the share of variance removed; a parameter that ended at a
        limit is a doubt.

    Raises
    ------
    UsageError, DataError
        As :func:`fit_light_reflex`.
    """
    config = config or LightConfig()
    found = fit_light_reflex(recording, luminance, config, around_gaze=around_gaze)
    gaze = recording.gaze
    assert gaze is not None
    assert gaze.pupil is not None
    assert gaze.pupil_altered is not None
    changed = dataclasses.replace(
        gaze, pupil=gaze.pupil - found.course, pupil_altered=gaze.pupil_altered | np.isfinite(gaze.pupil)
    )
    numbers = {field.name: getattr(found, field.name) for field in dataclasses.fields(found) if field.name != "course"}
    step = Step("remove_light_reflex", {**numbers, "config": config.model_dump()}, __version__)
    doubts = recording.doubts
    if found.at_limit:
        doubts = (*doubts, f"the fit of the light reflex ended at a limit of its range: {', '.join(found.at_limit)}")
    return dataclasses.replace(recording, gaze=changed, steps=(*recording.steps, step), doubts=doubts)


def _require_usable(
    recording: Recording, luminance: Mapping[str, StimulusLuminance]
) -> tuple[GazeSeries, Float[ndarray, "T E"]]:
    gaze, pupil, _ = require_pupil_level(
        recording,
        without_pupil="leave the light reflex out of the cleaning",
        with_difference="remove the light reflex before baseline and change are taken",
        all_missing_is_none=True,
    )
    require_stimuli(recording)
    absent = sorted({stimulus.stimulus_id for stimulus in recording.stimuli} - set(luminance))
    if absent:
        raise UsageError(
            f"{counted(len(absent), 'stimulus', 'has')} no luminance: {', '.join(absent[:12])}",
            where=recording.recording_id,
            fix="measure it from the video (measure_luminance) and save it as stimuli/<id>.luminance.tsv",
        )
    return gaze, pupil


def _fit(
    grid: SessionGrid, pupil: Float[ndarray, " N"], config: LightConfig, recording: Recording
) -> tuple[LightParameters, Float[ndarray, " N"], tuple[str, ...], float]:
    """Parameters, course of the average observer's pupil, parameters at a limit, and seconds of pupil used."""
    known = np.isfinite(pupil)
    used_s = float(known.sum() * grid.step_s)
    if used_s < config.least_s:
        raise DataError(
            f"{used_s:.1f} s of pupil are too little to fit a light reflex; it needs {config.least_s:g} s",
            where=recording.recording_id,
            fix="fit the whole session, not single clips; or leave the light reflex in",
        )
    ranges = _ranges(grid, config)
    without_other = Projection(grid.other[known])
    target = without_other(pupil[known])
    area_deg2 = _screen_area_deg2(recording.screen)

    def course_at(share: Float[ndarray, " P"]) -> tuple[LightParameters, Float[ndarray, " N"]]:
        parameters = _parameters(ranges, share, config)
        return parameters, light_course(grid, parameters, white_cd_m2=config.white_cd_m2, area_deg2=area_deg2)

    def rest(share: Float[ndarray, " P"]) -> Float[ndarray, " K"]:
        course = without_other(course_at(share)[1][known])
        power = float(course @ course)
        result: Float[ndarray, " K"] = target - (float(course @ target) / power if power > 0 else 0.0) * course
        return result

    share = least_squares(
        rest, np.full(len(ranges), 0.5), bounds=(0.0, 1.0), diff_step=DIFF_STEP, ftol=TOLERANCE, xtol=TOLERANCE
    ).x
    parameters, course = course_at(share)
    spread_mm = float(np.std(course[known]))
    if spread_mm < LEAST_CHANGE_MM:
        raise DataError(
            f"luminance hardly changes: it would move an average pupil by {spread_mm:.3f} mm (SD)",
            where=recording.recording_id,
            fix="leave the light reflex in: there is none to speak of",
        )
    places = dict(zip(ranges, share.tolist(), strict=True))
    ends = tuple(name for name in MUST_BE_INSIDE if not AT_LIMIT <= places[name] <= 1 - AT_LIMIT)
    return parameters, course, ends, used_s


def _ranges(grid: SessionGrid, config: LightConfig) -> dict[str, tuple[float, float]]:
    """What is searched, and between which limits."""
    ranges: dict[str, tuple[float, float]] = {name: getattr(config, name) for name in SEARCHED}
    if config.pause_luminance is None and grid.has_pauses:
        ranges["pause_luminance"] = (0.0, 1.0)
    if grid.around is not None:
        ranges["gaze_weight"] = (0.0, 1.0)
    return ranges


def _parameters(
    ranges: dict[str, tuple[float, float]], share: Float[ndarray, " P"], config: LightConfig
) -> LightParameters:
    """From places in the ranges, 0 to 1, to values; logarithmic where the lower limit is above 0."""
    values = {"pause_luminance": config.pause_luminance or 0.0, "gaze_weight": 0.0}
    for (name, (low, high)), place in zip(ranges.items(), share.tolist(), strict=True):
        values[name] = low * (high / low) ** place if low > 0 else low + (high - low) * place
    return LightParameters(**values)


def _gain(pupil: Float[ndarray, " N"], course: Float[ndarray, " N"], grid: SessionGrid) -> float:
    """How much of `course` is in the pupil of one eye, beside everything that is no light; NaN for a lost eye."""
    known = np.isfinite(pupil)
    if known.sum() <= grid.other.shape[1] + 1:
        return float("nan")
    without_other = Projection(grid.other[known])
    light = without_other(course[known])
    return float(light @ without_other(pupil[known]) / (light @ light))


def _screen_area_deg2(screen: Screen | None) -> float:
    if screen is None or screen.size_mm is None or screen.distance_mm is None:
        return EXTENT_DEG[0] * EXTENT_DEG[1]
    width, height = screen_extent_deg(screen)
    return width * height
