"""Whether different planted gaps of groups are recovered, and how often their 95 % intervals hold them.

Cohorts are drawn as in ``slow_checks/gap.py``, but people of one trait mask more often than the others. Few people have
that trait, so its interval rests on few. For comparison, the mean of the clips' probabilities, which the other people
pull. For single people, the truth is the rate at which their trait masks.
"""

import time

import numpy as np
from joblib import Parallel, delayed

from emogap.analysis import class_gap
from emogap.simulation.config import SimulationConfig
from slow_checks._evidence import write_evidence
from slow_checks.gap import Case, draw_labels
from slow_checks.interval_coverage import binomial_band

REPEATS = 1_000
DRAWS = 200
JOBS = 2
PEOPLE, FEW = 24, 8
RATES = {"few": 0.4, "many": 0.13}
"""Probability that a person of each trait masks; on average 22 %."""


def measured(seed: int, *, draws: int = DRAWS) -> dict[str, list[tuple[float, ...]]]:
    """Rows of (truth, corrected, mean clip probability, low, high) of both traits, and of every person."""
    trait = np.where(np.arange(PEOPLE) < FEW, "few", "many")
    rate = np.array([RATES[name] for name in trait])
    labels = draw_labels(Case("two traits", people=PEOPLE), np.random.default_rng([seed, 7]), rate=rate)
    names = {
        "trait": trait[labels.people].tolist(),
        "person": [f"p{person:02d}" for person in labels.people],
    }
    gap = class_gap(
        labels.answer, labels.votes, people=labels.people, groups=names, sensitivity=(), draws=draws, seed=seed
    )
    rows: dict[str, list[tuple[float, ...]]] = {"few": [], "many": [], "person": []}
    for one in gap.groups["trait"]:
        mean = float(gap.clip_probability[trait[labels.people] == one.name].mean())
        rows[one.name].append((RATES[one.name], one.corrected, mean, one.low, one.high))
    for person, one in enumerate(gap.groups["person"]):
        mean = float(gap.clip_probability[labels.people == person].mean())
        rows["person"].append((rate[person], one.corrected, mean, one.low, one.high))
    return rows


def recovered(repeats: int, *, draws: int = DRAWS, jobs: int = JOBS) -> list[dict[str, object]]:
    """Bias and coverage for both traits and for single people, over `repeats` cohorts."""
    cohorts = Parallel(n_jobs=jobs)(delayed(measured)(seed, draws=draws) for seed in range(repeats))
    result = []
    for group in ("few", "many", "person"):
        truth, corrected, of_clips, low, high = np.array([row for rows in cohorts for row in rows[group]]).T
        result.append(
            {
                "group": group,
                "people": {"few": FEW, "many": PEOPLE - FEW, "person": 1}[group],
                "truth": RATES.get(group, "that of the trait"),
                "corrected_mean": round(float(corrected.mean()), 4),
                "bias": round(float((corrected - truth).mean()), 4),
                "bias_of_mean_clip_probability": round(float((of_clips - truth).mean()), 4),
                "rms_error": round(float(np.sqrt(((corrected - truth) ** 2).mean())), 4),
                "interval_width_mean": round(float((high - low).mean()), 4),
                "coverage": round(float(((low <= truth) & (truth <= high)).mean()), 4),
            }
        )
    return result


def run() -> None:
    """Recover the planted gaps of groups; print and write bias and coverage."""
    started = time.perf_counter()
    rows = recovered(REPEATS)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    low, high = binomial_band(REPEATS)
    write_evidence(
        "gap_groups",
        {
            "space": "emotion7",
            "stimuli": Case("two traits").stimuli,
            "raters": list(SimulationConfig().raters.expert_accuracy),
            "level": 0.95,
            "repeats": REPEATS,
            "draws": DRAWS,
            "band_of_exact_coverage": [round(low, 4), round(high, 4)],
            "groups": rows,
            "seconds": round(time.perf_counter() - started),
        },
    )
