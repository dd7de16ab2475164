"""The figures of the gap say what was counted and stay within their frames."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.affect_plane import affect_plane
from emogap.reporting.figures.confusion_panels import PANELS, ConfusionPanel, confusion_panels
from emogap.reporting.figures.gap_groups import gap_by_group, gap_over_people
from emogap.reporting.figures.views import felt_against_shown, label_distribution

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = ("positive", "negative", "neutral")
JOINT = ((0.3, 0.0, 0.1), (0.05, 0.2, 0.15), (0.0, 0.0, 0.2))
LONG = "a title that is longer than the frame of any figure would be without a title " * 2

FIGURES = {
    "labels": label_distribution((0.5, 0.3, 0.2), (0.2, 0.2, 0.6), CLASSES, title=LONG),
    "felt_shown": felt_against_shown(JOINT, CLASSES, title=LONG),
    "stimuli": gap_by_group([("s1", 0.2, 0.0, 1.0), ("s2", 0.4, float("nan"), float("nan"))], overall=0.3, title=LONG),
    "panels": confusion_panels(
        [ConfusionPanel(f"{number} {LONG}", "9 clips", JOINT) for number in range(PANELS)], CLASSES, title=LONG
    ),
    "panel": confusion_panels([ConfusionPanel("s1", "9 clips, gap 30 %", JOINT)], CLASSES, title=LONG),
    "people": gap_over_people((0.0, 0.05, 1.0, 0.31), title=LONG),
    "plane": affect_plane(
        ((-1, 1), (0.2, 0.2)), ((1, -1), (0.2, 0.2)), ("s1", "s2"), faint=((0, 0, 1, 1),), title=LONG
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_everything_lies_within_the_frame(name: str) -> None:
    root = ElementTree.fromstring(FIGURES[name])
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for element in root.iter():
        for key, value in element.attrib.items():
            if key in ("x", "x1", "x2", "cx"):
                assert 0 <= float(value) <= width
            if key in ("y", "y1", "y2", "cy"):
                assert 0 <= float(value) <= height
    assert 16 + 7 * len(LONG) < width


def texts(figure: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure).iter(f"{SVG}text")]


def test_shares_stand_at_their_bars_and_cells() -> None:
    assert texts(FIGURES["labels"]).count("20 %") == 3
    assert [text for text in texts(FIGURES["felt_shown"]) if "." in text][:3] == ["30.0", "0.0", "10.0"]


def test_participants_are_counted_not_named() -> None:
    counts = [text for text in texts(FIGURES["people"]) if text.isdigit()]
    assert counts == ["2", "1", "1"]


def test_names_of_equal_points_do_not_cover_each_other() -> None:
    root = ElementTree.fromstring(affect_plane(((0, 0),) * 3, ((0.5, 0.5),) * 3, ("s1", "s2", "s3"), title="three"))
    heights = [float(text.attrib["y"]) for text in root.iter(f"{SVG}text") if (text.text or "") in ("s1", "s2", "s3")]
    assert min(abs(a - b) for a, b in pairwise(heights)) >= 11


def test_a_panel_holds_the_shares_that_are_seen() -> None:
    found = texts(FIGURES["panel"])
    assert [text for text in found if text.isdigit()] == ["30", "10", "5", "20", "15", "20"]
    assert "9 clips, gap 30 %" in found
    assert found.count("pos") == found.count("neg") == found.count("neu") == 2


def test_panels_stand_in_rows_of_four() -> None:
    root = ElementTree.fromstring(FIGURES["panels"])
    names = [text for text in root.iter(f"{SVG}text") if "a title" in (text.text or "") and text.get("y") != "16.0"]
    assert len(names) == PANELS
    places = [(float(text.attrib["x"]), float(text.attrib["y"])) for text in names]
    assert len({x for x, _ in places}) == len({y for _, y in places}) == 4
    assert places == sorted(places, key=lambda place: (place[1], place[0]))
    assert all(len(text.text or "") <= 20 for text in names)
