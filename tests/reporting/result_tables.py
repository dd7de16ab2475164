"""Tables of results made by hand."""

from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["cell", "column", "table"]


def column(name: str, *, better: str = "", unit: str = "", decimals: int = 2, heading: str = "") -> ResultColumn:
    return ResultColumn(
        name=name, title=name.upper(), heading=heading, unit=unit, decimals=decimals, better=better  # type: ignore[typeddict-item]
    )  # fmt: skip


def cell(
    value: float | str | None,
    low: float | None = None,
    high: float | None = None,
    *,
    note: str = "",
    is_ranked: bool = True,
) -> ResultCell:
    return ResultCell(value=value, low=low, high=high, note=note, is_ranked=is_ranked)


def table(
    columns: list[ResultColumn],
    rows: list[list[ResultCell]],
    *,
    groups: list[str] | None = None,
    is_simulated: bool = False,
    notes: list[str] | None = None,
) -> ResultTable:
    return ResultTable(
        name="by_hand",
        title="Scores & more",
        caption="24 people, 150 clips.",
        columns=columns,
        rows=rows,
        row_groups=[""] * len(rows) if groups is None else groups,
        is_simulated=is_simulated,
        notes=notes or [],
    )
