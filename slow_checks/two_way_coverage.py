"""How often 95 % intervals over people *and* stimuli hold the true score, in crossed cohorts with a known one.

What is estimated: the score of fixed models on new people with new stimuli. People and stimuli differ in difficulty
(random intercepts on the logit), and for a difference of two models also in which of the two they suit. The
percentiles of the draws alone (the pigeonhole bootstrap) are computed beside the interval that tables print.
"""

import time
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from emogap.scoring.intervals import bootstrap_difference, bootstrap_metric
from emogap.scoring.metrics import uar
from emogap.scoring.resampling import draw_counts
from emogap.scoring.sums import confusion_sums
from slow_checks._evidence import write_evidence
from slow_checks.interval_coverage import CLASS_DIFFICULTY, LEVEL, PERSON_SD, binomial_band, true_recall

REPEATS = 1_000
DRAWS = 600
PEOPLE = (16, 24, 120)
CLASS_OF_STIMULUS = np.repeat([0, 1, 2], [12, 7, 5])
STIMULUS_SD = 0.6
LEAD = 0.3


@dataclass(frozen=True)
class TwoWayCase:
    """A crossed cohort: the SD of which people and stimuli suit one model more, and the share of cells with a clip."""

    name: str
    is_difference: bool = False
    suits_sd: float = 0.0
    share: float = 1.0
    stimulus_sd: float = STIMULUS_SD

    @property
    def truth(self) -> float:
        """UAR, or its difference, over all people and stimuli."""
        spread = float(np.sqrt(PERSON_SD**2 + self.stimulus_sd**2 + 2 * self.suits_sd**2))
        first = true_recall(spread).mean()
        return float(first - true_recall(spread, lead=-LEAD).mean() if self.is_difference else first)


@dataclass(frozen=True)
class CrossedClips:
    """One simulated cohort: labels, people, stimuli and the outputs of two models."""

    label: np.ndarray
    people: np.ndarray
    stimuli: np.ndarray
    outputs: tuple[np.ndarray, np.ndarray]


def two_way_cases() -> tuple[TwoWayCase, ...]:
    """Large effects of stimuli, none, a table with holes, and a difference."""
    return (
        TwoWayCase("uar"),
        TwoWayCase("uar, stimuli alike", stimulus_sd=0.0),
        TwoWayCase("uar, 40 % of the cells", share=0.4),
        TwoWayCase("uar difference of two models", is_difference=True, suits_sd=0.3),
    )


def crossed(case: TwoWayCase, rng: np.random.Generator, num_people: int) -> CrossedClips:
    """Everybody with the same 24 stimuli of three classes, or with some of them."""
    people, stimuli = (axis.ravel() for axis in np.indices((num_people, len(CLASS_OF_STIMULUS))))
    is_there = rng.random(len(people)) < case.share
    people, stimuli = people[is_there], stimuli[is_there]
    label = CLASS_OF_STIMULUS[stimuli]

    def effect(sd: float, number: int, codes: np.ndarray) -> np.ndarray:
        return rng.normal(0, sd, number)[codes]

    ease = effect(PERSON_SD, num_people, people) + effect(case.stimulus_sd, len(CLASS_OF_STIMULUS), stimuli)
    outputs = []
    for lead in (0.0, -LEAD):
        suits = effect(case.suits_sd, num_people, people) + effect(case.suits_sd, len(CLASS_OF_STIMULUS), stimuli)
        right = rng.random(len(label)) < expit(ease + suits + CLASS_DIFFICULTY[label] + lead)
        outputs.append(np.where(right, label, (label + rng.integers(1, 3, len(label))) % 3))
    return CrossedClips(label, people, stimuli, (outputs[0], outputs[1]))


def pigeonhole(case: TwoWayCase, clips: CrossedClips, rng: np.random.Generator, *, draws: int) -> tuple[float, float]:
    """Percentiles of the score over draws of people and stimuli, without any correction."""
    num_people, num_stimuli = clips.people.max() + 1, len(CLASS_OF_STIMULUS)
    cell = clips.people * num_stimuli + clips.stimuli
    weights = (draw_counts(num, draws, rng) for num in (num_people, num_stimuli))
    of_cell = np.einsum("dp,ds->dps", *weights).reshape(draws, -1)
    scores = []
    for output in clips.outputs:
        sums = confusion_sums(clips.label, output, groups=cell, num_groups=num_people * num_stimuli, num_classes=3)
        scores.append(uar.from_sums(np.tensordot(of_cell, sums, axes=1)))
    drawn = scores[0] - scores[1] if case.is_difference else scores[0]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def two_way_coverage(
    case: TwoWayCase, num_people: int, *, repeats: int, draws: int, with_pigeonhole: bool
) -> dict[str, float]:
    """Share of simulated cohorts whose interval holds the truth, for each way to compute it; mean width of two."""
    hits: dict[str, int] = {}
    widths: dict[str, float] = {}
    for seed in range(repeats):
        rng = np.random.default_rng([seed, num_people])
        clips = crossed(case, rng, num_people)
        first, second = clips.outputs
        limits = {}
        if with_pigeonhole:
            limits["pigeonhole"] = pigeonhole(case, clips, rng, draws=draws)
        for method in ("percentile", "bca") if with_pigeonhole else ("bca",):
            options = {"people": clips.people, "stimuli": clips.stimuli, "method": method, "draws": draws}
            if case.is_difference:
                interval = bootstrap_difference("uar", clips.label, first, second, **options)  # type: ignore[arg-type]
            else:
                interval = bootstrap_metric("uar", clips.label, first, **options)  # type: ignore[arg-type]
            limits[method] = (interval.low, interval.high)
        for name, (low, high) in limits.items():
            hits[name] = hits.get(name, 0) + (low <= case.truth <= high)
            widths[name] = widths.get(name, 0.0) + (high - low)
    return {name: hit / repeats for name, hit in hits.items()} | {
        f"{name} mean width": round(widths[name] / repeats, 4) for name in ("pigeonhole", "bca") if name in widths
    }


def run() -> None:
    started = time.perf_counter()
    table = []
    for case in two_way_cases():
        for num_people in PEOPLE:
            found = two_way_coverage(case, num_people, repeats=REPEATS, draws=DRAWS, with_pigeonhole=True)
            row: dict[str, object] = {"score": case.name, "people": num_people, "truth": round(case.truth, 4), **found}
            table.append(row)
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    low, high = binomial_band(REPEATS)
    write_evidence(
        "two_way_coverage",
        {
            "level": LEVEL,
            "repeats": REPEATS,
            "draws": DRAWS,
            "stimuli": len(CLASS_OF_STIMULUS),
            "estimand": "fixed models, new people and new stimuli",
            "band_of_exact_coverage": [round(low, 4), round(high, 4)],
            "coverage": table,
            "seconds": round(time.perf_counter() - started),
        },
    )
