"""Whether a planted gap is recovered, and how often the 95 % interval over people holds it.

Only labels are drawn, with the functions of the simulation: felt emotions by person and stimulus, shown emotions by
display rules, votes of four experts by their confusion matrices. The confusions are then estimated from the votes, as a
user would. The truth is the probability that the shown emotion differs from the felt one, over people and clips:
0.22, the default of the simulation; the share among the clips drawn scatters around it.
"""

import time
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.special import softmax

from emogap.analysis import ClassGap, class_gap, symmetric_confusion
from emogap.simulation.affect import mask_probability
from emogap.simulation.cohort import stimulus_targets
from emogap.simulation.config import SimulationConfig
from emogap.simulation.raters import confusion_matrix
from slow_checks._evidence import write_evidence
from slow_checks.interval_coverage import binomial_band

REPEATS = 1_000
DRAWS = 200
JOBS = 2
CLASSES = 7


@dataclass(frozen=True)
class Labels:
    """One simulated cohort: answers, votes of every rater, and what was shown."""

    felt: np.ndarray
    shown: np.ndarray
    answer: np.ndarray
    votes: np.ndarray
    people: np.ndarray
    stimuli: np.ndarray


@dataclass(frozen=True)
class Case:
    """A way of drawing cohorts, and what the analysis is told of it."""

    name: str
    people: int = 24
    stimuli: int = 14
    person_sd: float = 0.0
    """SD between people of how often they mask; a beta distribution about the planted gap."""
    reliability: float = 1.0
    """Share of right self-reports, which the analysis is told, since answers alone cannot show it."""


CASES = (
    Case("simulation"),
    Case("people differ in how often they mask (SD 0.12)", person_sd=0.12),
    Case("self-report right in 90 % of clips, as assumed", reliability=0.9),
)


def draw_labels(case: Case, rng: np.random.Generator, *, rate: np.ndarray | None = None) -> Labels:
    """Labels of a cohort of the default configuration, all clips at once.

    `rate` is how often each person masks, or each person (rows) with each stimulus.
    """
    config = SimulationConfig(participants=case.people, stimuli=case.stimuli, seed=int(rng.integers(1 << 30)))
    affect = config.affect
    target = np.eye(CLASSES)[list(stimulus_targets(config))]
    person = affect.person_felt_sd * rng.normal(size=(case.people, 1, CLASSES))
    stimulus = affect.stimulus_felt_sd * rng.normal(size=(1, case.stimuli, CLASSES))
    felt = _drawn(softmax(person + stimulus + affect.elicitation * target, axis=2), rng).ravel()
    people, stimuli = (axis.ravel() for axis in np.indices((case.people, case.stimuli)))
    drawn = _masking(config.display_rules, case.person_sd, case.people, rng) if rate is None else rate
    masks = np.broadcast_to(drawn.reshape(case.people, -1), (case.people, case.stimuli)).ravel()
    shown = np.where(rng.random(len(felt)) < masks, _drawn(mask_probability(1.0)[felt], rng), felt)
    experts = [_drawn(confusion_matrix(accuracy)[shown], rng) for accuracy in config.raters.expert_accuracy]
    answer = _drawn(symmetric_confusion(case.reliability, CLASSES)[felt], rng)
    return Labels(felt, shown, answer, np.eye(CLASSES)[np.stack(experts, axis=1)], people, stimuli)


def estimate(case: Case, seed: int, *, draws: int = DRAWS) -> tuple[Labels, ClassGap]:
    """One cohort and what the analysis makes of its answers and votes."""
    labels = draw_labels(case, np.random.default_rng([seed, case.people]))
    gap = class_gap(
        labels.answer,
        labels.votes,
        people=labels.people,
        reliability=case.reliability,
        sensitivity=(),
        draws=draws,
        seed=seed,
    )
    return labels, gap


def recovered(case: Case, repeats: int, *, draws: int = DRAWS, jobs: int = JOBS) -> dict[str, object]:
    """Mean raw and corrected gap, and the share of intervals that hold the planted one, over `repeats` cohorts."""
    truth = SimulationConfig().display_rules
    rows = np.array(Parallel(n_jobs=jobs)(delayed(_summary)(case, seed, draws) for seed in range(repeats)))
    in_clips, raw, majority, gap, low, high = rows.T
    return {
        "case": case.name,
        "people": case.people,
        "stimuli": case.stimuli,
        "truth": truth,
        "differing_clips_mean": round(float(in_clips.mean()), 4),
        "raw_mean": round(float(raw.mean()), 4),
        "raw_majority_mean": round(float(majority.mean()), 4),
        "corrected_mean": round(float(gap.mean()), 4),
        "bias": round(float(gap.mean() - truth), 4),
        "bias_standard_error": round(float(gap.std(ddof=1) / np.sqrt(repeats)), 4),
        "sd": round(float(gap.std(ddof=1)), 4),
        "interval_width_mean": round(float((high - low).mean()), 4),
        "coverage": float(((low <= truth) & (truth <= high)).mean()),
    }


def _summary(case: Case, seed: int, draws: int) -> tuple[float, ...]:
    labels, gap = estimate(case, seed, draws=draws)
    in_clips = float((labels.felt != labels.shown).mean())
    corrected = gap.corrected
    return in_clips, gap.raw, gap.raw_majority, corrected.estimate, corrected.low, corrected.high


def _masking(mean: float, sd: float, num_people: int, rng: np.random.Generator) -> np.ndarray:
    """Each person's probability of masking."""
    if not sd:
        return np.full(num_people, mean)
    size = mean * (1 - mean) / sd**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, num_people)


def _drawn(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An index along the last axis, drawn with the probabilities there."""
    place = rng.random(probability.shape[:-1])[..., None]
    return (place > probability.cumsum(axis=-1)[..., :-1]).sum(axis=-1)


def run() -> None:
    """Recover the planted gap in every case; print and write bias and coverage."""
    started = time.perf_counter()
    rows = []
    for case in CASES:
        rows.append(recovered(case, REPEATS))
        print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    low, high = binomial_band(REPEATS)
    write_evidence(
        "gap",
        {
            "space": "emotion7",
            "estimand": "probability that the shown emotion differs from the felt one, over people and clips",
            "raters": list(SimulationConfig().raters.expert_accuracy),
            "level": 0.95,
            "repeats": REPEATS,
            "draws": DRAWS,
            "band_of_exact_coverage": [round(low, 4), round(high, 4)],
            "gap": rows,
            "seconds": round(time.perf_counter() - started),
        },
    )
