"""Columns and cells of tables of results in which nothing is ranked."""

import numpy as np

from emogap.scoring import Interval
from emogap.types.result_table import ResultCell, ResultColumn

__all__ = ["OVER_PEOPLE", "interval_cell", "plain_cell", "plain_column"]

OVER_PEOPLE = "Brackets: 95 % intervals over people."
"""What the caption of a table with such intervals says of them."""


def plain_column(name: str, title: str, *, heading: str = "", unit: str = "", decimals: int = 0) -> ResultColumn:
    """A column of which no end is better than the other."""
    return ResultColumn(name=name, title=title, heading=heading, unit=unit, decimals=decimals, better="")


def plain_cell(value: float | int | str) -> ResultCell:
    """A value without an interval; a number that is not finite is one that was not computed."""
    is_known = isinstance(value, str | int) or bool(np.isfinite(value))
    return ResultCell(value=value if is_known else None, low=None, high=None, note="", is_ranked=True)


def interval_cell(interval: Interval | None, *, note: str = "") -> ResultCell:
    """An estimate with its limits, where it has some; where there is no estimate, `note` says why.

    Examples
    --------
    >>> interval_cell(None, note="one stimulus")["value"] is None
    True
    """
    if interval is None:
        return ResultCell(value=None, low=None, high=None, note=note, is_ranked=True)
    has_limits = bool(np.isfinite(interval.low))
    return ResultCell(
        value=interval.estimate,
        low=interval.low if has_limits else None,
        high=interval.high if has_limits else None,
        note="",
        is_ranked=True,
    )
