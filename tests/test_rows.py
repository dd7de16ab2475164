"""Small tables are read strictly, and every complaint names file, line and remedy."""

from pathlib import Path

import pytest

from emogap.errors import DataError
from emogap.rows import Row, read_rows, refuse_repeats

COLUMNS = ("stimulus_id", "onset_s")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "p1" / "trials.tsv"


def rows_of(table: Path, content: str | bytes) -> tuple[Row, ...]:
    table.parent.mkdir(exist_ok=True)
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_rows(table, columns=COLUMNS)


def test_a_table_with_mark_crlf_and_blank_line_is_read(table: Path) -> None:
    rows = rows_of(table, b"\xef\xbb\xbfstimulus_id\tonset_s\tnote\r\ns1\t2.5\t\r\n\r\ns2\t3\tlate\r\n")
    assert [row.number("onset_s") for row in rows] == [2.5, 3.0]
    assert [row.optional("note") for row in rows] == [None, "late"]
    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "p1/trials.tsv: the file is empty"),
        (b"\xff\xfe\x00", "byte 0 is not UTF-8"),
        (b"stimulus_id\tonset_s\n\x00\x01\n", "binary"),
        (b"stimulus_id,onset_s\ns1,2\n", "line 1: the columns are separated by comma"),
        (b"stimulus_id\tonset\ns1\t2\n", "(?s)no column 'onset_s'.*rename the column 'onset'"),
        (b"stimulus_id\tonset_s\tonset_s\n", "'onset_s' stands twice"),
        (b"stimulus_id\tonset_s\ns1\t2\ns2\n", "line 3: 1 cell where the header has 2"),
    ],
)
def test_a_damaged_table_is_refused_in_words(table: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        rows_of(table, content)


def test_an_absent_table_is_named(table: Path) -> None:
    with pytest.raises(DataError, match=r"p1/trials\.tsv: there is no such file"):
        read_rows(table, columns=COLUMNS)


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("", "'onset_s' is empty"),
        ("soon", "'soon' in 'onset_s' is not a number"),
        ("2,5", "decimal comma"),
        ("nan", "outside 0 to 10"),
        ("11", "outside 0 to 10"),
    ],
)
def test_a_number_is_checked_with_its_line(table: Path, cell: str, complaint: str) -> None:
    (row,) = rows_of(table, f"stimulus_id\tonset_s\ns1\t{cell}\n")
    with pytest.raises(DataError, match=f"line 2: .*{complaint}"):
        row.number("onset_s", low=0, high=10)


def test_a_word_outside_its_vocabulary_names_the_nearest(table: Path) -> None:
    (row,) = rows_of(table, "stimulus_id\tonset_s\nhapiness\t1\n")
    with pytest.raises(DataError, match=r"(?s)'hapiness' .* is no emotion.*did you mean 'happiness'"):
        row.word("stimulus_id", ("happiness", "sadness"), kind="emotion")


@pytest.mark.parametrize("name", ["p 1", "p_1", "p/1", "é"])
def test_an_id_is_letters_digits_and_hyphens(table: Path, name: str) -> None:
    (row,) = rows_of(table, f"stimulus_id\tonset_s\n{name}\t1\n")
    with pytest.raises(DataError, match="is no stimulus_id"):
        row.identifier("stimulus_id")


def test_repeats_are_counted_and_both_lines_named(table: Path) -> None:
    rows = rows_of(table, "stimulus_id\tonset_s\ns1\t1\ns2\t2\ns1\t3\ns2\t4\n")
    with pytest.raises(DataError, match=r"line 4: stimulus_id s1 stands here and in line 2 already \(2 such rows\)"):
        refuse_repeats(rows, ("stimulus_id",))


def test_a_file_of_the_working_folder_is_not_named_as_one_of_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``votes.csv`` was reported as ``/votes.csv``."""
    monkeypatch.chdir(tmp_path)
    Path("votes.csv").write_text("item\nc1\n")
    with pytest.raises(DataError) as caught:
        read_rows(Path("votes.csv"), columns=COLUMNS)
    assert caught.value.where is not None
    assert caught.value.where.startswith("votes.csv")
