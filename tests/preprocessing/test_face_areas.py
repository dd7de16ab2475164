"""Every place near a face belongs to the part that is nearest."""

import numpy as np
import pytest

from emogap.preprocessing.aoi import is_inside
from emogap.preprocessing.face_areas import face_parts

UPRIGHT = np.array([[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]])
"""The usual template of an aligned face of 112 x 112 px."""


def test_a_place_lies_in_the_part_whose_centre_is_nearest_and_within_the_radius() -> None:
    rng = np.random.default_rng(3)
    point = rng.uniform(0, 112, (4000, 2))
    centres = np.vstack([UPRIGHT[:3], UPRIGHT[3:].mean(axis=0)])
    distance = np.linalg.norm(point[:, None] - centres, axis=2)
    reach = 0.8 * np.linalg.norm(UPRIGHT[1] - UPRIGHT[0])
    expected = np.where(distance.min(axis=1) < reach, distance.argmin(axis=1), -1)
    found = np.full(len(point), -1)
    cells = [cell for part in face_parts(UPRIGHT[None], radius=0.8).values() for cell in part]
    for number, cell in enumerate(cells):
        found[is_inside(point, np.repeat(cell, len(point), axis=0))] = number
    assert (found == expected).mean() > 0.985


def test_parts_scale_turn_and_move_with_the_face() -> None:
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    moved = 2.5 * UPRIGHT @ turn + [300.0, 40.0]
    for part, cells in face_parts(UPRIGHT[None]).items():
        for cell, other in zip(cells, face_parts(moved[None])[part], strict=True):
            area, larger = (abs(_area(outline[0])) for outline in (cell, other))
            assert larger == pytest.approx(2.5**2 * area, rel=1e-6)
            assert other[0].mean(axis=0) == pytest.approx(2.5 * cell[0].mean(axis=0) @ turn + [300.0, 40.0])


def _area(corners: np.ndarray) -> float:
    following = np.roll(corners, -1, axis=0)
    return float((corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]).sum() / 2)


def test_a_larger_radius_gives_no_smaller_area() -> None:
    small, large = (face_parts(UPRIGHT[None], radius=radius) for radius in (0.4, 1.2))
    for part, cells in small.items():
        for cell, other in zip(cells, large[part], strict=True):
            assert abs(_area(other[0])) >= abs(_area(cell[0]))


def test_a_frame_without_a_face_has_no_parts() -> None:
    frames = np.stack([UPRIGHT, np.full((5, 2), np.nan), np.repeat(UPRIGHT[:1], 5, axis=0)])
    cells = face_parts(frames)["eyes"]
    assert [bool(np.isfinite(cell[frame]).all()) for frame in range(3) for cell in cells] == [True] * 2 + [False] * 4
