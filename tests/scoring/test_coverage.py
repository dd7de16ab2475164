"""The short form of slow_checks/interval_coverage.py: do 95 % intervals hold the truth 95 times in 100?"""

import numpy as np
import pytest

from emogap.scoring import bootstrap_metric
from slow_checks.interval_coverage import Case, binomial_band, cases, classified, coverage
from slow_checks.two_way_coverage import TwoWayCase, two_way_cases, two_way_coverage

REPEATS = 150


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_intervals_hold_the_truth_as_often_as_they_say(case: Case) -> None:
    """Within the 99 % binomial band around 93 to 97 %."""
    found = coverage(case, 40, "bca", repeats=REPEATS, draws=400)
    assert lowest_and_highest()[0] <= found <= lowest_and_highest()[1]


@pytest.mark.parametrize("case", two_way_cases(), ids=lambda case: case.name)
def test_intervals_over_people_and_stimuli_do_too(case: TwoWayCase) -> None:
    """Draws of people and stimuli alone held it in 0.98 to 1.00: see test_intervals and docs/statistics.md."""
    found = two_way_coverage(case, 20, repeats=REPEATS, draws=400, with_pigeonhole=False)["bca"]
    assert lowest_and_highest()[0] <= found <= lowest_and_highest()[1]


def lowest_and_highest() -> tuple[float, float]:
    return binomial_band(REPEATS, level=0.93)[0], binomial_band(REPEATS, level=0.97)[1]


def test_drawing_clips_instead_of_people_is_too_narrow() -> None:
    """Why people are drawn: clips of a person are alike, and an interval over clips counts each as news."""
    ratio = []
    for seed in range(10):
        clips = classified(np.random.default_rng(seed), 40)
        people, single = (
            bootstrap_metric("war", clips.label, clips.output, people=drawn, draws=500)
            for drawn in (clips.people, np.arange(len(clips.people)))
        )
        ratio.append((people.high - people.low) / (single.high - single.low))
    # Answers of a person correlate at about 0.1, with about 12 clips each: sqrt(1 + 11 x 0.1) = 1.45.
    assert 1.25 < np.mean(ratio) < 1.65
