"""The table in the terminal: what must stand in it, and how wide it may be."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from emogap.errors import DataError
from emogap.reporting.results import RunResults, open_run
from emogap.reporting.tables import WIDTH, notes_of, text_tables, warning_lines


@pytest.fixture(scope="module")
def text(results: RunResults) -> str:
    return text_tables(results)


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_no_line_is_wider_than_a_terminal(text: str) -> None:
    assert max(map(len, text.splitlines())) <= WIDTH


def test_both_splits_stand_side_by_side(text: str) -> None:
    heading = line_of(text, "  ")
    assert "person: 54 clips, 9 people" in heading
    assert "person+stimulus: 18 clips, 9 people" in heading
    assert line_of(text, "linear").count("|") == 2


def test_floors_oracle_and_best_possible_have_their_rows(text: str) -> None:
    for name in ("majority", "person_mean", "stratified", "oracle:person", "best possible"):
        assert line_of(text, name)


def test_simulated_people_are_said_to_be_simulated_before_any_number(text: str, results: RunResults) -> None:
    assert text.index("SIMULATED people") < text.index("linear")
    assert "Best possible (Bayes)" in text.replace("\n", " ")
    assert any(line.startswith("SIMULATED") for line in warning_lines(results))


def test_the_best_possible_score_is_that_of_the_split(text: str) -> None:
    person, blocked = line_of(text, "best possible").split("|")[1:]
    assert (person.split()[0], blocked.split()[0]) == ("0.80", "0.70")


def test_the_quick_preset_is_never_to_be_quoted(text: str) -> None:
    assert "QUICK preset (5 epochs): a demonstration. Never quote these numbers." in text


def test_preset_and_cleaning_are_named(text: str) -> None:
    assert text.splitlines()[0].endswith("preset quick (5 epochs), cleaning emer")


def test_a_floor_that_is_the_majority_is_explained(text: str) -> None:
    assert "person_mean under person and person+stimulus: = majority: training holds no test person." in text


def test_the_parts_of_the_blocked_score_are_printed(text: str) -> None:
    assert "Only thinned - blocked is the stimulus." in text
    assert "size part" in text


def test_the_authors_averages_are_printed_beside_the_pooled(text: str) -> None:
    assert "averaged per batch of 16 as in EMER's public code" in text


def test_failures_and_the_next_command_close_the_output(text: str, run: Path) -> None:
    assert "1 of 36 fits failed" in text
    assert "mult class person cell p2 seed 0: it is broken" in text
    assert text.splitlines()[-1] == f"next: emogap report {run}"


def test_splits_that_do_not_fit_stand_below_each_other(results: RunResults) -> None:
    scores = copy.deepcopy(results.scores)
    for split in scores["tables"][0]["splits"]:
        split["rows"][0]["model"] = "emert@eye+face+fixation"
    text = text_tables(RunResults(results.path, results.record, scores))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert line_of(text, "emert@eye+face+fixation").count("|") == 1


@pytest.mark.parametrize("absent", ["run.toml", "scores.json"])
def test_a_folder_that_is_no_run_is_refused(run: Path, tmp_path: Path, absent: str) -> None:
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / absent).unlink()
    with pytest.raises(DataError, match=f"there is no {absent}"):
        open_run(tmp_path / "run")


def test_scores_of_another_layout_are_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    scores = json.loads((run / "scores.json").read_text()) | {"schema": 2}
    (tmp_path / "run" / "scores.json").write_text(json.dumps(scores))
    with pytest.raises(DataError, match="schema 2, this version reads 1"):
        open_run(tmp_path / "run")


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.1, "WAR of linear under person does not exist in up to 0.25 % of the draws, which the interval leaves out."),
        (None, "WAR of linear under person does not exist in up to 0.25 % of the draws, too many for an interval."),
    ],
)
def test_draws_in_which_a_metric_does_not_exist_are_said(results: RunResults, low: float | None, said: str) -> None:
    table = copy.deepcopy(results.scores["tables"][0])
    row = next(row for row in table["splits"][0]["rows"] if row["model"] == "linear")
    row["metrics"]["war"]["pooled"] |= {"undefined_draws": 5, "draws": 2_000, "low": low}
    assert said in notes_of(table)
    assert not any("does not exist" in note for note in notes_of(results.scores["tables"][0]))


def test_what_three_people_cannot_show_is_said(results: RunResults) -> None:
    """Three people were printed with intervals such as [50.0 50.0], and "not distinguished" beside them. By hand: of
    the 2^3 exchanges two are as far apart as any, so that p is never below 2 / 8."""
    table = copy.deepcopy(results.scores["tables"][0])
    assert not any("Only" in note for note in notes_of(table))
    for split, people in zip(table["splits"], (3, 6), strict=False):
        split["num_people"] = people
    told = [note for note in notes_of(table) if note.startswith("Only")]
    assert len(told) == 1
    assert told[0].startswith("Only 3 people under person: ")
    assert "least p that exchanging them can give is 0.25" in told[0]
