"""Running an experiment file in a place that holds several: taken up where it stopped, never computed twice."""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

import tomli_w

from emogap.datasets.header import HEADER_FILE, fingerprint_spread, read_header
from emogap.errors import DataError, MismatchError, UsageError
from emogap.files import fingerprint_json, write_bytes
from emogap.interfaces.experiments.file import TAKEN, ExperimentFile, read_experiment_file, with_preset
from emogap.interfaces.experiments.given_options import with_given
from emogap.interfaces.experiments.hold import hold_place
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.kinds import KINDS
from emogap.learning.evaluation.run_folder import machine_record, version_record
from emogap.locks import LOCK_FILE
from emogap.recording.derived import DERIVED_LIST, record_derived
from emogap.reporting.experiments import (
    EXPERIMENT_FILE,
    FIGURES_FOLDER,
    RESULT_FILE,
    ExperimentData,
    ExperimentRecord,
    ResultRecord,
    StoredExperiment,
    open_experiment,
    read_experiment_record,
)
from emogap.reporting.printed_table import printed_table
from emogap.reporting.published_tables import open_published
from emogap.types.result_table import ResultTable

__all__ = ["ExperimentReport", "holds_more_than_record", "run_experiment"]

log = logging.getLogger(__name__)

SCHEMA = 1

OLD_RESULT = "result.old{}.json"
"""A result that could not be read, kept beside the one that was made again; numbered from the second on."""


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentReport:
    """What came of ``emogap run``.

    Attributes
    ----------
    experiment : StoredExperiment
    was_finished : bool
        Whether it had been run before, so that nothing was computed.
    remade_because : str
        Why the result of a finished experiment was made again: what could not be read; empty otherwise.
    """

    experiment: StoredExperiment
    was_finished: bool
    remade_because: str = ""


def run_experiment(
    path: Path,
    data: Path,
    out: Path,
    *,
    jobs: int = 1,
    preset: str | None = None,
    given: Mapping[str, object] | None = None,
    command: str = "",
) -> ExperimentReport:
    """Run the experiment that the TOML file `path` describes on `data`; its results lie in ``out/<name>``.

    Parameters
    ----------
    path : Path
    data : Path
        A data set; for kinds that read ratings, a study.
    out : Path
        The place: ``<name>/`` for each experiment, ``runs/`` and ``fits/`` for what they share.
    jobs : int
        Processes.
    preset : str, optional
        Replaces the preset of the file; the record says so.
    given : mapping, optional
        Replaces other options of the file, by name; the record says so.
    command : str
        What was typed, for the record.

    Raises
    ------
    UsageError
        If the file asks for what the data do not carry, or the place is taken by something else, or by another command
        that is at work in it.
    MismatchError
        If another experiment, or other data, stand in the same folder.
    DataError
        If the file, the data, or the record of the experiment are damaged.

    Notes
    -----
    A finished experiment whose result or figures cannot be read is made again from the runs and fits that are kept; a
    warning says so before, the report after, and the old result stays beside the new one.
    """
    begun = perf_counter()
    file = read_experiment_file(path)
    if preset is not None:
        file = with_preset(file, preset)
    if given:
        file = with_given(file, given)
    folder = out / file.name
    read = (data, *_also_read(file, data))
    record = _record(file, read, jobs=jobs, command=command, preset=preset, given=given or {})
    _require_place(out)
    before = _claim(folder, record)
    problem = ""
    if before is not None and before["is_finished"]:
        try:
            stored = open_experiment(folder)
        except DataError as error:
            problem = f"{error.where}: {error.what}"
            log.warning("%s; the experiment is made again from the runs and fits that are kept", problem)
        else:
            if _says_the_same(before, record):
                return ExperimentReport(stored, was_finished=True)
    with hold_place(out):
        if problem:
            _set_aside(folder)
        record["seconds"] = before["seconds"] if before else 0.0
        for source in read:
            record_derived(source, out, by="run")
        _write_record(folder, record)
        place = ExperimentPlace(file.name, file.title, data, folder, out / "runs", out / "fits", jobs)
        result: ExperimentResult = KINDS.open(file.kind).run(file.options, place)
        _write_result(folder, result, _printed(file))
        record["is_finished"] = not result.failures
        record["seconds"] = round(record["seconds"] + perf_counter() - begun, 1)
        _write_record(folder, record)
    return ExperimentReport(open_experiment(folder), was_finished=False, remade_because=problem)


def _also_read(file: ExperimentFile, data: Path) -> tuple[Path, ...]:
    """The data that the options of the file name beside `data`."""
    kind = KINDS.open(file.kind)
    return tuple(kind.also_read(file.options, data)) if hasattr(kind, "also_read") else ()


def _record(
    file: ExperimentFile,
    read: Sequence[Path],
    *,
    jobs: int,
    command: str,
    preset: str | None,
    given: Mapping[str, object],
) -> ExperimentRecord:
    options = file.options.model_dump(mode="json", exclude_none=True)
    described, *others = map(_data_record, read)
    made_of: dict[str, object] = {"kind": file.kind, "options": options, "data": described["fingerprint"]}
    if others:
        made_of["also_read"] = [other["fingerprint"] for other in others]
    record: ExperimentRecord = {
        "schema": SCHEMA,
        "job": fingerprint_json(made_of),
        "name": file.name,
        "title": file.title,
        "kind": file.kind,
        "source": file.source,
        "published": file.published,
        "is_finished": False,
        "command": command,
        "data": described,
        "options": options,
        "seconds": 0.0,
        "jobs": jobs,
        "versions": version_record(),
        "machine": machine_record(),
    }
    if preset is not None:
        record["preset_given"] = preset
    if given:
        record["options_given"] = dict(given)
    if others:
        record["also_read"] = others
    return record


