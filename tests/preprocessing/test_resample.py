"""New grids of any rate, without inventing anything over a loss."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.errors import UsageError
from emogap.preprocessing.resample import resample
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, without_rows


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0, 300.0, 47.5])
def test_a_line_is_a_line_at_every_rate(rate_hz: float) -> None:
    resampled = resample(one_eye(np.arange(101).tolist(), rate_hz=100.0), rate_hz=rate_hz)
    assert resampled.rate_hz == rate_hz
    assert np.diff(resampled.time_s) == pytest.approx(1 / rate_hz)
    assert len(resampled.time_s) == int(1.0 * rate_hz) + 1
    assert resampled.position[:, 0, 0] == pytest.approx(100 * resampled.time_s)


def test_samples_that_were_measured_at_that_time_are_not_altered() -> None:
    resampled = resample(one_eye([0.0, 1.0, 2.0, 3.0, 4.0], rate_hz=100.0), rate_hz=50.0)
    assert not resampled.altered.any()
    between = resample(one_eye([0.0, 1.0, 2.0, 3.0, 4.0], rate_hz=100.0), rate_hz=200.0)
    assert between.altered[:, 0].tolist() == [False, True] * 4 + [False]


def test_a_new_sample_beside_a_lost_one_is_lost() -> None:
    resampled = resample(one_eye([0.0, 1.0, NAN, 3.0, 4.0], rate_hz=100.0), rate_hz=200.0)
    assert resampled.valid[:, 0].tolist() == [True, True, True, False, False, False, True, True, True]


def test_a_new_sample_where_rows_are_missing_is_lost() -> None:
    gaze = without_rows(one_eye(np.arange(9).tolist(), rate_hz=100.0), slice(3, 6))
    resampled = resample(gaze, rate_hz=100.0)
    assert resampled.valid[:, 0].tolist() == [True] * 3 + [False] * 3 + [True] * 3


def test_one_lost_row_of_a_faster_tracker_is_bridged_by_no_line() -> None:
    gaze = without_rows(one_eye(np.arange(31).tolist(), rate_hz=300.0), slice(10, 11))
    resampled = resample(gaze, rate_hz=300.0)
    assert np.flatnonzero(~resampled.valid[:, 0]).tolist() == [10]


def test_the_mean_keeps_noise_from_folding_back() -> None:
    """Noise at 50 Hz sampled at 100 Hz: every second sample alone would be a constant offset of 1."""
    noise = [(-1.0) ** t for t in range(41)]
    gaze = one_eye(noise, rate_hz=100.0)
    assert resample(gaze, rate_hz=25.0).position[:, 0, 0].tolist() == [1.0] * 11
    averaged = resample(gaze, rate_hz=25.0, method="mean").position[1:-1, 0, 0]
    assert averaged == pytest.approx(0.0, abs=1e-12)


def test_pupil_direction_and_origin_come_along() -> None:
    gaze = eyes([[0.0, 1.0, 2.0], [0.0, NAN, 2.0]], pupil=[[3.0, 3.2, NAN], [4.0, 4.2, 4.4]])
    direction = np.zeros((3, 2, 3))
    direction[..., 2] = -1.0
    origin = np.arange(18.0).reshape(3, 2, 3)
    resampled = resample(dataclasses.replace(gaze, direction=direction, origin_mm=origin), rate_hz=200.0)
    assert resampled.pupil is not None
    assert resampled.origin_mm is not None
    assert resampled.direction is not None
    assert resampled.pupil[:, 0] == pytest.approx([3.0, 3.1, 3.2, NAN, NAN], nan_ok=True)
    assert resampled.pupil[:, 1] == pytest.approx([4.0, 4.1, 4.2, 4.3, 4.4])
    assert resampled.origin_mm[1] == pytest.approx((origin[0] + origin[1]) / 2)
    assert np.linalg.norm(resampled.direction, axis=2) == pytest.approx(1.0)


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="must be positive, got 0 Hz"):
        resample(one_eye([0.0, 1.0]), rate_hz=0)


def test_one_sample_stays_one_sample() -> None:
    resampled = resample(one_eye([4.0]), rate_hz=60.0)
    assert resampled.position[:, 0, 0].tolist() == [4.0]


@given(
    rate_hz=st.sampled_from([30.0, 60.0, 120.0, 300.0]),
    lost=st.lists(st.booleans(), min_size=2, max_size=40),
    start_s=st.floats(-100, 1000),
    method=st.sampled_from(["linear", "mean"]),
)
@settings(max_examples=60, deadline=None)
def test_resampling_to_its_own_grid_changes_nothing(
    rate_hz: float, lost: list[bool], start_s: float, method: str
) -> None:
    x = np.where(lost, NAN, np.arange(len(lost)) ** 1.5)
    gaze = eyes([x.tolist()], time_s=start_s + np.arange(len(lost)) / rate_hz, rate_hz=rate_hz)
    again = resample(gaze, rate_hz=rate_hz, method=method)  # type: ignore[arg-type]
    assert again.position == pytest.approx(gaze.position, nan_ok=True, abs=1e-9)
    assert np.array_equal(again.valid, gaze.valid)
    assert not again.altered.any()


def test_confidence_and_lids_go_to_the_new_grid_and_no_line_crosses_what_is_missing() -> None:
    share = np.array([[0.0], [0.4], [NAN], [1.0], [0.5]])
    gaze = dataclasses.replace(one_eye([0.0] * 5, rate_hz=100.0), confidence=share, openness=share)
    finer = resample(gaze, rate_hz=200.0)
    assert finer.confidence is not None
    assert finer.openness is not None
    expected = [0.0, 0.2, 0.4, NAN, NAN, NAN, 1.0, 0.75, 0.5]
    assert finer.confidence[:, 0] == pytest.approx(expected, nan_ok=True)
    assert finer.openness.shape == (9, 1)
