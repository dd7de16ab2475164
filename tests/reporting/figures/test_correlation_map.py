"""The map of correlations prints what it colours."""

import math
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.correlation_map import MapBlock, MapCell, correlation_map

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a title that is longer than the frame of the map would be without a title " * 3

FELT = MapBlock(
    "felt",
    (("values", ("valence", "arousal")), ("emotion3", ("positive",))),
    (
        (MapCell(0.25, is_found=True), MapCell(-0.125), MapCell(math.nan)),
        (MapCell(-0.5, is_found=True, is_found_two_way=True), MapCell(0.004), MapCell(1.0, is_found=True)),
    ),
)
SHOWN = MapBlock("shown", (("values", ("valence",)),), ((MapCell(0.1),), (MapCell(0.2),)))
MEASURES = (("pupil", "mean (mm)"), ("pupil", "slope (mm/s)"))


def drawn(title: str = "t") -> ElementTree.Element:
    return ElementTree.fromstring(correlation_map(MEASURES, (FELT, SHOWN), title=title, notes=(LONG,)))


def test_every_value_is_printed_with_its_sign_and_what_is_unknown_as_a_dash() -> None:
    words = [element.text for element in drawn().iter(f"{SVG}text")]
    for value in ("+0.25", "-0.13", "-0.50", "+0.00", "+1.00", "+0.10", "+0.20", "-"):
        assert words.count(value) == 1, value
    assert words.count("pupil") == 1


def test_only_what_is_found_is_coloured_and_bold() -> None:
    root = drawn()
    colours = [element.attrib["fill"] for element in root.iter(f"{SVG}rect")]
    assert len([colour for colour in colours if colour != "#eef1f4"]) == 3
    bold = {element.text for element in root.iter(f"{SVG}text") if "font-weight" in element.attrib}
    assert {"+0.25", "-0.50", "+1.00"} <= bold
    assert not {"-0.13", "+0.10", "+0.00"} & bold
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_the_title_of_a_narrow_block_is_not_cut_off() -> None:
    narrow = MapBlock("target (of the stimulus)", (("values", ("valence",)),), ((MapCell(0.1),), (MapCell(0.2),)))
    root = ElementTree.fromstring(correlation_map(MEASURES, (narrow,), title="t"))
    (heading,) = (element for element in root.iter(f"{SVG}text") if element.text == narrow.title)
    width = float(root.attrib["viewBox"].split()[2])
    # Bold letters of 12 px are 7 px wide at the most, on average.
    assert float(heading.attrib["x"]) + 7 * len(narrow.title) <= width


@pytest.mark.parametrize("title", ["t", LONG])
def test_everything_lies_within_the_frame(title: str) -> None:
    root = drawn(title)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for element in root.iter(f"{SVG}rect"):
        assert float(element.attrib["x"]) + float(element.attrib["width"]) <= width
        assert float(element.attrib["y"]) + float(element.attrib["height"]) <= height
    for element in root.iter(f"{SVG}text"):
        assert 0 <= float(element.attrib["x"]) <= width
        assert 0 <= float(element.attrib["y"]) <= height
