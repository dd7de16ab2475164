"""Running experiment files: resumed, never twice, never over another."""

import shutil
from pathlib import Path

import pytest

from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces.experiments import file as file_module
from emogap.interfaces.experiments import running
from emogap.interfaces.experiments.hold import hold_place
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.running import run_experiment
from emogap.locks import LOCK_FILE
from emogap.reporting.experiments import open_experiment
from emogap.shelf import Shelf
from tests.interfaces.experiments.small_kinds import counted
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

FILE = 'schema = 1\nname = "counts"\ntitle = "How many"\nkind = "counted"\n[options]\nfactors = [1, 3]\n'


@pytest.fixture(autouse=True)
def small_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf("tests.interfaces.experiments.small_kinds", kind="kind of experiment", defines=("Options", "run"))
    monkeypatch.setattr(file_module, "KINDS", shelf)
    monkeypatch.setattr(running, "KINDS", shelf)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "counts.toml"
    path.write_text(FILE)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK_FILE)


def times_computed(out: Path) -> int:
    return len(list((out / "fits").glob("mark-*")))


def test_what_was_run_reads_back(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    report = run_experiment(toml, small_dataset, tmp_path / "R", command="emogap run")
    stored = open_experiment(tmp_path / "R" / "counts")
    assert not report.was_finished
    assert [row[0]["value"] for row in stored.tables[0]["rows"]] == [PEOPLE * STIMULI, 3 * PEOPLE * STIMULI]
    assert stored.figures == {"dots": "<svg/>"}
    assert stored.captions == {"dots": "Nothing."}
    assert stored.runs == ((tmp_path / "R" / "runs" / "er3-0").resolve(),)
    assert stored.record["is_finished"]
    assert stored.record["data"]["name"] == "hand"
    assert stored.record["options"]["factors"] == [1, 3]
    assert "preset_given" not in stored.record


def test_a_finished_experiment_is_not_computed_again(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    again = run_experiment(toml, small_dataset, tmp_path / "R")
    assert again.was_finished
    assert times_computed(tmp_path / "R") == 1


def test_printed_numbers_follow_in_a_table_of_their_own(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    toml.write_text(FILE.replace("kind =", 'published = "emer_table_08"\nkind ='))
    measured, printed = run_experiment(toml, small_dataset, tmp_path / "R").experiment.tables
    assert (measured["name"], printed["name"]) == ("counts_counts", "counts_published")
    assert "printed by others" in printed["title"]
    assert not printed["is_simulated"]


def test_an_unfinished_experiment_is_computed_again(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    toml.write_text(FILE + "fails = true\n")
    first = run_experiment(toml, small_dataset, tmp_path / "R")
    assert first.experiment.failures == ("one fit",)
    assert not first.experiment.record["is_finished"]
    assert not run_experiment(toml, small_dataset, tmp_path / "R").was_finished
    assert times_computed(tmp_path / "R") == 2


def test_another_title_is_no_other_experiment_but_is_written(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    toml.write_text(FILE.replace("How many", "How many there are"))
    again = run_experiment(toml, small_dataset, tmp_path / "R")
    assert again.experiment.tables[0]["title"] == "How many there are"


def test_other_options_in_the_same_place_are_refused_by_name(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    toml.write_text(FILE.replace("[1, 3]", "[1, 4]"))
    with pytest.raises(MismatchError, match="other options: factors"):
        run_experiment(toml, small_dataset, tmp_path / "R")


def test_options_that_were_refused_can_be_corrected_in_the_same_place(
    toml: Path, small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever did what the refusal said, such as fewer folds, was then refused for having other options."""
    working = counted.run

    def picky(options: counted.Options, place: ExperimentPlace) -> ExperimentResult:
        if 3 in options.factors:
            raise UsageError("3 is too many", fix="give 2")
        return working(options, place)

    monkeypatch.setattr(counted, "run", picky)
    with pytest.raises(UsageError, match="too many"):
        run_experiment(toml, small_dataset, tmp_path / "R")
    stored = run_experiment(toml, small_dataset, tmp_path / "R", given={"factors": [1, 2]}).experiment
    assert stored.record["options"]["factors"] == [1, 2]
    assert stored.record["is_finished"]


def test_other_data_in_the_same_place_are_refused(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    other = write_small_dataset(tmp_path, people=4)
    with pytest.raises(MismatchError, match="other data"):
        run_experiment(toml, other, tmp_path / "R")


def test_data_named_in_the_options_belong_to_the_experiment(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    """The path stays and the data change: what was computed of the old ones is not shown as the new."""
    data = tmp_path / "data"
    shutil.copytree(small_dataset, data)
    beside = write_small_dataset(tmp_path, people=4)
    toml.write_text(FILE + f'beside = "{beside.relative_to(tmp_path)}"\n')
    report = run_experiment(toml, data, tmp_path / "R")
    (read,) = report.experiment.record["also_read"]
    assert Path(read["path"]) == beside.resolve()
    assert run_experiment(toml, data, tmp_path / "R").was_finished
    shutil.rmtree(beside)
    write_small_dataset(tmp_path, people=5)
    with pytest.raises(MismatchError, match=f"other data: {beside.resolve()}"):
        run_experiment(toml, data, tmp_path / "R")


def test_two_commands_at_once_in_one_place_are_refused(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    with (
        hold_place(tmp_path / "R"),
        pytest.raises(UsageError, match="another 'emogap run' is at work"),
    ):
        run_experiment(toml, small_dataset, tmp_path / "R")
    assert names(tmp_path / "R") == []
    assert not run_experiment(toml, small_dataset, tmp_path / "R").was_finished
    with hold_place(tmp_path / "R"):
        assert run_experiment(toml, small_dataset, tmp_path / "R").was_finished


def test_the_preset_of_the_command_line_is_recorded(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    report = run_experiment(toml, small_dataset, tmp_path / "R", preset="quick")
    assert report.experiment.record["preset_given"] == "quick"
    assert report.experiment.record["options"]["preset"] == "quick"
    assert report.experiment.tables[0]["caption"] == "Preset quick."


def test_a_place_with_something_else_is_refused(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "R").mkdir()
    (tmp_path / "R" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        run_experiment(toml, small_dataset, tmp_path / "R")
    assert names(tmp_path / "R") == ["thesis.txt"]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("result.json", '{"schema": 1, "tables": [', "cannot be read"),
        ("result.json", '{"schema": 7}', "schema 7, this version reads 1"),
        ("figures/dots.svg", None, "figure cannot be read"),
    ],
)
def test_a_result_that_cannot_be_read_is_said_and_made_again(
    toml: Path,
    small_dataset: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    file: str,
    content: str | None,
    says: str,
) -> None:
    """The same command failed for ever, and told to remove the folder: fits lie in there too."""
    first = run_experiment(toml, small_dataset, tmp_path / "R")
    folder = tmp_path / "R" / "counts"
    (folder / "own-fit").write_text("kept")
    damaged = folder / file
    damaged.unlink() if content is None else damaged.write_text(content)
    before = (folder / "result.json").read_text()
    again = run_experiment(toml, small_dataset, tmp_path / "R")
    assert says in caplog.text
    assert says in again.remade_because
    assert str(damaged) in again.remade_because
    assert not again.was_finished
    assert again.experiment.tables == first.experiment.tables
    assert (folder / "result.old.json").read_text() == before
    assert (folder / "own-fit").read_text() == "kept"
    third = run_experiment(toml, small_dataset, tmp_path / "R")
    assert (third.was_finished, third.remade_because) == (True, "")
    assert times_computed(tmp_path / "R") == 2


def test_every_old_result_is_kept(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        run_experiment(toml, small_dataset, tmp_path / "R")
        (tmp_path / "R" / "counts" / "result.json").write_text(text)
    run_experiment(toml, small_dataset, tmp_path / "R")
    folder = tmp_path / "R" / "counts"
    kept = [(folder / f"result.old{number}.json").read_text() for number in ("", "-2", "-3")]
    assert kept == ["first", "second", "third"]


def test_a_record_that_cannot_be_read_is_refused_with_a_way_that_loses_nothing(
    toml: Path, small_dataset: Path, tmp_path: Path
) -> None:
    """Nobody can tell whether it is the same job."""
    run_experiment(toml, small_dataset, tmp_path / "R")
    (tmp_path / "R" / "counts" / "experiment.toml").write_text("schema = ")
    with pytest.raises(DataError, match="cannot be read") as caught:
        run_experiment(toml, small_dataset, tmp_path / "R")
    assert caught.value.fix is not None
    assert caught.value.fix.startswith(f"move {tmp_path / 'R' / 'counts'} elsewhere")


def test_several_experiments_share_a_place(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    toml.write_text(FILE.replace('"counts"', '"more"'))
    run_experiment(toml, small_dataset, tmp_path / "R")
    assert names(tmp_path / "R") == ["counts", "fits", "more"]


def test_what_is_no_data_set_is_refused(toml: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no data set"):
        run_experiment(toml, tmp_path / "nowhere", tmp_path / "R")


def test_an_experiment_without_its_figure_is_damaged(toml: Path, small_dataset: Path, tmp_path: Path) -> None:
    run_experiment(toml, small_dataset, tmp_path / "R")
    shutil.rmtree(tmp_path / "R" / "counts" / "figures")
    with pytest.raises(DataError, match="figure cannot be read"):
        open_experiment(tmp_path / "R" / "counts")
