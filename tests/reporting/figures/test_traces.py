"""Figures of continuous ratings."""

import math
from xml.etree import ElementTree

from emogap.reporting.figures.traces import LagCurve, TraceBand, lag_curves, mean_traces

NAN = math.nan


def drawn(svg: str, tag: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(svg).findall(f".//{{http://www.w3.org/2000/svg}}{tag}")


def test_every_film_has_a_panel_with_a_line_and_a_band_for_each_question() -> None:
    bands = [
        TraceBand(film, question, [0.5, 1.0, 1.5], [NAN, 5.0, 6.0], [NAN, 4.0, 5.0], [NAN, 6.0, 9.9])
        for film in ("V1", "V2", "V3", "V4", "V5")
        for question in ("valence", "arousal")
    ]
    svg = mean_traces(bands, limits=(1, 9), title="Mean")
    assert len(drawn(svg, "polyline")) == len(drawn(svg, "polygon")) == 10
    assert [text.text for text in drawn(svg, "text")].count("V5") == 1
    assert "nan" not in svg


def test_a_person_without_a_peak_has_an_interval_and_no_dot() -> None:
    curves = [
        LagCurve("P1", [-5, 0, 5], [0.1, 0.4, 0.2], 0.3, -1.0, 2.0),
        LagCurve("P2", [-5, 0, 5], [0.3, 0.1, 0.0], NAN, -5.0, 5.0),
        LagCurve("P3", [-5, 0, 5], [NAN, NAN, NAN], NAN, NAN, NAN),
    ]
    svg = lag_curves(curves, title="Lag")
    assert len(drawn(svg, "circle")) == 1
    assert "nan" not in svg
