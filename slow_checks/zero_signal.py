"""Without signal, nothing is found when person and stimulus are unseen, and something when the stimulus is not.

Twenty cohorts in which neither eyes nor faces know the feeling, while people and stimuli still differ in both,
independently. Under ``person+stimulus`` the 95 % interval of UAR must hold 1/K in at least 17 of 20 cohorts
(a 95 % interval fails that with a probability of 0.02); under ``person`` the stimulus is recognised and the
score is above chance.
"""

from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from emogap.learning.experiment import BenchConfig
from emogap.learning.training.config import Preset
from emogap.simulation import SimulationConfig
from slow_checks._cohort import cohort_scores, row_of, split_of, table_of
from slow_checks._evidence import ROOT, write_evidence

NUM_COHORTS = 20
LEAST_HELD = 17
MODELS = ("linear", "emert")


def check_cohort(
    folder: Path, seed: int, models: tuple[str, ...], preset: Preset, *, clip_s: float = 8.0
) -> dict[str, dict[str, object]]:
    """UAR of self-reported emotion3 with its interval, per model and split, of one cohort without signal."""
    cohort = SimulationConfig(participants=24, stimuli=14, seed=seed, signal=0.0, clip_s=clip_s, video=False)
    bench = BenchConfig(protocol="er3", models=models, preset=preset, heads="single", folds=3)
    table = table_of(cohort_scores(folder, cohort, bench, jobs=1), "felt")
    chance = 1 / len(table["classes"])
    found: dict[str, dict[str, object]] = {}
    for model in models:
        for split in ("person", "person+stimulus"):
            uar = row_of(split_of(table, split), model)["metrics"]["uar"]["pooled"]
            low, high = uar["low"], uar["high"]
            assert low is not None
            assert high is not None
            found[f"{model}, {split}"] = {
                "uar": uar["estimate"],
                "low": low,
                "high": high,
                "holds_chance": low <= chance <= high,
                "above_chance": low > chance,
            }
    return found


def run() -> None:
    """Check all cohorts, print the counts, write the evidence."""
    folder = ROOT / ".slow" / "zero_signal"
    cohorts = Parallel(n_jobs=2)(
        delayed(check_cohort)(folder / f"seed-{seed}", seed, MODELS, "evidence") for seed in range(NUM_COHORTS)
    )
    summary = {}
    for row in cohorts[0]:
        results = [cohort[row] for cohort in cohorts]
        summary[row] = {
            "cohorts": NUM_COHORTS,
            "interval_holds_chance": sum(bool(result["holds_chance"]) for result in results),
            "interval_above_chance": sum(bool(result["above_chance"]) for result in results),
            "uar_mean": float(np.mean([float(str(result["uar"])) for result in results])),
            "uar_sd": float(np.std([float(str(result["uar"])) for result in results], ddof=1)),
        }
        print(row, summary[row])
    blocked = [summary[f"{model}, person+stimulus"] for model in MODELS]
    content = {
        "label": "simulated self-report, emotion3, signal 0; eye and fixation streams",
        "bench": "preset evidence, 3 folds, diagonal cells",
        "chance": 1 / 3,
        "demanded": f"interval holds chance under person+stimulus in at least {LEAST_HELD} of {NUM_COHORTS} cohorts",
        "met": all(int(str(part["interval_holds_chance"])) >= LEAST_HELD for part in blocked),
        "summary": summary,
        "cohorts": [{"seed": seed, **cohort} for seed, cohort in enumerate(cohorts)],
    }
    write_evidence("zero_signal", content)
