"""How often 95 % intervals over people *and* stimuli of the gap and of Pearson's r hold the truth of crossed cohorts.

The companion of ``two_way_coverage`` for numbers that are no score. Cohorts are drawn with effects of people and stimuli
or without any. Of the same draws, the percentiles alone (the pigeonhole bootstrap, widened for few clusters as an
interval over people is) are computed beside the interval that tables print.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emogap.analysis import class_gap, plane_gap
from emogap.analysis.two_way_correlation import two_way_pearson
from emogap.analysis.weightings import Weightings, draw_weightings
from emogap.scoring import Interval
from slow_checks._evidence import write_evidence
from slow_checks.gap import Case, draw_labels
from slow_checks.interval_coverage import LEVEL, binomial_band

REPEATS = 400
DRAWS = 200
PLANTED = 0.22
"""Share of clips whose shown emotion is masked; the default of the simulation."""
MASKING_SD = 0.2
"""SD of the beta distributions of which a clip's probability of masking is the mean: its person's and its stimulus's."""
SHIFT = (0.1, -0.15)
"""Mean of shown minus felt valence and arousal."""
R_OF_NOISE = 0.4


@dataclass(frozen=True)
class Cohort:
    """How many people and stimuli, the share of cells with a clip, and the SD of effects of both (that of clips is 1)."""

    people: int
    stimuli: int
    share: float = 1.0
    effect_sd: float = 0.0

    def clips(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Person and stimulus of each clip, people in ascending order."""
        people, stimuli = (axis.ravel() for axis in np.indices((self.people, self.stimuli)))
        is_there = rng.random(len(people)) < self.share
        return people[is_there], stimuli[is_there]

    def values(self, rng: np.random.Generator, people: np.ndarray, stimuli: np.ndarray) -> np.ndarray:
        """A number for each clip: effects of its person and its stimulus, and noise."""
        effects = (rng.normal(0, self.effect_sd, num)[of] for num, of in ((self.people, people), (self.stimuli, stimuli)))
        return np.asarray(sum(effects) + rng.normal(size=len(people)))


Measured = tuple[Interval | None, float]
"""An interval and the truth."""


@dataclass(frozen=True)
class Quantity:
    """Something that is estimated: its name and how to measure it in one drawn cohort."""

    name: str
    measure: Callable[[Cohort, np.random.Generator, int], Measured]


def gap_of_classes(cohort: Cohort, rng: np.random.Generator, draws: int) -> Measured:
    """The corrected gap of seven classes, raters' confusions estimated; every cell has a clip."""

    def masking(num: int) -> np.ndarray:
        size = PLANTED * (1 - PLANTED) / MASKING_SD**2 - 1
        return rng.beta(PLANTED * size, (1 - PLANTED) * size, num)

    rate = np.full((cohort.people, cohort.stimuli), PLANTED)
    if cohort.effect_sd:
        rate = (masking(cohort.people)[:, None] + masking(cohort.stimuli)) / 2
    labels = draw_labels(Case("", cohort.people, cohort.stimuli), rng, rate=rate)
    gap = class_gap(
        labels.answer, labels.votes, people=labels.people, stimuli=labels.stimuli, sensitivity=(), draws=draws
    )
    return gap.corrected_two_way, PLANTED


def distance_in_the_plane(cohort: Cohort, rng: np.random.Generator, draws: int) -> Measured:
    """The corrected root mean square distance; ratings have errors of known variance, which are to be taken out."""
    people, stimuli = cohort.clips(rng)
    felt, shift = (np.stack([0.3 * cohort.values(rng, people, stimuli) for _ in "va"], axis=1) for _ in range(2))
    error = rng.normal(0, 0.2, (*felt.shape, 4))
    shown = felt + shift + SHIFT + error.mean(axis=2)
    gap = plane_gap(
        felt,
        shown,
        people=people,
        stimuli=stimuli,
        shown_variance=error.var(axis=2, ddof=1) / error.shape[2],
        sensitivity=(),
        draws=draws,
    )
    square = 2 * 0.3**2 * (1 + 2 * cohort.effect_sd**2) + SHIFT[0] ** 2 + SHIFT[1] ** 2
    return gap.corrected_two_way, float(np.sqrt(square))


def pearson_over_clips(cohort: Cohort, rng: np.random.Generator, draws: int) -> Measured:
    """r over all clips: effects of people and stimuli on measure and label have nothing to do with each other."""
    return _correlated(cohort, rng, draws, within=False)


def pearson_within_people(cohort: Cohort, rng: np.random.Generator, draws: int) -> Measured:
    """r after each person's mean is taken out."""
    return _correlated(cohort, rng, draws, within=True)


def _correlated(cohort: Cohort, rng: np.random.Generator, draws: int, *, within: bool) -> Measured:
    people, stimuli = cohort.clips(rng)
    measure = cohort.values(rng, people, stimuli)
    own = replace(cohort, effect_sd=0.0).values(rng, people, stimuli)
    effects = cohort.values(rng, people, stimuli)
    # The noise of the label is a mixture of that of the measure and its own.
    noise = measure - _effects_of(measure)
    raise NotImplementedError
