"""The figure of reliabilities names everybody, in order, and stays within its frame."""

import math
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.reliabilities import (
    MACHINE_COLOUR,
    PERSON_COLOUR,
    AnnotatorMark,
    reliability_figure,
)

SVG = "{http://www.w3.org/2000/svg}"
MARKS = (
    AnnotatorMark("ann", 0.5, 40),
    AnnotatorMark("ben", math.nan, 0),
    AnnotatorMark("machine-x", 0.75, 38, is_machine=True),
)


def drawn(figure: str) -> ElementTree.Element:
    return ElementTree.fromstring(figure)


def texts_of(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_annotators_stand_by_reliability_and_the_unknown_last() -> None:
    root = drawn(reliability_figure({"emotion7": MARKS}, title="dawid_skene & co"))
    told = texts_of(root)
    assert [name for name in told if name in {"ann", "ben", "machine-x"}] == ["machine-x", "ann", "ben"]
    assert {"0.75, 38 rated", "0.50, 40 rated", "unknown, 0 rated", "dawid_skene & co"} <= set(told)
    assert [dot.attrib["fill"] for dot in root.iter(f"{SVG}circle")] == [MACHINE_COLOUR, PERSON_COLOUR]


def test_a_dot_lies_where_its_reliability_is() -> None:
    """Half way between the marks of 0 and 1 for 0.5."""
    root = drawn(reliability_figure({"q": MARKS[:1]}, title="t"))
    ticks = {element.text: float(element.attrib["x"]) for element in root.iter(f"{SVG}text")}
    dot = next(root.iter(f"{SVG}circle"))
    assert float(dot.attrib["cx"]) == pytest.approx((ticks["0"] + ticks["1"]) / 2, abs=0.1)


def test_a_negative_kappa_has_room() -> None:
    root = drawn(reliability_figure({"q": (AnnotatorMark("low", -0.31, 7), *MARKS)}, title="t"))
    ticks = {element.text: float(element.attrib["x"]) for element in root.iter(f"{SVG}text")}
    dot = list(root.iter(f"{SVG}circle"))[-1]
    assert ticks["-0.4"] < float(dot.attrib["cx"]) < ticks["-0.2"]


def test_a_crowd_is_shown_without_names_and_nothing_leaves_the_frame() -> None:
    crowd = tuple(AnnotatorMark(f"worker-with-a-long-name-{number}", number / 501, 9) for number in range(501))
    root = drawn(reliability_figure({"a": crowd, "b": MARKS, "c": MARKS[:1]}, title="t"))
    assert not any(text.startswith("worker") for text in texts_of(root))
    assert len(list(root.iter(f"{SVG}circle"))) == 501 + 2 + 1
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert height < 1200
    for dot in root.iter(f"{SVG}circle"):
        assert 0 < float(dot.attrib["cx"]) < width
        assert 0 < float(dot.attrib["cy"]) < height
