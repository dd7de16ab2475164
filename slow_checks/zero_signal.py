"""Without signal, nothing is found when person and stimulus are unseen, and something when the stimulus is not.

Twenty cohorts in which neither eyes nor faces know the feeling, while people and stimuli still differ in both,
independently. The differences between stimuli are five times the usual ones, so that a stimulus can be recognised,
and a model that does so is fooled wherever the split allows it. Under ``person+stimulus`` the 95 % interval of UAR
must hold 1/K in at least 17 of 20 cohorts (exact 95 % intervals fail that with a probability of 0.02); under
``person`` a model that learns is above chance. The evidence is written anew after each model.
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
PARTICIPANTS = 24
STIMULUS_EFFECT = 5.0
MODELS = ("linear", "emert")
SPLITS = ("person", "person+stimulus")

Found = dict[str, dict[str, float]]


def check_cohort(
    folder: Path, seed: int, model: str, preset: Preset, *, participants: int = PARTICIPANTS, clip_s: float = 8.0
) -> Found:
    """UAR of self-reported emotion3 with its interval, per split, of one cohort without signal."""
    cohort = SimulationConfig(
        participants=participants,
        stimuli=14,
        seed=seed,
        signal=0.0,
        stimulus_effect=STIMULUS_EFFECT,
        clip_s=clip_s,
        video=False,
    )
    bench = BenchConfig(protocol="er3", models=(model,), preset=preset, heads="single", folds=3)
    table = table_of(cohort_scores(folder, cohort, bench, jobs=1), "felt")
    found: Found = {}
    for split in SPLITS:
        uar = row_of(split_of(table, split), model)["metrics"]["uar"]["pooled"]
        found[split] = {name: float(uar[name]) for name in ("estimate", "low", "high")}  # type: ignore[literal-required]
    return found


def holds_chance(uar: dict[str, float]) -> bool:
    """Whether the interval holds one third."""
    return uar["low"] <= 1 / 3 <= uar["high"]


def run() -> None:
    """Check all cohorts with one model after the other; print and write the counts."""
    folder = ROOT / ".slow" / "zero_signal"
    summary: dict[str, dict[str, object]] = {}
    cohorts: dict[str, list[Found]] = {}
    for model in MODELS:
        cohorts[model] = Parallel(n_jobs=2)(
            delayed(check_cohort)(folder, seed, model, "evidence") for seed in range(NUM_COHORTS)
        )
        for split in SPLITS:
            found = [cohort[split] for cohort in cohorts[model]]
            summary[f"{model}, {split}"] = {
                "cohorts": NUM_COHORTS,
                "interval_holds_chance": sum(map(holds_chance, found)),
                "interval_above_chance": sum(uar["low"] > 1 / 3 for uar in found),
                "uar_mean": float(np.mean([uar["estimate"] for uar in found])),
                "uar_sd": float(np.std([uar["estimate"] for uar in found], ddof=1)),
            }
            print(f"{model}, {split}", summary[f"{model}, {split}"], flush=True)
        content = {
            "label": "simulated self-report, emotion3, signal 0; eye and fixation streams",
            "stimulus_effect": STIMULUS_EFFECT,
            "bench": "preset evidence, 3 folds, diagonal cells; 24 people x 14 films",
            "chance": 1 / 3,
            "demanded": f"interval holds chance under person+stimulus in at least {LEAST_HELD} of {NUM_COHORTS}",
            "summary": summary,
            "cohorts": cohorts,
        }
        write_evidence("zero_signal", content)
