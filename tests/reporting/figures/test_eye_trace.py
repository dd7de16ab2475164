"""The traces read back as XML."""

from xml.etree import ElementTree

import numpy as np

from emogap.reporting.figures.eye_trace import ALTERED, MEASURED, TraceRow, trace_figure
from emogap.types import StimulusInterval

SVG = "{http://www.w3.org/2000/svg}"
NONE = np.full(7, np.nan, np.float32)


def drawn(low: np.ndarray, altered: np.ndarray = NONE, **intervals: list[list[float]]) -> ElementTree.Element:
    row = TraceRow("pupil", "mm", 2.0, 0.5, low, low, altered, altered)
    spans = {kind: np.array(each, float).reshape(-1, 2) for kind, each in intervals.items()}
    shown = [StimulusInterval("s01", 2.5, 4.0)]
    return ElementTree.fromstring(trace_figure([row], spans, stimuli=shown, from_s=2.0, to_s=5.5, title="p01"))


def lines(figure: ElementTree.Element, colour: str) -> list[list[list[float]]]:
    found = [line.attrib for line in figure.iter(f"{SVG}polyline")]
    return [
        [[float(part) for part in pair.split(",")] for pair in line["points"].split()]
        for line in found
        if line["stroke"] == colour
    ]


def test_higher_values_stand_higher_and_later_ones_further_right() -> None:
    (points,) = lines(drawn(np.array([3, 4, 5, 4, 3, 2, 1], np.float32)), MEASURED)
    across, down = zip(*points, strict=True)
    assert list(across) == sorted(across)
    assert int(np.argmin(down)) == 2
    assert int(np.argmax(down)) == 6


def test_a_loss_is_a_hole_and_what_was_put_in_has_its_own_colour() -> None:
    low, altered = np.array([3, 3, np.nan, np.nan, 3, 3, 3], np.float32), NONE.copy()
    altered[2:4] = 2.5
    figure = drawn(low, altered)
    assert [len(points) for points in lines(figure, MEASURED)] == [2, 3]
    assert [len(points) for points in lines(figure, ALTERED)] == [2]


def test_events_outside_the_window_are_neither_drawn_nor_counted() -> None:
    figure = drawn(NONE + 1, blink=[[0.0, 1.0], [3.0, 3.2], [5.4, 6.0], [7.0, 8.0]])
    blinks = [box for box in figure.iter(f"{SVG}rect") if box.attrib["fill"] == "#a3157a"]
    assert len(blinks) == 2
    assert "2" in [text.text for text in figure.iter(f"{SVG}text")]


def test_what_was_never_measured_is_said() -> None:
    assert "nothing was measured" in [text.text for text in drawn(NONE).iter(f"{SVG}text")]


def test_events_that_cannot_be_told_apart_are_one_box_and_all_are_counted() -> None:
    onsets = np.arange(2.0, 5.0, 0.001)
    figure = drawn(NONE + 1, fixation=np.column_stack([onsets, onsets + 0.0009]).tolist())
    boxes = [box for box in figure.iter(f"{SVG}rect") if box.attrib["fill"] == "#4f7318"]
    assert len(boxes) == 1
    assert "3000" in [text.text for text in figure.iter(f"{SVG}text")]
