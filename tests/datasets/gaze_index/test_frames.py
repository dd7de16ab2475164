"""Recordings as frames at one rate: known signals in, known frames out."""

import numpy as np
import pytest

from emogap.datasets.gaze_index import IndexConfig
from emogap.datasets.gaze_index.frames import to_frames
from emogap.errors import DataError, UsageError
from emogap.types import EyeTracker, GazeSeries, HeadSeries, Recording, Screen

AT_30 = IndexConfig(rate_hz=30.0)


def series(position: np.ndarray, rate_hz: float, *, time_s: np.ndarray | None = None, **more: object) -> GazeSeries:
    """One series of `position` (samples, eyes, 2), lost where it is NaN."""
    valid = np.isfinite(position).all(axis=2)
    return GazeSeries(
        time_s=np.arange(len(position)) / rate_hz if time_s is None else time_s,
        position=position,
        frame=more.pop("frame", "deg"),
        valid=valid,
        altered=np.zeros(valid.shape, bool),
        eyes=("left", "right")[: position.shape[1]],
        rate_hz=rate_hz,
        **more,
    )


def recording(gaze: GazeSeries | None, **more: object) -> Recording:
    return Recording("r1", "r1.csv", more.pop("reader", "plain_csv"), EyeTracker("any"), gaze=gaze, **more)


def ramp(num_samples: int, per_sample: float = 1.0) -> np.ndarray:
    """Both eyes 2 deg apart; x grows by `per_sample` deg a sample, y falls by half of it."""
    x = 5 + per_sample * np.arange(num_samples)
    left = np.stack([x - 1, -x / 2], axis=1)
    return np.stack([left, left + np.array([2.0, 0.0])], axis=1)


def test_frames_at_the_rate_of_the_index_are_kept_as_they_are() -> None:
    frames = to_frames(recording(series(ramp(40), 30.0)), "angle", AT_30)
    assert not frames.is_resampled
    np.testing.assert_array_equal(
        frames.values, np.stack([5 + np.arange(40.0), -2 - np.arange(40) / 2], axis=1) - [0, 0.5]
    )
    assert frames.valid.all()


def test_a_camera_of_29_97_frames_is_one_of_30() -> None:
    frames = to_frames(recording(series(ramp(50), 30_000 / 1001)), "angle", AT_30)
    assert not frames.is_resampled
    assert len(frames.valid) == 50


def test_time_stamps_in_whole_milliseconds_change_no_value() -> None:
    time_s = (np.arange(300) / 30).round(3)
    frames = to_frames(recording(series(ramp(300), 30.0, time_s=time_s)), "angle", AT_30)
    assert not frames.is_resampled
    np.testing.assert_array_equal(frames.values[:, 0], 5 + np.arange(300))


def test_missing_rows_are_lost_frames() -> None:
    kept = np.delete(np.arange(40), [10, 11, 12])
    frames = to_frames(recording(series(ramp(40)[kept], 30.0, time_s=kept / 30)), "angle", AT_30)
    assert np.flatnonzero(~frames.valid).tolist() == [10, 11, 12]
    np.testing.assert_array_equal(frames.values[kept, 0], 5 + kept)


def test_ten_samples_of_a_fast_tracker_become_their_mean() -> None:
    """At 300 Hz x is the sample's number: frame k is the mean of samples 10 k - 5 to 10 k + 4, which is 10 k - 0.5."""
    frames = to_frames(recording(series(ramp(300), 300.0)), "angle", AT_30)
    assert frames.is_resampled
    assert frames.source_rate_hz == 300
    np.testing.assert_allclose(frames.values[1:-1, 0], 5 + 10 * np.arange(1, 29) - 0.5, rtol=1e-6)


def test_a_slow_recording_is_interpolated_and_said() -> None:
    """From 15 to 30 Hz every other frame lies half way."""
    frames = to_frames(recording(series(ramp(20), 15.0)), "angle", AT_30)
    assert frames.is_resampled
    np.testing.assert_allclose(frames.values[:, 0], 5 + np.arange(39) / 2, rtol=1e-6)


def test_nothing_is_interpolated_across_a_loss() -> None:
    position = ramp(20)
    position[8:12] = np.nan
    frames = to_frames(recording(series(position, 15.0)), "angle", AT_30)
    assert np.flatnonzero(~frames.valid).tolist() == list(range(15, 24))
    np.testing.assert_array_equal(np.isnan(frames.values).all(axis=1), ~frames.valid)


def test_jitter_beyond_a_quarter_of_a_frame_is_resampled() -> None:
    time_s = np.arange(40) / 30 + np.where(np.arange(40) % 2, 0.3, 0.0) / 30
    frames = to_frames(recording(series(ramp(40), 30.0, time_s=time_s)), "angle", AT_30)
    assert frames.is_resampled


