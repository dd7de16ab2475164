"""Whether the dilation that a simulated cohort plants under a light reflex is found again.

What is compared was fixed before the method was tried. *Planted*: the course of the dilation that arousal adds, in mm,
computed in memory from the drawn cues; the study's files do not hold it. *Found*: the mean of both pupils, read from
the files, without outliers, after the light reflex was removed. *Uncorrected*: the same without that step.
``course``: r over all samples inside the clips of one participant. ``clip_mean``: r over the clips of one participant
of the mean from 2 s after the onset to the end. Printed: mean over participants, and the least.

The simulator's reflex follows the unified formula with a first-order lag, and what is fitted contains that form (its
constants are found in the pupil, not taken over). ``other_form`` therefore plants a reflex of another form: linear in
the logarithm of luminance, through one smooth kernel, (t/T exp(1 - t/T))^4 with T = 0.5 s, for both directions.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.signal import fftconvolve, lfilter

from emogap.errors import DataError
from emogap.preprocessing.pupil_baseline import correct_baseline
from emogap.preprocessing.pupil_light import LightConfig, remove_light_reflex
from emogap.preprocessing.pupil_outliers import remove_pupil_outliers
from emogap.recording import open_recording
from emogap.recording.luminance import read_study_luminance
from emogap.recording.study import open_study
from emogap.simulation import SimulationConfig, simulate_study
from emogap.simulation.affect import EYE_CUES
from emogap.simulation.cohort import Cohort, draw_cohort
from emogap.simulation.config import PupilConfig
from emogap.simulation.pupils import arousal_dilation_mm
from emogap.simulation.session import plan_session
from emogap.types import Recording, StimulusLuminance
from slow_checks._evidence import write_evidence

OTHER_SHAPE, OTHER_PEAK_S, OTHER_PAUSE = 4.0, 0.5, 0.2

SETTLED_S = 2.0
"""Arousal is in full from about 2 s on: Bradley et al. (2008), doi:10.1111/j.1469-8986.2008.00654.x."""

Luminance = Mapping[str, StimulusLuminance]

STUDIES = {
    "default": SimulationConfig(video=False),
    "half_the_arousal": SimulationConfig(video=False, pupil=PupilConfig(mm_per_cue=0.06)),
    "harder_cuts": SimulationConfig(video=False, stimulus_effect=2.0),
    "harder_cuts_half_the_arousal": SimulationConfig(
        video=False, stimulus_effect=2.0, pupil=PupilConfig(mm_per_cue=0.06)
    ),
    "no_arousal": SimulationConfig(video=False, pupil=PupilConfig(mm_per_cue=0.0)),
}

CORRECTIONS: dict[str, Callable[[Recording, Luminance], Recording]] = {
    "uncorrected": lambda recording, luminance: recording,
    "baseline_alone": lambda recording, luminance: correct_baseline(recording),
    "light_removed": remove_light_reflex,
}

WRONG_ASSUMPTIONS: dict[str, Callable[[Recording, Luminance], Recording]] = {
    "light_removed_screen_four_times_as_bright": lambda recording, luminance: remove_light_reflex(
        recording, luminance, LightConfig(white_cd_m2=400.0)
    ),
    "light_removed_luminance_100_ms_late": lambda recording, luminance: remove_light_reflex(
        recording, _late(luminance, 0.1)
    ),
}


def _late(luminance: Luminance, delay_s: float) -> Luminance:
    return {name: StimulusLuminance(curve.time_s + delay_s, curve.luminance) for name, curve in luminance.items()}


def planted_mm(cohort: Cohort, person: int, time_s: np.ndarray) -> np.ndarray:
    """The course of the dilation that arousal adds, on the tracker's time base."""
    config = cohort.config
    asked = np.zeros(len(time_s))
    for trial in plan_session(config, person).trials:
        on = (time_s >= trial.onset_s - 1e-3) & (time_s < trial.offset_s - 1e-3)
        cue = cohort.clips[person][trial.stimulus].eye_cue[EYE_CUES.index("pupil")]
        asked[on] = config.pupil.mm_per_cue * cue
    return arousal_dilation_mm(asked, config.rate_hz, config.pupil)


def read_session(study: Path, number: int) -> Recording:
    """One session as a laboratory has it: the vendor's file and trials.tsv; without pupil outliers."""
    session = open_study(study).sessions[number]
    recording = open_recording(session.gaze_path)
    return remove_pupil_outliers(
        dataclasses.replace(recording, stimuli=tuple(trial.interval for trial in session.trials))
    )


