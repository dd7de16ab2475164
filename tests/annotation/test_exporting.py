"""What is written as CSV or Parquet is read again as it was, and goes through a store unchanged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.annotation.answers import Answer
from emogap.annotation.exporting import name_question, write_answers
from emogap.annotation.opening import open_ratings, read_answers
from emogap.annotation.questionnaire import FilledForm, felt_answers
from emogap.annotation.ratings import read_ratings
from emogap.annotation.store import open_store
from emogap.errors import DataError, UsageError

ANSWERS = (
    Answer("p1/s1", "e1", "emotion7", "fear", 1, "2026-01-01T10:00:00", "x"),
    Answer("p1/s2", "e1", "emotion7", None, 1, None, "x"),
    Answer("p1/s2", "e2", "valence", repr(1 / 3), 2, None, "x"),
)


def content(answers: tuple[Answer, ...]) -> set[tuple[object, ...]]:
    return {(a.item, a.annotator, a.question, a.text, a.round_number, a.answered_at, a.mapping) for a in answers}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_answers_survive_writing_and_reading(tmp_path: Path, suffix: str) -> None:
    felt = felt_answers(FilledForm("p1", "s1", points=5, pleasure=2, emotion3="negative"))
    for answers in (ANSWERS, ANSWERS + felt):
        assert write_answers(tmp_path / f"r{suffix}", answers) == len(answers)
        assert content(read_answers(tmp_path / f"r{suffix}")) == content(answers)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_ratings_go_through_a_store_unchanged(tmp_path: Path, suffix: str) -> None:
    write_answers(tmp_path / f"in{suffix}", ANSWERS)
    with open_store(tmp_path / "r.db", create=True) as store:
        assert store.add_ratings(read_answers(tmp_path / f"in{suffix}"), who="lab") == 2
        write_answers(tmp_path / f"out{suffix}", store.answers())
    assert content(read_answers(tmp_path / f"out{suffix}")) == content((ANSWERS[0], ANSWERS[2]))


def test_a_file_without_mappings_is_a_rating_file_of_a_study(tmp_path: Path) -> None:
    write_answers(tmp_path / "r.csv", [ANSWERS[0], ANSWERS[2]])
    assert (tmp_path / "r.csv").read_text().splitlines()[0] == "item,annotator,question,rating,round,answered_at"
    assert [rating.value for rating in read_ratings([tmp_path / "r.csv"])] == [2, 1 / 3]


@given(value=st.floats(-1, 1), item=st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1))
def test_numbers_and_names_keep_every_digit_and_letter(
    tmp_path_factory: pytest.TempPathFactory, value: float, item: str
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.csv"
    write_answers(path, [Answer(item, "e1", "valence", repr(value), 1, None, "x")])
    table = open_ratings(path)["valence"]
    assert (table.items, table.rating.tolist()) == ((item,), [[value]])


def test_a_bare_file_enters_the_store_under_the_question_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text("item,annotator,rating\nc1,e1,fear\n")
    bare = read_answers(tmp_path / "votes.csv")
    with open_store(tmp_path / "r.db", create=True) as store:
        with pytest.raises(DataError, match="line 2: 'rating' is no question"):
            store.add_ratings(bare, who="lab")
        assert store.add_ratings(name_question(bare, "emotion7"), who="lab") == 1


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no ratings to write"):
        write_answers(tmp_path / "r.csv", [])
    with pytest.raises(UsageError, match=r"'\.xls' is no kind"):
        write_answers(tmp_path / "r.xls", ANSWERS)
