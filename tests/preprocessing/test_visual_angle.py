"""Degrees by trigonometry on a screen whose pixels are not square."""

import dataclasses
from math import atan2, degrees, sqrt

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.visual_angle import screen_extent_deg, to_degrees
from emogap.types import Frame, GazeSeries, Screen
from tests.preprocessing.planted_gaze import NAN, SCREEN, eyes, recording

# The same place in every frame: 100 mm right of the centre and 60 mm above it, on 500 x 300 mm.
PLACES: dict[Frame, tuple[float, float]] = {
    "screen_px": (700.0, 150.0),
    "screen_mm": (350.0, 210.0),
    "screen_norm": (0.7, 0.3),
}


def looking_at(frame: Frame) -> GazeSeries:
    x, y = PLACES[frame]
    return eyes([[x, x, NAN], [x, NAN, x]], y=[y, y, y], frame=frame)


@pytest.mark.parametrize("frame", PLACES)
def test_the_same_place_is_the_same_angle_from_every_frame(frame: Frame) -> None:
    gaze = to_degrees(recording(looking_at(frame))).gaze
    assert gaze is not None
    assert gaze.frame == "deg"
    assert gaze.position[0, 1] == pytest.approx([degrees(atan2(100, 600)), degrees(atan2(60, 600))])
    assert np.isnan(gaze.position[2, 0]).all()


def test_the_distance_of_each_sample_is_used_where_it_was_measured() -> None:
    origin = np.full((3, 2, 3), [250.0, 150.0, 500.0])
    origin[1, 0] = [250.0, 150.0, 1000.0]
    gaze = dataclasses.replace(looking_at("screen_mm"), origin_mm=origin)
    converted = to_degrees(recording(gaze)).gaze
    assert converted is not None
    assert converted.position[0, 0, 0] == pytest.approx(degrees(atan2(100, 500)))
    assert converted.position[1, 0, 0] == pytest.approx(degrees(atan2(100, 1000)))


def test_direction_points_from_the_eye_to_the_point_of_gaze() -> None:
    origin = np.full((3, 2, 3), [250.0, 150.0, 600.0])
    gaze = to_degrees(recording(dataclasses.replace(looking_at("screen_px"), origin_mm=origin))).gaze
    assert gaze is not None
    assert gaze.direction is not None
    length = sqrt(100**2 + 60**2 + 600**2)
    assert gaze.direction[0, 0] == pytest.approx([100 / length, 60 / length, -600 / length])
    assert np.isnan(gaze.direction[1, 1]).all()


def test_the_step_names_where_the_distance_came_from() -> None:
    (step,) = to_degrees(recording(looking_at("screen_px"))).steps
    assert step.name == "to_degrees"
    assert step.parameters == {"from_frame": "screen_px", "distance_from": "screen", "median_distance_mm": 600.0}
    assert step.version


def test_degrees_stay_as_they_are() -> None:
    once = to_degrees(recording(looking_at("screen_px")))
    assert to_degrees(once) is once


def test_without_the_size_of_the_screen_there_are_no_degrees() -> None:
    unknown = recording(looking_at("screen_px"), screen=Screen((1000, 500)))
    with pytest.raises(UsageError, match=r"the size of the screen in mm is unknown(.|\n)*size_mm in study\.toml"):
        to_degrees(unknown)


def test_without_a_distance_there_are_no_degrees() -> None:
    unknown = recording(looking_at("screen_px"), screen=Screen((1000, 500), (500.0, 300.0)))
    with pytest.raises(UsageError, match=r"r1: (.|\n)*viewing distance is unknown(.|\n)*distance_mm in study\.toml"):
        to_degrees(unknown)


def test_a_recording_lost_from_end_to_end_needs_no_distance() -> None:
    lost = eyes([[NAN] * 5], frame="screen_px")
    converted = to_degrees(recording(lost, screen=Screen((1000, 500), (500.0, 300.0)))).gaze
    assert converted is not None
    assert not converted.valid.any()


def test_the_screen_spans_twice_the_angle_of_its_half() -> None:
    assert screen_extent_deg(SCREEN) == pytest.approx((2 * degrees(atan2(250, 600)), 2 * degrees(atan2(150, 600))))
    with pytest.raises(UsageError, match="extent in degrees is unknown"):
        screen_extent_deg(Screen((1000, 500)))


@pytest.mark.parametrize("frame", ["scene_px", "scene_norm"])
def test_gaze_in_the_picture_of_a_scene_camera_has_no_degrees_on_the_screen(frame: Frame) -> None:
    gaze = dataclasses.replace(looking_at("screen_norm"), frame=frame)
    with pytest.raises(UsageError, match=r"scene camera, which moves with the head(.|\n)*map it to the screen"):
        to_degrees(recording(gaze))


def test_degrees_from_the_axis_of_a_camera_stay_and_the_step_says_what_their_centre_is() -> None:
    measured = recording(dataclasses.replace(looking_at("screen_norm"), frame="camera_deg"))
    converted = to_degrees(measured)
    assert measured.gaze is not None
    assert converted.gaze is not None
    assert converted.gaze.frame == "deg"
    np.testing.assert_array_equal(converted.gaze.position, measured.gaze.position)
    assert converted.steps[-1].parameters == {"from_frame": "camera_deg", "centre": "axis of the camera"}
    assert "not from the centre of the screen" in converted.doubts[-1]
