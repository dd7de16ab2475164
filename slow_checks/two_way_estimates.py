"""How often 95 % intervals over people *and* stimuli of the gap and of Pearson's r hold the truth of crossed cohorts.

The companion of ``two_way_coverage`` for numbers that are no score; ``two_way_gap`` has the gap in classes. Cohorts are
drawn with effects of people and stimuli, or with none. Beside each interval stands what its draws alone would give (the
pigeonhole bootstrap, its tails widened for few clusters as those of an interval over people are).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from unittest import mock

import numpy as np
from joblib import Parallel, delayed

from emogap.analysis import class_gap, plane_gap
from emogap.analysis.two_way_correlation import two_way_pearson
from emogap.analysis.weightings import draw_weightings
from emogap.scoring import Interval
from slow_checks._evidence import write_evidence
from slow_checks.gap import Case, draw_labels
from slow_checks.interval_coverage import LEVEL, binomial_band

REPEATS = 400
DRAWS = 300
JOBS = 2

PLANTED_GAP = 0.22
"""Share of masked clips; the default of the simulation."""

MASKING_SD = 0.2
"""A clip is masked with the mean of the probabilities of its person and its stimulus, which have this SD."""

UNIT = 0.3
"""SD of the noise of one clip in valence and in arousal."""

SHIFT = np.array([0.1, -0.15])
"""Mean of shown minus felt valence and arousal."""

R_OF_NOISE = 0.4


@dataclass(frozen=True)
class Cohort:
    """People and stimuli, the share of cells with a clip, and the SD of effects of both, where that of clips is 1."""

    people: int
    stimuli: int
    share: float = 1.0
    effect_sd: float = 0.0

    def clips(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Person and stimulus of each clip, people in ascending order."""
        people, stimuli = (axis.ravel() for axis in np.indices((self.people, self.stimuli)))
        is_there = rng.random(len(people)) < self.share
        return people[is_there], stimuli[is_there]

    def effects(self, rng: np.random.Generator, people: np.ndarray, stimuli: np.ndarray) -> np.ndarray:
        """What its person and its stimulus add to each clip."""
        of_people, of_stimuli = (rng.normal(0, self.effect_sd, number) for number in (self.people, self.stimuli))
        return np.asarray(of_people[people] + of_stimuli[stimuli])


Measured = Callable[[Cohort, np.random.Generator, int], tuple[Interval | None, float]]
"""From a cohort, a generator and a number of draws to the two-way interval of one drawn cohort, and the truth."""


def gap_of_classes(cohort: Cohort, rng: np.random.Generator, draws: int) -> tuple[Interval | None, float]:
    """The corrected gap of seven classes, raters' confusions estimated; every cell has a clip."""
    size = PLANTED_GAP * (1 - PLANTED_GAP) / MASKING_SD**2 - 1
    rate = np.full((cohort.people, cohort.stimuli), PLANTED_GAP)
    if cohort.effect_sd:
        drawn = [rng.beta(PLANTED_GAP * size, (1 - PLANTED_GAP) * size, number) for number in rate.shape]
        rate = (drawn[0][:, None] + drawn[1]) / 2
    labels = draw_labels(Case("", cohort.people, cohort.stimuli), rng, rate=rate)
    gap = class_gap(
        labels.answer, labels.votes, people=labels.people, stimuli=labels.stimuli, sensitivity=(), draws=draws
    )
    return gap.corrected_two_way, PLANTED_GAP


def distance_in_the_plane(cohort: Cohort, rng: np.random.Generator, draws: int) -> tuple[Interval | None, float]:
    """The corrected root mean square distance of felt and shown, four ratings with errors a clip."""
    people, stimuli = cohort.clips(rng)

    def points() -> np.ndarray:
        axes = [cohort.effects(rng, people, stimuli) + rng.normal(size=len(people)) for _ in SHIFT]
        return UNIT * np.stack(axes, axis=1)

    felt, shift, error = points(), points() + SHIFT, rng.normal(0, 0.2, (len(people), 2, 4))
    gap = plane_gap(
        felt,
        felt + shift + error.mean(axis=2),
        people=people,
        stimuli=stimuli,
        shown_variance=error.var(axis=2, ddof=1) / 4,
        sensitivity=(),
        draws=draws,
    )
    return gap.corrected_two_way, float(np.sqrt(2 * UNIT**2 * (1 + 2 * cohort.effect_sd**2) + (SHIFT**2).sum()))


def pearson_over_clips(cohort: Cohort, rng: np.random.Generator, draws: int) -> tuple[Interval | None, float]:
    """r over all clips; what people and stimuli do to measure and label is unrelated."""
    return _correlated(cohort, rng, draws, of_people=0.0), R_OF_NOISE / (1 + 2 * cohort.effect_sd**2)


