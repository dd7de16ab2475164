"""Panels that share rows show every number where it lies, and say where there is none."""

import math
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.interval_panels import (
    COLOURS,
    TRUTH,
    IntervalPanel,
    PanelBlock,
    PanelMark,
    interval_panels,
)

SVG = "{http://www.w3.org/2000/svg}"
ROWS = (("experts", "majority"), ("experts", "gaussian"), ("machine", "majority"))


def drawn(*panels: IntervalPanel) -> ElementTree.Element:
    return ElementTree.fromstring(interval_panels([PanelBlock("how <close>", ROWS, panels)], title="ways & means"))


def texts(root: ElementTree.Element) -> list[str | None]:
    return [element.text for element in root.iter(f"{SVG}text")]


def test_a_dot_lies_in_the_middle_of_its_interval_and_as_far_as_the_axis_says() -> None:
    marks = (PanelMark(0, 0.0), PanelMark(1, 0.5, 0.25, 0.75), PanelMark(2, 1.0))
    root = drawn(IntervalPanel("alpha", marks))
    start, middle, end = (float(dot.attrib["cx"]) for dot in root.iter(f"{SVG}circle"))
    (bar,) = [one for one in root.iter(f"{SVG}line") if one.attrib["stroke"] == COLOURS[0]]
    low, high = float(bar.attrib["x1"]), float(bar.attrib["x2"])
    assert middle == pytest.approx((start + end) / 2, abs=0.1)
    assert (low, high) == pytest.approx((start + (end - start) / 4, start + 3 * (end - start) / 4), abs=0.1)


def test_each_row_is_told_once_and_a_group_at_its_first_row() -> None:
    told = texts(drawn(IntervalPanel("alpha", (PanelMark(0, 0.5),)), IntervalPanel("gap", ())))
    assert told.count("experts") == 1
    assert told.count("majority") == 2
    assert "how <close>" in told


def test_a_row_without_a_mark_has_a_hyphen_instead_of_a_number() -> None:
    told = texts(drawn(IntervalPanel("alpha", (PanelMark(1, 0.42),))))
    assert told.count("-") == 2
    assert told.count("0.42") == 1


def test_two_series_differ_in_shape_and_colour_and_the_first_has_the_number() -> None:
    marks = (PanelMark(0, 0.25, series=0), PanelMark(0, 0.75, series=1))
    root = drawn(IntervalPanel("RMSE", marks, series=("valence", "arousal")))
    assert {"valence", "arousal", "0.25"} <= set(texts(root))
    assert "0.75" not in texts(root)
    # One of each stands in the legend.
    assert len([one for one in root.iter(f"{SVG}circle") if one.attrib["fill"] == COLOURS[0]]) == 2
    assert len([one for one in root.iter(f"{SVG}polygon") if one.attrib["fill"] == COLOURS[1]]) == 2


def test_the_truth_is_a_line_at_its_place() -> None:
    root = drawn(IntervalPanel("gap", (PanelMark(2, 0.2, math.nan, math.nan),), reference=("true gap", 0.2)))
    (truth,) = [one for one in root.iter(f"{SVG}line") if one.attrib["stroke"] == TRUTH]
    (dot,) = root.iter(f"{SVG}circle")
    assert truth.attrib["x1"] == truth.attrib["x2"] == dot.attrib["cx"]
    assert "true gap" in texts(root)


@pytest.mark.parametrize(("limits", "ends"), [((0.0, 0.15), ("0", "0.15")), ((-0.4, 1.0), ("-0.4", "1"))])
def test_the_axis_has_round_numbers_up_to_both_ends(limits: tuple[float, float], ends: tuple[str, str]) -> None:
    told = [one for one in texts(drawn(IntervalPanel("x", (), limits))) if one is not None]
    numbers = [one for one in told if one.replace(".", "").replace("-", "").isdigit()]
    assert (numbers[0], numbers[-1]) == ends
    assert 3 <= len(numbers) <= 8
