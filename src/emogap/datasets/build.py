"""``emogap build``: a source turned into a data set, in jobs that can be stopped and taken up again.

While a build runs, finished jobs stand in OUT/work; the same command goes on from them. When all is done the
work folder is removed; when something failed it is kept, so that only the failed is done again.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from joblib import Parallel, cpu_count, delayed

from emogap import __version__
from emogap.datasets.assemble import assemble
from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.gated_cut import require_gate_applies
from emogap.datasets.header import HEADER_FILE, Header, read_header, require_unchanged
from emogap.datasets.nuisances import NUISANCES_FILE, write_nuisances
from emogap.datasets.participants import PARTICIPANTS_FILE, write_participants
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Job, LeftOut, Plan
from emogap.datasets.store import open_dataset
from emogap.errors import EmogapError, MismatchError, OutputError, UsageError
from emogap.files import fingerprint_file, fingerprint_json, write_json
from emogap.progress import track
from emogap.recording.derived import record_derived

__all__ = ["BuildReport", "build"]

WORK = "work"

WITHOUT_RAW_GAZE = ("ceap360vr", "mmsa_pickle")
"""Catalogue entries whose sources hold no raw gaze."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build gave.

    Attributes
    ----------
    path : Path
    header : Header
        The data set's own description.
    excluded : mapping from stage to count
    failures : tuple of (item, problem)
        What could not be read; the rest is saved.
    was_there : bool
        Whether the same data set stood there already, complete.
    """

    path: Path
    header: Header
    excluded: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]
    was_there: bool = False


def build(source: Path, out: Path, config: BuildConfig, *, jobs: int | None = None) -> BuildReport:
    """Build the data set of `source` in the folder `out`.

    Parameters
    ----------
    source : Path
        What the catalogue entry reads: a study, or a public data set.
    out : Path
        Folder to make. The same build in the same folder goes on where it stopped.
    config : BuildConfig
        Every option that changes the result.
    jobs : int, optional
        Processes; all processors if not given. The result does not depend on it.

    Returns
    -------
    BuildReport
        With every recording or clip that could not be read, and why.

    Raises
    ------
    UsageError
        If `out` holds something else, or an option is asked for that the source has no use for: a quality gate
        without a study, even steps without feature files, facts of a release that is not EMER's, a slower tracker
        without raw gaze.
    MismatchError
        If `out` holds this data set, complete, but the source has changed since.
    DataError
        If the source is no such thing, or no clip is left.
    OutputError
        If the disk is full; finished jobs are kept. Or if the study cannot take the note of what is derived from it.
    """
    entry = CATALOGUE.open(config.catalogue)
    require_gate_applies(config)
    _require_steps_apply(config)
    _require_release_applies(config)
    _require_rate_applies(config)
    plan: Plan = entry.plan(source, config)
    config = plan.config or config
    prints = _fingerprints(source, plan)
    source_fingerprint = fingerprint_json(prints)
    finished = _claim(out, plan, config, source_fingerprint)
    if plan.study is not None:
        record_derived(plan.study, out, by="build")
    if finished is not None:
        _carry_facts(source, out, config)
        return _report(out, finished, was_there=True)
    for name in (PARTICIPANTS_FILE, NUISANCES_FILE):
        (out / name).unlink(missing_ok=True)
    parts = {
        job.name: out / WORK / f"{job.name}-{_job_fingerprint(job, source, prints, config)}.npz" for job in plan.jobs
    }
    failed = _do_jobs(plan, parts, config, jobs)
    (out / HEADER_FILE).unlink(missing_ok=True)
    done = [path for path in parts.values() if path.is_file()]
    header = assemble(out, plan, config, done, failed, source_fingerprint=source_fingerprint)
    _carry_facts(source, out, config)
    if not header.num_failed:
        shutil.rmtree(out / WORK)
    return _report(out, header)


def _carry_facts(source: Path, out: Path, config: BuildConfig) -> None:
    """Write what the source says of people and stimuli beside the samples, where it is not there yet."""
    entry = CATALOGUE.open(config.catalogue)
    if not (out / PARTICIPANTS_FILE).is_file():
        write_participants(out, entry.participants(source) if hasattr(entry, "participants") else {})
    if not (out / NUISANCES_FILE).is_file():
        write_nuisances(open_dataset(out), entry.stimulus_facts(source) if hasattr(entry, "stimulus_facts") else {})


def _require_steps_apply(config: BuildConfig) -> None:
    if config.even_steps and config.catalogue != "mmsa_pickle":
        raise UsageError(
            f"even steps are for feature files, and the source is '{config.catalogue}': its steps are even already",
            fix="leave out --even-steps",
        )


def _require_release_applies(config: BuildConfig) -> None:
    if config.release and config.catalogue != "emer":
        raise UsageError(
            f"what is stated of a release is for the catalogue 'emer', and the source is '{config.catalogue}'",
            fix="leave out --release, or give --catalogue emer",
        )


def _require_rate_applies(config: BuildConfig) -> None:
    if config.as_rate and config.catalogue in WITHOUT_RAW_GAZE:
        raise UsageError(
            f"the source is '{config.catalogue}', which holds no raw gaze that could be thinned to {config.as_rate:g}"
            " Hz",
            fix="leave out --as-rate",
        )


def _fingerprints(source: Path, plan: Plan) -> dict[str, str]:
    """Fingerprint of every file that the plan reads, by its path in the source; ``absent`` if it is not there."""
    files = sorted({*plan.shared_files, *(file for job in plan.jobs for file in job.files)})
    checked = track(files, "checking the source", total=len(files))
    return {
        file.relative_to(source).as_posix(): fingerprint_file(file) if file.is_file() else "absent" for file in checked
    }


def _job_fingerprint(job: Job, source: Path, prints: Mapping[str, str], config: BuildConfig) -> str:
    files = {name: prints[name] for name in (file.relative_to(source).as_posix() for file in job.files)}
    options = config.model_dump(mode="json")
    return fingerprint_json({"files": files, "config": options, "version": __version__})


def _claim(out: Path, plan: Plan, config: BuildConfig, source_fingerprint: str) -> Header | None:
    """The header if this very data set is there already; else None, once `out` is ours to build in.

    Raises
    ------
    UsageError
        If `out` holds something else.
    """
    mine = {"name": plan.name, "config": config.model_dump(mode="json")}
    claim = out / WORK / "build.json"
    if (out / HEADER_FILE).is_file():
        header = read_header(out)
        _require_same(out, mine, {"name": header.name, "config": header.config})
        if header.source_fingerprint == source_fingerprint and not header.num_failed:
            require_unchanged(out, header.files)
            return header
        if not header.num_failed:
            raise MismatchError(
                "the source changed since this data set was built",
                where=str(out),
                fix="build into another folder, or remove this one first",
            )
    elif claim.is_file():
        _require_same(out, mine, json.loads(claim.read_text(encoding="utf-8")))
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("this is no data set, and it is not empty", where=str(out), fix="name a new folder")
    write_json(claim, mine)
    return None


def _require_same(out: Path, mine: Mapping[str, object], there: Mapping[str, object]) -> None:
    if there == mine:
        return
    raise UsageError(
        f"another data set is here or under way: {_differences(mine, there)}",
        where=str(out),
        fix="name a new folder, or repeat the command that made this one",
    )


def _differences(mine: Mapping[str, object], there: Mapping[str, object]) -> str:
    """What the two builds do not agree in."""
    if mine["name"] != there["name"]:
        return f"it is {there['name']}, not {mine['name']}"
    own, other = mine["config"], there["config"]
    assert isinstance(own, dict)
    assert isinstance(other, dict)
    return ", ".join(
        f"{name} is {_told(other.get(name))}, not {_told(own.get(name))}"
        for name in dict.fromkeys([*own, *other])
        if own.get(name) != other.get(name)
    )


def _told(option: object) -> str:
    return "empty" if option in ("", None) else str(option)


def _do_jobs(plan: Plan, parts: Mapping[str, Path], config: BuildConfig, jobs: int | None) -> list[LeftOut]:
    """Do all jobs that are not done yet; what failed, in the order of the jobs."""
    waiting = [job for job in plan.jobs if not parts[job.name].is_file()]
    results = track(_results(plan, waiting, parts, config, jobs), "cutting recordings", total=len(waiting))
    problems = dict(results)
    return [
        LeftOut(job.name, None, None, None, None, None, "failed", problem)
        for job in plan.jobs
        if (problem := problems.get(job.name)) is not None
    ]


def _results(
    plan: Plan, waiting: Sequence[Job], parts: Mapping[str, Path], config: BuildConfig, jobs: int | None
) -> Iterator[tuple[str, str | None]]:
    num_workers = min(jobs or cpu_count(), max(1, len(waiting)))
    if num_workers == 1:
        yield from (_do_job(plan.name, job, config, parts[job.name]) for job in waiting)
        return
    workers = Parallel(n_jobs=num_workers, return_as="generator_unordered")
    yield from workers(delayed(_do_job)(plan.name, job, config, parts[job.name]) for job in waiting)


def _do_job(name: str, job: Job, config: BuildConfig, part: Path) -> tuple[str, str | None]:
    """Cut one recording and keep the result; the job's name, and what was wrong if it failed."""
    try:
        cut = CATALOGUE.open(config.catalogue).cut(name, job, config)
    except OutputError:
        raise
    except EmogapError as problem:
        return job.name, str(problem)
    write_part(part, cut)
    return job.name, None


def _report(out: Path, header: Header, *, was_there: bool = False) -> BuildReport:
    table = pl.read_parquet(out / "excluded.parquet")
    failed = table.filter(pl.col("stage") == "failed")
    names = failed.select("recording_id", "stimulus_id").iter_rows()
    items = [" ".join(part for part in name if part) for name in names]
    counts = table.filter(pl.col("stage") != "failed").group_by("stage").len().sort("stage")
    return BuildReport(
        path=out,
        header=header,
        excluded=dict(counts.iter_rows()),
        failures=tuple(zip(items, failed["reason"].to_list(), strict=True)),
        was_there=was_there,
    )
