"""Tables of results as text, compared with tables written out by hand."""

from emogap.reporting.result_text import result_text
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
        [cell("linear"), cell(0.4), {**cell(None), "note": "has no scale"}],
        [cell("majority", is_ranked=False), cell(0.9, is_ranked=False), cell(0.1, is_ranked=False)],
    ],
    ["", "", "floors"],
)


def test_a_small_table_is_written_as_by_hand() -> None:
    assert result_text(SMALL).splitlines() == [
        "Models",
        "Two of them.",
        "Simulated people: these numbers say what the software does, nothing about real people.",
        "",
        "          person",
        "MODEL     UAR              MAE",
        "-------------------------------",
        "emert     0.44 [.39 .50]+  0.30",
        "linear    0.40             - a",
        "floors:",
        "majority  0.90             0.10",
        "",
        "- +: best value of its block; its 95 % interval does not lie apart from all others.",
        "- a: has no scale",
        "- One note.",
    ]


def test_columns_that_do_not_fit_stand_in_a_block_below() -> None:
    lines = result_text(SMALL, width=28).splitlines()
    assert [line.split() for line in lines].count(["MODEL", "UAR"]) == 1
    assert [line.split() for line in lines].count(["MODEL", "MAE"]) == 1


def test_a_best_value_that_stands_apart_has_a_star() -> None:
    rows = [[cell("emert"), cell(0.44, 0.39, 0.5)], [cell("linear"), cell(0.3, 0.2, 0.35)]]
    lines = result_text(table([column("model"), column("uar", "", "higher")], rows, ["", ""]), width=120).splitlines()
    assert "emert   0.44 [.39 .50]*" in lines
    apart = "- *: best; its 95 % interval lies apart from all others, not corrected for the number of comparisons."
    assert apart in lines


def test_the_star_says_that_letters_were_asked_too() -> None:
    columns = [column("model"), column("uar", "person", "higher"), column("group_person", "person")]
    rows = [
        [cell("emert"), cell(0.44, 0.39, 0.5), cell("a")],
        [cell("linear"), cell(0.3, 0.2, 0.35), cell("b")],
    ]
    lines = result_text(table(columns, rows, ["", ""])).splitlines()
    assert "- *: best; its 95 % interval lies apart from all others, and no other shares its letter." in lines
    rows[1][2] = cell("ab")
    assert "emert   0.44 [.39 .50]+  a" in result_text(table(columns, rows, ["", ""])).splitlines()


def test_rows_without_anything_in_a_block_are_not_repeated_in_it() -> None:
    columns = [column("arm"), column("uar"), column("difference", "minus all")]
    rows = [[cell("eye"), cell(0.4), cell(-0.1)], [cell("majority"), cell(0.3), cell("")]]
    lines = result_text(table(columns, rows, ["", "floors"]), width=24).splitlines()
    assert [line.split()[0] for line in lines if line.startswith(("eye", "majority", "floors"))] == [
        "eye", "floors:", "majority", "eye"
    ]  # fmt: skip
