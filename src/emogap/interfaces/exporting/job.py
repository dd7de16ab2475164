"""``emogap export bids``: items exported one by one, stopped and taken up again, put in place when all is there.

While an export runs, everything stands in ``OUT.partial``: the data set as far as it is done, and a note for each
finished item. When all items were tried the data set becomes OUT in one step. What could not be read is told and
written into ``code/emogap-export.json``; the same command tries only that again.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, cpu_count, delayed
from pydantic import BaseModel, ConfigDict, ValidationError

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.errors import DataError, EmogapError, MismatchError, OutputError, UsageError
from emogap.files import fingerprint_file, fingerprint_json, write_json
from emogap.interfaces.exporting import study, uniss_fgd
from emogap.interfaces.exporting.plan import ExportItem, ExportOptions, ExportPlan, ItemReport
from emogap.progress import track
from emogap.recording.bids import write_dataset_files, write_participants
from emogap.recording.derived import record_derived

__all__ = ["ExportReport", "export_bids"]

SOURCES = {"study": study, "uniss_fgd": uniss_fgd}
RECORD = Path("code") / "emogap-export.json"
CLAIM, DONE, STAGING, DATASET = "export.json", "done", "staging", "dataset"


class DoneItem(BaseModel):
    """A finished item and the fingerprint of what it was made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    report: ItemReport


class ExportRecord(BaseModel):
    """The content of ``code/emogap-export.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: dict[str, object]
    version: str
    items: dict[str, DoneItem]
    failures: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export gave.

    Attributes
    ----------
    path : Path
    num_participants, num_recordings : int
    num_samples : int
        Samples of all eyes.
    left_out : tuple of str
        What the standard has no place for.
    failures : tuple of (item, problem)
        What could not be read; the rest is saved.
    was_there : bool
        Whether the same export stood there already, complete.
    """

    path: Path
    num_participants: int
    num_recordings: int
    num_samples: int
    left_out: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    was_there: bool = False


def export_bids(source: Path, out: Path, options: ExportOptions, *, jobs: int | None = None) -> ExportReport:
    """Write `source` as Eye-Tracking-BIDS 1.11 into the folder `out`.

    Parameters
    ----------
    source : Path
        A study, or a public data set.
    out : Path
        Folder to make. The same export in the same folder goes on where it stopped.
    options : ExportOptions
    jobs : int, optional
        Processes; all processors if not given. The result does not depend on it.

    Raises
    ------
    UsageError
        If `out` holds something else, or lies in the source.
    MismatchError
        If `out` holds this export, complete, but the source has changed since.
    DataError
        If the source's own tables are at fault, or none of its items can be read.
    OutputError
        If the disk is full; finished items are kept.
    """
    if source.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError("the export would lie in its own source", where=str(out), fix="name a folder beside it")
    entry = SOURCES[options.catalogue]
    plan = entry.plan(source, options)
    prints = _fingerprints(plan)
    work = out.with_name(f"{out.name}.partial")
    finished = _claim(out, work, {"format": "bids", "options": options.model_dump(mode="json")}, prints)
    if finished is not None:
        return _report(out, finished, was_there=True)
    if plan.study is not None:
        record_derived(plan.study, out, by="export")
    failures = _do_items(source, plan, work, options, prints, jobs)
    record = _gather(work, plan, options, prints, failures)
    _put_in_place(work, out)
    return _report(out, record)


def _fingerprints(plan: ExportPlan) -> dict[str, str]:
    """Fingerprint of everything that an item is made from, by the name of the item."""
    shared = [fingerprint_file(file) for file in (*plan.shared_files, *plan.stimuli.values())]
    return {
        item.name: fingerprint_json([__version__, *shared, *(fingerprint_file(file) for file in item.files)])
        for item in track(plan.items, "checking the source", total=len(plan.items))
    }


def _claim(out: Path, work: Path, job: dict[str, object], prints: Mapping[str, str]) -> ExportRecord | None:
    """The record if this very export is there already; else None, once `work` is ours.

    Raises
    ------
    UsageError
        If `out` or `work` holds something else.
    MismatchError
        If the export is there, complete, but the source changed.
    """
    if (out / RECORD).is_file():
        record = _read_record(out / RECORD)
        _require_same(out, job, record.job)
        if not record.failures:
            if prints == {name: item.fingerprint for name, item in record.items.items()}:
                return record
            raise MismatchError(
                "the source changed since this export was made",
                where=str(out),
                fix="export into another folder, or remove this one first",
            )
        _take_up_again(out, work, record)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("this is no export, and it is not empty", where=str(out), fix="name a new folder")
    claim = work / CLAIM
    if claim.is_file():
        _require_same(work, job, json.loads(claim.read_text(encoding="utf-8")))
    elif work.exists() and (not work.is_dir() or any(work.iterdir())):
        raise UsageError("this is not the work of an export", where=str(work), fix="move it away, or name a new folder")
    write_json(claim, job)
    return None


def _read_record(path: Path) -> ExportRecord:
    try:
        return ExportRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UsageError(
            "this export cannot be read", where=str(path), fix="remove the folder, or name another"
        ) from error


def _require_same(place: Path, mine: Mapping[str, object], there: object) -> None:
    if there != mine:
        raise UsageError(
            "another export is here or under way, with other options",
            where=str(place),
            fix="name a new folder, or repeat the command that made this one",
        )


