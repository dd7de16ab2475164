"""The kinds ``confounds`` and ``subgroups``, run from their files."""

from pathlib import Path

import pytest

from emogap.datasets.participants import write_participants
from emogap.errors import UsageError
from emogap.interfaces.experiments.running import run_experiment
from emogap.reporting.experiments import open_experiment
from tests.learning.evaluation.small_study import PEOPLE, write_small_dataset

HEAD = 'schema = 1\nname = "{kind}"\ntitle = "Small"\nkind = "{kind}"\n[options]\n'
OPTIONS = 'protocols = ["er3"]\nsplits = ["person"]\npreset = "quick"\nfolds = 3\nheads = "single"\n'


def write_file(folder: Path, kind: str, more: str = "") -> Path:
    path = folder / f"{kind}.toml"
    path.write_text(HEAD.format(kind=kind) + OPTIONS + more)
    return path


def test_the_probe_needs_no_model(small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(write_file(tmp_path, "confounds"), small_dataset, tmp_path / "R")
    (table,) = open_experiment(tmp_path / "R" / "confounds").tables
    assert table["name"] == "confounds_confounds_er3_class"
    names = [row[0]["value"] for row in table["rows"]]
    assert names == ["gaze lost as recorded (share)", "stimulus identity (its training mean)", "majority", "chance"]


def test_subgroups_of_people_of_whom_nothing_is_known_are_refused(small_dataset: Path, tmp_path: Path) -> None:
    file = write_file(tmp_path, "subgroups", 'models = ["majority"]\n')
    with pytest.raises(UsageError, match="says nothing of its people"):
        run_experiment(file, small_dataset, tmp_path / "R")


def test_subgroups_are_scored_for_each_model(tmp_path: Path) -> None:
    dataset = write_small_dataset(tmp_path)
    write_participants(dataset, {f"p{number}": {"glasses": "yes" if number % 2 else "no"} for number in range(PEOPLE)})
    file = write_file(tmp_path, "subgroups", 'models = ["linear", "majority"]\ndraws = 99\n')
    run_experiment(file, dataset, tmp_path / "R")
    titles = [table["title"] for table in open_experiment(tmp_path / "R" / "subgroups").tables]
    assert titles == [
        "er3, linear: scores of subgroups",
        "er3, linear: differences between subgroups",
        "er3, majority: scores of subgroups",
        "er3, majority: differences between subgroups",
    ]
