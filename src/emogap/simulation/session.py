"""One person's session as it happened: timeline, eyes, lids and pupils, before anything is measured.

Read in this order: :class:`Timeline`, :class:`Eyes`, :func:`plan_session`, :func:`run_session`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.affect import EYE_CUES
from emogap.simulation.blinks import Blinks, BlinkSpan, draw_blinks, lid_opening
from emogap.simulation.cohort import Clip, Cohort, Person, Stimulus, shown_stimuli
from emogap.simulation.config import SimulationConfig
from emogap.simulation.eye_movements import GazePath, Scene, drift_deg, move_eyes, position_deg
from emogap.simulation.pupils import (
    REFERENCE_AGE_YEARS,
    arousal_dilation_mm,
    hippus_mm,
    light_reflex_mm,
    steady_diameter_mm,
)
from emogap.simulation.randomness import stream

__all__ = [
    "FLASH_S",
    "SCREEN_DISTANCE_MM",
    "SCREEN_MM",
    "SCREEN_PX",
    "Eyes",
    "Timeline",
    "Trial",
    "plan_session",
    "run_session",
]

SCREEN_PX = (1920, 1080)
SCREEN_MM = (527.0, 296.5)
SCREEN_DISTANCE_MM = 650.0
SCREEN_AREA_DEG2 = 2 * 22.1 * 2 * 12.8
"""Area of the lit screen seen from 650 mm, in square degrees."""

GREY_LUMINANCE = 0.35
FLASH_S = 0.12
"""Long enough for three frames of the face video. Choice."""
CROSS_SPREAD_DEG = 0.3
"""Spread of fixations on the cross between clips. Choice."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A stimulus on the screen; `stimulus` is its index in the cohort."""

    stimulus: int
    onset_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The trials of a session in the order of presentation, and its length; zero is the first gaze sample.

    `flashes_s` are the onsets of white flashes of the screen between the trials, each `FLASH_S` long.
    """

    trials: tuple[Trial, ...]
    length_s: float
    flashes_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """What the eyes did, on the tracker's time base of T samples.

    Attributes
    ----------
    time_s : float64 array (T,)
    gaze_deg : float64 array (T, 2)
        Where both eyes point, deg from the centre of the screen, x right, y up.
    lid_opening : float64 array (T,)
        1 = open, 0 = closed.
    pupil_mm : float64 array (T,)
        True diameter, mean of both eyes.
    path : GazePath
    blinks : Blinks
    """

    time_s: Float[ndarray, " T"]
    gaze_deg: Float[ndarray, "T 2"]
    lid_opening: Float[ndarray, " T"]
    pupil_mm: Float[ndarray, " T"]
    path: GazePath
    blinks: Blinks


def plan_session(config: SimulationConfig, person_number: int) -> Timeline:
    """The timeline of one participant: what they are shown, once, in an order of their own, a cross before each.

    Notes
    -----
    Times are multiples of the sampling interval, so that every clip holds the same number of samples.
    """
    order = stream(config.seed, "order", person_number).permutation(config.stimuli)
    order = order[np.isin(order, shown_stimuli(config)[person_number])]
    pause = round(config.pause_s * config.rate_hz)
    length = round(config.clip_s * config.rate_hz)
    onsets = pause + np.arange(len(order)) * (pause + length)
    trials = tuple(
        Trial(int(stimulus), float(onset / config.rate_hz), float((onset + length) / config.rate_hz))
        for stimulus, onset in zip(order, onsets, strict=True)
    )
    length_s = float((onsets[-1] + length + pause) / config.rate_hz)
    return Timeline(trials, length_s, _flashes_s(config, trials, length_s))


def _flashes_s(config: SimulationConfig, trials: tuple[Trial, ...], length_s: float) -> tuple[float, ...]:
    """Onsets of the flashes: in the middle of pauses spread over the session, the first and the last among them."""
    pauses_s = np.append([trial.onset_s for trial in trials], length_s) - config.pause_s / 2
    chosen = np.unique(np.rint(np.linspace(0, len(trials), config.screen_flashes)).astype(int))
    return tuple(float(time_s) for time_s in pauses_s[chosen])


def run_session(cohort: Cohort, person_number: int, timeline: Timeline) -> Eyes:
    """What the eyes of one participant did during a session."""
    config, person, clips = cohort.config, cohort.people[person_number], cohort.clips[person_number]
    rng = stream(config.seed, "eyes", person_number)
    time_s = np.arange(round(timeline.length_s * config.rate_hz)) / config.rate_hz
    scenes = _scenes(timeline, cohort.stimuli, clips)
    path = move_eyes(scenes, config.oculomotor, rng, log_velocity=person.log_velocity)
    spans = _blink_spans(timeline, clips)
    blinks = draw_blinks(spans, config.blinks, rng, log_rate=person.log_blink_rate)
    drift = drift_deg(len(time_s), config.rate_hz, config.oculomotor, rng)
    return Eyes(
        time_s=time_s,
        gaze_deg=position_deg(path, time_s, config.oculomotor) + drift,
        lid_opening=lid_opening(blinks, time_s, config.blinks),
        pupil_mm=_pupil_mm(config, person, cohort.stimuli, clips, timeline, time_s, rng),
        path=path,
        blinks=blinks,
    )


def _cue(clip: Clip, name: str) -> float:
    return float(clip.eye_cue[EYE_CUES.index(name)])


def _scenes(timeline: Timeline, stimuli: tuple[Stimulus, ...], clips: tuple[Clip, ...]) -> list[Scene]:
    """Cross, clip, cross, clip, ... and a last cross."""
    scenes, now_s = [], 0.0
    for trial in timeline.trials:
        stimulus, clip = stimuli[trial.stimulus], clips[trial.stimulus]
        scenes.append(_cross(now_s, trial.onset_s))
        scenes.append(
            Scene(
                trial.onset_s,
                trial.offset_s,
                stimulus.attractor_deg,
                stimulus.attractor_phase,
                stimulus.attractor_hz,
                duration_cue=_cue(clip, "fixation_duration"),
                breadth_cue=_cue(clip, "scan_breadth"),
                height_cue=_cue(clip, "gaze_height"),
            )
        )
        now_s = trial.offset_s
    scenes.append(_cross(now_s, timeline.length_s))
    return scenes


def _cross(onset_s: float, offset_s: float) -> Scene:
    return Scene(onset_s, offset_s, np.zeros((1, 2)), np.zeros(1), np.zeros(1), place_sd_deg=CROSS_SPREAD_DEG)


def _blink_spans(timeline: Timeline, clips: tuple[Clip, ...]) -> list[BlinkSpan]:
    spans, now_s = [], 0.0
    for trial in timeline.trials:
        spans.append(BlinkSpan(now_s, trial.onset_s))
        spans.append(BlinkSpan(trial.onset_s, trial.offset_s, _cue(clips[trial.stimulus], "blink_rate")))
        now_s = trial.offset_s
    spans.append(BlinkSpan(now_s, timeline.length_s))
    return spans


def _pupil_mm(
    config: SimulationConfig,
    person: Person,
    stimuli: tuple[Stimulus, ...],
    clips: tuple[Clip, ...],
    timeline: Timeline,
    time_s: Float[ndarray, " T"],
    rng: np.random.Generator,
) -> Float[ndarray, " T"]:
    luminance = np.full(len(time_s), GREY_LUMINANCE)
    dilation = np.zeros(len(time_s))
    for trial in timeline.trials:
        here = slice(*np.searchsorted(time_s, [trial.onset_s - 1e-9, trial.offset_s - 1e-9]))
        stimulus = stimuli[trial.stimulus]
        shot = np.searchsorted(stimulus.luminance_time_s, time_s[here] - trial.onset_s + 1e-9, side="right") - 1
        luminance[here] = stimulus.luminance[np.maximum(shot, 0)]
        dilation[here] = config.pupil.mm_per_cue * _cue(clips[trial.stimulus], "pupil")
    for flash_s in timeline.flashes_s:
        luminance[slice(*np.searchsorted(time_s, [flash_s, flash_s + FLASH_S]))] = 1.0
    screen = config.pupil.background_cd_m2 + config.pupil.white_cd_m2 * luminance
    age_years = REFERENCE_AGE_YEARS + config.person_effect * (person.age - REFERENCE_AGE_YEARS)
    steady = steady_diameter_mm(screen, area_deg2=SCREEN_AREA_DEG2, age_years=age_years)
    light = light_reflex_mm(steady * np.exp(person.log_pupil), config.rate_hz, config.pupil)
    arousal = arousal_dilation_mm(dilation, config.rate_hz, config.pupil)
    pupil: Float[ndarray, " T"] = light + arousal + hippus_mm(len(time_s), config.rate_hz, config.pupil, rng)
    return pupil
