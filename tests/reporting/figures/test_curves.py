"""Curves: every point at its place, and the floor below them."""

import re
from xml.etree import ElementTree

from emogap.reporting.figures.curves import CurvePanel, CurvePoint, curves

PANELS = [
    CurvePanel(
        "noise",
        "variance",
        {
            "emert": [
                CurvePoint(0, 0.6, 0.5, 0.7),
                CurvePoint(0.01, 0.55, 0.45, 0.65),
                CurvePoint(0.1, 0.4, None, None),
            ],
            "linear": [CurvePoint(0, 0.5, 0.4, 0.6), CurvePoint(0.1, 0.45, 0.4, 0.5)],
        },
    ),
    CurvePanel("drift", "deg", {"emert": [CurvePoint(0, 0.6, 0.5, 0.7), CurvePoint(2, 0.5, 0.4, 0.6)]}),
]


def drawn(*, floor: float | None = 0.33, is_simulated: bool = False) -> str:
    return curves(PANELS, title="UAR", metric="UAR", floor=floor, is_simulated=is_simulated)


def points(svg: str, radius: str = "3.2") -> list[tuple[float, float]]:
    found = re.findall(rf'<circle cx="([\d.]+)" cy="([\d.]+)" r="{radius}"', svg)
    return [(float(x), float(y)) for x, y in found]


def test_every_point_is_drawn_and_a_higher_score_stands_higher() -> None:
    places = points(drawn())
    assert len(places) == 3 + 2 + 2
    heights = [y for _, y in places]
    assert heights[0] < heights[1] < heights[2]
    assert heights[0] == heights[5]


def test_levels_stand_in_their_order() -> None:
    across = [x for x, _ in points(drawn())]
    assert across[0] < across[1] < across[2]
    assert across[3] > across[0]


def test_panels_levels_and_models_are_named() -> None:
    texts = {element.text for element in ElementTree.fromstring(drawn()).iter() if element.tag.endswith("text")}
    assert {"noise", "drift", "variance", "deg", "0.01", "emert", "linear", "majority (floor)"} <= texts


def test_without_a_floor_there_is_no_dashed_line() -> None:
    assert "stroke-dasharray" in drawn()
    assert "stroke-dasharray" not in drawn(floor=None)


def test_simulated_people_are_said_to_be() -> None:
    assert "SIMULATED" in drawn(is_simulated=True)
    assert "SIMULATED" not in drawn()
