"""Dates as exports write them, in an order that depends on the language of the recording computer."""

import re
from collections.abc import Sequence
from datetime import date

__all__ = ["describe_date", "parse_date"]

YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})")


def parse_date(text: str, others: Sequence[str] = ()) -> date | None:
    """The date in a text, or None where day and month cannot be told apart without guessing.

    Parameters
    ----------
    text : str
        Year first, or day.month.year, or with slashes or dashes in either order.
    others : sequence of str
        Dates of the same file: one that can only be read day first (or month first) settles the order.

    Examples
    --------
    >>> parse_date("2026-11-21"), parse_date("21.11.2026"), parse_date("11/21/2026"), parse_date("01/06/2022")
    (datetime.date(2026, 11, 21), datetime.date(2026, 11, 21), datetime.date(2026, 11, 21), None)
    >>> parse_date("01/06/2022", others=("30/05/2022",))
    datetime.date(2022, 6, 1)
    """
    iso, last = YEAR_FIRST.match(text.strip()), YEAR_LAST.match(text.strip())
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if not last:
            return None
        first, second, year = int(last[1]), int(last[3]), int(last[4])
        day_first = last[2] == "." or first == second or _day_first((text, *others))
        if day_first is None:
            return None
        return date(year, second, first) if day_first else date(year, first, second)
    except ValueError:
        return None


def _day_first(texts: Sequence[str]) -> bool | None:
    """Whether these dates stand day first; None if none of them tells, or they disagree."""
    found = [match for match in map(YEAR_LAST.match, texts) if match]
    day_first = any(int(match[1]) > 12 for match in found)
    month_first = any(int(match[3]) > 12 for match in found)
    return day_first if day_first != month_first else None


def describe_date(text: str, others: Sequence[str] = ()) -> str:
    """The date as the file has it, and as it was understood."""
    day = parse_date(text, others)
    if day is None:
        return f"the date {text} cannot be read without guessing day and month"
    return f"the date is {day.isoformat()} ({text} in the file)"
