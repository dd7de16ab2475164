"""The figure of exclusions says every number of every stage."""

from xml.etree import ElementTree

from emogap.reporting.figures.exclusion_flow import exclusion_flow_figure
from emogap.types.quality import FlowStage

STAGES = (
    FlowStage("session_recorded", "a session was recorded", 9, 8, 40, 1, 0, 0),
    FlowStage("min_valid_share", "at least 0.8 of the samples valid", 8, 8, 40, 2, 2, 17),
    FlowStage("max_longest_gap_s", "no gap longer than 1 s", 6, 6, 23, 0, 0, 0),
)


def texts_of(figure: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(figure).iter() if element.tag.endswith("text")]


def test_every_box_has_its_numbers_in_order() -> None:
    told = texts_of(exclusion_flow_figure(STAGES, title="study & co", gate="0123456789abcdef" * 4))
    numbers = [text for text in told if "clip" in text]
    assert numbers == [
        "9 people, 8 sessions, 40 clips",
        "left out: 1 person, 0 sessions, 0 clips",
        "8 people, 8 sessions, 40 clips",
        "left out: 2 people, 2 sessions, 17 clips",
        "6 people, 6 sessions, 23 clips",
        "6 people, 6 sessions, 23 clips",
    ]
    assert told.count("nothing left out") == 1
    assert "quality gate 0123456789abcdef" in told


def test_nothing_is_drawn_outside_the_figure() -> None:
    root = ElementTree.fromstring(exclusion_flow_figure(STAGES, title="t"))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
        assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height
