"""Every clip is a dot at one place, coloured by each question's answer."""

import numpy as np

from emogap.reporting.figures.plane_of_clips import COLOURS, UNKNOWN, ClipPanel, plane_of_clips
from emogap.reporting.figures.svg_shapes import Shape, read_svg

PLACES = np.array([[0.0, 0.0], [2.0, 1.0], [4.0, 8.0], [1.0, 1.0], [3.0, 2.0]])
PANELS = [
    ClipPanel("felt", ("positive", "negative", "neutral"), (0, 1, 1, 2, 0)),
    ClipPanel("shown", ("positive", "negative", "neutral"), (-1, 1, 0, 0, 0)),
]


def dots(svg: str) -> list[tuple[str | None, float, float]]:
    shapes = [part for part in read_svg(svg, name="plane").parts if isinstance(part, Shape)]
    small = [one for one in shapes if abs(np.ptp(one.points_px[:, 0]) - 6.4) < 0.1]
    return [(one.fill, float(one.points_px[:, 0].mean()), float(one.points_px[:, 1].mean())) for one in small]


def test_a_dot_has_the_colour_of_its_class() -> None:
    found = [colour for colour, _, _ in dots(plane_of_clips(PLACES, PANELS, title="t", explanation="e"))]
    assert found[:5] == [COLOURS[0], COLOURS[1], COLOURS[1], COLOURS[2], COLOURS[0]]
    assert found[5:] == [UNKNOWN, COLOURS[1], COLOURS[0], COLOURS[0], COLOURS[0]]


def test_a_dot_is_at_the_same_place_in_each_panel() -> None:
    found = dots(plane_of_clips(PLACES, PANELS, title="t", explanation="e"))
    moved = {round(second[1] - first[1], 1) for first, second in zip(found[:5], found[5:], strict=True)}
    assert len(moved) == 1
    assert [one[2] for one in found[:5]] == [one[2] for one in found[5:]]
    assert found[2][2] < found[4][2] < found[1][2] <= found[3][2] < found[0][2]


def test_the_legend_counts_the_clips() -> None:
    svg = plane_of_clips(PLACES, PANELS, title="t", explanation="e")
    assert "negative (2)" in svg
    assert "no label (1)" in svg
    assert svg == plane_of_clips(PLACES, PANELS, title="t", explanation="e")
