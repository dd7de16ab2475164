"""``emogap gaze-index``: recordings turned into a window index, in jobs that can be stopped and taken up again."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from joblib import Parallel, cpu_count, delayed

from emogap import __version__
from emogap.datasets.gaze_index.config import IndexConfig
from emogap.datasets.gaze_index.header import INDEX_FILE, IndexHeader, read_index_header
from emogap.datasets.gaze_index.parts import read_facts, write_part
from emogap.datasets.gaze_index.segments import UNUSABLE, Dropped, index_job
from emogap.datasets.gaze_index.sources import GazeSource, look_over
from emogap.datasets.gaze_index.writing import FAILED, write_index
from emogap.datasets.header import require_unchanged
from emogap.datasets.plan import Job
from emogap.errors import DataError, EmogapError, MismatchError, OutputError, UsageError
from emogap.files import fingerprint_file, fingerprint_json, write_json
from emogap.progress import track
from emogap.recording.derived import record_derived

__all__ = ["IndexReport", "make_index"]

WORK = "work"


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What was indexed.

    Attributes
    ----------
    path : Path
    header : IndexHeader
    failures : tuple of (file, problem)
        What could not be read; the rest is indexed.
    unusable : tuple of (file, problem)
        Segments that were read but lack what the channels need; the rest is indexed.
    rates_hz : tuple of float
        Rates of the segments that were resampled, to 0.1 Hz, each once, ascending.
    was_there : bool
        Whether the same index stood there already, complete.
    """

    path: Path
    header: IndexHeader
    failures: tuple[tuple[str, str], ...]
    unusable: tuple[tuple[str, str], ...]
    rates_hz: tuple[float, ...]
    was_there: bool = False


def make_index(
    source: Path, out: Path, config: IndexConfig, *, participants: Path | None = None, jobs: int | None = None
) -> IndexReport:
    """Make the window index of `source` in the folder `out`.

    Parameters
    ----------
    source : Path
        A recording, a folder of recordings, a study, Uniss-FGD or CEAP-360VR.
    out : Path
        Folder to make. The same command in the same folder goes on where it stopped.
    config : IndexConfig
        Every option that changes the result.
    participants : Path, optional
        Table with the columns ``file`` and ``participant_id``.
    jobs : int, optional
        Processes; all processors if not given. The result does not depend on it.

    Returns
    -------
    IndexReport

    Raises
    ------
    UsageError
        If there is nothing to index, or `out` holds something else.
    MismatchError
        If `out` holds this index, complete, but the source has changed since.
    DataError
        If no window is good, or a table is at fault.
    OutputError
        If the disk is full; finished jobs are kept.
    """
    looked = look_over(source, config, participants)
    prints = _fingerprints(looked)
    told = {"files": prints, "people": dict(looked.people)}
    source_fingerprint = fingerprint_json(told)
    finished = _claim(out, looked, config, source_fingerprint)
    if looked.kind == "study":
        record_derived(looked.path, out, by="gaze-index")
    if finished is not None:
        return _report(out, finished, was_there=True)
    parts = {
        job.name: out / WORK / f"{_job_fingerprint(looked, job, prints, config)}-{position:06d}.npz"
        for position, job in enumerate(looked.jobs)
    }
    failed = _do_jobs(looked, parts, config, jobs)
    (out / INDEX_FILE).unlink(missing_ok=True)
    facts = [read_facts(path) for path in parts.values() if path.is_file()]
    try:
        header = write_index(out, looked, config, facts, failed, source_fingerprint=source_fingerprint)
    except DataError:
        # Nothing good was found: what is left would only stand in the way of the next try with other options.
        shutil.rmtree(out / WORK)
        raise
    if not header.num_failed:
        shutil.rmtree(out / WORK)
    return _report(out, header)


def _fingerprints(source: GazeSource) -> dict[str, str]:
    """Fingerprint of every file that is read, by its path in the source; ``absent`` if it is not there."""
    files = sorted({file for job in source.jobs for file in job.files})
    checked = track(files, "checking the source", total=len(files))
    return {
        file.relative_to(source.path).as_posix(): fingerprint_file(file) if file.is_file() else "absent"
        for file in checked
    }


def _job_fingerprint(source: GazeSource, job: Job, prints: Mapping[str, str], config: IndexConfig) -> str:
    names = [file.relative_to(source.path).as_posix() for file in job.files]
    return fingerprint_json(
        {
            "files": {name: prints[name] for name in names},
            "people": {name: source.people.get(name) for name in names},
            "channels": source.channels,
            "config": config.model_dump(mode="json"),
            "version": __version__,
        }
    )


