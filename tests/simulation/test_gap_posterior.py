"""The Bayes rule for the gap against labels and votes as they are drawn."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.posterior import gap_posterior, label_posterior
from emogap.simulation.raters import confusion_matrix
from emogap.simulation.truth import Truth, truth_of
from emogap.types import LabelView


def drawn(**options: float) -> Truth:
    return truth_of(draw_cohort(SimulationConfig.model_validate({"participants": 60, "stimuli": 42, **options})))


def voted_gap(truth: Truth) -> np.ndarray:
    """Whether the self-report and the majority of freshly drawn expert votes differ (ties to the first class)."""
    rng = np.random.default_rng(0)
    shown = truth.emotions("shown_emotion7")
    votes = np.zeros((len(shown), 7))
    for accuracy in truth.config.raters.expert_accuracy:
        chance = confusion_matrix(accuracy)[shown].cumsum(axis=1)
        votes[np.arange(len(shown)), (rng.random((len(shown), 1)) > chance[:, :-1]).sum(axis=1)] += 1
    gap: np.ndarray = votes.argmax(axis=1) != truth.emotions("felt_emotion7")
    return gap


def test_the_probability_of_a_gap_comes_true_as_often_as_it_says() -> None:
    truth = drawn(person_effect=0, stimulus_effect=0)
    said, gap = gap_posterior(truth, "emotion7"), voted_gap(truth)
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 1.0)):
        here = (said >= low) & (said < high)
        assert here.sum() > 100
        assert gap[here].mean() == pytest.approx(said[here].mean(), abs=4 * np.sqrt(0.25 / here.sum()))


@pytest.mark.parametrize("space", ["emotion3", "emotion7"])
def test_two_margins_taken_as_independent_promise_too_large_a_gap(space: str) -> None:
    truth = drawn()
    felt, shown = (label_posterior(truth, view, space) for view in (LabelView.FELT, LabelView.SHOWN))
    independent = 1 - (felt * shown).sum(axis=1)
    assert independent.mean() > gap_posterior(truth, space).mean() + 0.02


def test_nobody_who_always_shows_what_is_felt_has_a_gap_beyond_the_votes_errors() -> None:
    """With every cue known to a hair, felt = shown and perfect raters, the gap has no probability left."""
    truth = drawn(display_rules=0.0, signal=10.0)
    truth = Truth(truth.config.model_copy(update={"raters": truth.config.raters.model_copy(
        update={"expert_accuracy": (0.999, 0.999, 0.999)})}), truth.columns)  # fmt: skip
    assert gap_posterior(truth, "emotion7").mean() < 0.01


def test_a_space_that_is_not_simulated_is_refused() -> None:
    with pytest.raises(UsageError, match="no ceiling for quadrant"):
        gap_posterior(drawn(participants=3), "quadrant")
