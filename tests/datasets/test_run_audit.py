"""A run is judged by what it stored; the runs here are written by hand."""

import json
from collections.abc import Callable
from dataclasses import astuple, fields
from pathlib import Path

import polars as pl
import pytest
import tomli_w
from typer.testing import CliRunner

from emogap.datasets.assemble import assemble
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.run_audit import audit_run
from emogap.datasets.samples import SampledStream
from emogap.datasets.splits import load_or_make_split
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError
from emogap.interfaces.cli import build_app
from emogap.types import SampleKey
from tests.datasets import planting


@pytest.fixture(scope="module")
def dataset_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine people with four stimuli, recorded once, in a data set on disk."""
    folder = tmp_path_factory.mktemp("data")
    data = planting.as_dataset(planting.cohort(num_stimuli=4))
    clips = tuple(
        Clip(key, {"eye": SampledStream(stream, mask, planting.CHANNELS)})
        for key, stream, mask in zip(data.keys, data.streams["eye"], data.masks["eye"], strict=True)
    )
    write_part(folder / "part.npz", Cut(clips))
    assemble(folder / "D", Plan("planted", ()), BuildConfig(), [folder / "part.npz"], [], source_fingerprint="0" * 16)
    return folder / "D"


class Run:
    """A run of one model under one split, with everything that it stored open to tampering."""

    def __init__(self, dataset: Dataset, name: str = "person") -> None:
        self.dataset = dataset
        self.split = load_or_make_split(dataset, name, seed=0)
        self.tested = {cell.name: set(cell.test) for cell in self.split.cells}
        self.scaler = {cell.name: set(cell.train) for cell in self.split.cells}
        self.selected = {cell.name: set(cell.validation) for cell in self.split.cells}
        self.record = {
            "schema": 1,
            "config": {"folds": 5},
            "dataset": {"path": str(dataset.path), "fingerprint": dataset.fingerprint},
            "splits": {f"{name}-0": self.split.fingerprint},
        }
        self.fitted_on = dataset.fingerprint

    def write(self, folder: Path, *, without: tuple[str, ...] = (), suffix: str = "") -> Path:
        folder.mkdir()
        (folder / "run.toml").write_text(tomli_w.dumps(self.record))
        rows = [
            {field.name: value for field, value in zip(fields(SampleKey), astuple(key), strict=True)}
            | {"model": "linear", "split": self.split.name, "cell": cell, "seed": 0, "target": "class"}
            for cell, tested in self.tested.items()
            for key in self._keys(tested)
        ]
        pl.DataFrame(rows).write_parquet(folder / "predictions.parquet")
        for cell in set(self.tested) - set(without):
            config = folder / "checkpoints" / "linear" / f"{self.split.name}-{cell}-0{suffix}" / "config.json"
            config.parent.mkdir(parents=True)
            stored = {
                "scaler_keys": [list(astuple(key)) for key in self._keys(self.scaler[cell])],
                "validation_keys": [list(astuple(key)) for key in self._keys(self.selected[cell])],
                "dataset": {"fingerprint": self.fitted_on},
            }
            config.write_text(json.dumps(stored))
        return folder

    def _keys(self, rows: set[int]) -> list[SampleKey]:
        return [self.dataset.keys[row] for row in sorted(rows)]


def leaks(run: Path, **options: Path) -> set[str]:
    return {leak.kind for audit in audit_run(run, **options) for leak in audit.leaks}


@pytest.mark.parametrize("name", ["person", "person+stimulus", "person-thinned"])
@pytest.mark.parametrize("suffix", ["", "-valence"])
def test_an_honest_run_has_no_leak(dataset_path: Path, tmp_path: Path, name: str, suffix: str) -> None:
    run = Run(open_dataset(dataset_path), name).write(tmp_path / "run", suffix=suffix)
    audits = audit_run(run)
    assert [audit.name for audit in audits] == ["planted", f"{name}-0"]
    assert not any(audit.leaks for audit in audits)
    checked = {finding.kind for audit in audits for finding in audit.findings if finding.severity == "ok"}
    assert checked >= {"copies", "recordings", "fingerprint", "test clips", "people", "scaler", "predictions"}


def fit_scaler_on_everything(run: Run) -> None:
    for cell in run.scaler:
        run.scaler[cell] = set(range(len(run.dataset.keys)))


def fit_scaler_on_validation(run: Run) -> None:
    cell = run.split.cells[2]
    run.scaler[cell.name] |= set(cell.validation)


def select_on_test(run: Run) -> None:
    cell = run.split.cells[1]
    run.selected[cell.name] = set(cell.test)


def select_on_a_test_person(run: Run) -> None:
    cell = run.split.cells[1]
    person = run.dataset.keys[cell.test[0]].participant_id
    run.selected[cell.name] |= {row for row in cell.unused if run.dataset.keys[row].participant_id == person}


def predict_what_was_trained_on(run: Run) -> None:
    cell = run.split.cells[0]
    run.tested[cell.name] |= set(cell.train[:3])


def predict_another_cell(run: Run) -> None:
    run.tested[run.split.cells[0].name] |= {run.split.cells[0].unused[0]}


def use_another_split(run: Run) -> None:
    run.record["splits"] = {"person+stimulus-0": "0" * 16}


def fit_on_other_samples(run: Run) -> None:
    run.fitted_on = "1" * 16


def change_the_data_afterwards(run: Run) -> None:
    run.record["dataset"] = {"path": str(run.dataset.path), "fingerprint": "2" * 16}
    run.fitted_on = "2" * 16


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (fit_scaler_on_everything, {"scaler", "test clips", "people", "stimuli"}),
        (fit_scaler_on_validation, {"scaler"}),
        (select_on_test, {"validation", "test clips", "people", "stimuli"}),
        (select_on_a_test_person, {"validation", "people"}),
        (predict_what_was_trained_on, {"predictions", "test clips", "people", "stimuli"}),
        (predict_another_cell, {"predictions"}),
        (use_another_split, {"fingerprint"}),
        (fit_on_other_samples, {"fingerprint"}),
        (change_the_data_afterwards, {"fingerprint"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_leak_is_named(
    dataset_path: Path, tmp_path: Path, tamper: Callable[[Run], None], expected: set[str]
) -> None:
    run = Run(open_dataset(dataset_path), "person+stimulus")
    tamper(run)
    found = leaks(run.write(tmp_path / "run"))
    assert expected - {"stimuli"} <= found <= expected | {"people", "stimuli"}


def test_the_fit_and_a_clip_of_the_leak_are_named(dataset_path: Path, tmp_path: Path) -> None:
    run = Run(open_dataset(dataset_path))
    fit_scaler_on_validation(run)
    (leak,) = [leak for audit in audit_run(run.write(tmp_path / "run")) for leak in audit.leaks]
    first = min(run.dataset.keys[row] for row in run.split.cells[2].validation)
    assert (
        f"linear person-p2-0 ({len(run.selected['p2'])} clips, first {first.participant_id}/{first.stimulus_id})"
        in leak.what
    )


def test_without_the_data_set_the_stored_keys_still_tell(dataset_path: Path, tmp_path: Path) -> None:
    run = Run(open_dataset(dataset_path))
    predict_what_was_trained_on(run)
    run.record["dataset"] = {"path": "gone", "fingerprint": run.dataset.fingerprint}
    written = run.write(tmp_path / "run")
    audits = audit_run(written)
    assert [finding.severity for finding in audits[0].findings] == ["warning"]
    assert leaks(written) == {"test clips", "people"}
    assert leaks(written, dataset_path=dataset_path) == {"test clips", "people", "predictions"}


def test_a_fit_without_a_checkpoint_is_a_warning(dataset_path: Path, tmp_path: Path) -> None:
    audits = audit_run(Run(open_dataset(dataset_path)).write(tmp_path / "run", without=("p1", "p3")))
    (warning,) = [f for f in audits[1].findings if f.kind == "checkpoints"]
    assert warning.severity == "warning"
    assert "linear p1, linear p3" in warning.what


def test_an_edited_stored_split_is_a_leak(dataset_path: Path, tmp_path: Path) -> None:
    run = Run(open_dataset(dataset_path), "person-thinned").write(tmp_path / "run")
    stored = dataset_path / "splits" / "person-thinned-0.json"
    before = stored.read_text()
    content = json.loads(before)
    content["cells"][0]["train"].pop()
    stored.write_text(json.dumps(content))
    try:
        (leak,) = [leak for audit in audit_run(run) for leak in audit.leaks]
    finally:
        stored.write_text(before)
    assert "was edited" in leak.what


@pytest.mark.parametrize("absent", ["run.toml", "predictions.parquet"])
def test_a_folder_that_is_no_run_is_refused(dataset_path: Path, tmp_path: Path, absent: str) -> None:
    run = Run(open_dataset(dataset_path)).write(tmp_path / "run")
    (run / absent).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        audit_run(run)


def test_a_damaged_checkpoint_is_refused_by_its_file(dataset_path: Path, tmp_path: Path) -> None:
    run = Run(open_dataset(dataset_path)).write(tmp_path / "run")
    (run / "checkpoints" / "linear" / "person-p0-0" / "config.json").write_text("{}")
    with pytest.raises(DataError, match="scaler_keys") as caught:
        audit_run(run)
    assert str(caught.value.where).endswith("config.json")


def test_the_command_prints_findings_and_says_by_its_exit_code(dataset_path: Path, tmp_path: Path) -> None:
    honest = Run(open_dataset(dataset_path)).write(tmp_path / "honest")
    leaking = Run(open_dataset(dataset_path))
    fit_scaler_on_everything(leaking)
    app, runner = build_app(), CliRunner()
    clean = runner.invoke(app, ["audit", str(honest)])
    assert clean.exit_code == 0
    assert "no leaks found" in clean.output
    assert "WARNING stimuli" in clean.output
    found = runner.invoke(app, ["audit", str(leaking.write(tmp_path / "leaking")), "--split", "person", "--json"])
    assert found.exit_code == 1
    assert json.loads(found.output)["num_leaks"] >= 3


def test_the_command_audits_a_data_set_with_stored_and_unstored_splits(dataset_path: Path) -> None:
    load_or_make_split(open_dataset(dataset_path), "person", seed=0)
    app, runner = build_app(), CliRunner()
    assert "split file person-0.json: 5 cells" in runner.invoke(app, ["audit", str(dataset_path)]).output
    stored = str(dataset_path / "splits" / "person-0.json")
    assert runner.invoke(app, ["audit", str(dataset_path), "--split", stored]).exit_code == 0
    fresh = runner.invoke(app, ["audit", str(dataset_path), "--split", "person-1"])
    assert "person+stimulus" in str(fresh.exception)
    (dataset_path / "splits" / "person+stimulus-0.json").unlink(missing_ok=True)
    unstored = runner.invoke(app, ["audit", str(dataset_path), "--split", "person+stimulus"])
    assert "split person+stimulus-0: 20 cells" in unstored.output
    assert not (dataset_path / "splits" / "person+stimulus-0.json").exists()


def test_the_command_refuses_another_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["audit", str(tmp_path)])
    assert "neither dataset.toml nor run.toml" in str(result.exception)