def pearson_within_people(cohort: Cohort, rng: np.random.Generator, draws: int) -> tuple[Interval | None, float]:
    """r after the mean of each person is taken out."""
    return _correlated(cohort, rng, draws, of_people=1.0), R_OF_NOISE / (1 + cohort.effect_sd**2)


def _correlated(cohort: Cohort, rng: np.random.Generator, draws: int, *, of_people: float) -> Interval | None:
    people, stimuli = cohort.clips(rng)
    noise, other = rng.normal(size=(2, len(people)))
    measure = noise + cohort.effects(rng, people, stimuli)
    label = R_OF_NOISE * noise + np.sqrt(1 - R_OF_NOISE**2) * other + cohort.effects(rng, people, stimuli)
    weightings = draw_weightings(people, stimuli, draws=draws, seed=0)
    everything, group = np.ones(len(people), bool), (of_people * people).astype(np.int64)
    return two_way_pearson(measure, label[:, None], everything, weightings, group, level=LEVEL)[0][0]


COHORTS = (Cohort(24, 14), Cohort(24, 14, effect_sd=0.5), Cohort(121, 28, 0.4, effect_sd=0.5))

QUANTITIES: tuple[tuple[str, Measured], ...] = (
    ("distance in valence and arousal", distance_in_the_plane),
    ("Pearson's r", pearson_over_clips),
    ("Pearson's r within people", pearson_within_people),
)


@contextmanager
def draws_alone() -> Iterator[None]:
    """Without a variance, an interval takes the spread of its draws."""
    with ExitStack() as stack:
        for module in ("weightings", "two_way_correlation"):
            stack.enter_context(mock.patch(f"emogap.analysis.{module}.two_way_variance", return_value=np.nan))
        yield


def estimates_coverage(
    measured: Measured, cohort: Cohort, *, repeats: int, draws: int, is_alone: bool = False, jobs: int = 1
) -> dict[str, float]:
    """Share of drawn cohorts whose interval, or whose draws alone, hold the truth; mean and SD of the estimates."""
    rows = Parallel(n_jobs=jobs)(delayed(_limits)(measured, cohort, seed, draws, is_alone) for seed in range(repeats))
    estimate, low, high, truth = np.array(rows).T
    return {
        "truth": round(float(truth[0]), 4),
        "mean": round(float(estimate.mean()), 4),
        "sd": round(float(estimate.std(ddof=1)), 4),
        "coverage": float(((low <= truth) & (truth <= high)).mean()),
        "mean width": round(float((high - low).mean()), 4),
    }


def _limits(measured: Measured, cohort: Cohort, seed: int, draws: int, is_alone: bool) -> tuple[float, ...]:
    with draws_alone() if is_alone else nullcontext():
        interval, truth = measured(cohort, np.random.default_rng([seed, cohort.people]), draws)
    assert interval is not None
    return interval.estimate, interval.low, interval.high, truth


def rows_of(name: str, measured: Measured, cohorts: Sequence[Cohort], repeats: int) -> Iterator[dict[str, object]]:
    """One row of evidence for each cohort, printed."""
    for cohort in cohorts:
        found, alone = (
            estimates_coverage(measured, cohort, repeats=repeats, draws=DRAWS, is_alone=is_alone, jobs=JOBS)
            for is_alone in (False, True)
        )
        row: dict[str, object] = {
            "of": name,
            "people": cohort.people,
            "stimuli": cohort.stimuli,
            "share_of_cells": cohort.share,
            "people_and_stimuli_differ": cohort.effect_sd > 0,
            **found,
            "draws alone": alone["coverage"],
            "draws alone mean width": alone["mean width"],
        }
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        yield row


def write_coverage(name: str, rows: Sequence[dict[str, object]], *, repeats: int, seconds: float) -> None:
    """Write ``docs/evidence/<name>.json``."""
    content: dict[str, object] = {
        "level": LEVEL,
        "repeats": repeats,
        "draws": DRAWS,
        "estimand": "new people and new stimuli",
        "band_of_exact_coverage": [round(float(limit), 4) for limit in binomial_band(repeats)],
        "coverage": list(rows),
        "seconds": round(seconds),
    }
    write_evidence(name, content)


def run() -> None:
    started = time.perf_counter()
    rows = [row for name, measured in QUANTITIES for row in rows_of(name, measured, COHORTS, REPEATS)]
    write_coverage("two_way_estimates", rows, repeats=REPEATS, seconds=time.perf_counter() - started)
