"""One door for ratings: files of any accepted form become tables, everything else an error in words."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.annotation.opening import open_ratings
from emogap.errors import DataError, EmogapError, UnknownNameError, UsageError

FULL = "item,annotator,question,rating,round,answered_at\n"
BARE = "item,annotator,rating\n"


def write(path: Path, header: str, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + "".join(line + "\n" for line in lines))
    return path


def test_each_question_becomes_a_table_of_its_own(tmp_path: Path) -> None:
    path = write(
        tmp_path / "e.csv",
        FULL,
        "p1/s1,e1,emotion7,fear,1,2026-01-01T10:00:00",
        "p1/s2,e1,emotion7,neutral,1,",
        "p1/s1,e2,emotion7,anger,1,",
        "p1/s3,e2,emotion7,anger,1,",
        "p1/s1,e3,intensity,2.5,1,",
    )
    tables = open_ratings(path)
    assert list(tables) == ["emotion7", "intensity"]
    np.testing.assert_array_equal(tables["emotion7"].rating, [[2, 5], [6, np.nan], [np.nan, 5]])
    assert (tables["intensity"].scale, tables["intensity"].limits) == ("interval", (0, 3))
    assert list(open_ratings(path, question="intensity")) == ["intensity"]


def test_numbers_without_a_question_are_interval_unless_said_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", BARE, "c1,a,4", "c1,b,10", "c2,a,7", "c3,a,")
    path.write_text(path.read_text() + "c3,b,4\n")
    table = open_ratings(path)["rating"]
    assert (table.scale, table.categories, table.limits) == ("interval", (), None)
    np.testing.assert_array_equal(table.rating, [[4, 10], [7, np.nan], [np.nan, 4]])
    assert open_ratings(path, scale="ordinal")["rating"].scale == "ordinal"
    nominal = open_ratings(path, scale="nominal")["rating"]
    assert nominal.categories == ("4", "7", "10")
    np.testing.assert_array_equal(nominal.rating, [[0, 2], [1, np.nan], [np.nan, 0]])


def test_words_without_a_question_are_nominal(tmp_path: Path) -> None:
    table = open_ratings(write(tmp_path / "r.csv", BARE, "c1,a b,pear", "c2,a b,apple", "c1,c_1,fig"))["rating"]
    assert (table.scale, table.categories, table.annotators) == ("nominal", ("apple", "fig", "pear"), ("a b", "c_1"))


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    rows = {"item": ["i1", "i2", "i2"], "annotator": ["a", "a", "b"], "rating": [0.1, None, 1 / 3]}
    frame = pl.DataFrame(rows)
    frame.write_parquet(tmp_path / "r.parquet")
    with pytest.raises(DataError, match="no column 'item'"):
        frame.rename({"item": "clip"}).write_parquet(tmp_path / "bad.parquet")
        open_ratings(tmp_path / "bad.parquet")
    table = open_ratings(tmp_path / "r.parquet")["rating"]
    np.testing.assert_array_equal(table.rating, [[0.1, np.nan], [np.nan, 1 / 3]])


def test_a_study_and_a_folder_of_files_are_read_whole(tmp_path: Path) -> None:
    write(tmp_path / "study" / "ratings" / "e1.csv", FULL, "p1/s1,e1,arousal,0.5,1,")
    write(tmp_path / "study" / "ratings" / "e2.csv", FULL, "p1/s1,e2,arousal,-1,1,")
    for source in (tmp_path / "study", tmp_path / "study" / "ratings", str(tmp_path / "study")):
        np.testing.assert_array_equal(open_ratings(source)["arousal"].rating, [[0.5, -1]])


def test_the_later_round_counts_across_files(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", FULL, "p1/s1,e1,arousal,0.5,2,")
    write(tmp_path / "b.csv", FULL, "p1/s1,e1,arousal,-1,1,")
    assert open_ratings(tmp_path)["arousal"].rating.tolist() == [[0.5]]


@pytest.mark.parametrize(
    ("header", "lines", "complaint"),
    [
        (BARE, ["c1,a,fear", "c2,a,fear", "c1,a,anger"], r"r\.csv, line 4: a rated rating of c1 already.*line 2"),
        (BARE, ["c1,a,fear", "c1,b,positive"], "(?s)vocabularies are mixed: 'positive'.*emotion3.*'fear'.*line 2"),
        (BARE, ["c1,a,fear", "c1,b,2", "c2,a,anger"], "line 3: words and numbers are mixed: '2' here, 'fear' in"),
        (BARE, ["c1,a,fear", "c1,b,Fear"], "two spellings of one word"),
        (BARE, [], r"r\.csv: there are no ratings: the table is empty"),
        (BARE, ["c1,a,fear", "c2,a,", "c2,b,"], r"line 3: nobody rated the item c2 \(1 such item\)"),
        (BARE, ["c1,a,fear", "c1,b,"], "line 3: no rating was given by the annotator b"),
        (BARE, ["c1,a,1", "c1,b,inf"], "'inf' is no answer"),
        (BARE, ["c1,a"], "2 cells where the header has 3"),
        ("item,rater,rating\n", ["c1,a,1"], "no column 'annotator'"),
        (FULL, ["p/s,a,valence,1.5,1,"], "line 2: valence is 1.5, outside -1 to 1"),
        (FULL, ["p/s,a,emotion7,suprise,1,"], "(?s)'suprise' is no word of emotion7.*did you mean 'surprise'"),
        (FULL, ["p/s,a,emotion7,positive,1,"], "'positive' is no word of emotion7"),
        (FULL, ["p/s,a,valance,0,1,"], "(?s)'valance' is no question.*did you mean 'valence'"),
        (FULL, ["p/s,a b,valence,0,1,"], "no annotator"),
        (FULL, ["p/s,a,valence,0,1.5,"], "round is 1.5"),
    ],
)
def test_what_is_no_rating_is_refused_in_words(tmp_path: Path, header: str, lines: list[str], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        open_ratings(write(tmp_path / "r.csv", header, *lines))


def test_requests_that_cannot_be_met_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", BARE, "c1,a,fear")
    with pytest.raises(UsageError, match="words, which have no interval scale"):
        open_ratings(path, scale="interval")
    with pytest.raises(UnknownNameError, match="did you mean 'ordinal'"):
        open_ratings(path, scale="ordnal")
    with pytest.raises(UnknownNameError, match="no question named 'valence'"):
        open_ratings(path, question="valence")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("r.txt", b"x", "'.txt' is no kind of rating file"),
        ("r.parquet", b"not parquet", "no Parquet table"),
        ("r.csv", b"\xff\xfe\x00", "UTF-8"),
        ("absent", None, "no such file or folder"),
        ("absent.csv", None, "no such file"),
        ("absent.parquet", None, "no such file"),
    ],
)
def test_a_source_of_no_known_kind_is_refused(tmp_path: Path, name: str, content: bytes | None, complaint: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(EmogapError, match=complaint):
        open_ratings(tmp_path / name)


def test_a_folder_without_a_rating_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rating file"):
        open_ratings(tmp_path)
