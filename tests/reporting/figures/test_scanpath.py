"""The scanpath read back as XML: places, areas and broken lines by hand."""

from math import pi, radians, tan
from xml.etree import ElementTree

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.reporting.figures.scanpath import scanpath_figure
from emogap.reporting.figures.screen_view import LEFT, TOP, WIDTH, ScreenView
from emogap.types import EyeEvents

SVG = "{http://www.w3.org/2000/svg}"
VIEW = ScreenView((40.0, 24.0))


def events(centre: list[list[float]], onset_s: list[float], offset_s: list[float], frame: str = "deg") -> EyeEvents:
    num = len(centre)
    return EyeEvents(
        np.array(["fixation"] * num),
        np.array(onset_s),
        np.array(offset_s),
        np.array(centre, float).reshape(num, 2),
        np.full(num, np.nan),
        "by hand",
        frame,  # type: ignore[arg-type]
    )


THREE = events([[0, 0], [10, 6], [-10, 0]], [0.0, 0.5, 1.2], [0.4, 0.9, 2.8])


def drawn(
    found: EyeEvents = THREE, *, losses: list[list[float]] | None = None, to_s: float = 9.0
) -> ElementTree.Element:
    lost = np.array(losses or [], float).reshape(-1, 2)
    return ElementTree.fromstring(scanpath_figure(VIEW, found, losses=lost, from_s=0, to_s=to_s, title="p01 & s01"))


def rings(figure: ElementTree.Element) -> list[dict[str, str]]:
    """Outlines of fixations; the last circle with an outline is the key."""
    return [circle.attrib for circle in figure.iter(f"{SVG}circle") if "stroke" in circle.attrib][:-1]


def test_a_fixation_lies_where_a_flat_screen_has_its_angle() -> None:
    _, second, _ = rings(drawn())
    height = WIDTH * tan(radians(12)) / tan(radians(20))
    assert float(second["cx"]) == pytest.approx(LEFT + WIDTH / 2 * (1 + tan(radians(10)) / tan(radians(20))), abs=0.06)
    assert float(second["cy"]) == pytest.approx(TOP + height / 2 * (1 - tan(radians(6)) / tan(radians(12))), abs=0.06)


def test_areas_go_with_the_time_in_the_window() -> None:
    areas = [pi * float(ring["r"]) ** 2 for ring in rings(drawn())]
    assert areas[2] / areas[0] == pytest.approx(1.6 / 0.4, rel=0.01)
    cut = [pi * float(ring["r"]) ** 2 for ring in rings(drawn(to_s=1.6))]
    assert cut[2] / cut[0] == pytest.approx(1.0, rel=0.01)


def test_fixations_are_numbered_in_their_order() -> None:
    numbers = [
        text.text for text in drawn().iter(f"{SVG}text") if text.attrib.get("font-weight") and text.text != "p01 & s01"
    ]
    assert numbers == ["1", "2", "3"]


def test_the_way_is_broken_only_where_gaze_was_lost_between() -> None:
    def is_broken(figure: ElementTree.Element) -> list[bool]:
        ways = [line for line in figure.iter(f"{SVG}line") if line.attrib["stroke-width"] == "1.3"]
        return ["stroke-dasharray" in line.attrib for line in ways[:-1]]

    assert is_broken(drawn()) == [False, False]
    assert is_broken(drawn(losses=[[0.95, 1.15]])) == [False, True]
    assert is_broken(drawn(losses=[[0.6, 0.7], [3.0, 4.0]])) == [False, False]


def test_what_lay_off_the_screen_is_counted_and_not_drawn() -> None:
    figure = drawn(events([[0, 0], [25, 0]], [0.0, 0.5], [0.4, 0.9]))
    assert len(rings(figure)) == 1
    assert any("2 fixations, 1 of them off the screen" in (text.text or "") for text in figure.iter(f"{SVG}text"))


def test_nothing_found_is_said() -> None:
    figure = drawn(events([], [], []))
    assert any(text.text == "no fixation was found" for text in figure.iter(f"{SVG}text"))


def test_pixels_are_refused() -> None:
    with pytest.raises(UsageError, match="screen_px"):
        drawn(events([[100, 100]], [0.0], [0.4], "screen_px"))
