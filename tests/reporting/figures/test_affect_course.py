"""The figure of values along a recording, read back as XML."""

from math import nan
from xml.etree import ElementTree

from emogap.reporting.figures.affect_course import CoursePanel, affect_course

SVG = "{http://www.w3.org/2000/svg}"


def drawn(panels: list[CoursePanel], time_s: list[float]) -> ElementTree.Element:
    return ElementTree.fromstring(affect_course(panels, time_s, limits=(0.0, 1.0), title="r1: <estimated>"))


def test_every_value_is_a_point_and_higher_values_are_higher() -> None:
    figure = drawn([CoursePanel("valence", [0.2, 0.8, 0.5], [0.1] * 3, [0.9] * 3)], [5.0, 7.5, 10.0])
    y = [float(point.attrib["cy"]) for point in figure.iter(f"{SVG}circle")]
    assert y[1] < y[2] < y[0]
    assert len(list(figure.iter(f"{SVG}polygon"))) == 1


def test_a_window_without_gaze_breaks_the_line() -> None:
    panel = CoursePanel("valence", [0.2, 0.3, nan, 0.5, 0.6], [0.1, 0.1, nan, 0.1, 0.1], [0.9, 0.9, nan, 0.9, 0.9])
    figure = drawn([panel], [5.0, 7.5, 10.0, 12.5, 15.0])
    assert len(list(figure.iter(f"{SVG}circle"))) == 4
    assert len(list(figure.iter(f"{SVG}polygon"))) == 2


def test_one_seed_has_no_band() -> None:
    figure = drawn([CoursePanel("valence", [0.2, 0.3], [nan, nan], [nan, nan])], [5.0, 7.5])
    assert not list(figure.iter(f"{SVG}polygon"))


def test_an_hour_has_no_more_ticks_than_can_be_read() -> None:
    time_s = [5.0 + 2.5 * step for step in range(1440)]
    figure = drawn([CoursePanel("valence", [0.5] * 1440, [nan] * 1440, [nan] * 1440)], time_s)
    labels = [text.text for text in figure.iter(f"{SVG}text")]
    assert [label for label in labels if label and label.isdigit() and int(label) > 1] == [
        str(tick) for tick in range(600, 3601, 600)
    ]


def test_the_title_is_read_out() -> None:
    assert drawn([CoursePanel("valence", [0.2], [nan], [nan])], [5.0]).attrib["aria-label"] == "r1: <estimated>"
