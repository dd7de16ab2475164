import numpy as np
import pytest

from emogap.simulation.blinks import COVERED_BELOW, Blinks, BlinkSpan, draw_blinks, lid_opening
from emogap.simulation.config import BlinkConfig

CONFIG = BlinkConfig()


def test_durations_and_rate_are_those_of_the_configuration() -> None:
    blinks = draw_blinks([BlinkSpan(0, 6000)], CONFIG, np.random.default_rng(0))
    duration = blinks.offset_s - blinks.onset_s
    assert np.median(duration) == pytest.approx(0.16, rel=0.03)
    assert duration.min() > 0.0899
    assert duration.max() < 0.4001
    # A refractory time of 0.66 s after each blink thins 12 per minute to 12 / (1 + 0.2 * 0.66).
    assert len(duration) / 100 == pytest.approx(12 / (1 + 0.2 * 0.66), rel=0.06)


def test_blinks_keep_their_refractory_time() -> None:
    blinks = draw_blinks([BlinkSpan(0, 600, rate_cue=5.0)], CONFIG, np.random.default_rng(1))
    assert (blinks.onset_s[1:] - blinks.offset_s[:-1]).min() >= CONFIG.refractory_s


def test_a_higher_cue_means_more_blinks() -> None:
    calm, lively = (
        len(draw_blinks([BlinkSpan(0, 3000, cue)], CONFIG, np.random.default_rng(2)).onset_s) for cue in (-1.5, 1.5)
    )
    assert lively > 1.8 * calm


def test_the_pupil_is_covered_exactly_from_onset_to_offset() -> None:
    blinks = Blinks(np.array([1.0, 3.0]), np.array([1.2, 3.1]))
    time_s = np.arange(5000) / 1000
    covered = lid_opening(blinks, time_s, CONFIG) < COVERED_BELOW - 1e-9
    planted = ((time_s > 1.0) & (time_s < 1.2)) | ((time_s > 3.0) & (time_s < 3.1))
    assert (covered == planted).mean() > 0.999


def test_lids_close_faster_than_they_open() -> None:
    opening = lid_opening(Blinks(np.array([1.0]), np.array([1.2])), np.arange(2000) / 1000, CONFIG)
    assert opening.min() == 0
    moving_down = ((opening < 1) & (np.arange(2000) < 1000)).sum()
    moving_up = ((opening < 1) & (np.arange(2000) > 1200)).sum()
    assert moving_up == pytest.approx(2 * moving_down, rel=0.1)


def test_eyes_without_blinks_stay_open() -> None:
    assert (lid_opening(Blinks(np.empty(0), np.empty(0)), np.arange(7.0), CONFIG) == 1).all()
