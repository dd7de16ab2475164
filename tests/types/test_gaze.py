"""A gaze series is refused unless it is what it says."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.types import GazeSeries


def gaze_series(num_samples: int = 7, num_eyes: int = 2) -> GazeSeries:
    shape = (num_samples, num_eyes)
    return GazeSeries(
        time_s=np.arange(num_samples) / 120,
        position=np.zeros((*shape, 2)),
        frame="screen_px",
        valid=np.ones(shape, bool),
        altered=np.zeros(shape, bool),
        eyes=("left", "right")[:num_eyes],
        rate_hz=120.0,
    )


@pytest.mark.parametrize("num_eyes", [1, 2])
def test_one_and_two_eyes_are_taken(num_eyes: int) -> None:
    assert gaze_series(num_eyes=num_eyes).position.shape == (7, num_eyes, 2)


def test_a_lost_sample_with_a_position_is_refused() -> None:
    valid = np.ones((7, 2), bool)
    valid[3, 1] = False
    with pytest.raises(DataError, match=r"disagree in 1 samples, first at 0\.025 s"):
        dataclasses.replace(gaze_series(), valid=valid)


def test_a_valid_sample_without_a_position_is_refused() -> None:
    position = np.zeros((7, 2, 2))
    position[5, 0, 1] = np.nan
    with pytest.raises(DataError, match="disagree in 1 samples"):
        dataclasses.replace(gaze_series(), position=position)


@pytest.mark.parametrize("step", [0.0, -0.5], ids=["repeated", "backwards"])
def test_time_that_does_not_increase_is_refused_with_its_place(step: float) -> None:
    time_s = np.arange(7, dtype=float)
    time_s[4] = time_s[3] + step
    with pytest.raises(DataError, match=r"follows 3\.000000 s \(1 such samples\)"):
        dataclasses.replace(gaze_series(), time_s=time_s)


def test_swapped_axes_are_refused() -> None:
    with pytest.raises(DataError, match=r"position must have shape \(7, 2, 2\)"):
        dataclasses.replace(gaze_series(), position=np.zeros((2, 7, 2)))


def test_a_pupil_without_a_unit_is_refused() -> None:
    with pytest.raises(DataError, match="come together or not at all"):
        dataclasses.replace(gaze_series(), pupil=np.ones((7, 2)), pupil_altered=np.zeros((7, 2), bool))


def test_arrays_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="read-only"):
        gaze_series().position[0, 0, 0] = 1.0


@pytest.mark.parametrize("name", ["confidence", "openness"])
def test_a_share_of_more_than_one_is_refused(name: str) -> None:
    share = np.full((7, 2), 0.5)
    share[3, 1] = np.nan
    assert getattr(dataclasses.replace(gaze_series(), **{name: share}), name)[0, 0] == 0.5
    share = np.where(share == 0.5, 1.5, share)
    with pytest.raises(DataError, match=f"{name} lies between 0 and 1, got 1.5 to 1.5"):
        dataclasses.replace(gaze_series(), **{name: share})


def test_a_clock_that_is_not_to_be_trusted_has_no_rate_and_a_rate_of_zero_is_refused() -> None:
    assert np.isnan(dataclasses.replace(gaze_series(), rate_hz=float("nan")).rate_hz)
    with pytest.raises(DataError, match="must be positive"):
        dataclasses.replace(gaze_series(), rate_hz=0.0)
