"""A table of results as a paper prints it: numbers kept as numbers, formatted only when they are written."""

from typing import Literal, TypedDict

__all__ = ["ResultCell", "ResultColumn", "ResultTable"]


class ResultColumn(TypedDict):
    """One column.

    `title` is what is printed, `heading` the name that columns side by side share (empty = none). `unit` is printed
    in brackets; ``"percent"`` means that the value is a share and is printed times 100, ``"p"`` that it is a p
    value and never printed as zero. `decimals` are those after
    that. `better` says which end of a column of scores is marked as best.
    """

    name: str
    title: str
    heading: str
    unit: str
    decimals: int
    better: Literal["higher", "lower", ""]


class ResultCell(TypedDict):
    """One value, with its 95 % interval where it has one.

    A `value` of None was not computed, and `note` says why in a few words. `is_ranked` is False for floors, oracles
    and best possible scores, which never are the best of a column.
    """

    value: float | int | str | None
    low: float | None
    high: float | None
    note: str
    is_ranked: bool


class ResultTable(TypedDict):
    """One table.

    `name` is fit for a file (``emer_table_05``), `caption` one paragraph that says data, label view, split, preset,
    number of clips and people, and what an interval means. A row is as long as `columns`; `row_groups` has one entry
    per row, the heading under which the row stands (empty = none). `is_simulated` colours the table and puts the
    warning beside it. `notes` stand below.
    """

    name: str
    title: str
    caption: str
    columns: list[ResultColumn]
    rows: list[list[ResultCell]]
    row_groups: list[str]
    is_simulated: bool
    notes: list[str]
