"""Bars of data quality read back as XML."""

from math import nan
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.quality_course import COLOUR, GREY, QualityRow, quality_course

SVG = "{http://www.w3.org/2000/svg}"


def boxes(colour: str) -> list[dict[str, str]]:
    rows = [
        QualityRow("p01", [0.0, 0.5, 0.25], [0.1, nan, 0.2], [0.0, 0.3, 0.1]),
        QualityRow("p02", [1.0, 0.0], [nan, 0.1], [1.0, 0.0]),
    ]
    svg = quality_course(rows, from_s=0.0, window_s=2.0, title="t", time_name="time (s)")
    return [box.attrib for box in ElementTree.fromstring(svg).iter(f"{SVG}rect") if box.attrib["fill"] == colour]


def test_bars_of_a_column_share_their_scale_across_sessions() -> None:
    tall = [float(bar["height"]) for bar in boxes(COLOUR)]
    # Loss: 0.5, 0.25 and 1.0; precision: 0.1, 0.2, 0.1; gap: 0.3, 0.1, 1.0 of their greatest.
    assert [height / max(tall) for height in tall] == pytest.approx(
        [0.5, 0.25, 1.0, 0.5, 1.0, 0.5, 0.3, 0.1, 1.0], abs=0.002
    )


def test_what_cannot_be_said_is_a_dot_and_no_bar() -> None:
    assert len(boxes(GREY)) == 2
