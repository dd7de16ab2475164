"""From a simulated cohort to its scores, once per setting: what is finished is kept and not run again."""

import json
import shutil
from pathlib import Path
from typing import cast

from emogap.datasets import BuildConfig, build
from emogap.files import fingerprint_json, write_bytes
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig, simulate_study
from emogap.types.scores import ScoreRow, Scores, ScoreTable, SplitScores
from slow_checks._evidence import ROOT

__all__ = ["built_dataset", "cohort_scores", "named_dataset", "row_of", "split_of", "table_of"]

DATA = ROOT.parent / "shared" / "data"


def cohort_scores(folder: Path, cohort: SimulationConfig, bench: BenchConfig, *, jobs: int) -> Scores:
    """Scores of `bench` on `cohort`; keeps data set and scores in `folder`, for this and other benchmarks."""
    dataset = built_dataset(folder, cohort, jobs=jobs)
    kept = dataset.parent / f"scores-{fingerprint_json(bench.model_dump(mode='json'))}.json"
    if kept.is_file():
        return cast(Scores, json.loads(kept.read_text()))
    run = kept.with_suffix("")
    report = run_benchmark(dataset, bench, run, jobs=jobs)
    if report.failures:
        raise RuntimeError(f"{len(report.failures)} fits failed in {run}: {report.failures[0]}")
    write_bytes(kept, json.dumps(report.scores).encode())
    shutil.rmtree(run)
    return report.scores


def built_dataset(folder: Path, cohort: SimulationConfig, *, jobs: int) -> Path:
    """The data set of `cohort`, kept in `folder` under the fingerprint of its configuration."""
    place = folder / fingerprint_json(cohort.model_dump(mode="json"))
    if not (place / "built").is_file():
        simulate_study(place / "study", cohort, jobs=jobs)
        build(place / "study", place / "dataset", BuildConfig(), jobs=jobs)
        write_bytes(place / "built", b"")
        shutil.rmtree(place / "study")
    return place / "dataset"


def named_dataset(folder: Path, name: str, cohort: SimulationConfig) -> Path:
    """The real data set `name`, or by the name "simulated" `cohort` with face frames; built in `folder` once."""
    place = folder / name
    if (place / "dataset.toml").is_file():
        return place
    if name == "simulated":
        simulate_study(folder / "study", cohort, jobs=2)
        build(folder / "study", place, BuildConfig(frames=True), jobs=2)
    else:
        build(DATA / name, place, BuildConfig(catalogue=name), jobs=2)
    return place


def table_of(scores: Scores, view: str) -> ScoreTable:
    """The table of one view."""
    return next(table for table in scores["tables"] if table["view"] == view)


def split_of(table: ScoreTable, split: str) -> SplitScores:
    """The rows under one split."""
    return next(part for part in table["splits"] if part["split"] == split)


def row_of(part: SplitScores, model: str) -> ScoreRow:
    """The row of one model."""
    return next(row for row in part["rows"] if row["model"] == model)
