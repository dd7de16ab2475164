"""The kinds ``confounds``, ``subgroups`` and ``mixed_effects``, run from their files."""

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


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small data set with a word on everybody."""
    dataset = write_small_dataset(tmp_path_factory.mktemp("described"))
    write_participants(dataset, {f"p{number}": {"glasses": "yes" if number % 2 else "no"} for number in range(PEOPLE)})
    return dataset


def test_the_probe_needs_no_model(small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(write_file(tmp_path, "confounds"), small_dataset, tmp_path / "R")
    (table,) = open_experiment(tmp_path / "R" / "confounds").tables
    assert table["name"] == "confounds_er3_class"
    names = [row[0]["value"] for row in table["rows"]]
    assert names == ["gaze lost as recorded (share)", "stimulus identity (its training mean)", "majority", "chance"]


def test_subgroups_of_people_of_whom_nothing_is_known_are_refused(small_dataset: Path, tmp_path: Path) -> None:
    file = write_file(tmp_path, "subgroups", 'models = ["majority"]\n')
    with pytest.raises(UsageError, match="says nothing of its people"):
        run_experiment(file, small_dataset, tmp_path / "R")


def test_subgroups_are_scored_for_each_model(described: Path, tmp_path: Path) -> None:
    file = write_file(tmp_path, "subgroups", 'models = ["linear", "majority"]\ndraws = 99\n')
    run_experiment(file, described, tmp_path / "R")
    titles = [table["title"] for table in open_experiment(tmp_path / "R" / "subgroups").tables]
    assert titles == [
        "er3, linear: scores of subgroups",
        "er3, linear: differences between subgroups",
        "er3, majority: scores of subgroups",
        "er3, majority: differences between subgroups",
    ]


@pytest.mark.parametrize(
    ("kind", "more", "tables"),
    [
        ("confounds", "", ["confounds_er3_class", "confounds_fer3_class"]),
        (
            "subgroups",
            'models = ["majority"]\ndraws = 99\nleast_people = 6\n',
            ["subgroups_er3_class_majority", "subgroups_fer3_class_majority"],
        ),
        (
            "mixed_effects",
            'models = ["majority", "stimulus_mean"]\ndraws = 99\n',
            ["mixed_effects_er3", "mixed_effects_fer3"],
        ),
    ],
)
def test_two_protocols_of_one_training_have_a_table_each(
    kind: str, more: str, tables: list[str], described: Path, place: Path
) -> None:
    """A run scores both heads: each table came twice, under one name, when both protocols were asked for."""
    options = OPTIONS.replace('["er3"]', '["er3", "fer3"]').replace('heads = "single"\n', "")
    file = place / f"{kind}.toml"
    file.write_text(HEAD.format(kind=kind) + options + more)
    report = run_experiment(file, described, place / "R")
    assert [table["name"] for table in report.experiment.tables] == tables


def test_a_protocol_that_stands_twice_is_refused(small_dataset: Path, tmp_path: Path) -> None:
    file = write_file(tmp_path, "confounds")
    file.write_text(file.read_text().replace('["er3"]', '["er3", "er3"]'))
    with pytest.raises(UsageError, match="a protocol stands twice: er3, er3"):
        run_experiment(file, small_dataset, tmp_path / "R")
