"""The folder of a run: ``run.toml``, and the rule that two jobs never share one.

Contents: ``run.toml  predictions.parquet  scores.json  confounds.json  checkpoints/  figures/  report.html``, and
``parts/`` while fits are under way.
"""

import os
import platform
import tomllib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import cast

import tomli_w

from emogap import __version__
from emogap.datasets.store import Dataset
from emogap.errors import DataError, MismatchError, UsageError
from emogap.files import fingerprint_json, write_bytes
from emogap.learning.experiment import BenchConfig
from emogap.types.run import RunDataset, RunRecord

__all__ = [
    "CONFOUNDS_FILE",
    "PREDICTIONS_FILE",
    "RUN_FILE",
    "SCORES_FILE",
    "claim_folder",
    "dataset_record",
    "default_folder",
    "job_fingerprint",
    "machine_record",
    "read_run",
    "version_record",
    "write_run",
]

RUN_FILE = "run.toml"
PREDICTIONS_FILE = "predictions.parquet"
SCORES_FILE = "scores.json"
CONFOUNDS_FILE = "confounds.json"
SCHEMA = 1

SCORING_FIELDS = {"metric_compat"}
"""Options that change how predictions are scored, not what is predicted: the same folder takes them."""


def job_fingerprint(config: BenchConfig, dataset: Dataset, *, pretrained: Sequence[str] = ()) -> str:
    """Fingerprint of everything that decides the predictions of a run; `pretrained` are those of pre-trainings."""
    unset = {"channels"} if config.channels is None else set()
    asked = config.model_dump(mode="json", exclude=SCORING_FIELDS | unset)
    job: dict[str, object] = {"config": asked | {"cells": config.cells_run}, "data": dataset.fingerprint}
    return fingerprint_json(job | ({"pretrained": list(pretrained)} if pretrained else {}))


def default_folder(config: BenchConfig, dataset: Dataset) -> Path:
    """``runs/<protocol>-<hash>``, the same for the same job."""
    return Path("runs") / f"{config.protocol}-{job_fingerprint(config, dataset)[:8]}"


def claim_folder(run: Path, *, job: str) -> RunRecord | None:
    """What stands in `run`: None if it is free, its record if it is the same job.

    Raises
    ------
    UsageError
        If the folder holds something that is no run.
    MismatchError
        If it holds another run.
    """
    if not run.exists() or (run.is_dir() and not any(run.iterdir())):
        return None
    if not (run / RUN_FILE).is_file():
        raise UsageError(
            "the place of the run is taken by something else", where=str(run), fix="give another folder with --out"
        )
    record = read_run(run)
    if record["job"] != job:
        raise MismatchError(
            "this run was made with other options or other data",
            where=str(run),
            fix="give another folder with --out, or the options in its run.toml",
        )
    return record


def read_run(run: Path) -> RunRecord:
    """The record in `run`.

    Raises
    ------
    DataError
        If there is none, it is damaged, or of another version of the layout.
    """
    path = run / RUN_FILE
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(
            f"the run cannot be read: {error}", where=str(path), fix="give the folder that 'emogap bench' made"
        ) from error
    if record.get("schema") != SCHEMA:
        raise DataError(
            f"the run has schema {record.get('schema')}, this version reads {SCHEMA}",
            where=str(path),
            fix="run 'emogap bench' again into another folder",
        )
    return cast(RunRecord, record)


def write_run(run: Path, record: RunRecord) -> None:
    """Write ``run.toml``, whole or not at all."""
    write_bytes(run / RUN_FILE, tomli_w.dumps(dict(record), multiline_strings=True).encode())


def dataset_record(dataset: Dataset) -> RunDataset:
    """What a run remembers of its data set."""
    record: RunDataset = {
        "path": os.fspath(dataset.path.resolve()),
        "name": dataset.name,
        "catalogue": dataset.catalogue,
        "cleaning": dataset.cleaning,
        "fingerprint": dataset.fingerprint,
        "simulated": dataset.simulated,
        "num_clips": len(dataset.keys),
        "num_people": len({key.participant_id for key in dataset.keys}),
        "num_stimuli": len({key.stimulus_id for key in dataset.keys}),
        "streams": {name: list(stream.shape[1:]) for name, stream in dataset.streams.items()},
        "doubts": list(dataset.doubts),
        "ceiling": {name: dict(scores) for name, scores in dataset.ceilings.items()},
    }
    if "as_rate" in dataset.config:
        record["as_rate"] = float(dataset.config["as_rate"])
    return record


def version_record() -> dict[str, str]:
    """Versions of what computes the numbers."""
    others = ("torch", "lightning-fabric", "numpy", "scipy", "scikit-learn", "polars")
    return {"emogap": __version__, "python": platform.python_version()} | {name: version(name) for name in others}


def machine_record() -> dict[str, str]:
    """The machine in words; nothing that names its owner."""
    return {"system": platform.platform(), "processors": str(os.cpu_count() or 1)}
