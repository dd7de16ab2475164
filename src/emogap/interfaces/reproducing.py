"""``emogap reproduce``: a released data set built, audited and benchmarked in one go, as an experiment of its own."""

from collections.abc import Sequence
from pathlib import Path

import tomli_w

from emogap.datasets import BuildConfig, build, open_dataset
from emogap.datasets.emer_facts import read_facts
from emogap.datasets.header import HEADER_FILE
from emogap.datasets.store import Dataset
from emogap.datasets.unknown_ids import are_people_known, are_stimuli_known
from emogap.errors import MismatchError, UnknownNameError, UsageError
from emogap.files import write_bytes
from emogap.interfaces.experiments.kinds.reproduction import PROTOCOLS
from emogap.interfaces.experiments.running import ExperimentReport, holds_more_than_record, run_experiment

__all__ = ["PAPERS", "reproduce", "splits_for"]

PAPERS = ("emer",)
"""What can be reproduced."""

NAME = "emer_reproduction"


def reproduce(
    paper: str,
    data: Path,
    out: Path,
    *,
    release: Path | None = None,
    protocols: Sequence[str] = PROTOCOLS,
    models: Sequence[str],
    splits: Sequence[str] = (),
    preset: str = "evidence",
    seeds: int = 1,
    jobs: int = 1,
    command: str = "",
) -> tuple[ExperimentReport, tuple[tuple[str, str], ...]]:
    """Build the data set if need be, audit its official folds, run the protocols, and keep the tables.

    Parameters
    ----------
    paper : str
        One of :data:`PAPERS`.
    data : Path
        The release, or a data set that was built from it.
    out : Path
        ``dataset/`` (if it is built here), ``emer_reproduction.toml`` (the experiment), and ``results/``, a place of
        experiments. The same command goes on in it.
    release : Path, optional
        What the user states of the release; needed if the data set is built here.
    protocols, models : sequence of str
    splits : sequence of str
        By default ``official``, and ``person`` and ``person+stimulus`` where it is known whose clips they are.
    preset : str
    seeds : int
    jobs : int
    command : str
        What was typed, for the record.

    Returns
    -------
    report : ExperimentReport
    failures : tuple of (item, problem)
        Clips that could not be read.

    Raises
    ------
    UnknownNameError
        If there is no such paper, protocol, model or split.
    UsageError
        If `release` is missing, or people or stimuli are to be held out of whom nobody knows.
    DataError, MismatchError
        If the release is at fault, or another reproduction stands in `out`.
    """
    if paper not in PAPERS:
        raise UnknownNameError("paper to reproduce", paper, PAPERS)
    path, failures = _dataset_path(data, out, release, jobs=jobs)
    dataset = open_dataset(path)
    content = {
        "schema": 1,
        "name": NAME,
        "title": "EMER reproduced",
        "kind": "reproduction",
        "source": "arXiv 2512.16485, Tables II to IV",
        "options": {
            "protocols": list(protocols),
            "models": list(models),
            "splits": list(splits or splits_for(dataset)),
            "preset": preset,
            "seeds": seeds,
        },
    }
    file = out / f"{NAME}.toml"
    _write_once(file, tomli_w.dumps(content), is_begun=holds_more_than_record(out / "results" / NAME))
    report = run_experiment(file, path, out / "results", jobs=jobs, command=command)
    return report, failures


def _write_once(file: Path, content: str, *, is_begun: bool) -> None:
    """Write the experiment file, or go on with the same one; another is refused if something was made of it."""
    if is_begun and file.is_file() and file.read_text(encoding="utf-8") != content:
        raise MismatchError(
            "another reproduction was begun here, with other protocols, models, splits, preset or seeds",
            where=str(file),
            fix="repeat its options, which stand in this file, or give another folder with --out",
        )
    write_bytes(file, content.encode())


def splits_for(dataset: Dataset) -> tuple[str, ...]:
    """The official folds, and what of people and stimuli can be held out besides."""
    if not are_people_known(dataset.keys):
        return ("official",)
    return ("official", "person", *(("person+stimulus",) if are_stimuli_known(dataset.keys) else ()))


def _dataset_path(
    data: Path, out: Path, release: Path | None, *, jobs: int
) -> tuple[Path, tuple[tuple[str, str], ...]]:
    """The data set, built from the release if it is not one already; and what could not be read."""
    if not data.is_dir():
        raise UsageError("there is no such folder", where=str(data), fix="give the folder of the release")
    if (data / HEADER_FILE).is_file():
        if release is not None:
            raise UsageError(
                "this is a data set, and what was stated when it was built stands in it",
                where=str(data),
                fix="leave out --release, or give the folder of the release",
            )
        return data, ()
    facts = read_facts(release).canonical() if release is not None else ""
    built = build(data, out / "dataset", BuildConfig.model_validate({"catalogue": "emer", "release": facts}), jobs=jobs)
    return built.path, built.failures
