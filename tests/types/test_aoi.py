"""An area that cannot be is refused, and what it holds cannot be changed."""

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.types.aoi import AreaOfInterest, Transitions

TRIANGLE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def area(
    name: str = "a", *, times: tuple[float, ...] = (0.0, 1.0), vertices: np.ndarray | None = None
) -> AreaOfInterest:
    corners = np.stack([TRIANGLE] * len(times)) if vertices is None else vertices
    return AreaOfInterest(name, "s1", np.array(times), corners, "px")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "outside"}, "cannot be named 'outside'"),
        ({"name": ""}, "cannot be named ''"),
        ({"times": ()}, "has no keyframe"),
        ({"times": (1.0, 1.0)}, "must follow in time"),
        ({"vertices": np.zeros((2, 2, 2))}, "2 corners, not 3"),
        ({"vertices": np.full((2, 3, 2), np.nan)}, "never in the picture"),
        ({"vertices": np.zeros((3, 3, 2))}, "vertices must have shape"),
    ],
)
def test_an_area_that_cannot_be_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(DataError, match=told):
        area(**wrong) if wrong.get("times") != () else area(times=(), vertices=np.zeros((0, 3, 2)))  # type: ignore[arg-type]


def test_a_keyframe_is_whole_or_absent() -> None:
    vertices = np.stack([TRIANGLE, TRIANGLE])
    vertices[1, 2] = np.nan
    with pytest.raises(DataError, match="keyframe 1 of the area 'a' lacks corners"):
        area(vertices=vertices)
    vertices[1] = np.nan
    assert area(vertices=vertices).name == "a"


def test_the_corners_cannot_be_changed() -> None:
    made = area()
    with pytest.raises(ValueError, match="read-only"):
        made.vertices[0] = 1.0


def test_transitions_are_square() -> None:
    with pytest.raises(DataError, match="counts must have shape"):
        Transitions(("a", "b", "outside"), np.zeros((3, 2), np.int64))
