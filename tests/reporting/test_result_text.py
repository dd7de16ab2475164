"""Tables of results as text, compared with tables written out by hand."""

from emogap.reporting.result_text import best_cells, result_text
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable


def column(name: str, heading: str = "", better: str = "") -> ResultColumn:
    return {"name": name, "title": name.upper(), "heading": heading, "unit": "", "decimals": 2, "better": better}


def cell(value: object, low: float | None = None, high: float | None = None, *, is_ranked: bool = True) -> ResultCell:
    return {"value": value, "low": low, "high": high, "note": "", "is_ranked": is_ranked}


def table(columns: list[ResultColumn], rows: list[list[ResultCell]], groups: list[str]) -> ResultTable:
    return {
        "name": "t",
        "title": "Models",
        "caption": "Two of them.",
        "columns": columns,
        "rows": rows,
        "row_groups": groups,
        "is_simulated": True,
        "notes": ["One note."],
    }


SMALL = table(
    [column("model"), column("uar", "person", "higher"), column("mae", "person", "lower")],
    [
        [cell("emert"), cell(0.441, 0.392, 0.5), cell(0.3)],
        [cell("linear"), cell(0.4), cell(None)],
        [cell("majority", is_ranked=False), cell(0.9, is_ranked=False), cell(0.1, is_ranked=False)],
    ],
    ["", "", "floors"],
)


def test_a_small_table_is_written_as_by_hand() -> None:
    assert result_text(SMALL).splitlines() == [
        "Models",
        "Two of them.",
        "SIMULATED people: these numbers say what the software does, nothing about real people.",
        "",
        "          person",
        "MODEL     UAR              MAE",
        "-------------------------------",
        "emert     0.44 [.39 .50]*  0.30",
        "linear    0.40             -",
        "floors:",
        "majority  0.90             0.10",
        "",
        "- One note.",
    ]


def test_columns_that_do_not_fit_stand_in_a_block_below() -> None:
    lines = result_text(SMALL, width=28).splitlines()
    assert [line.split() for line in lines].count(["MODEL", "UAR"]) == 1
    assert [line.split() for line in lines].count(["MODEL", "MAE"]) == 1


def test_a_floor_is_never_the_best() -> None:
    assert best_cells(SMALL) == {(0, 1)}


def test_values_that_print_alike_are_all_best() -> None:
    rows = [[cell("a"), cell(0.301)], [cell("b"), cell(0.304)], [cell("c"), cell(0.31)]]
    assert best_cells(table([column("m"), column("mae", "", "lower")], rows, [""] * 3)) == {(0, 1), (1, 1)}


def test_the_best_is_that_of_its_group() -> None:
    rows = [[cell("a"), cell(0.1)], [cell("b"), cell(0.2)], [cell("a"), cell(0.8)], [cell("b"), cell(0.7)]]
    assert best_cells(table([column("m"), column("uar", "", "higher")], rows, ["x", "x", "y", "y"])) == {(1, 1), (2, 1)}
