"""The figure of forecasts by how far they reach."""

import math
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.forecast_horizons import ForecastPanel, HorizonLine, forecast_horizons

NAN = math.nan
SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str, tag: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(svg).findall(f".//{SVG}{tag}")


def panel(title: str, *, end_s: float, low: float = 0.1) -> ForecastPanel:
    times = [0.25 * end_s, 0.5 * end_s, 0.75 * end_s, end_s]
    known = HorizonLine("network", times, [0.8, 0.6, 0.5, 0.4], [low] * 4, [0.9] * 4)
    others = (HorizonLine(name, times, [0.7, 0.5, 0.4, 0.3], [NAN] * 4, [NAN] * 4) for name in ("ridge", "last"))
    return ForecastPanel(title, end_s, (known, *others))


def test_a_forecast_is_named_once_and_marked_at_every_time_of_every_panel() -> None:
    svg = forecast_horizons([panel("eyes", end_s=1.5), panel("head", end_s=5.0)], limits=(0.0, 1.0), title="r")
    words = [text.text for text in drawn(svg, "text")]
    assert [words.count(name) for name in ("network", "ridge", "last", "eyes", "head")] == [1, 1, 1, 1, 1]
    assert len(drawn(svg, "circle")) == 2 * 4 + 1
    assert "nan" not in svg


def test_only_the_first_forecast_has_a_band_and_none_without_an_interval() -> None:
    assert len(drawn(forecast_horizons([panel("eyes", end_s=2.0)], limits=(0.0, 1.0), title="r"), "polygon")) == 5 + 1
    svg = forecast_horizons([panel("eyes", end_s=2.0, low=NAN)], limits=(0.0, 1.0), title="r")
    assert len(drawn(svg, "polygon")) == 5


def test_a_better_score_stands_higher_and_a_later_one_further_right() -> None:
    circles = drawn(forecast_horizons([panel("eyes", end_s=2.0)], limits=(0.0, 1.0), title="r"), "circle")[1:]
    assert [float(each.get("cy", "")) for each in circles] == sorted(float(each.get("cy", "")) for each in circles)
    across = [float(each.get("cx", "")) for each in circles]
    assert across == sorted(across)
    assert across[3] - across[0] == pytest.approx(0.75 * 230, abs=0.2)


def test_a_score_below_the_axis_is_drawn_at_its_end() -> None:
    times = [1.0, 2.0]
    lines = tuple(HorizonLine(name, times, [-3.0, 0.5], [NAN] * 2, [NAN] * 2) for name in ("network", "last"))
    circles = drawn(forecast_horizons([ForecastPanel("eyes", 2.0, lines)], limits=(-0.2, 1.0), title="r"), "circle")
    assert float(circles[1].get("cy", "")) == pytest.approx(78 + 170)