def _data_record(data: Path) -> ExperimentData:
    """Name and fingerprint of a data set, a study or a file."""
    if data.is_file():
        return {"path": os.fspath(data.resolve()), "name": data.name, "fingerprint": fingerprint_spread(data)}
    if not (data / HEADER_FILE).is_file() and (data / "study.toml").is_file():
        files = sorted(
            file for file in data.rglob("*") if file.is_file() and file.name not in (DERIVED_LIST, LOCK_FILE)
        )
        prints = {file.relative_to(data).as_posix(): fingerprint_spread(file) for file in files}
        return {"path": os.fspath(data.resolve()), "name": data.name, "fingerprint": fingerprint_json(prints)}
    header = read_header(data)
    return {"path": os.fspath(data.resolve()), "name": header.name, "fingerprint": header.fingerprint}


def _require_place(out: Path) -> None:
    """Raise if `out` is there, is not empty, and holds no experiment."""
    if not out.exists():
        return
    held = [entry for entry in out.iterdir() if entry.name != LOCK_FILE] if out.is_dir() else [out]
    if not held or any(entry.name in TAKEN or (entry / EXPERIMENT_FILE).is_file() for entry in held):
        return
    raise UsageError(
        f"the place of the experiments holds something else ({held[0].name})",
        where=str(out),
        fix="give a new folder, or one that 'emogap run' made, with --out",
    )


def _claim(folder: Path, record: ExperimentRecord) -> ExperimentRecord | None:
    """What stands in `folder`: None if it is free, its record if it is the same job.

    A folder that holds the record of another job and nothing else is free: what that job was to make was refused, or
    cut off before anything stood here, and its fits lie where every job finds them.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    try:
        before = read_experiment_record(folder)
    except DataError as error:
        fix = f"move {folder} elsewhere, or give another folder with --out: runs and fits beside it are found again"
        raise DataError(error.what, where=error.where, fix=fix) from error
    if before["job"] == record["job"]:
        return before
    if not holds_more_than_record(folder):
        return None
    names = sorted({*before["options"], *record["options"]})
    other = [name for name in names if before["options"].get(name) != record["options"].get(name)]
    there, now = ([held["data"], *held.get("also_read", ())] for held in (before, record))
    prints = {each["fingerprint"] for each in there} ^ {each["fingerprint"] for each in now}
    changed = dict.fromkeys(each["path"] for each in (*there, *now) if each["fingerprint"] in prints)
    differs = f"other {'data: ' + ', '.join(changed) if changed else 'options: ' + ', '.join(other)}"
    raise MismatchError(
        f"an experiment of this name was run here with {differs}",
        where=str(folder),
        fix="give another folder with --out, another name in the file, or remove the folder",
    )


def _set_aside(folder: Path) -> None:
    """Keep the old result under the first free name, where it is there."""
    if not (folder / RESULT_FILE).is_file():
        return
    names = (OLD_RESULT.format("" if number == 1 else f"-{number}") for number in count(1))
    (folder / RESULT_FILE).rename(next(folder / name for name in names if not (folder / name).exists()))


def holds_more_than_record(folder: Path) -> bool:
    """Whether something of an experiment has been made in its folder."""
    return folder.is_dir() and any(entry.name != EXPERIMENT_FILE for entry in folder.iterdir())


def _says_the_same(before: ExperimentRecord, record: ExperimentRecord) -> bool:
    """Whether title and sources are as they were; if not, the tables are written again from what is stored."""
    return (before["title"], before["source"], before["published"]) == (
        record["title"],
        record["source"],
        record["published"],
    )


def _write_record(folder: Path, record: ExperimentRecord) -> None:
    write_bytes(folder / EXPERIMENT_FILE, tomli_w.dumps(dict(record), multiline_strings=True).encode())


def _printed(file: ExperimentFile) -> tuple[ResultTable, ...]:
    """The table that the file names as published, apart from what was measured; empty if it names none."""
    if not file.published:
        return ()
    published = open_published(file.published)
    table = printed_table(
        published,
        published.rows,
        name=f"{file.name}_published",
        title=published.title,
        reasons="nobody asked whether data, folds and training are the same: 'emogap reproduce' does",
        notes=(*(each.text for each in published.caveats), *published.notes),
    )
    return (table,)


def _write_result(folder: Path, result: ExperimentResult, printed: Sequence[ResultTable]) -> None:
    """Figures first: a folder with a result has all that the result names."""
    for name, svg in result.figures.items():
        write_bytes(folder / FIGURES_FOLDER / f"{name}.svg", svg.encode())
    content: ResultRecord = {
        "schema": SCHEMA,
        "tables": [*result.tables, *(printed if result.tables else ())],
        "figures": {name: result.captions[name] for name in result.figures},
        "notes": list(result.notes),
        "runs": [os.path.relpath(run.resolve(), folder.resolve()) for run in result.runs],
        "failures": list(result.failures),
    }
    # allow_nan=False: a number that does not exist is null in a table, and a NaN there is our own mistake.
    written = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(folder / RESULT_FILE, (written + "\n").encode())
