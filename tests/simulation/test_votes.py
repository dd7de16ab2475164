"""Majorities of experts whose answers are known."""

import pytest

from emogap.simulation.config import RaterConfig, SimulationConfig
from emogap.simulation.raters import confusion_matrix
from emogap.simulation.votes import voted_emotion


def test_the_vote_of_one_expert_is_that_expert() -> None:
    config = SimulationConfig(raters=RaterConfig(expert_accuracy=(0.7,)))
    assert voted_emotion(config) == pytest.approx(confusion_matrix(0.7))


def test_ties_between_experts_go_to_the_first_class() -> None:
    """Two experts, one always right and one always wrong: the vote is the smaller index of the two answers."""
    config = SimulationConfig(raters=RaterConfig(expert_accuracy=(1.0, 0.0)))
    voted = voted_emotion(config)
    wrong = confusion_matrix(0.0)
    assert voted[0, 0] == pytest.approx(1)
    assert voted[6, 6] == pytest.approx(0)
    assert voted[6, :6] == pytest.approx(wrong[6, :6])
