"""From a simulated cohort to its scores, once per setting: finished settings are kept and not run again."""

import json
import shutil
from pathlib import Path
from typing import cast

from emogap.datasets import BuildConfig, build
from emogap.files import write_bytes
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig, simulate_study
from emogap.types.scores import ScoreRow, Scores, ScoreTable, SplitScores

__all__ = ["cohort_scores", "row_of", "split_of", "table_of"]


def cohort_scores(folder: Path, cohort: SimulationConfig, bench: BenchConfig, *, jobs: int) -> Scores:
    """Simulate, build and benchmark in `folder`; keeps the scores and removes the rest."""
    kept = folder / "kept-scores.json"
    settings = {"cohort": cohort.model_dump(mode="json"), "bench": bench.model_dump(mode="json")}
    if kept.is_file():
        record = json.loads(kept.read_text())
        if record["settings"] == json.loads(json.dumps(settings)):
            return cast(Scores, record["scores"])
        shutil.rmtree(folder)
    simulate_study(folder / "study", cohort, jobs=jobs)
    build(folder / "study", folder / "dataset", BuildConfig(), jobs=jobs)
    report = run_benchmark(folder / "dataset", bench, folder / "run", jobs=jobs)
    if report.failures:
        raise RuntimeError(f"{len(report.failures)} fits failed in {folder}: {report.failures[0]}")
    write_bytes(kept, json.dumps({"settings": settings, "scores": report.scores}).encode())
    for name in ("study", "dataset", "run"):
        shutil.rmtree(folder / name)
    return report.scores


def table_of(scores: Scores, view: str) -> ScoreTable:
    """The table of one view."""
    return next(table for table in scores["tables"] if table["view"] == view)


def split_of(table: ScoreTable, split: str) -> SplitScores:
    """The rows under one split."""
    return next(part for part in table["splits"] if part["split"] == split)


def row_of(part: SplitScores, model: str) -> ScoreRow:
    """The row of one model."""
    return next(row for row in part["rows"] if row["model"] == model)
