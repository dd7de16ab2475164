"""The pupil as it looks from straight ahead, on planted geometry."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.preprocessing.pupil_foreshortening import ForeshorteningConfig, correct_foreshortening
from emogap.types import GazeSeries, Recording
from tests.preprocessing.planted_gaze import NAN, SCREEN, eyes, recording

# The screen is 500 x 300 mm at 600 mm.
EYE_MM = np.array([250.0, 150.0, 600.0])
TRUE_MM = 4.0


def looking_about(camera_mm: tuple[float, float, float], *, seed: int = 3) -> GazeSeries:
    """700 samples of one eye in front of the centre, its pupil narrowed by the root of the cosine to the camera."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-20, 20, 700), rng.uniform(-12, 12, 700)
    gaze = eyes([x.tolist()], y=y.tolist())
    to_target = np.stack([600 * np.tan(np.radians(x)), 600 * np.tan(np.radians(y)), np.full(700, -600.0)], axis=1)
    to_camera = np.array(camera_mm) - EYE_MM
    # Law of cosines on the triangle eye, target, camera: no dot product as in the code.
    sides = (
        np.linalg.norm(to_target, axis=1),
        np.linalg.norm(to_camera),
        np.linalg.norm(to_target - to_camera, axis=1),
    )
    cosine = (sides[0] ** 2 + sides[1] ** 2 - sides[2] ** 2) / (2 * sides[0] * sides[1])
    pupil = TRUE_MM * np.sqrt(cosine)[:, None]
    return dataclasses.replace(gaze, pupil=pupil, pupil_unit="mm", pupil_altered=np.zeros((700, 1), bool))


def corrected(gaze: GazeSeries, **settings: object) -> tuple[Recording, np.ndarray]:
    result = correct_foreshortening(recording(gaze), ForeshorteningConfig(**settings))  # type: ignore[arg-type]
    assert result.gaze is not None
    assert result.gaze.pupil is not None
    return result, result.gaze.pupil[:, 0]


def test_the_camera_below_the_screen_is_the_default() -> None:
    gaze = looking_about((250.0, 0.0, 0.0))
    assert gaze.pupil is not None
    assert np.ptp(gaze.pupil) > 0.2
    result, pupil = corrected(gaze)
    assert pupil == pytest.approx(TRUE_MM)
    assert result.steps[-1].parameters["variance_removed"] == pytest.approx((1.0,))
    assert result.gaze is not None
    assert result.gaze.pupil_altered is not None
    assert result.gaze.pupil_altered.all()


def test_a_camera_elsewhere_must_be_named() -> None:
    gaze = looking_about((-100.0, 420.0, 30.0))
    assert corrected(gaze, camera_mm=(-100.0, 420.0, 30.0))[1] == pytest.approx(TRUE_MM)
    assert corrected(gaze)[1] != pytest.approx(TRUE_MM)


def test_an_area_shrinks_with_the_cosine_itself() -> None:
    gaze = looking_about((250.0, 0.0, 0.0))
    assert gaze.pupil is not None
    area = dataclasses.replace(gaze, pupil=gaze.pupil**2, pupil_unit="au")
    assert corrected(area, pupil_is="area")[1] == pytest.approx(TRUE_MM**2)


def test_the_measured_eye_counts_where_the_tracker_gives_it() -> None:
    """The eye 60 mm to the right, looking straight on: the camera is off to its left by atan(60 / sqrt(...))."""
    origin = np.tile([310.0, 0.0, 600.0], (5, 1, 1)).reshape(5, 1, 3)
    direction = np.tile([0.0, 0.0, -1.0], (5, 1, 1)).reshape(5, 1, 3)
    gaze = dataclasses.replace(eyes([[0.0] * 5], pupil=[[4.0] * 5]), origin_mm=origin, direction=direction)
    expected = 4.0 / np.sqrt(np.cos(np.arctan(60 / 600)))
    assert corrected(gaze)[1] == pytest.approx(expected)


def test_regression_takes_out_what_goes_with_gaze() -> None:
    gaze = looking_about((250.0, 0.0, 0.0))
    result, pupil = corrected(gaze, method="regression")
    assert pupil.std() < 0.002
    assert result.steps[-1].parameters["variance_removed"] == pytest.approx((1.0,), abs=0.002)
    assert pupil.mean() == pytest.approx(TRUE_MM * np.sqrt(np.cos(np.arctan(150 / 600))), abs=0.01)


def test_a_pupil_without_a_point_of_gaze_is_removed_and_counted() -> None:
    gaze = looking_about((250.0, 0.0, 0.0))
    position, valid = gaze.position.copy(), gaze.valid.copy()
    position[40:51], valid[40:51] = NAN, False
    result, pupil = corrected(dataclasses.replace(gaze, position=position, valid=valid))
    assert np.flatnonzero(np.isnan(pupil)).tolist() == list(range(40, 51))
    assert result.steps[-1].parameters["without_gaze"] == 11


def test_a_camera_behind_the_viewer_is_refused() -> None:
    with pytest.raises(DataError, match="turned 90 degrees or more from the camera in 700 samples"):
        corrected(looking_about((250.0, 0.0, 0.0)), camera_mm=(250.0, 150.0, 900.0))


def test_without_a_screen_only_regression_is_left() -> None:
    gaze = looking_about((250.0, 0.0, 0.0))
    bare = recording(gaze, screen=None)
    with pytest.raises(UsageError, match="method='regression'"):
        correct_foreshortening(bare)
    correct_foreshortening(bare, ForeshorteningConfig(method="regression"))


def test_too_few_samples_are_not_regressed_on() -> None:
    gaze = eyes([[0.0, 1.0, 2.0]], pupil=[[3.0, 3.0, 3.1]])
    with pytest.raises(DataError, match="3 samples of the left eye are too few"):
        corrected(gaze, method="regression")


def test_gaze_in_pixels_is_refused() -> None:
    gaze = eyes([[500.0]], pupil=[[3.0]], frame="screen_px")
    with pytest.raises(UsageError, match="gaze is in screen_px, not in degrees"):
        correct_foreshortening(recording(gaze, screen=SCREEN))
