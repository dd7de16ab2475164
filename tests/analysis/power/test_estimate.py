"""Shares of variance found again in studies that were drawn with known ones."""

import numpy as np
import pytest

from emogap.analysis.power import Design, VarianceShares, draw_cohorts, estimate_outcome, outcome_with
from emogap.errors import UsageError

SHARES = VarianceShares(person=0.2, stimulus=0.15, person_by_model=0.08, stimulus_by_model=0.05)


@pytest.mark.parametrize("metric", ["war", "uar", "ccc"])
def test_what_a_study_was_drawn_with_is_found_again(metric: str) -> None:
    """One study of 260 people and 180 stimuli with holes; shares come back within a few points."""
    stated = {"correlation": 0.6} if metric == "ccc" else {"discordant": 0.25}
    outcome = outcome_with(metric, score=0.55, shares=SHARES, class_shares=(0.5, 0.3, 0.2), **stated)
    design = Design(people=260, stimuli=180, clips=120, split="person+stimulus")
    cohorts = draw_cohorts(outcome, design, difference=0.04, repetitions=1, rng=np.random.default_rng(7))
    person, stimulus = np.nonzero(cohorts.is_tested[0])
    label = cohorts.label[0][person, stimulus]
    outputs = cohorts.output[:, 0, person, stimulus]
    if metric != "ccc":
        label = label.astype(np.int64)
        outputs = np.where(outputs == 1, label, (label + 1) % 3)
    found = estimate_outcome(metric, label, outputs[0], outputs[1], people=person, stimuli=stimulus)
    assert found.score == pytest.approx(0.55, abs=0.05)
    assert found.shares.person == pytest.approx(0.2, abs=0.06)
    assert found.shares.stimulus == pytest.approx(0.15, abs=0.06)
    assert found.shares.person_by_model == pytest.approx(0.08, abs=0.03)
    assert found.shares.stimulus_by_model == pytest.approx(0.05, abs=0.03)
    assert found.shares.correlation == pytest.approx(outcome.shares.correlation, abs=0.05)
    if metric != "ccc":
        assert found.class_shares == pytest.approx((0.5, 0.3, 0.2), abs=0.02)


def test_clips_without_structure_have_no_shares() -> None:
    rng = np.random.default_rng(8)
    people, stimuli = (axis.ravel() for axis in np.indices((60, 50)))
    label, first, second = rng.integers(0, 2, (3, 3000))
    shares = estimate_outcome("war", label, first, second, people=people, stimuli=stimuli).shares
    assert max(shares.person, shares.stimulus, shares.person_by_model, shares.stimulus_by_model) < 0.02
    assert shares.rest > 0.9


def test_a_model_that_is_never_right_is_refused() -> None:
    with pytest.raises(UsageError, match="0% of its clips"):
        estimate_outcome("war", [0, 0, 1], [0, 1, 1], [1, 1, 0], people=[0, 0, 1], stimuli=[0, 1, 0])


def test_people_with_one_clip_each_are_refused() -> None:
    with pytest.raises(UsageError, match="two clips"):
        estimate_outcome("war", [0, 0, 1], [0, 1, 1], [0, 1, 0], people=[0, 1, 2], stimuli=[0, 0, 0])
