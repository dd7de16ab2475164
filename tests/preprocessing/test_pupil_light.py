"""The light reflex: on the simulator, and on reflexes of another form than the one that is fitted."""

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from emogap.errors import DataError, UsageError
from emogap.preprocessing.light_response import follow_light
from emogap.preprocessing.pipeline import PRESETS, clean
from emogap.preprocessing.pupil_baseline import BaselineConfig
from emogap.preprocessing.pupil_light import LightConfig, fit_light_reflex, remove_light_reflex
from emogap.preprocessing.pupil_outliers import OutlierConfig
from emogap.recording.luminance import read_study_luminance
from emogap.simulation import SimulationConfig, simulate_study
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import PupilConfig
from emogap.types import Recording, StimulusInterval, StimulusLuminance
from slow_checks.light_reflex import compared, planted_mm, read_session, with_other_reflex
from tests.preprocessing.planted_gaze import NAN, eyes, recording

COHORT = SimulationConfig(participants=4, video=False)
"""The first people of the default study; docs/evidence/light_reflex.json has all of them, and other studies."""

HARDER = SimulationConfig(
    participants=4, video=False, stimulus_effect=2.0, pupil=PupilConfig(mm_per_cue=COHORT.pupil.mm_per_cue / 2)
)
"""Films that jump between black and white, and arousal half as strong; over all 24 people r is 0.41 uncorrected."""


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("light")
    return {
        name: simulate_study(folder / name, config, jobs=1) for name, config in (("default", COHORT), ("hard", HARDER))
    }


def correlations(study: Path, config: SimulationConfig) -> tuple[dict[str, float], dict[str, float]]:
    """Mean over the people without and with the correction, as slow_checks/light_reflex.py defines them."""
    cohort, luminance = draw_cohort(config), read_study_luminance(study)
    without, removed = [], []
    for person in range(config.participants):
        session = read_session(study, person)
        assert session.gaze is not None
        planted = planted_mm(cohort, person, session.gaze.time_s)
        without.append(compared(session, planted))
        removed.append(compared(remove_light_reflex(session, luminance), planted))
    names = ("course", "clip_mean")
    return tuple({name: float(np.mean([row[name] for row in rows])) for name in names} for rows in (without, removed))  # type: ignore[return-value]


def test_planted_dilation_is_found_again_in_the_default_study(studies: dict[str, Path]) -> None:
    without, removed = correlations(studies["default"], COHORT)
    assert removed["course"] > 0.9
    assert removed["clip_mean"] > 0.95
    assert without["course"] < 0.7
    assert without["clip_mean"] < 0.85


def test_weak_dilation_under_hard_cuts_is_lost_without_the_correction(studies: dict[str, Path]) -> None:
    without, removed = correlations(studies["hard"], HARDER)
    assert without["clip_mean"] < 0.6 < 0.9 < removed["clip_mean"]


def test_a_reflex_of_another_form_is_removed_too(studies: dict[str, Path]) -> None:
    """Linear in log luminance, one smooth kernel for both directions."""
    cohort, luminance = draw_cohort(COHORT), read_study_luminance(studies["default"])
    session = read_session(studies["default"], 1)
    assert session.gaze is not None
    planted = planted_mm(cohort, 1, session.gaze.time_s)
    other = with_other_reflex(session, planted, luminance, np.random.default_rng(7))
    assert compared(other, planted)["course"] < 0.7
    assert compared(remove_light_reflex(other, luminance), planted)["course"] > 0.9


FILMS = tuple(StimulusInterval(f"film{number}", 2.0 + 7.0 * number, 7.0 + 7.0 * number) for number in range(5))


@cache
def shots() -> dict[str, StimulusLuminance]:
    rng = np.random.default_rng(11)
    return {
        film.stimulus_id: StimulusLuminance(np.array([0.0, 1.3, 3.1]), np.round(rng.uniform(0.05, 0.9, 3), 3))
        for film in FILMS
    }


def level_at(time_s: np.ndarray, *, pause: float = 0.3) -> np.ndarray:
    level = np.full(len(time_s), pause)
    for film in FILMS:
        on = (time_s >= film.onset_s) & (time_s < film.offset_s)
        curve = shots()[film.stimulus_id]
        level[on] = curve.luminance[np.searchsorted(curve.time_s, time_s[on] - film.onset_s + 1e-9, side="right") - 1]
    return level


def lit_session(*, sign: float = -1.0, pause: float = 0.3, rate_hz: float = 90.0) -> Recording:
    """37 s of two eyes: 1 mm per decade of light, delayed by 0.3 s and slowed by 0.4 s; the right eye twice as much."""
    time_s = np.arange(round(37 * rate_hz)) / rate_hz
    drive = sign * np.log10(level_at(time_s - 0.3, pause=pause) + 0.1)
    light = follow_light(drive, step_s=1 / rate_hz, constriction_s=0.4, dilation_s=0.4)
    noise = 0.01 * np.random.default_rng(2).normal(size=(2, len(time_s)))
    pupil = [(4 + light + noise[0]).tolist(), (5 + 2 * light + noise[1]).tolist()]
    gaze = eyes([np.zeros(len(time_s)).tolist()] * 2, rate_hz=rate_hz, pupil=pupil)
    return recording(gaze, stimuli=FILMS)


def pupil_of(result: Recording) -> np.ndarray:
    assert result.gaze is not None
    assert result.gaze.pupil is not None
    return result.gaze.pupil


