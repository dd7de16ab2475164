"""Nothing that was acknowledged is lost: by a process that is killed, or by two that write at once."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emogap.errors import DataError, OutputError
from emogap.interfaces.annotating_book import CsvBook

ITEMS = [f"p01/s{number}" for number in range(40)]
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)

WRITER = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from emogap.interfaces.annotating_book import CsvBook

    items = [f"p01/s{number}" for number in range(40)]
    book = CsvBook(Path(sys.argv[1]), items)
    for turn in range(int(sys.argv[3])):
        for item in items:
            book.add(sys.argv[2], item, {"intensity": "1"}, answered_at=datetime(2026, 3, 16, tzinfo=UTC))
            print(item, turn + 1, flush=True)
"""


def writer(study: Path, annotator: str, turns: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(study), annotator, str(turns)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kept(study: Path) -> set[tuple[str, str, int]]:
    """Annotator, item and round of every line, read without the code that wrote it."""
    rows = [line.split(",") for path in (study / "ratings").glob("*.csv") for line in path.read_text().splitlines()[1:]]
    assert all(len(row) == 6 for row in rows)
    return {(row[1], row[0], int(row[4])) for row in rows}


def test_what_was_acknowledged_is_there_after_the_writer_was_killed(tmp_path: Path) -> None:
    process = writer(tmp_path, "ann", 1000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().split() for _ in range(60)]
    process.kill()
    acknowledged += [line.split() for line in process.communicate()[0].splitlines()]
    found = kept(tmp_path)
    assert {("ann", item, int(number)) for item, number in acknowledged} <= found
    assert len(found) - len(acknowledged) <= 1
    assert CsvBook(tmp_path, ITEMS).add("ann", ITEMS[0], {"emotion7": "fear"}, answered_at=NOON) == {"emotion7": 1}


def test_two_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two at the same annotator's file: 80 writes, each its own round."""
    both = [writer(tmp_path, "ann", 1) for _ in range(2)]
    assert [process.communicate() and process.returncode for process in both] == [0, 0]
    assert kept(tmp_path) == {("ann", item, number) for item in ITEMS for number in (1, 2)}


def test_answers_of_everybody_are_read_and_the_latest_counts(tmp_path: Path) -> None:
    book = CsvBook(tmp_path, ITEMS)
    assert book.ratings() == ()
    book.add("ann", "p01/s1", {"valence": "-0.5", "emotion7": "fear"}, answered_at=NOON)
    book.add("ben", "p01/s1", {"valence": "0.25"}, answered_at=NOON)
    assert book.add("ann", "p01/s1", {"valence": "0.75"}, answered_at=NOON) == {"valence": 2}
    valence = {rating.annotator: rating.value for rating in book.ratings() if rating.question == "valence"}
    assert valence == {"ann": 0.75, "ben": 0.25}
    assert "2026-03-16T12:00:00+00:00" in (tmp_path / "ratings" / "ben.csv").read_text()


def test_nothing_is_added_to_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A round could not be numbered: the damage is told before anything is written."""
    book = CsvBook(tmp_path, ITEMS)
    book.add("ben", "p01/s1", {"valence": "0.25"}, answered_at=NOON)
    path = tmp_path / "ratings" / "ben.csv"
    path.write_text(path.read_text() + "p01/s2,ben\n")
    with pytest.raises(DataError, match=r"ratings/ben\.csv, line 3"):
        book.add("ann", "p01/s1", {"valence": "0"}, answered_at=NOON)
    assert not (tmp_path / "ratings" / "ann.csv").exists()


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "ratings").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match=r"could not write(.|\n)*--store"):
        CsvBook(tmp_path, ITEMS).settle("queue", lambda _: "four experts", who="ann")


def test_an_answer_after_a_withdrawn_one_is_a_further_round(tmp_path: Path) -> None:
    rows = ["p01/s1,ann,valence,0.5,1,,1", "p01/s1,ann,valence,,1,,2"]
    (tmp_path / "ratings").mkdir()
    header = "item,annotator,question,rating,round,answered_at,revision"
    (tmp_path / "ratings" / "imported-x.csv").write_text("\n".join([header, *rows]) + "\n")
    book = CsvBook(tmp_path, ITEMS)
    assert book.ratings() == ()
    assert book.add("ann", "p01/s1", {"valence": "0.25"}, answered_at=NOON) == {"valence": 2}
    assert [rating.value for rating in book.ratings()] == [0.25]
