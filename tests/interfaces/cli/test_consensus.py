"""`emogap consensus` prints who is reliable and what is settled, and ends with 0, 1 or 2."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.annotation.opening import read_answers
from emogap.annotation.store import open_store
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.recording.derived import derived_paths
from tests.interfaces.small_study import write_ratings, write_study

VOTES = """item,annotator,rating
clip1,ann,fear
clip1,ben,fear
clip1,cai,anger
clip2,ann,anger
clip2,ben,anger
clip3,ann,fear
clip3,ben,anger
clip4,cai,fear
"""

TWO_QUESTIONS = """item,annotator,question,rating,round,answered_at
p1/s1,e1,valence,0.5,1,
p1/s1,e2,valence,0.3,1,
p1/s2,e1,valence,-0.5,1,
p1/s2,e2,valence,-0.2,1,
p1/s1,e1,emotion3,positive,1,
p1/s2,e2,emotion3,negative,1,
p1/s1,machine-x,emotion3,negative,1,
p1/s2,machine-x,emotion3,negative,1,
"""


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    (tmp_path / "votes.csv").write_text(VOTES)
    return tmp_path / "votes.csv"


@pytest.fixture
def two_questions(tmp_path: Path) -> Path:
    (tmp_path / "two.csv").write_text(TWO_QUESTIONS)
    return tmp_path / "two.csv"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(build_app(), ["consensus", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_ties_and_single_ratings_are_told(votes: Path) -> None:
    code, told, _ = run(votes, "--method", "majority")
    assert code == 0
    assert "4 items, 3 annotators, 8 ratings" in told
    assert "2 settled, 1 one rating, 1 tie" in told
    lines = {line.split()[0]: line for line in told.splitlines() if line.startswith("  clip")}
    assert lines["clip1"].split()[1:] == ["fear", "0.667", "settled", "fear", "0.67,", "anger", "0.33"]
    assert lines["clip3"].split()[1:4] == ["-", "1.000", "tie"]


def test_a_study_is_settled_question_by_question(road: Path) -> None:
    code, told, _ = run(road / "study")
    assert code == 0
    for question in ("emotion7", "emotion3", "valence", "arousal", "intensity"):
        assert f"{question}: 9 items, 4 annotators, 36 ratings" in told
    assert "machine-simulated" not in told
    assert "machine-simulated" in run(road / "study", "--machines")[1]


def test_a_store_gives_what_its_files_gave(road: Path, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'ratings.db'}", create=True) as store:
        store.add_ratings(read_answers(road / "study"), who="somebody")
    assert run(f"sqlite:///{tmp_path / 'ratings.db'}", "--json") == run(road / "study", "--json")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_file_has_every_item_with_its_shares(votes: Path, tmp_path: Path, suffix: str) -> None:
    out, annotators = tmp_path / f"items.{suffix}", tmp_path / f"people.{suffix}"
    code, told, _ = run(votes, "--out", out, "--annotators", annotators)
    assert code == 0
    assert f"written to {out}" in told
    read = pl.read_csv if suffix == "csv" else pl.read_parquet
    items = read(out)
    assert items["item"].to_list() == ["clip1", "clip2", "clip3", "clip4"]
    assert items.filter(item="clip2").select("label", "share_anger", "share_fear").row(0) == ("anger", 1.0, 0.0)
    assert items["value"].null_count() == 4
    people = read(annotators)
    assert people["annotator"].to_list() == ["ann", "ben", "cai"]
    assert people["num_rated"].to_list() == [3, 3, 2]
    assert people["reliability"].is_between(0, 1).all()


def test_the_figure_shows_every_annotator(votes: Path, tmp_path: Path) -> None:
    code, _, _ = run(votes, "--figure", tmp_path / "reliability.svg")
    assert code == 0
    drawn = (tmp_path / "reliability.svg").read_text()
    assert all(f">{name}<" in drawn for name in ("ann", "ben", "cai"))
    with pytest.raises(UsageError, match="majority found no reliabilities to draw"):
        run(votes, "--method", "majority", "--figure", tmp_path / "none.svg")
    with pytest.raises(UsageError, match="cannot write a figure as"):
        run(votes, "--figure", tmp_path / "reliability.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reliability.svg", "votes.csv"]


def test_json_holds_everything_and_no_nan(votes: Path) -> None:
    code, told, _ = run(votes, "--method", "dawid_skene", "--json")
    assert code == 0
    report = json.loads(told, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    question = report["questions"]["rating"]
    assert [item["state"] for item in question["items"]][3] == "one rating"
    assert len(question["confusion"]["ann"]) == 2
    assert question["log_likelihood"] == sorted(question["log_likelihood"])


def test_a_method_leaves_out_what_it_does_not_fit_and_says_so(two_questions: Path) -> None:
    code, told, doubts = run(two_questions, "--method", "gaussian")
    assert code == 0
    assert "valence: 2 items" in told
    assert "emotion3" not in told
    assert "emotion3 is left out: gaussian does not work on nominal ratings" in doubts
    assert "only 2 annotators" in doubts
    with pytest.raises(UsageError, match="gaussian works on"):
        run(two_questions, "--method", "gaussian", "--question", "emotion3")


def test_a_question_that_teaches_nothing_ends_in_1_and_the_rest_is_done(two_questions: Path) -> None:
    """People rated every item of emotion3 once; the machine, which would be the second, does not vote."""
    code, told, _ = run(two_questions)
    assert code == 1
    assert "valence: 2 items" in told
    assert "emotion3: none of 2 items was rated by two annotators" in told
    with pytest.raises(DataError, match="rated by two annotators"):
        run(two_questions, "--question", "emotion3")


def test_what_cannot_be_met_is_refused_before_anything_is_written(votes: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write a table as"):
        run(votes, "--out", tmp_path / "items.xlsx")
    with pytest.raises(UnknownNameError, match="no consensus method named 'dawid-skene'"):
        run(votes, "--method", "dawid-skene")
    with pytest.raises(UnknownNameError, match="no question named 'valense'"):
        run(votes, "--question", "valense")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["votes.csv"]


def test_only_machines_are_nobody_to_ask(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("item,annotator,rating\na,machine-x,fear\na,machine-y,fear\nb,machine-x,anger\n")
    with pytest.raises(UsageError, match="only machines rated"):
        run(tmp_path / "m.csv", "--method", "majority")
    assert run(tmp_path / "m.csv", "--method", "majority", "--machines")[0] == 0


def test_a_file_that_names_clips_of_a_study_is_noted_there_for_withdrawal(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    table = write_ratings(study, "e1", "emotion7", {"p01/s1": "fear", "p02/s1": "anger"})
    for number, ratings in enumerate((study, table)):
        code, _, _ = run(ratings, "--method", "majority", "--out", tmp_path / f"{number}.csv")
        assert code == 0
    assert set(derived_paths(study)) == {tmp_path / "0.csv", tmp_path / "1.csv"}