def with_pupil(session: Recording, pupil: np.ndarray) -> Recording:
    assert session.gaze is not None
    return dataclasses.replace(session, gaze=dataclasses.replace(session.gaze, pupil=pupil))


def test_each_eye_has_its_gain_and_what_was_removed_is_reported() -> None:
    result = remove_light_reflex(lit_session(), shots())
    found = result.steps[-1].parameters
    gain, r2 = found["gain"], found["r2_removed"]
    assert isinstance(gain, tuple)
    assert isinstance(r2, tuple)
    assert gain[1] / gain[0] == pytest.approx(2, rel=0.02)
    assert min(r2) > 0.97
    assert pupil_of(result).std(axis=0) == pytest.approx([0, 0], abs=0.1)
    assert pupil_of(result).mean(axis=0) == pytest.approx(pupil_of(lit_session()).mean(axis=0))
    assert result.gaze is not None
    assert result.gaze.pupil_altered is not None
    assert result.gaze.pupil_altered.all()


def test_latency_and_the_light_of_the_pauses_come_from_the_data() -> None:
    found = fit_light_reflex(lit_session(pause=0.7), shots())
    assert found.latency_s == pytest.approx(0.3, abs=0.05)
    assert found.pause_luminance == pytest.approx(0.7, abs=0.15)
    assert found.at_limit == ()


def test_dilation_that_goes_with_a_bright_clip_is_not_taken_for_light() -> None:
    """In the brightest film the pupil is 0.4 mm wider all the time: the opposite of light."""
    session = lit_session()
    assert session.gaze is not None
    brightest = max(FILMS, key=lambda film: shots()[film.stimulus_id].luminance.mean())
    on = (session.gaze.time_s >= brightest.onset_s + 1) & (session.gaze.time_s < brightest.offset_s)
    wider = with_pupil(session, pupil_of(session) + 0.4 * on[:, None])
    left = pupil_of(remove_light_reflex(wider, shots()))[:, 0]
    assert left[on].mean() - left[~on].mean() == pytest.approx(0.4, abs=0.08)


def test_luminance_around_the_gaze_is_weighed_against_the_whole() -> None:
    session = lit_session()
    assert session.gaze is not None
    elsewhere = {name: StimulusLuminance(curve.time_s + 0.7, 1 - curve.luminance) for name, curve in shots().items()}
    around = level_at(session.gaze.time_s)
    around[::17] = NAN
    assert fit_light_reflex(session, elsewhere, around_gaze=around).gaze_weight > 0.9
    noise = np.random.default_rng(5).uniform(0, 1, len(around))
    assert fit_light_reflex(session, shots(), around_gaze=noise).gaze_weight < 0.1


def test_a_lost_eye_does_not_stop_the_other() -> None:
    lost = pupil_of(lit_session()).copy()
    lost[:, 0] = NAN
    result = remove_light_reflex(with_pupil(lit_session(), lost), shots())
    assert np.isnan(pupil_of(result)[:, 0]).all()
    assert pupil_of(result)[:, 1].std() < 0.2


def test_a_pupil_that_grows_with_light_is_refused() -> None:
    with pytest.raises(DataError, match="does not narrow with light"):
        fit_light_reflex(lit_session(sign=1.0), shots())


def test_a_screen_that_does_not_change_has_no_reflex() -> None:
    steady = {name: StimulusLuminance(np.array([0.0]), np.array([0.3])) for name in shots()}
    with pytest.raises(DataError, match="luminance hardly changes"):
        fit_light_reflex(lit_session(), steady, LightConfig(pause_luminance=0.3))


def test_a_single_clip_is_too_little() -> None:
    session = lit_session()
    few = np.where(np.arange(len(pupil_of(session)))[:, None] < 900, pupil_of(session), NAN)
    with pytest.raises(DataError, match=r"10\.0 s of pupil are too little"):
        fit_light_reflex(with_pupil(session, few), shots())


def test_a_stimulus_without_luminance_is_named() -> None:
    some = {name: curve for name, curve in shots().items() if name != "film3"}
    with pytest.raises(UsageError, match="1 stimulus has no luminance: film3"):
        fit_light_reflex(lit_session(), some)


def test_a_session_that_does_not_say_what_was_on_is_refused() -> None:
    with pytest.raises(UsageError, match="does not say what was shown when"):
        fit_light_reflex(dataclasses.replace(lit_session(), stimuli=()), shots())


def test_limits_stand_in_order() -> None:
    with pytest.raises(ValidationError, match="the lesser first"):
        LightConfig(latency_s=(0.5, 0.2))


def test_cleaning_applies_what_is_asked_for_in_order() -> None:
    config = PRESETS["standard"].model_copy(
        update={"pupil_outliers": OutlierConfig(), "light_reflex": LightConfig(), "baseline": BaselineConfig()}
    )
    cleaned = clean(lit_session(), config, luminance=shots())
    assert [step.name for step in cleaned.steps] == [
        "detect_events",
        "remove_pupil_outliers",
        "remove_light_reflex",
        "correct_baseline",
        "fill_gaps",
    ]
    assert cleaned.gaze is not None
    assert cleaned.gaze.pupil_unit == "mm_from_baseline"


def test_cleaning_without_luminance_says_where_it_comes_from() -> None:
    config = PRESETS["standard"].model_copy(update={"light_reflex": LightConfig()})
    with pytest.raises(UsageError, match="read_study_luminance"):
        clean(lit_session(), config)
