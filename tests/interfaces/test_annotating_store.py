"""The same queue on a store: answers of people come from it, a machine's may stand in the study."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.annotation.store import open_store
from emogap.errors import DataError, UsageError
from emogap.interfaces.cli import build_app
from tests.interfaces.small_study import MACHINE, write_ratings, write_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = write_study(tmp_path / "study")
    write_ratings(folder, "machine-net", "emotion7", MACHINE)
    write_ratings(folder, "ben", "emotion7", {"p01/s2": "fear"})
    return folder


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ratings.db'}"


def run(action: str, study: Path, url: str, *words: str):
    words = ("annotate", action, str(study), "--store", url, "--json", *words)
    return CliRunner().invoke(build_app(), words, catch_exceptions=False)


def test_the_queue_is_worked_off_and_every_answer_is_in_the_store(study: Path, url: str) -> None:
    given = []
    paper = ("--annotator", "ann", "--preset", "ala-paper", "--create")
    while (clip := json.loads(run("next", study, url, *paper).stdout)["clip"]) is not None:
        given.append(clip["item"])
        run("add", study, url, "--annotator", "ann", clip["item"], "emotion7=disgust", "valence=-0.5")
    assert sorted(given) == ["p01/s2", "p02/s1", "p02/s3"]
    with open_store(url) as store:
        found = {(answer.item, answer.question, answer.text, answer.round_number) for answer in store.answers()}
        assert {entry.who for entry in store.audit()} >= {"ann"}
    assert found == {(item, *pair, 1) for item in given for pair in (("emotion7", "disgust"), ("valence", "-0.5"))}
    assert not (study / "ratings" / "ann.csv").exists()


def test_a_later_answer_is_a_further_round_and_the_last_counts(study: Path, url: str) -> None:
    run("add", study, url, "--annotator", "ann", "--create", "p01/s2", "emotion7=fear")
    again = json.loads(run("add", study, url, "--annotator", "ann", "p01/s2", "emotion7=anger", "intensity=1").stdout)
    assert again["rounds"] == {"emotion7": 2, "intensity": 1}
    with open_store(url) as store:
        kept = [(answer.text, answer.round_number) for answer in store.answers(question="emotion7")]
        assert kept == [("fear", 1), ("anger", 2)]
        assert store.tables(question="emotion7")["emotion7"].rating.tolist() == [[5.0]]


def test_people_count_from_the_store_alone_and_other_items_are_passed_over(study: Path, url: str) -> None:
    """ben's file stays in the study and is not mixed in; another study's clips stand in the same store."""
    with open_store(url, create=True) as store:
        for item in ("p01/s2", "elsewhere/s1"):
            store.add_rating(item, annotator="cleo", question="emotion7", rating="fear", who="cleo")
        store.add_rating("p01/s2", annotator="cleo", question="pleasure-sam9", rating=3, who="cleo")
    status = json.loads(run("status", study, url, "--preset", "ala-paper").stdout)
    assert status["num_clips"] == 6
    assert [expert["annotator"] for expert in status["experts"]] == ["cleo"]
    assert status["machine"] == "machine-net"


def test_a_machine_in_the_store_counts_instead_of_its_file(study: Path, url: str) -> None:
    with open_store(url, create=True) as store:
        store.add_rating("p01/s2", annotator="machine-net", question="emotion7", rating="anger", who="machine-net")
    status = json.loads(run("status", study, url, "--preset", "ala-paper").stdout)
    assert status["queue"]["num_agreed"] == 1


def test_a_wrong_answer_leaves_the_store_as_it_was(study: Path, url: str) -> None:
    with pytest.raises(DataError, match="outside -1 to 1"):
        run("add", study, url, "--annotator", "ann", "--create", "p01/s2", "emotion7=fear", "valence=3")
    with open_store(url) as store:
        assert store.answers() == ()


def test_no_store_is_made_unasked(study: Path, url: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such database"):
        run("next", study, url, "--annotator", "ann")
    assert not (tmp_path / "ratings.db").exists()
    with pytest.raises(UsageError, match="goes with a store only"):
        run("next", study, "", "--annotator", "ann", "--create")


def test_after_a_withdrawn_answer_the_next_is_a_further_round(study: Path, url: str) -> None:
    """It was refused as a second answer of the round that was withdrawn, every time."""
    run("add", study, url, "--annotator", "ann", "--create", "p01/s2", "emotion7=fear")
    with open_store(url) as store:
        store.add_rating("p01/s2", annotator="ann", question="emotion7", rating=None, who="ann", revise=True)
    again = json.loads(run("add", study, url, "--annotator", "ann", "p01/s2", "emotion7=anger").stdout)
    assert again["rounds"] == {"emotion7": 2}
    with open_store(url) as store:
        assert [(answer.text, answer.round_number) for answer in store.answers()] == [("anger", 2)]
