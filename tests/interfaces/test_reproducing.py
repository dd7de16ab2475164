"""A reproduction from the release to its tables, on the miniature."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.datasets import open_dataset
from emogap.errors import MismatchError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.reproducing import reproduce, splits_for
from emogap.types.result_table import ResultTable
from tests.datasets.emer_copy import writable_copy


@pytest.fixture(scope="module")
def place(emer_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ``fer-int`` of the linear model was reproduced on the official folds."""
    out = tmp_path_factory.mktemp("reproduced") / "R"
    run(emer_release, out, emer_release / "release.toml")
    return out


def run(data: Path, out: Path, release: Path | None) -> list[ResultTable]:
    words = ["reproduce", "emer", str(data), "--out", str(out), "--models", "linear", "--protocols", "fer-int"]
    words += ["--splits", "official", "--preset", "quick", "--jobs", "1", "--json"]
    result = CliRunner().invoke(build_app(), words + (["--release", str(release)] if release else []))
    assert result.exit_code == 0, result.output
    tables: list[ResultTable] = json.loads(result.stdout)["tables"]
    return tables


def test_the_command_tells_clips_folds_audit_and_scores(place: Path, emer_release: Path) -> None:
    tables = {table["name"]: table for table in run(emer_release, place, emer_release / "release.toml")}
    assert list(tables) == [
        "emer_clips",
        "emer_folds",
        "emer_audit",
        "emer_fer_int_intensity_official",
        "emer_fer_int_intensity_published",
    ]
    assert all(tables[name]["is_simulated"] for name in tables if not name.endswith("published"))
    folds = {row[0]["value"]: [cell["value"] for cell in row[1:]] for row in tables["emer_folds"]["rows"]}
    assert folds["set1"] == [5, 2, 1, 3, 3]
    assert folds["set2"] == [4, 2, 1, 3, 3]
    assert folds["set3"] == [3, 1, 0, 3, 3]
    audit = tables["emer_audit"]
    assert any("validation: 1 person is in test" in note for note in audit["notes"])
    rows = [(group, row[0]["value"]) for group, row in zip(audit["row_groups"], audit["rows"], strict=True)]
    assert len(set(rows)) == len(rows) == 8


def test_a_data_set_that_is_built_already_gives_the_same_tables(
    place: Path, emer_release: Path, tmp_path: Path
) -> None:
    again = run(place / "dataset", tmp_path / "R", None)
    assert again == run(emer_release, place, emer_release / "release.toml")


def test_nothing_is_computed_twice(place: Path, emer_release: Path) -> None:
    report, _ = reproduce(
        "emer",
        emer_release,
        place,
        release=emer_release / "release.toml",
        protocols=("fer-int",),
        models=("linear",),
        splits=("official",),
        preset="quick",
    )
    assert report.was_finished


def test_other_options_in_the_same_folder_are_refused(place: Path) -> None:
    with pytest.raises(MismatchError, match="another reproduction was begun here"):
        reproduce("emer", place / "dataset", place, protocols=("fer-int",), models=("emert",), preset="quick")


def test_a_name_that_was_misspelt_can_be_corrected_in_the_same_folder(place: Path, tmp_path: Path) -> None:
    """The refused name was kept in the folder, and the right one refused for being another."""
    options = {"protocols": ("fer-int",), "splits": ("official",), "preset": "quick"}
    with pytest.raises(UnknownNameError, match="linear"):
        reproduce("emer", place / "dataset", tmp_path / "R", models=("liner",), **options)
    report, _ = reproduce("emer", place / "dataset", tmp_path / "R", models=("linear",), **options)
    assert report.experiment.record["options"]["models"] == ["linear"]


def test_a_release_that_is_not_there_is_said_before_what_it_does_not_state(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        reproduce("emer", tmp_path / "nowhere", tmp_path / "R", models=("linear",))


def test_all_that_is_known_is_held_out(place: Path) -> None:
    assert splits_for(open_dataset(place / "dataset")) == ("official", "person", "person+stimulus")


def test_without_people_the_official_folds_are_run_and_it_is_said(emer_release: Path, tmp_path: Path) -> None:
    release = writable_copy(emer_release, tmp_path)
    stated = (release / "release.toml").read_text().replace('table = "people.tsv"', "")
    (release / "release.toml").write_text(stated)
    report, _ = reproduce(
        "emer",
        release,
        tmp_path / "R",
        release=release / "release.toml",
        protocols=("fer-int",),
        models=("linear",),
        preset="quick",
    )
    assert report.experiment.record["options"]["splits"] == ["official"]
    assert any("Nobody knows whose clips" in note for note in report.experiment.notes)


def test_a_view_that_was_not_stated_is_left_out_loudly(emer_release: Path, tmp_path: Path) -> None:
    release = writable_copy(emer_release, tmp_path)
    stated = (release / "release.toml").read_text()
    felt = stated[stated.index("[felt]") : stated.index("[shown]")]
    (release / "release.toml").write_text(stated.replace(felt, ""))
    report, _ = reproduce(
        "emer",
        release,
        tmp_path / "R",
        release=release / "release.toml",
        protocols=("er7", "fer-int"),
        models=("linear",),
        splits=("official",),
        preset="quick",
    )
    assert any(note.startswith("er7 was not run") for note in report.experiment.notes)
    assert not any(table["name"].startswith("emer_er7") for table in report.experiment.tables)


def test_another_paper_is_named_with_those_that_there_are(emer_release: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="emer"):
        reproduce("emmer", emer_release, tmp_path / "R", models=("linear",))


def test_a_statement_for_a_built_data_set_is_refused(place: Path, emer_release: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this is a data set"):
        reproduce("emer", place / "dataset", tmp_path / "R", release=emer_release / "release.toml", models=("linear",))
