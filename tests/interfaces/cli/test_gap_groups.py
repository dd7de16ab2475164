"""The gap by stimulus, by participant and by what a table says of them."""

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.datasets import BuildConfig, build
from emogap.errors import DataError, MismatchError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study
from emogap.types import vocabulary

PEOPLE, STIMULI = 7, 3


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of seven people and its data set D."""
    folder = tmp_path_factory.mktemp("cohort")
    config = SimulationConfig(participants=PEOPLE, stimuli=STIMULI, clip_s=2.0, video=False, seed=3)
    simulate_study(folder / "study", config, jobs=1)
    build(folder / "study", folder / "D", BuildConfig(), jobs=1)
    return folder


@pytest.fixture
def traits(tmp_path: Path) -> Path:
    """Hands of seven people: four right, two left, one not stated."""
    hands = ("right", "left", "right", "n/a", "right", "left", "right")
    lines = [f"p{number:03d}\t{hand}\t{number}\n" for number, hand in enumerate(hands, start=1)]
    (tmp_path / "participants.tsv").write_text("participant_id\thand\tnumber\n" + "".join(lines))
    return tmp_path / "participants.tsv"


def gap(*arguments: object) -> str:
    words = ["gap", *map(str, arguments), "--draws", "100"]
    result = CliRunner().invoke(build_app(), words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_groups_come_from_the_table_of_the_study_that_was_rated(cohort: Path, tmp_path: Path) -> None:
    study = cohort / "study"
    printed = gap(cohort / "D", "--ratings", study, "--group", "sex", "--least", 2, "--out", tmp_path / "g")
    rows = pl.read_csv(study / "participants.tsv", separator="\t")
    assert "by sex, intervals over people; fewer than 2 people: silent" in printed
    for sex, number in rows.group_by("sex").len().iter_rows():
        (line,) = [line for line in printed.splitlines() if line.split()[:1] == [sex] or f" {sex} (" in line]
        assert str(number) in line
        if number > 1:
            assert line.split()[1:3] == [str(number), str(number * STIMULI)]


def test_small_groups_are_silent_and_said_so(cohort: Path, traits: Path, tmp_path: Path) -> None:
    options = ("--ratings", cohort / "study", "--participants", traits, "--group", "hand", "--least", 3)
    printed = gap(cohort / "D", *options, "--out", tmp_path / "g")
    assert "  silent: left\n" in printed
    assert "in no group: fewer than 3 people of unknown hand" in printed
    found = json.loads(gap(cohort / "D", *options, "--json", "--out", tmp_path / "g"))["by"]["hand"]
    assert [(one["name"], one["num_people"], one["num_clips"]) for one in found["groups"]] == [("right", 4, 12)]
    assert (found["silent"], found["num_people_unstated"], found["least"]) == ({"left": None}, None, 3)
    assert list(found["confusion"]) == ["right"]
    with (tmp_path / "g" / "groups.tsv").open() as file:
        rows = {row["group"]: row for row in csv.DictReader(file, delimiter="\t") if row["by"] == "hand"}
    assert (
        rows["left"]["num_people"]
        == rows["left"]["corrected"]
        == rows["left"]["observed"]
        == rows["left"]["num_clips"]
        == ""
    )
    assert float(rows["right"]["corrected"]) == pytest.approx(found["groups"][0]["corrected"], abs=1e-5)


def test_a_group_that_would_give_a_small_one_away_is_silent_too(cohort: Path, tmp_path: Path) -> None:
    """Two of seven people read with glasses: their gap would be that of all less that of the five without."""
    said = ("yes", "no", "no", "no", "yes", "no", "no")
    lines = [f"p{number:03d}\t{word}\n" for number, word in enumerate(said, start=1)]
    (tmp_path / "table.tsv").write_text("participant_id\tglasses\n" + "".join(lines))
    options = ("--ratings", cohort / "study", "--participants", tmp_path / "table.tsv", "--group", "glasses")
    printed = gap(cohort / "D", *options, "--least", 3, "--out", tmp_path / "g")
    assert "  silent: no, yes\n  (where one group alone would be silent, so is the smallest other" in printed
    with (tmp_path / "g" / "groups.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["by"] == "glasses"]
    assert [(row["group"], row["num_people"], row["corrected"]) for row in rows] == [("no", "", ""), ("yes", "", "")]


def test_groups_that_are_all_too_small_leave_no_table(cohort: Path, traits: Path, tmp_path: Path) -> None:
    options = ("--ratings", cohort / "study", "--participants", traits, "--group", "number")
    printed = gap(cohort / "D", *options, "--out", tmp_path / "g")
    assert "silent: 1, 2, 3, 4, 5, 6, 7\n" in printed
    assert not (tmp_path / "g" / "figures" / "gap_by_number.svg").exists()


def test_every_participant_has_clips_rates_and_an_interval(cohort: Path, tmp_path: Path) -> None:
    options = ("--ratings", cohort / "study", "--group", "participant", "--least", 3)
    printed = gap(cohort / "D", *options, "--out", tmp_path / "g")
    lines = [line.split() for line in printed.splitlines() if line.startswith("  p0")]
    assert [line[0] for line in lines] == [f"p{number:03d}" for number in range(1, PEOPLE + 1)]
    assert all(line[1:3] == ["1", str(STIMULI)] for line in lines)
    assert "by participant, intervals over clips" in printed


def test_the_observed_gap_is_counted_from_answers_and_votes(cohort: Path, tmp_path: Path) -> None:
    found = json.loads(gap(cohort / "D", "--ratings", cohort / "study", "--json", "--out", tmp_path / "g"))
    samples = pl.read_parquet(cohort / "D" / "samples.parquet")
    felt, shown = (np.array(samples[f"{view}_emotion7"].to_list()) for view in ("felt", "shown"))
    differs = 1 - (felt * shown).sum(axis=1)
    for one in found["by"]["stimulus"]["groups"]:
        clips = (samples["stimulus_id"] == one["name"]).to_numpy()
        assert one["observed"] == pytest.approx(differs[clips].mean())
        observed = np.array(found["by"]["stimulus"]["confusion"][one["name"]]["observed"])
        assert observed == pytest.approx(felt[clips].T @ shown[clips] / clips.sum())


def test_confusions_are_written_for_every_group_and_pair(cohort: Path, tmp_path: Path) -> None:
    found = json.loads(gap(cohort / "D", "--ratings", cohort / "study", "--json", "--out", tmp_path / "g"))
    table = pl.read_csv(tmp_path / "g" / "confusions.tsv", separator="\t")
    assert table.columns == ["by", "group", "felt", "shown", "observed", "corrected"]
    assert set(table["by"]) == {"stimulus"}
    for one in found["by"]["stimulus"]["groups"]:
        mine = table.filter(pl.col("group") == one["name"])
        assert mine.height == len(vocabulary("emotion7")) ** 2
        off = mine.filter(pl.col("felt") != pl.col("shown"))
        assert off["corrected"].sum() == pytest.approx(one["corrected"], abs=1e-4)
        assert off["observed"].sum() == pytest.approx(one["observed"], abs=1e-4)


def test_distances_have_groups_too(cohort: Path, tmp_path: Path) -> None:
    options = ("--space", "va", "--ratings", cohort / "study", "--group", "stimulus", "--json")
    found = json.loads(gap(cohort / "D", *options, "--out", tmp_path / "g"))["by"]["stimulus"]
    clips = pl.read_csv(tmp_path / "g" / "clips.tsv", separator="\t")
    for one in found["groups"]:
        distance = clips.filter(pl.col("stimulus_id") == one["name"])["distance"].to_numpy()
        assert one["observed"] == pytest.approx(np.sqrt((distance**2).mean()), abs=1e-4)
        assert one["low"] <= one["corrected"] <= one["high"]
    assert found["confusion"] == {}


def test_a_group_without_a_table_names_those_on_offer(cohort: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="carries the groups stimulus, participant, stimulus_group, and nothing"):
        gap(cohort / "D", "--group", "sex", "--out", tmp_path / "g")
    with pytest.raises(UnknownNameError, match=r"did you mean 'sex'\? available: age, .*, sex, stimulus"):
        gap(cohort / "D", "--group", "sax", "--participants", cohort / "study", "--out", tmp_path / "g")
    assert not (tmp_path / "g").exists()


def test_a_table_of_other_people_is_refused(cohort: Path, traits: Path, tmp_path: Path) -> None:
    traits.write_text("participant_id\thand\np001\tleft\nq002\tleft\n")
    with pytest.raises(MismatchError, match="it lacks 6 people of the data set, first p002"):
        gap(cohort / "D", "--group", "hand", "--participants", traits, "--out", tmp_path / "g")
    with pytest.raises(DataError, match="no such file"):
        gap(cohort / "D", "--group", "hand", "--participants", tmp_path / "absent.tsv", "--out", tmp_path / "g")
