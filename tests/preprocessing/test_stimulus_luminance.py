"""Luminance of drawn pictures."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.stimulus_luminance import luminance_around_gaze, measure_luminance, relative_luminance
from tests.preprocessing.planted_gaze import NAN, eyes

EXTENT_DEG = (40.0, 24.0)


def grey(value: int, *, height: int = 60, width: int = 100) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_primaries_weigh_as_in_the_standard() -> None:
    """Rec. 709, and mid-grey of sRGB (code value 119) at 18.4 % of white."""
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [119, 119, 119]], np.uint8)
    assert relative_luminance(colours) == pytest.approx([0.2126, 0.7152, 0.0722, 0.1845], abs=1e-4)


def test_a_video_is_measured_from_its_first_frame() -> None:
    curve = measure_luminance([(2.0, grey(0)), (2.04, grey(255)), (2.2, grey(119))])
    assert curve.time_s == pytest.approx([0.0, 0.04, 0.2])
    assert curve.luminance == pytest.approx([0.0, 1.0, 0.1845], abs=1e-4)


def test_no_frame_has_no_luminance() -> None:
    with pytest.raises(UsageError, match="without a frame"):
        measure_luminance([])


def test_around_the_gaze_only_the_near_part_counts() -> None:
    """Left half black, right half white, gaze from left to right; the last point lies beyond the picture."""
    picture = grey(0)
    picture[:, 50:] = 255
    gaze = eyes([[-10.0, 0.0, 10.0, NAN, 30.0]], y=[3.0] * 5)
    around = luminance_around_gaze([(0.0, picture)], gaze, extent_deg=EXTENT_DEG, radius_deg=3.0)
    assert around == pytest.approx([0.0, 0.5, 1.0, NAN, NAN], abs=0.02, nan_ok=True)


def test_up_is_up() -> None:
    picture = grey(0)
    picture[:30] = 255
    gaze = eyes([[0.0, 0.0]], y=[-8.0, 8.0])
    around = luminance_around_gaze([(0.0, picture)], gaze, extent_deg=EXTENT_DEG)
    assert around == pytest.approx([0.0, 1.0])


def test_each_sample_sees_the_frame_that_was_on() -> None:
    frames = [(5.0, grey(0)), (5.02, grey(255))]
    gaze = eyes([[0.0] * 6])
    around = luminance_around_gaze(frames, gaze, extent_deg=EXTENT_DEG, onset_s=0.01)
    assert around == pytest.approx([NAN, 0.0, 0.0, 1.0, 1.0, 1.0], nan_ok=True)


def test_gaze_in_pixels_is_refused() -> None:
    with pytest.raises(UsageError, match="gaze is in screen_px"):
        luminance_around_gaze([(0.0, grey(0))], eyes([[5.0]], frame="screen_px"), extent_deg=EXTENT_DEG)