def _take_up_again(out: Path, work: Path, record: ExportRecord) -> None:
    """Move an export in which something failed back to work; what was finished need not be done again."""
    if (work / DATASET).exists():
        raise UsageError(
            "this export and an unfinished one are both there",
            where=str(work),
            fix="remove one of the two folders and run the same command again",
        )
    for name, item in record.items.items():
        write_json(work / DONE / f"{name}.json", item.model_dump(mode="json"))
    write_json(work / CLAIM, record.job)
    out.replace(work / DATASET)


def _finished(work: Path, item: ExportItem, prints: Mapping[str, str]) -> ItemReport | None:
    path = work / DONE / f"{item.name}.json"
    if not path.is_file():
        return None
    done = DoneItem.model_validate_json(path.read_bytes())
    return done.report if done.fingerprint == prints[item.name] else None


def _do_items(
    source: Path, plan: ExportPlan, work: Path, options: ExportOptions, prints: Mapping[str, str], jobs: int | None
) -> dict[str, str]:
    """Export all items that are not done yet; what was wrong, by item, in the order of the items."""
    waiting = [item for item in plan.items if _finished(work, item, prints) is None]
    results = _results(source, waiting, work, options, prints, jobs)
    problems = dict(track(results, "exporting", total=len(waiting)))
    return {item.name: problem for item in waiting if (problem := problems[item.name]) is not None}


def _results(
    source: Path,
    waiting: Sequence[ExportItem],
    work: Path,
    options: ExportOptions,
    prints: Mapping[str, str],
    jobs: int | None,
) -> Iterator[tuple[str, str | None]]:
    num_workers = min(jobs or cpu_count(), max(1, len(waiting)))
    if num_workers == 1:
        yield from (_do_item(source, item, work, options, prints[item.name]) for item in waiting)
        return
    workers = Parallel(n_jobs=num_workers, return_as="generator_unordered")
    yield from workers(delayed(_do_item)(source, item, work, options, prints[item.name]) for item in waiting)


def _do_item(
    source: Path, item: ExportItem, work: Path, options: ExportOptions, fingerprint: str
) -> tuple[str, str | None]:
    """Export one item and note that it is done; its name, and what was wrong if it failed."""
    staging = work / STAGING / item.name
    shutil.rmtree(staging, ignore_errors=True)
    try:
        report = SOURCES[options.catalogue].write_item(source, item, staging, options)
        _move_files(staging, work / DATASET)
    except OutputError:
        raise
    except EmogapError as problem:
        return item.name, str(problem)
    except OSError as error:
        raise OutputError(
            f"could not copy or write: {error.strerror}",
            where=str(error.filename or item.name),
            fix="make room, or make the file readable, and run the same command again: what was finished is kept",
        ) from error
    done = DoneItem(fingerprint=fingerprint, report=report)
    write_json(work / DONE / f"{item.name}.json", done.model_dump(mode="json"))
    return item.name, None


def _move_files(source: Path, target: Path) -> None:
    """Move every file below `source` to the same place below `target`: an item that failed leaves nothing there."""
    for file in [file for file in source.rglob("*") if file.is_file()]:
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    shutil.rmtree(source)


def _gather(
    work: Path, plan: ExportPlan, options: ExportOptions, prints: Mapping[str, str], failures: Mapping[str, str]
) -> ExportRecord:
    """Write what stands around the recordings.

    Raises
    ------
    DataError
        If no item could be exported.
    """
    done = {item.name: report for item in plan.items if (report := _finished(work, item, prints)) is not None}
    if not done:
        problem = next(iter(failures.values()), "the source holds no recording")
        raise DataError(f"nothing could be exported; the first of {counted(len(failures), 'problem')}: {problem}")
    record = ExportRecord(
        job={"format": "bids", "options": options.model_dump(mode="json")},
        version=__version__,
        items={name: DoneItem(fingerprint=prints[name], report=report) for name, report in done.items()},
        failures=dict(failures),
    )
    root = work / DATASET
    traits = {label: traits for report in done.values() for label, traits in report.participants.items()}
    try:
        for name, file in plan.stimuli.items():
            (root / "stimuli").mkdir(exist_ok=True)
            shutil.copyfile(file, root / "stimuli" / name)
        write_participants(root, traits, plan.traits)
        write_dataset_files(root, plan.description, doubts=(*plan.doubts, *(f"{n}: {p}" for n, p in failures.items())))
    except OSError as error:
        raise OutputError(
            f"could not write: {error.strerror}", where=str(root), fix="make room and run the same command again"
        ) from error
    write_json(root / RECORD, record.model_dump(mode="json"))
    return record


def _put_in_place(work: Path, out: Path) -> None:
    if out.is_dir():
        out.rmdir()
    (work / DATASET).replace(out)
    shutil.rmtree(work)


def _report(out: Path, record: ExportRecord, *, was_there: bool = False) -> ExportReport:
    reports = [item.report for item in record.items.values()]
    return ExportReport(
        path=out,
        num_participants=len({label for report in reports for label in report.participants}),
        num_recordings=sum(report.num_recordings for report in reports),
        num_samples=sum(report.num_samples for report in reports),
        left_out=tuple(dict.fromkeys(name for report in reports for name in report.left_out)),
        failures=tuple(record.failures.items()),
        was_there=was_there,
    )
