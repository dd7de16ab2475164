"""The tests of many studies at once against those of single ones."""

import numpy as np
import pytest

from emogap.analysis.power import Cohorts, Design, VarianceShares, draw_cohorts, outcome_with
from emogap.analysis.power.significance import exchange_p, lead_of, two_way_p
from emogap.scoring import bootstrap_difference, permutation_test

SHARES = VarianceShares(person=0.2, stimulus=0.1, person_by_model=0.1, stimulus_by_model=0.1)


def drawn(metric: str, *, people: int, repetitions: int = 3) -> Cohorts:
    stated = {"correlation": 0.4} if metric == "ccc" else {"discordant": 0.3}
    outcome = outcome_with(metric, score=0.5, shares=SHARES, **stated)
    design = Design(people=people, stimuli=13, clips=11, split="person+stimulus")
    return draw_cohorts(outcome, design, difference=0.1, repetitions=repetitions, rng=np.random.default_rng(6))


def single(cohorts: Cohorts, study: int, metric: str) -> dict[str, np.ndarray]:
    """One study as a table has it: a wrong clip names the class after the right one."""
    person, stimulus = np.nonzero(cohorts.is_tested[study])
    label = cohorts.label[study][person, stimulus]
    outputs = cohorts.output[:, study, person, stimulus]
    if metric != "ccc":
        label = label.astype(np.int64)
        outputs = np.where(outputs == 1, label, (label + 1) % 3)
    return {"label": label, "output": outputs[0], "other": outputs[1], "people": person, "stimuli": stimulus}


@pytest.mark.parametrize("metric", ["war", "uar", "ccc"])
def test_exchanging_people_is_the_permutation_test_of_tables(metric: str) -> None:
    """Nine people: all 512 exchanges, so that both look at the same."""
    cohorts = drawn(metric, people=9)
    p = exchange_p(cohorts, metric, 0, 1, draws=999, rng=np.random.default_rng(0))
    for study in range(3):
        clips = single(cohorts, study, metric)
        del clips["stimuli"]
        test = permutation_test(metric, **clips)
        assert p[study] == pytest.approx(test.p)
        assert lead_of(cohorts, metric, 0, 1)[study] == pytest.approx(test.difference)


@pytest.mark.parametrize("metric", ["war", "uar", "ccc"])
def test_the_two_way_p_says_what_the_interval_says(metric: str) -> None:
    """p and the interval that tables print lie on the same side of 5 % but for studies at the edge."""
    cohorts = drawn(metric, people=24, repetitions=30)
    p = two_way_p(cohorts, metric, 0, 1)
    agree = []
    for study in range(30):
        interval = bootstrap_difference(metric, **single(cohorts, study, metric), method="percentile", draws=600)
        is_found = interval.low > 0 or interval.high < 0
        agree.append(is_found == (p[study] < 0.05) or abs(p[study] - 0.05) < 0.02)
    assert all(agree)
    assert 0 < np.mean(p < 0.05) < 1


def test_two_models_that_are_right_on_the_same_clips_are_not_told_apart() -> None:
    cohorts = drawn("uar", people=7)
    same = Cohorts(cohorts.label, cohorts.output[[0, 0]], cohorts.is_tested)
    assert (two_way_p(same, "uar", 0, 1) == 1).all()
    assert (exchange_p(same, "uar", 0, 1, draws=200, rng=np.random.default_rng(0)) == 1).all()
