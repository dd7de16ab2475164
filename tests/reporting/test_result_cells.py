"""Numbers as words: rounding, intervals, what is marked as best."""

import pytest

from emogap.errors import DataError
from emogap.reporting.numbers import plain, rounded
from emogap.reporting.result_cells import column_title, write_cells
from tests.reporting.result_tables import cell, column, table


@pytest.mark.parametrize(
    ("value", "digits", "is_share", "text"),
    [
        (0.125, 2, False, "0.13"),
        (0.665, 2, False, "0.67"),
        (2.675, 2, False, "2.68"),
        (-0.125, 2, False, "-0.13"),
        (-0.004, 2, False, "0.00"),
        (0.5925, 1, True, "59.3"),
        (0.285, 0, True, "29"),
        (1e-9, 3, False, "0.000"),
    ],
)
def test_halves_go_away_from_zero_as_they_are_read(value: float, digits: int, is_share: bool, text: str) -> None:
    """0.665 is stored as 0.66500000000000003553 and 2.675 as 2.67499999999999982236: a reader sees neither."""
    assert rounded(value, digits=digits, is_share=is_share) == text


def test_the_report_and_the_paper_round_alike() -> None:
    assert plain(2.675) == rounded(2.675, digits=2) == "2.68"


def test_an_interval_has_the_decimals_of_its_column() -> None:
    written = write_cells(
        table(
            [column("model"), column("uar", unit="percent", decimals=1), column("ccc", decimals=3), column("n")],
            [[cell("emert"), cell(0.5925, 0.5, 0.61235), cell(0.4, -0.05, 1.0), cell(17)]],
        )
    )
    texts = [(one.text, one.limits) for one in written.rows[0].cells]
    assert texts == [("emert", ""), ("59.3", "50.0 61.2"), ("0.400", "-.050 1.0"), ("17", "")]


def test_a_p_value_is_never_written_as_zero() -> None:
    written = write_cells(
        table([column("p", unit="p", decimals=3)], [[cell(0.0004)], [cell(0.001)], [cell(0.0496)], [cell(1.0)]])
    )
    assert [row.cells[0].text for row in written.rows] == ["<0.001", "0.001", "0.050", "1.000"]
    assert column_title(column("p", unit="p")) == "P"


def test_what_was_not_computed_is_a_dash_with_a_footnote() -> None:
    nothing = cell(None, note="no pupil")
    written = write_cells(table([column("model"), column("uar"), column("war")], [[cell("tmc"), nothing, nothing]]))
    assert [(one.text, one.footnote) for one in written.rows[0].cells] == [("tmc", ""), ("-", "a"), ("-", "a")]
    assert written.footnotes == (("a", "no pupil"),)
    assert write_cells(table([column("r")], [[cell(float("nan"), 0.1, 0.2)]])).rows[0].cells[0].limits == ""


def _marks(rows: list[list[object]], *, better: str = "higher", groups: list[str] | None = None) -> list[str]:
    written = write_cells(table([column("model"), column("uar", better=better)], rows, groups=groups))  # type: ignore[arg-type]
    return [row.cells[1].mark for row in written.rows]


def test_the_best_is_bold_only_where_its_interval_stands_apart() -> None:
    apart = [[cell("a"), cell(0.7, 0.61, 0.8)], [cell("b"), cell(0.5, 0.4, 0.6)], [cell("c"), cell(0.4, 0.3, 0.5)]]
    touching = [[cell("a"), cell(0.7, 0.60, 0.8)], [cell("b"), cell(0.5, 0.4, 0.6)]]
    without = [[cell("a"), cell(0.7)], [cell("b"), cell(0.5)]]
    assert _marks(apart) == ["distinguished", "", ""]
    assert _marks(touching) == ["leads", ""]
    assert _marks(without) == ["leads", ""]
    assert _marks(apart, better="lower") == ["", "", "leads"]
    assert _marks(apart, better="") == ["", "", ""]


@pytest.mark.parametrize(
    ("letters", "mark"),
    [(("A", "A"), "leads"), (("AB", "BC"), "leads"), (("A", "B"), "distinguished"), (("", ""), "distinguished")],
)
def test_the_best_is_not_bold_where_the_paired_tests_do_not_tell_it_from_another(
    letters: tuple[str, str], mark: str
) -> None:
    """Seen in a run of seven models: F1 apart by its intervals, all models one group after Holm."""
    rows = [[cell("a"), cell(0.7, 0.61, 0.8), cell(letters[0])], [cell("b"), cell(0.5, 0.4, 0.6), cell(letters[1])]]
    columns = [
        column("model"),
        column("uar", better="higher", heading="person"),
        column("group_person", heading="person"),
    ]
    assert write_cells(table(columns, rows)).rows[0].cells[1].mark == mark


def test_letters_under_another_heading_do_not_count() -> None:
    rows = [[cell("a"), cell(0.7, 0.61, 0.8), cell("A")], [cell("b"), cell(0.5, 0.4, 0.6), cell("A")]]
    columns = [column("model"), column("uar", better="higher", heading="person"), column("group_both", heading="both")]
    assert write_cells(table(columns, rows)).rows[0].cells[1].mark == "distinguished"


def test_a_floor_is_never_the_best_and_has_a_dagger() -> None:
    rows = [
        [cell("a"), cell(0.3, 0.2, 0.4)],
        [cell("b"), cell(0.2, 0.1, 0.3)],
        [cell("majority", is_ranked=False), cell(0.9, 0.85, 0.95, is_ranked=False)],
    ]
    written = write_cells(table([column("model"), column("uar", better="higher")], rows))
    assert [row.cells[1].mark for row in written.rows] == ["leads", "", ""]
    assert [row.is_reference for row in written.rows] == [False, False, True]
    assert written.legend["reference"].startswith("floor")


def test_a_table_that_ranks_nothing_has_no_dagger() -> None:
    rows = [[cell("female"), cell(0.3, is_ranked=False)]]
    assert not write_cells(table([column("group"), column("uar")], rows)).rows[0].is_reference


def test_every_block_has_its_own_best_and_values_that_print_alike_lead_together() -> None:
    rows = [[cell(name), cell(value)] for name, value in (("a", 0.5), ("b", 0.6), ("c", 0.201), ("d", 0.199))]
    assert _marks(rows, groups=["er", "er", "fer", "fer"]) == ["", "leads", "leads", "leads"]


def test_a_row_that_is_too_short_is_refused_by_its_number() -> None:
    with pytest.raises(DataError, match="row 2 has 1 cell and there are 2 columns"):
        write_cells(table([column("model"), column("uar")], [[cell("a"), cell(0.5)], [cell("b")]]))