def test_zero_in_every_channel_is_no_gaze_and_zero_in_one_is() -> None:
    position = np.zeros((30, 1, 2))
    position[10:, 0, 0] = np.arange(20)
    frames = to_frames(recording(series(position, 30.0)), "angle", AT_30)
    assert np.flatnonzero(~frames.valid).tolist() == list(range(11))


def test_direction_has_the_axes_and_the_order_of_openface() -> None:
    """The left eye looks 30 deg to the person's right, the right one 30 deg up.

    In the picture of a camera that faces the person the person's right is left, so x = -sin 30 deg; y runs down.
    """
    half, cosine = 0.5, np.sqrt(3) / 2
    direction = np.tile(np.array([[half, 0, -cosine], [0, half, -cosine]]), (7, 1, 1))
    gaze = series(
        np.tile(np.array([[30.0, 0.0], [0.0, 30.0]]), (7, 1, 1)), 30.0, direction=direction, frame="camera_deg"
    )
    frames = to_frames(recording(gaze), "direction", AT_30)
    expected = [0, -half, -cosine, -half, 0, -cosine]
    np.testing.assert_allclose(frames.values, np.tile(expected, (7, 1)), atol=1e-7)
    assert frames.measured_from == "camera of the face"


def test_one_lost_eye_makes_a_frame_of_both_eyes_lost() -> None:
    direction = np.tile(np.array([0.0, 0.0, -1.0]), (9, 2, 1))
    direction[4, 1] = np.nan
    gaze = series(np.ones((9, 2, 2)), 30.0, direction=direction, frame="camera_deg")
    assert np.flatnonzero(~to_frames(recording(gaze), "direction", AT_30).valid).tolist() == [4]


def test_a_head_turned_right_and_up_is_a_unit_vector() -> None:
    """Pitch 30 and yaw 90 degrees: (cos 30, sin 30, 0); straight ahead is (0, 0, -1)."""
    angle_deg = np.array([[0.0, 0.0, np.nan]] * 5 + [[30.0, 90.0, np.nan]] * 6)
    head = HeadSeries(time_s=(np.arange(11) + 0.5) / 5, angle_deg=angle_deg)
    frames = to_frames(recording(None, reader="ceap360vr", head=head), "head", IndexConfig(rate_hz=5.0))
    expected = [[0, 0, -1]] * 5 + [[np.sqrt(3) / 2, 0.5, 0]] * 6
    np.testing.assert_allclose(frames.values, expected, atol=1e-7)
    assert frames.measured_from == "world"


def test_the_pupil_is_the_mean_of_the_eyes_there_are() -> None:
    pupil = np.tile([3.0, 4.0], (8, 1))
    pupil[2, 0], pupil[5] = np.nan, np.nan
    gaze = series(ramp(8), 30.0, pupil=pupil, pupil_unit="mm", pupil_altered=np.zeros((8, 2), bool))
    frames = to_frames(recording(gaze), "angle+pupil", AT_30)
    assert frames.values[[0, 2], 2].tolist() == [3.5, 4.0]
    assert np.flatnonzero(~frames.valid).tolist() == [5]


def test_a_share_of_the_screen_is_the_pixel_over_its_size() -> None:
    gaze = series(np.tile([960.0, 270.0], (6, 1, 1)), 30.0, frame="screen_px")
    frames = to_frames(recording(gaze, screen=Screen((1920, 1080))), "share", AT_30)
    np.testing.assert_allclose(frames.values, np.tile([0.5, 0.25], (6, 1)))


def test_time_stamps_that_are_no_clock_need_a_stated_rate() -> None:
    gaze = series(ramp(40), np.nan, time_s=np.arange(40) / 1000)
    with pytest.raises(DataError, match=r"(?s)frame rate is unknown.*--assume-rate"):
        to_frames(recording(gaze), "angle", AT_30)
    frames = to_frames(recording(gaze), "angle", IndexConfig(rate_hz=30.0, assumed_rate_hz=15.0))
    assert (len(frames.valid), frames.source_rate_hz) == (79, 15.0)


@pytest.mark.parametrize(
    ("channels", "problem"),
    [
        ("direction", "there is no direction of each eye"),
        ("angle+pupil", "there is no pupil, not one in mm"),
        ("share", "gaze in deg cannot be given as a share"),
        ("head", "there is no head path"),
    ],
)
def test_what_a_recording_lacks_is_said(channels: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        to_frames(recording(series(ramp(9), 30.0)), channels, AT_30)  # type: ignore[arg-type]


def test_pixels_without_a_screen_are_no_degrees() -> None:
    gaze = series(ramp(9), 30.0, frame="screen_px")
    with pytest.raises(UsageError, match="size of the screen in mm is unknown"):
        to_frames(recording(gaze), "angle", AT_30)
