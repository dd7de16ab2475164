"""Learning rate and truth probability against torch's scheduler and by hand."""

import math

import pytest
import torch

from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.schedule import learning_rate_at, num_warmup_steps, truth_probability_at


def test_the_rate_is_that_of_torchs_warm_up_and_cosine() -> None:
    config = PretrainingConfig(learning_rate=2e-3, warmup_steps=4, max_warmup_share=0.5)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2e-3)
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=11)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[4])
    for step in range(15):
        assert learning_rate_at(step, num_steps=15, config=config) == pytest.approx(both.get_last_lr()[0]), step
        optimizer.step()
        both.step()


def test_a_small_index_has_no_more_warm_up_than_its_share() -> None:
    assert num_warmup_steps(PretrainingConfig(), 200) == 20
    assert num_warmup_steps(PretrainingConfig(warmup_steps=7), 200) == 7


def test_the_truth_probability_is_one_at_first_and_zero_at_the_share_of_the_steps() -> None:
    found = [truth_probability_at(step, num_steps=50, config=PretrainingConfig()) for step in range(50)]
    assert found[0] == 1.0
    assert found[15] == pytest.approx(0.5)
    assert found[29] == pytest.approx(1 / 30)
    assert set(found[30:]) == {0.0}
    assert math.isclose(sum(found), sum(1 - step / 30 for step in range(30)))