def with_other_reflex(
    recording: Recording, planted: np.ndarray, luminance: Luminance, rng: np.random.Generator
) -> Recording:
    """The session with another pupil: a reflex of another form, the planted dilation, and noise of the same size."""
    gaze = recording.gaze
    assert gaze is not None
    assert gaze.pupil is not None
    level = np.full(len(gaze.time_s), OTHER_PAUSE)
    for stimulus in recording.stimuli:
        on = (gaze.time_s >= stimulus.onset_s) & (gaze.time_s < stimulus.offset_s)
        curve = luminance[stimulus.stimulus_id]
        level[on] = np.interp(gaze.time_s[on] - stimulus.onset_s, curve.time_s, curve.luminance)
    lag = np.arange(0, 4, 1 / gaze.rate_hz) / OTHER_PEAK_S
    kernel = (lag * np.exp(1 - lag)) ** OTHER_SHAPE
    drive = np.log10(level + 0.05)
    padded = np.concatenate([np.full(len(kernel), drive[0]), drive])
    reflex = -fftconvolve(padded, kernel / kernel.sum())[len(kernel) : len(padded)]
    keep = np.exp(-1 / (0.8 * gaze.rate_hz))
    hippus = lfilter([1.0], [1.0, -keep], 0.05 * np.sqrt(1 - keep**2) * rng.normal(size=len(level)))
    pupil = (4.0 + reflex + planted + hippus)[:, None] + 0.015 * rng.normal(size=gaze.pupil.shape)
    pupil[~np.isfinite(gaze.pupil)] = np.nan
    return dataclasses.replace(recording, gaze=dataclasses.replace(gaze, pupil=pupil))


def compared(recording: Recording, planted: np.ndarray) -> dict[str, float]:
    """Correlations of one participant's pupil with what was planted, and the spread of its clip means in mm."""
    gaze = recording.gaze
    assert gaze is not None
    assert gaze.pupil is not None
    known = np.isfinite(gaze.pupil)
    pupil = np.where(known, gaze.pupil, 0).sum(axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    inside, means = np.zeros(len(pupil), bool), []
    for stimulus in recording.stimuli:
        on = (gaze.time_s >= stimulus.onset_s) & (gaze.time_s < stimulus.offset_s) & np.isfinite(pupil)
        inside |= on
        late = on & (gaze.time_s >= stimulus.onset_s + SETTLED_S)
        if late.any():
            means.append((pupil[late].mean(), planted[late].mean()))
    found, truth = np.array(means).T
    spread = {"clip_mean_sd_mm": float(found.std(ddof=1))}
    if not truth.any():
        return spread
    return spread | {
        "course": float(np.corrcoef(pupil[inside], planted[inside])[0, 1]),
        "clip_mean": float(np.corrcoef(found, truth)[0, 1]),
    }


def summary(rows: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and least over participants of every number."""
    return {
        name: {
            "mean": round(float(np.mean([row[name] for row in rows])), 4),
            "least": round(float(np.min([row[name] for row in rows])), 4),
        }
        for name in rows[0]
    }


def measure(
    study: Path, config: SimulationConfig, corrections: Mapping[str, Callable[[Recording, Luminance], Recording]]
) -> dict[str, object]:
    """Every correction on every participant of one simulated study."""
    cohort, luminance = draw_cohort(config), read_study_luminance(study)
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in corrections}
    fits: list[dict[str, float]] = []
    refused = 0
    for number in range(config.participants):
        recording = read_session(study, number)
        assert recording.gaze is not None
        planted = planted_mm(cohort, number, recording.gaze.time_s)
        for name, correct in corrections.items():
            try:
                corrected = correct(recording, luminance)
            except DataError:
                refused += 1
                continue
            rows[name].append(compared(corrected, planted))
            if name == "light_removed":
                found = corrected.steps[-1].parameters
                fits.append({"r2_removed": float(np.mean(found["r2_removed"]))})  # type: ignore[arg-type]
    return {
        "participants": config.participants,
        "clips_each": config.stimuli,
        "refused": refused,
        "r2_removed": summary(fits)["r2_removed"],
        **{name: summary(each) for name, each in rows.items()},
    }


def measure_other_form(study: Path, config: SimulationConfig) -> dict[str, object]:
    """The same where the reflex is of another form than the one that is fitted."""
    cohort, luminance = draw_cohort(config), read_study_luminance(study)
    rows: dict[str, list[dict[str, float]]] = {"uncorrected": [], "light_removed": []}
    for number in range(config.participants):
        recording = read_session(study, number)
        assert recording.gaze is not None
        planted = planted_mm(cohort, number, recording.gaze.time_s)
        other = with_other_reflex(recording, planted, luminance, np.random.default_rng(number))
        rows["uncorrected"].append(compared(other, planted))
        rows["light_removed"].append(compared(remove_light_reflex(other, luminance), planted))
    return {name: summary(each) for name, each in rows.items()}


def run() -> None:
    start_s = time.perf_counter()
    results: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        for name, config in STUDIES.items():
            study = simulate_study(Path(folder) / name, config, jobs=1)
            chosen = CORRECTIONS | WRONG_ASSUMPTIONS if name == "default" else CORRECTIONS
            results[name] = measure(study, config, chosen)
            print(name, results[name])
        results["other_form"] = measure_other_form(Path(folder) / "default", STUDIES["default"])
        print("other_form", results["other_form"])
    write_evidence("light_reflex", {**results, "seconds": round(time.perf_counter() - start_s, 1)})