def _claim(out: Path, source: GazeSource, config: IndexConfig, source_fingerprint: str) -> IndexHeader | None:
    """The header if this very index is there already; else None, once `out` is ours to write in."""
    settled = config.model_copy(update={"channels": source.channels})
    mine = {"name": source.name, "config": settled.model_dump(mode="json")}
    claim = out / WORK / "index.json"
    if (out / INDEX_FILE).is_file():
        header = read_index_header(out)
        _require_same(out, mine, {"name": header.name, "config": header.config.model_dump(mode="json")})
        if header.source_fingerprint == source_fingerprint and not header.num_failed:
            require_unchanged(out, header.files)
            return header
        if not header.num_failed:
            raise MismatchError(
                "the source changed since this index was made",
                where=str(out),
                fix="index into another folder, or remove this one first",
            )
    elif claim.is_file():
        _require_same(out, mine, json.loads(claim.read_text(encoding="utf-8")))
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("this is no gaze index, and it is not empty", where=str(out), fix="name a new folder")
    write_json(claim, mine)
    return None


def _require_same(out: Path, mine: Mapping[str, object], there: Mapping[str, object]) -> None:
    if there == mine:
        return
    own, other = mine["config"], there["config"]
    assert isinstance(own, dict)
    assert isinstance(other, dict)
    apart = [f"{name} is {other.get(name)}, not {own[name]}" for name in own if own[name] != other.get(name)]
    if mine["name"] != there["name"]:
        apart.insert(0, f"it is of {there['name']}, not {mine['name']}")
    raise UsageError(
        f"another index is here or under way: {', '.join(apart)}",
        where=str(out),
        fix="name a new folder, or repeat the command that made this one",
    )


def _do_jobs(
    source: GazeSource, parts: Mapping[str, Path], config: IndexConfig, jobs: int | None
) -> tuple[Dropped, ...]:
    """Do all jobs that are not done yet; what failed, in the order of the jobs."""
    waiting = [job for job in source.jobs if not parts[job.name].is_file()]
    results = track(_results(source, waiting, parts, config, jobs), "indexing recordings", total=len(waiting))
    problems = dict(results)
    return tuple(
        Dropped(job.name, "", None, job.files[0].relative_to(source.path).as_posix(), FAILED, problem)
        for job in source.jobs
        if (problem := problems.get(job.name)) is not None
    )


def _results(
    source: GazeSource, waiting: Sequence[Job], parts: Mapping[str, Path], config: IndexConfig, jobs: int | None
) -> Iterator[tuple[str, str | None]]:
    num_workers = min(jobs or cpu_count(), max(1, len(waiting)))
    if num_workers == 1:
        yield from (_do_job(source, job, config, parts[job.name]) for job in waiting)
        return
    workers = Parallel(n_jobs=num_workers, return_as="generator_unordered")
    # A worker is sent its own job, not the list of all of them.
    alone = GazeSource(source.path, source.name, source.kind, source.channels, (), source.people, source.simulated)
    yield from workers(delayed(_do_job)(alone, job, config, parts[job.name]) for job in waiting)


def _do_job(source: GazeSource, job: Job, config: IndexConfig, part: Path) -> tuple[str, str | None]:
    """Index one file and keep the result; the job's name, and what was wrong if it failed."""
    try:
        indexed = index_job(source, job, config)
    except OutputError:
        raise
    except EmogapError as problem:
        return job.name, str(problem)
    write_part(part, indexed)
    return job.name, None


def _report(out: Path, header: IndexHeader, *, was_there: bool = False) -> IndexReport:
    dropped = pl.read_parquet(out / "dropped.parquet").select("reason", "source", "detail")
    failures, unusable = (
        tuple((source, detail) for reason, source, detail in dropped.iter_rows() if reason == wanted)
        for wanted in (FAILED, UNUSABLE)
    )
    rates = pl.read_parquet(out / "recordings.parquet").filter(pl.col("resampled"))["source_rate_hz"]
    return IndexReport(
        path=out,
        header=header,
        failures=failures,
        unusable=unusable,
        rates_hz=tuple(sorted({round(rate, 1) for rate in rates.to_list()})),
        was_there=was_there,
    )
