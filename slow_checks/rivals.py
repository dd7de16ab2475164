"""EMERT and its rivals on two real data sets and on a simulated cohort, each with one preset for all models."""

from typing import Any

from emogap.datasets import open_dataset
from emogap.learning.evaluation.benchmark import BenchReport, run_benchmark
from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig
from emogap.types.scores import SplitScores
from slow_checks._cohort import named_dataset
from slow_checks._evidence import ROOT, write_evidence

PLACE = ROOT / ".slow" / "rivals"

LIGHT = ("emert", "tmc", "lmf", "resnet_lstm", "resnet_transformer", "self_mm", "mmim", "tfn", "mfn")
"""Networks of at most 0.1 s per step of 16 clips on one thread."""

HEAVY = ("mult", "mma_dfer", "tmt", "norm_tr", "tailor")
"""Networks of 0.1 to 1.3 s per step: the largest table does without them. c3d_transformer takes 6 s per step, hours for
one of these tables."""

COHORT = SimulationConfig(participants=24, stimuli=14, seed=0)


def run() -> None:
    """Run what is not finished, print and write the primary metric of every model under every split."""
    tables: list[dict[str, Any]] = []
    for name, protocol, models in (
        ("ceap360vr", "felt-quadrant", (*LIGHT, *HEAVY)),
        ("uniss_fgd", "target3", LIGHT),
        ("simulated", "er3", (*LIGHT, *HEAVY)),
    ):
        bench = BenchConfig(protocol=protocol, models=("linear", *models), preset="evidence", folds=3)
        dataset = named_dataset(PLACE, name, COHORT)
        report = run_benchmark(dataset, bench, PLACE / f"run-{name}", jobs=2)
        tables += _summary(report, num_clips=len(open_dataset(dataset).keys))
        write_evidence("rivals", {"preset": "evidence", "folds": 3, "tables": tables})


def _summary(report: BenchReport, *, num_clips: int) -> list[dict[str, Any]]:
    """What the documentation shows of a run: one entry per table."""
    found = []
    for table in report.scores["tables"]:
        splits = {part["split"]: _split(part, table["primary"]) for part in table["splits"]}
        entry = {
            name: table[name] for name in ("protocol", "view", "title", "meaning", "primary", "ceiling", "support")
        }
        found.append(
            {
                "data": report.record["dataset"]["name"],
                "simulated": report.scores["simulated"],
                "clips": num_clips,
                "seconds": report.record["seconds"],
                "failures": report.record["failures"],
                **entry,
                "splits": splits,
            }
        )
        print(report.record["dataset"]["name"], table["title"])
        for split, part in splits.items():
            print(f"  {split}", {model: score["estimate"] for model, score in part["scores"].items()}, flush=True)
    return found


def _split(part: SplitScores, primary: str) -> dict[str, Any]:
    return {
        "scores": {row["model"]: row["metrics"][primary]["pooled"] for row in part["rows"]},
        "not_distinguishable": part["groups"],
    }
