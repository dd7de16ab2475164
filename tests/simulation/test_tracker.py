from dataclasses import replace

import numpy as np
import pytest

from emogap.simulation.blinks import COVERED_BELOW
from emogap.simulation.cohort import Cohort, draw_cohort
from emogap.simulation.config import BlinkConfig, PupilConfig, SimulationConfig, TrackerConfig
from emogap.simulation.session import SCREEN_MM, Eyes, Timeline, plan_session, run_session
from emogap.simulation.tracker import FIXATION, LOST, SACCADE, Measured, measure, to_screen_mm

CONFIG = SimulationConfig(participants=2, stimuli=5, clip_s=6.0, seed=3)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return draw_cohort(CONFIG)


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return plan_session(CONFIG, 1)


@pytest.fixture(scope="module")
def eyes(cohort: Cohort, timeline: Timeline) -> Eyes:
    return run_session(cohort, 1, timeline)


@pytest.fixture(scope="module")
def measured(cohort: Cohort, eyes: Eyes) -> Measured:
    return measure(eyes, cohort.people[1], CONFIG, np.random.default_rng(0))


def measure_without_bursts(eyes: Eyes, cohort: Cohort) -> Measured:
    steady = CONFIG.model_copy(update={"tracker": TrackerConfig(loss_rate_per_min=0.0)})
    return measure(eyes, cohort.people[1], steady, np.random.default_rng(0))


def test_every_stimulus_is_shown_once_with_a_pause_before_each(timeline: Timeline) -> None:
    assert sorted(trial.stimulus for trial in timeline.trials) == [0, 1, 2, 3, 4]
    onsets = np.array([trial.onset_s for trial in timeline.trials])
    assert np.diff(onsets) == pytest.approx(7.5)
    assert onsets[0] == pytest.approx(1.5)
    assert timeline.length_s == pytest.approx(5 * 7.5 + 1.5)


def test_people_see_the_films_in_orders_of_their_own() -> None:
    orders = [[trial.stimulus for trial in plan_session(SimulationConfig(), number).trials] for number in (0, 1)]
    assert orders[0] != orders[1]


def test_tracks_are_lost_in_blinks_and_only_there_when_there_are_no_bursts(cohort: Cohort, eyes: Eyes) -> None:
    steady = measure_without_bursts(eyes, cohort)
    assert np.array_equal(steady.valid, np.repeat(eyes.lid_opening[:, None] > COVERED_BELOW, 2, axis=1))


def test_the_time_lost_in_each_blink_is_its_duration(cohort: Cohort, eyes: Eyes) -> None:
    lost = ~measure_without_bursts(eyes, cohort).valid[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int), [0]])))
    lengths_s = (edges[1::2] - edges[::2]) / CONFIG.rate_hz
    assert lengths_s == pytest.approx(eyes.blinks.offset_s - eyes.blinks.onset_s, abs=1.5 / CONFIG.rate_hz)


def test_the_pupil_seems_narrow_and_low_at_the_edges_of_a_blink(cohort: Cohort, eyes: Eyes) -> None:
    steady = measure_without_bursts(eyes, cohort)
    edge = steady.valid.all(axis=1) & (eyes.lid_opening < 0.6)
    open_eye = steady.valid.all(axis=1) & (eyes.lid_opening == 1)
    shrink = steady.pupil_mm[:, 0] / (eyes.pupil_mm + cohort.people[1].anisocoria_mm / 2)
    assert edge.any()
    assert np.median(shrink[edge]) < 0.9 < 0.97 < np.median(shrink[open_eye])
    drop = steady.gaze_mm[:, 0, 1] - to_screen_mm(eyes.gaze_deg)[:, 1]
    assert np.median(drop[edge]) < np.median(drop[open_eye]) - 3


def test_missing_is_nan_and_invalid_in_everything_at_once(measured: Measured) -> None:
    for values in (measured.gaze_mm, measured.origin_mm, measured.pupil_mm[..., None]):
        assert np.array_equal(np.isnan(values).any(axis=2), ~measured.valid)
    assert 0.005 < (~measured.valid).mean() < 0.2


def test_one_eye_is_sometimes_lost_alone(cohort: Cohort, eyes: Eyes) -> None:
    often = CONFIG.model_copy(update={"tracker": TrackerConfig(loss_rate_per_min=60.0, one_eye_share=0.5)})
    valid = measure(eyes, cohort.people[1], often, np.random.default_rng(0)).valid
    assert (valid[:, 0] & ~valid[:, 1]).any()
    assert (~valid[:, 0] & valid[:, 1]).any()


def test_glasses_lose_the_track_more_often(cohort: Cohort, eyes: Eyes) -> None:
    often = CONFIG.model_copy(update={"tracker": TrackerConfig(loss_rate_per_min=40.0, glasses_factor=3.0)})
    share = [
        (~measure(eyes, replace(cohort.people[1], has_glasses=worn), often, np.random.default_rng(0)).valid).mean()
        for worn in (False, True)
    ]
    assert share[1] > 1.5 * share[0]


def test_noise_has_the_stated_spread_in_each_eye(cohort: Cohort, eyes: Eyes) -> None:
    person = replace(cohort.people[1], log_noise=0.0)
    steady = measure(eyes, person, CONFIG, np.random.default_rng(0))
    calm = (eyes.lid_opening == 1)[:, None] & steady.valid
    angle = np.degrees(np.arctan((steady.gaze_mm - np.array(SCREEN_MM) / 2) / 650.0))
    error = angle - eyes.gaze_deg[:, None, :] - person.accuracy_deg
    assert error[calm].std() == pytest.approx(0.10, rel=0.03)
    assert error[calm].mean() == pytest.approx(0.0, abs=0.01)


def test_event_kinds_are_those_of_the_planted_movements(eyes: Eyes, measured: Measured) -> None:
    tracked = measured.valid.any(axis=1)
    assert ((measured.kind == LOST) == ~tracked).all()
    saccades = np.zeros(len(eyes.time_s), bool)
    path = eyes.path
    for start_s, stop_s in zip(path.fixation_offset_s[:-1], path.fixation_onset_s[1:], strict=True):
        saccades |= (eyes.time_s >= start_s) & (eyes.time_s < stop_s)
    assert ((measured.kind == SACCADE) == (saccades & tracked)).all()
    assert (measured.kind == FIXATION).mean() > 0.7


def test_timestamps_start_at_zero_and_increase(measured: Measured) -> None:
    assert measured.time_us[0] == 0
    assert np.diff(measured.time_us).min() > 0


def test_without_any_effect_two_people_have_pupils_of_one_size_before_the_first_film() -> None:
    quiet = SimulationConfig(
        participants=2,
        stimuli=1,
        person_effect=0,
        pupil=PupilConfig(hippus_sd_mm=0.0),
        blinks=BlinkConfig(rate_per_min=0.0),
    )
    cohort = draw_cohort(quiet)
    first, second = (run_session(cohort, number, plan_session(quiet, number)).pupil_mm[:180] for number in (0, 1))
    assert np.array_equal(first, second)
