"""Spreadsheets against files that XlsxWriter wrote and values that fastexcel read: two libraries that are not ours."""

import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter

from emogap.errors import DataError
from emogap.recording import spreadsheet
from emogap.recording.spreadsheet import read_sheet, read_sheet_rows, write_sheet

TABLE = pl.DataFrame(
    {"ID": ["3_film_happy Happy", "a <b> & c", None], "Valence": [0.25, None, -1e-7], "n": [1, 2, 3]},
    schema_overrides={"n": pl.Int64},
)


def test_another_library_reads_what_is_written(tmp_path: Path) -> None:
    write_sheet(tmp_path / "t.xlsx", TABLE)
    sheet = fastexcel.read_excel(tmp_path / "t.xlsx").load_sheet(0).to_polars()
    assert sheet["ID"].to_list() == TABLE["ID"].to_list()
    assert sheet["Valence"].to_list() == TABLE["Valence"].to_list()
    assert sheet["n"].cast(pl.Int64).to_list() == [1, 2, 3]


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_sheet(tmp_path / name, TABLE)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_rows_of_another_writer_know_their_line_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "labels.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate((("ID", "Emotion"), (" x ", 3), (None, None), ("y", None))):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(line, column, cell)
    rows = read_sheet_rows(path, columns=("ID", "Emotion"))
    assert [(row.line, row.optional("ID"), row.optional("Emotion")) for row in rows] == [(2, "x", "3"), (4, "y", None)]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    write_sheet(tmp_path / "t.xlsx", TABLE)
    with pytest.raises(DataError, match=r"'Emotion' .*ID, Valence, n"):
        read_sheet_rows(tmp_path / "t.xlsx", columns=("ID", "Emotion"))


def test_a_cut_spreadsheet_is_refused(tmp_path: Path) -> None:
    write_sheet(tmp_path / "t.xlsx", TABLE)
    whole = (tmp_path / "t.xlsx").read_bytes()
    (tmp_path / "t.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cut or damaged"):
        read_sheet(tmp_path / "t.xlsx")


def test_a_spreadsheet_that_would_fill_the_memory_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 1001)
    with pytest.raises(DataError, match="unpacks to"):
        read_sheet(tmp_path / "bomb.xlsx")
