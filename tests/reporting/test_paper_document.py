"""The document that holds tables and figures in the order in which they were given."""

import re

import pytest

from emogap.reporting.paper_document import MOST_FLOATS, PaperFigure, PaperSection, paper_latex


def order_of(tables: tuple[str, ...], *, figures: int = 0, long: tuple[str, ...] = ()) -> list[str]:
    """Names of tables and figures of the only section, and ``/`` where a page is begun."""
    drawn = tuple(PaperFigure(f"figure{number}", "A figure.", "<svg/>", False) for number in range(figures))
    section = PaperSection("Only", (), tables, drawn, frozenset(long))
    latex = paper_latex("Results", [section], notice="None.")
    found = re.findall(r"\\input\{tables/(\w+)\}|figures/(\w+)\.pdf|(\\clearpage)", latex)
    return ["/" if page else table or figure for table, figure, page in found]


def test_floats_that_wait_are_printed_before_a_long_table() -> None:
    """A table over pages is no float: Table 20 stood before Table 17."""
    assert order_of(("a", "b", "c", "d"), long=("c",)) == ["a", "b", "/", "c", "d", "/"]
    assert order_of(("c", "d"), figures=1, long=("c",)) == ["c", "d", "figure0", "/"]
    assert order_of(("a", "b"), long=("a", "b")) == ["a", "b", "/"]


@pytest.mark.parametrize(("floats", "pages"), [(MOST_FLOATS, 1), (MOST_FLOATS + 1, 2), (2 * MOST_FLOATS + 1, 3)])
def test_no_more_floats_wait_than_latex_can_hold(floats: int, pages: int) -> None:
    told = order_of(tuple(f"t{number}" for number in range(3)), figures=floats - 3)
    assert told.count("/") == pages
    assert all(len(part.split()) <= MOST_FLOATS for part in " ".join(told).split("/"))
