"""The 29 statistics against hand arithmetic and numpy."""

import numpy as np
import pytest

from emogap.learning.finetuning.gaze_statistics import gaze_statistics, statistic_names
from tests.learning.finetuning.miniature import CHANNELS

WINDOWS, FRAMES = 2, 9


def gaze() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(WINDOWS, FRAMES, 6)).astype(np.float32)


def named(values: np.ndarray, valid: np.ndarray, rate_hz: float = 10.0) -> dict[str, np.ndarray]:
    found = gaze_statistics(values, valid, CHANNELS, rate_hz)
    return dict(zip(statistic_names(CHANNELS), found.T, strict=True))


def test_two_eyes_give_29_numbers() -> None:
    found = gaze_statistics(gaze(), np.ones((WINDOWS, FRAMES), bool), CHANNELS, 10.0)
    assert found.shape == (WINDOWS, 29)
    assert len(set(statistic_names(CHANNELS))) == 29


def test_a_steady_movement_has_its_speed_and_no_acceleration() -> None:
    """0.3 to the right and 0.4 down per frame, at 10 frames a second: speed 5 a second."""
    values = np.zeros((1, FRAMES, 6))
    values[0, :, 0], values[0, :, 1] = 0.3 * np.arange(FRAMES), 0.4 * np.arange(FRAMES)
    found = named(values, np.ones((1, FRAMES), bool))
    assert found["mean speed of eye 0"][0] == pytest.approx(5)
    assert found["SD of speed of eye 0"][0] == pytest.approx(0, abs=1e-9)
    assert found["median speed of eye 0"][0] == pytest.approx(5)
    assert found["mean acceleration of eye 0"][0] == pytest.approx(0, abs=1e-9)
    assert found["mean speed of eye 1"][0] == 0
    assert found["mean gaze_0_x"][0] == pytest.approx(1.2)


def test_acceleration_is_the_change_of_velocity_per_second() -> None:
    """x = (0, 1, 0, 1): velocities 10, -10, 10 a second at 10 Hz, accelerations of 200."""
    values = np.zeros((1, 4, 6))
    values[0, :, 3] = [0, 1, 0, 1]
    assert named(values, np.ones((1, 4), bool))["mean acceleration of eye 1"][0] == pytest.approx(200)


def test_the_numbers_are_those_of_numpy() -> None:
    values = gaze()
    found = named(values, np.ones((WINDOWS, FRAMES), bool))
    speed = np.linalg.norm(np.diff(values[1, :, 3:], axis=0), axis=1) * 10
    assert found["95th percentile of speed of eye 1"][1] == pytest.approx(np.percentile(speed, 95), rel=1e-6)
    r = np.corrcoef(values[1, :, 1], values[1, :, 4])[0, 1]
    assert found["r of gaze_0_y and gaze_1_y"][1] == pytest.approx(r, rel=1e-6)
    assert found["SD gaze_1_z"][1] == pytest.approx(values[1, :, 5].std(), rel=1e-6)


def test_what_stands_at_an_invalid_frame_changes_nothing() -> None:
    values, valid = gaze(), np.ones((WINDOWS, FRAMES), bool)
    valid[0, [2, 3, 7]] = False
    other = values.copy()
    other[0, [2, 3]], other[0, 7] = np.nan, 1e6
    np.testing.assert_array_equal(
        gaze_statistics(values, valid, CHANNELS, 10.0), gaze_statistics(other, valid, CHANNELS, 10.0)
    )
    assert named(values, valid)["valid frames"].tolist() == [6, 9]


def test_a_window_of_one_frame_gives_finite_numbers() -> None:
    valid = np.zeros((WINDOWS, FRAMES), bool)
    valid[:, 4] = True
    assert np.isfinite(gaze_statistics(gaze(), valid, CHANNELS, 10.0)).all()


def test_gaze_of_one_point_is_taken_as_one_eye() -> None:
    names = statistic_names(("gaze_x_deg", "gaze_y_deg"))
    assert len(names) == 2 * 2 + 6 + 2
    found = gaze_statistics(gaze()[:, :, :2], np.ones((WINDOWS, FRAMES), bool), ("gaze_x_deg", "gaze_y_deg"), 10.0)
    assert found.shape == (WINDOWS, 12)
