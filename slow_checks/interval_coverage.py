"""How often 95 % intervals over people hold the true score, in simulated cohorts with a known one.

Clips of a person are alike in difficulty (a random intercept on the logit or in the output), so that an interval
over clips would be far too narrow; it is computed beside the others to show by how much. What is estimated: the score
of these fixed predictions' models on new people, with stimuli that are nothing but further clips. The truth is that
score in the whole population of people, by Gauss-Hermite quadrature or in closed form. New people *and* new stimuli:
``slow_checks/two_way_coverage.py``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import get_args

import numpy as np
from scipy.special import expit
from scipy.stats import binom

from emogap.scoring.intervals import bootstrap_difference, bootstrap_metric
from emogap.scoring.resampling import Method
from slow_checks._evidence import write_evidence

REPEATS = 1_000
DRAWS = 1_000
PEOPLE = (16, 24, 60, 120)
LEVEL = 0.95

CLASS_DIFFICULTY = np.array([1.2, 0.1, -0.7])
"""Logit of a right answer for each of three classes at an average person."""

CLASS_SHARE = np.array([0.5, 0.3, 0.2])
PERSON_SD = 0.8


@dataclass(frozen=True)
class Clips:
    """One simulated cohort."""

    label: np.ndarray
    output: np.ndarray
    people: np.ndarray
    other: np.ndarray


def classified(rng: np.random.Generator, num_people: int) -> Clips:
    """People with 8 to 16 clips of three classes."""
    people = np.repeat(np.arange(num_people), rng.integers(8, 17, num_people))
    label = rng.choice(3, len(people), p=CLASS_SHARE)
    skill = rng.normal(0, PERSON_SD, num_people)[people]
    outputs = []
    for lead in (0.0, -0.3):
        right = rng.random(len(label)) < expit(skill + CLASS_DIFFICULTY[label] + lead)
        outputs.append(np.where(right, label, (label + rng.integers(1, 3, len(label))) % 3))
    return Clips(label, outputs[0], people, outputs[1])


def valued(rng: np.random.Generator, num_people: int) -> Clips:
    """Ratings y = a_p + e and outputs 0.6 y + b_p + noise, with person effects a and b."""
    people = np.repeat(np.arange(num_people), rng.integers(8, 17, num_people))
    label = rng.normal(0, 0.3, num_people)[people] + rng.normal(0, 0.4, len(people))
    output = 0.1 + 0.6 * label + rng.normal(0, 0.2, num_people)[people] + rng.normal(0, 0.3, len(people))
    return Clips(label, output, people, output)


def true_recall(spread: float = PERSON_SD, *, lead: float = 0.0) -> np.ndarray:
    """Recall of each class over the population: the logistic of a normal with SD `spread`, integrated."""
    node, weight = np.polynomial.hermite_e.hermegauss(80)
    return (weight / weight.sum()) @ expit(spread * node[:, None] + CLASS_DIFFICULTY + lead)


def true_ccc() -> float:
    """Lin's formula with the moments of :func:`valued`."""
    var_y = 0.3**2 + 0.4**2
    var_o = 0.36 * var_y + 0.2**2 + 0.3**2
    return 2 * 0.6 * var_y / (var_y + var_o + 0.1**2)


@dataclass(frozen=True)
class Case:
    """A metric with its truth and its way of drawing cohorts."""

    name: str
    truth: float
    draw: Callable[[np.random.Generator, int], Clips]
    metric: str
    is_difference: bool = False


def cases() -> tuple[Case, ...]:
    """Every kind of interval over people that a table prints."""
    recall = true_recall()
    lead = recall.mean() - true_recall(lead=-0.3).mean()
    return (
        Case("war", float(CLASS_SHARE @ recall), classified, "war"),
        Case("uar", float(recall.mean()), classified, "uar"),
        Case("uar difference of two models", float(lead), classified, "uar", is_difference=True),
        Case("ccc", true_ccc(), valued, "ccc"),
    )


def covers(
    case: Case, clips: Clips, method: Method, *, draws: int, widened: bool = True, over_clips: bool = False
) -> bool:
    """Whether the interval of one cohort holds the truth."""
    people = np.arange(len(clips.people)) if over_clips else clips.people
    options = {"people": people, "method": method, "widened": widened, "draws": draws}
    if case.is_difference:
        interval = bootstrap_difference(case.metric, clips.label, clips.output, clips.other, **options)  # type: ignore[arg-type]
    else:
        interval = bootstrap_metric(case.metric, clips.label, clips.output, **options)  # type: ignore[arg-type]
    return interval.low <= case.truth <= interval.high


def coverage(
    case: Case,
    num_people: int,
    method: Method,
    *,
    repeats: int,
    draws: int,
    widened: bool = True,
    over_clips: bool = False,
) -> float:
    """Share of simulated cohorts whose interval holds the truth."""
    hits = 0
    for seed in range(repeats):
        clips = case.draw(np.random.default_rng([seed, num_people]), num_people)
        hits += covers(case, clips, method, draws=draws, widened=widened, over_clips=over_clips)
    return hits / repeats


def binomial_band(repeats: int, *, level: float = LEVEL, tail: float = 0.005) -> tuple[float, float]:
    """Where the share lies in 99 % of simulations if the coverage is exactly `level`."""
    return binom.ppf(tail, repeats, level) / repeats, binom.ppf(1 - tail, repeats, level) / repeats


def run() -> None:
    started = time.perf_counter()
    table = []
    for case in cases():
        for num_people in PEOPLE:
            row: dict[str, object] = {"metric": case.name, "people": num_people, "truth": round(case.truth, 4)}
            for method, widened in product(get_args(Method), (True, False)):
                name = method if widened else f"{method}, not widened"
                row[name] = coverage(case, num_people, method, repeats=REPEATS, draws=DRAWS, widened=widened)
            table.append(row)
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    naive = coverage(cases()[0], 60, "percentile", repeats=REPEATS // 5, draws=DRAWS, over_clips=True)
    print(f"drawing clips instead of people, war, 60 people: {naive}")
    low, high = binomial_band(REPEATS)
    write_evidence(
        "interval_coverage",
        {
            "level": LEVEL,
            "repeats": REPEATS,
            "draws": DRAWS,
            "band_of_exact_coverage": [round(low, 4), round(high, 4)],
            "coverage": table,
            "war_60_people_drawing_clips": naive,
            "seconds": round(time.perf_counter() - started),
        },
    )
