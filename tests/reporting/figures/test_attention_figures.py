"""Maps over the face and bars over steps show the numbers they are given, the same each time."""

import re

import numpy as np

from emogap.reporting.figures.face_maps import AGAINST, FOR, FacePanel, face_maps
from emogap.reporting.figures.step_bars import StepRow, step_bars
from emogap.reporting.figures.svg_shapes import Shape, read_svg


def hot_cell() -> FacePanel:
    values = np.zeros((7, 7))
    values[5, 2], values[0, 6], values[1, 1] = 0.4, -0.2, np.nan
    return FacePanel("felt", values)


def filled(svg: str, colour: str) -> list[Shape]:
    shapes = [part for part in read_svg(svg, name="map").parts if isinstance(part, Shape)]
    return [shape for shape in shapes if shape.fill == colour and shape.fill_opacity > 0]


def test_the_place_that_counts_most_is_the_only_full_one() -> None:
    svg = face_maps([[hot_cell()]], title="A face", explanation="why")
    (hot,) = filled(svg, FOR)
    (cold,) = filled(svg, AGAINST)
    assert hot.fill_opacity > 1.9 * cold.fill_opacity
    assert hot.points_px[:, 1].min() > cold.points_px[:, 1].max()
    assert hot.points_px[:, 0].max() < cold.points_px[:, 0].min()
    assert "full colour = 0.4" in svg


def test_a_map_of_nothing_is_no_map() -> None:
    assert "nothing to show" in face_maps([[FacePanel("shown", np.zeros((7, 7)))]], title="t", explanation="e")


def test_panels_of_two_rows_lie_below_each_other() -> None:
    svg = face_maps([[hot_cell(), hot_cell()], [hot_cell(), hot_cell()]], title="t", explanation="e")
    tops = sorted({round(shape.points_px[:, 1].min()) for shape in filled(svg, FOR)})
    assert len(filled(svg, FOR)) == 4
    assert len(tops) == 2


def rows() -> list[StepRow]:
    values = np.array([0.5, -0.25, 0.0, 0.1, np.nan, 0.2, 0.0])
    return [StepRow("felt", values, np.zeros(7)), StepRow("attention", np.abs(values), np.full(7, 0.1))]


def test_a_bar_is_as_high_as_its_number() -> None:
    svg = step_bars(rows(), streams={"face": 3, "eye": 4}, title="Steps", explanation="why")
    bars = filled(svg, "#1f5fa8")
    heights = [float(np.ptp(bar.points_px[:, 1])) for bar in bars]
    assert len(bars) == 6
    assert np.isclose(heights[0], 2 * heights[1], atol=0.2)
    assert np.isclose(heights[0], 5 * heights[3], atol=0.5)
    assert bars[1].points_px[:, 1].min() >= bars[0].points_px[:, 1].max() - 0.2


def test_each_stream_has_its_column() -> None:
    svg = step_bars(rows(), streams={"face": 3, "eye": 4}, title="Steps", explanation="why")
    assert "face, 3 steps in time" in svg
    assert "eye, 4 steps in time" in svg
    assert not re.search("nan|inf", svg.replace("Steps", ""))


def test_the_bytes_are_the_same_twice() -> None:
    assert face_maps([[hot_cell()]], title="t", explanation="e") == face_maps(
        [[hot_cell()]], title="t", explanation="e"
    )
    assert step_bars(rows(), streams={"face": 3, "eye": 4}, title="t", explanation="e") == step_bars(
        rows(), streams={"face": 3, "eye": 4}, title="t", explanation="e"
    )
