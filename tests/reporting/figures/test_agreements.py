"""The figure of agreement shows every coefficient where it lies, and stays within its frame."""

import math
from xml.etree import ElementTree

import pytest

from emogap.reporting.figures.agreements import COLOUR, CoefficientMark, agreement_figure

SVG = "{http://www.w3.org/2000/svg}"
MARKS = (
    CoefficientMark("krippendorff_alpha", 0.5, 0.25, 0.75),
    CoefficientMark("fleiss_kappa", 1.0, math.nan, math.nan),
    CoefficientMark("gwet_ac1", math.nan, math.nan, math.nan),
)


def drawn(*marks: CoefficientMark) -> ElementTree.Element:
    return ElementTree.fromstring(agreement_figure({"emotion7": marks}, title="ann & ben"))


def places_of(root: ElementTree.Element) -> list[float]:
    return [float(dot.attrib["cx"]) for dot in root.iter(f"{SVG}circle")]


def test_every_coefficient_is_named_and_an_undefined_one_has_no_dot() -> None:
    root = drawn(*MARKS)
    told = [element.text for element in root.iter(f"{SVG}text")]
    assert {"krippendorff_alpha", "0.50 [0.25, 0.75]", "1.00", "undefined", "ann & ben"} <= set(told)
    assert len(places_of(root)) == 2


def test_an_interval_reaches_as_far_on_the_axis_as_it_says() -> None:
    """From 0 to 1 the axis is straight: the interval of 0.25 to 0.75 has its dot in the middle, one half long."""
    root = drawn(*MARKS)
    whole = places_of(root)[1] - 2 * (places_of(root)[1] - places_of(root)[0])
    (interval,) = [bar for bar in root.iter(f"{SVG}line") if bar.attrib.get("stroke") == COLOUR]
    ends = float(interval.attrib["x1"]), float(interval.attrib["x2"])
    assert sum(ends) / 2 == pytest.approx(places_of(root)[0], abs=0.2)
    assert ends[1] - ends[0] == pytest.approx((places_of(root)[1] - whole) / 2, abs=0.2)


def test_less_than_chance_widens_the_axis_and_stays_within_the_frame() -> None:
    root = drawn(CoefficientMark("cohen_kappa", -0.3, -3.0, 0.1), CoefficientMark("gwet_ac1", 0.9, 0.8, 1.0))
    assert "-1" in [element.text for element in root.iter(f"{SVG}text")]
    low, high = places_of(root)
    assert 0 < low < high < float(root.attrib["viewBox"].split()[2])
