"""The options of a queue are agreed on at its first use: nobody works on another queue without knowing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.annotation.store import open_store
from emogap.errors import DataError, UsageError
from emogap.interfaces.cli import build_app
from tests.interfaces.small_study import MACHINE, write_ratings, write_study


@pytest.fixture(params=["folder", "store"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A study, and the words that say where its answers are kept."""
    folder = write_study(tmp_path / "study")
    write_ratings(folder, "machine-net", "emotion7", MACHINE)
    if request.param == "folder":
        return folder, ()
    open_store(tmp_path / "r.db", create=True).close()
    return folder, ("--store", f"sqlite:///{tmp_path / 'r.db'}")


def told(action: str, desk: tuple[Path, tuple[str, ...]], *words: object) -> dict:
    said = ["annotate", action, str(desk[0]), *desk[1], *map(str, words), "--json"]
    return json.loads(CliRunner().invoke(build_app(), said, catch_exceptions=False).stdout)


def options(desk: tuple[Path, tuple[str, ...]], *words: object) -> dict:
    return told("status", desk, *words)["options"]


def test_what_the_first_call_asked_for_holds_for_everybody(desk: tuple[Path, tuple[str, ...]]) -> None:
    """ala-paper has three clips, the default four: ben, who names nothing, is given the three."""
    clip = told("next", desk, "--annotator", "ann", "--preset", "ala-paper", "--experts", 2, "--seed", 5)["clip"]
    assert clip["num_left"] == 3
    assert told("next", desk, "--annotator", "ben")["clip"]["num_left"] == 3
    kept = options(desk)
    assert (kept["preset"], kept["machine"]) == ("ala-paper", "machine-net")
    assert kept["rule"]["seed"] == 5
    assert kept["rule"]["experts_per_clip"] == 2


@pytest.mark.parametrize(
    "other",
    [
        ("--preset", "all-clips"),
        ("--experts", "3"),
        ("--double-coded", "0.5"),
        ("--tolerance", "0.1"),
        ("--seed", "1"),
    ],
)
def test_other_options_are_refused_until_a_new_queue_is_asked_for(
    desk: tuple[Path, tuple[str, ...]], other: tuple[str, str]
) -> None:
    before = options(desk)
    with pytest.raises(
        UsageError, match=rf"agreed on: preset ala-blind, experts 4.*{' '.join(other)} would be another"
    ):
        told("next", desk, "--annotator", "ann", *other)
    assert options(desk) == before
    told("next", desk, "--annotator", "ann", *other, "--new-queue")
    assert options(desk) != before
    assert options(desk, *other) == options(desk)


def test_the_same_options_again_are_no_other_queue(desk: tuple[Path, tuple[str, ...]]) -> None:
    before = options(desk, "--seed", 7)
    assert options(desk, "--seed", 7, "--preset", "ala-blind", "--machine", "machine-net") == before


def test_a_machine_that_comes_later_changes_no_queue(desk: tuple[Path, tuple[str, ...]]) -> None:
    before = told("status", desk)
    write_ratings(desk[0], "machine-other", "emotion7", dict.fromkeys(MACHINE, "anger"))
    assert told("status", desk) == before
    with pytest.raises(UsageError, match="--machine machine-other would be another one"):
        told("status", desk, "--machine", "machine-other")


def test_each_question_has_a_queue_of_its_own(desk: tuple[Path, tuple[str, ...]]) -> None:
    options(desk, "--seed", 3)
    assert options(desk, "--question", "intensity", "--preset", "all-clips")["rule"]["seed"] == 0
    assert options(desk)["rule"]["seed"] == 3


def test_a_first_call_that_fails_agrees_on_nothing(desk: tuple[Path, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError, match="no clip has a machine's answer"):
        options(desk, "--question", "intensity")
    assert options(desk, "--question", "intensity", "--preset", "all-clips")["preset"] == "all-clips"


def test_a_machine_is_not_asked_for_in_vain(desk: tuple[Path, tuple[str, ...]]) -> None:
    """It was passed over in silence where the preset compares with none, even if there is no such machine."""
    with pytest.raises(UsageError, match="asks no machine"):
        options(desk, "--preset", "all-clips", "--machine", "bogus")


def test_what_held_before_is_kept_beside_it(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    for seed in (1, 2):
        told("next", (folder, ()), "--annotator", "ann", "--preset", "all-clips", "--seed", seed, "--new-queue")
    kept = json.loads((folder / "ratings" / "agreed.json").read_text())["queue of emotion7"]
    assert [(json.loads(line["agreed"])["rule"]["seed"], line["who"]) for line in kept] == [(1, "ann"), (2, "ann")]
    assert "ratings/agreed.json" in (folder / "derived.jsonl").read_text()


def test_a_damaged_agreement_is_named(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    options((folder, ()), "--preset", "all-clips")
    (folder / "ratings" / "agreed.json").write_text('{"queue of emotion7": [3]}')
    with pytest.raises(DataError, match=r"ratings/agreed\.json: this is not what was agreed on"):
        options((folder, ()))
    (folder / "ratings" / "agreed.json").write_text('{"queue of emotion7": [{"agreed": "{}"}]}')
    with pytest.raises(DataError, match="cannot be read"):
        options((folder, ()))


def test_two_studies_in_one_store_have_queues_of_their_own(tmp_path: Path) -> None:
    open_store(tmp_path / "r.db", create=True).close()
    where = ("--store", f"sqlite:///{tmp_path / 'r.db'}")
    one, other = write_study(tmp_path / "one"), write_study(tmp_path / "other")
    (other / "study.toml").write_text((other / "study.toml").read_text().replace("by-hand", "another"))
    options((one, where), "--preset", "all-clips", "--seed", 4)
    assert options((other, where), "--preset", "all-clips")["rule"]["seed"] == 0
    with open_store(tmp_path / "r.db") as store:
        settled = [entry.what for entry in store.audit() if entry.what.startswith("settle")]
    assert settled == ["settle queue of emotion7 of by-hand", "settle queue of emotion7 of another"]
