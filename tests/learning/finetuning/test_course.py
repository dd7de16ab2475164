"""Values along a recording: when they are told, and what their interval is."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import t

from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.course import course_of, spread_of_seeds
from emogap.types import EyeTracker, GazeSeries, Recording
from tests.learning.finetuning.conftest import Done


def recording(gaze: np.ndarray, *, start_s: float = 0.0) -> Recording:
    """The miniature's gaze as a reader gives it: to the person's right, up, and towards the camera."""
    num_frames = len(gaze)
    direction = gaze.reshape(num_frames, 2, 3)[:, ::-1] * np.array([-1.0, -1.0, 1.0])
    series = GazeSeries(
        time_s=start_s + np.arange(num_frames) / 10,
        position=direction[..., :2],
        frame="camera_deg",
        valid=np.isfinite(direction).all(axis=2),
        altered=np.zeros((num_frames, 2), bool),
        eyes=("left", "right"),
        rate_hz=10.0,
        direction=direction,
    )
    tracker = EyeTracker(model="OpenFace", rate_hz=10.0)
    return Recording(recording_id="r1", reader="openface", source="r1.csv", tracker=tracker, gaze=series)


def test_the_limits_are_those_of_one_more_draw() -> None:
    """The textbook's prediction interval of normal numbers, by scipy."""
    told = np.random.default_rng(3).normal(0.5, 0.1, (5, 4, 2))
    low, high = spread_of_seeds(told)
    sd = told[:, 1, 0].std(ddof=1) * np.sqrt(1 + 1 / 5)
    np.testing.assert_allclose((low[1, 0], high[1, 0]), t.interval(0.95, 4, told[:, 1, 0].mean(), sd))


def test_limits_hold_one_more_fit_in_95_of_100_cases() -> None:
    draws = np.random.default_rng(8).normal(size=(4, 20000, 1))
    low, high = spread_of_seeds(draws[:3])
    assert np.mean((draws[3] >= low) & (draws[3] <= high)) == pytest.approx(0.95, abs=0.005)


def test_times_are_on_the_clock_of_the_recording(vad: Done) -> None:
    gaze = vad.job.windows.gaze[:2].reshape(60, 6)
    course = course_of(vad.compared.fits, recording(gaze, start_s=7.0))
    assert course.time_s.tolist() == [12.0]
    assert course.told.shape == (1, 3)
    assert course.num_fits == 2


def test_a_window_with_too_little_gaze_is_empty(vad: Done) -> None:
    gaze = vad.job.windows.gaze[:4].reshape(120, 6).copy()
    gaze[60:75] = np.nan
    course = course_of(vad.compared.fits, recording(gaze))
    assert course.time_s.tolist() == [5.0, 7.5, 10.0]
    np.testing.assert_allclose(course.valid_share, [1.0, 0.5, 25 / 30], atol=1e-9)
    assert np.isnan(course.told).all(axis=1).tolist() == [False, True, False]


def test_what_is_told_of_a_window_is_what_the_comparison_says(vad: Done) -> None:
    row = vad.job.split.test[0]
    gaze = np.concatenate([np.tile([0.0, 0.1, -0.9, 0.0, 0.1, -0.9], (20, 1)), vad.job.windows.gaze[row]])
    course = course_of(vad.compared.fits, recording(gaze))
    np.testing.assert_allclose(course.told[0], vad.compared.told["pretrained"].mean(axis=0)[0], atol=1e-6)


def test_classes_have_no_course(behaviour: Done) -> None:
    gaze = behaviour.job.windows.gaze[:2].reshape(60, 6)
    with pytest.raises(MismatchError, match="tells classes"):
        course_of(behaviour.compared.fits, recording(gaze))


def test_fits_of_other_windows_do_not_go_together(vad: Done) -> None:
    other = dataclasses.replace(vad.compared.fits[0], num_frames=60)
    with pytest.raises(MismatchError, match="differ in what they read or tell"):
        course_of([vad.compared.fits[0], other], recording(vad.job.windows.gaze[:2].reshape(60, 6)))


def test_a_recording_that_ends_before_the_first_window_is_refused(vad: Done) -> None:
    with pytest.raises(DataError, match=r"lasts 3\.00 s; the first window, of 3 s, ends after 5 s"):
        course_of(vad.compared.fits, recording(vad.job.windows.gaze[0]))
