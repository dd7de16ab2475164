"""The learning rate against torch's own schedules."""

import pytest
import torch

from emogap.learning.training.schedule import cosine_rate, epochs_without_gain, rate_factor
from emogap.models.recipe import Recipe


def test_the_rate_is_that_of_torchs_scheduler() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)
    for epoch in range(7):
        assert cosine_rate(1e-4, epoch=epoch, num_epochs=7) == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()


def test_a_cosine_behind_a_warm_up_is_that_of_torchs_schedulers_in_sequence() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-12, total_iters=3)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[3])
    recipe = Recipe(schedule="cosine", warmup=0.25)
    for epoch in range(12):
        found = rate_factor(recipe, epoch=epoch, num_epochs=12, progress=0.0)
        assert found == pytest.approx(scheduler.get_last_lr()[0], abs=1e-9)
        optimizer.step()
        scheduler.step()


def test_a_warm_up_that_ends_within_an_epoch_hands_over_at_the_full_rate() -> None:
    recipe = Recipe(schedule="cosine", warmup=0.1)
    assert rate_factor(recipe, epoch=0, num_epochs=5, progress=0.75) == 1.0
    assert 0.9 < rate_factor(recipe, epoch=1, num_epochs=5, progress=0.0) < 1.0


def test_a_plateau_lowers_the_rate_as_torchs_scheduler_does() -> None:
    losses = [5.0, 4.0, 4.5, 4.1, 4.2, 3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 2.9, 2.8]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=0)
    recipe = Recipe(schedule="plateau", plateau_patience=2, plateau_factor=0.5)
    found, expected = [], []
    for epoch, loss in enumerate(losses):
        scheduler.step(loss)
        expected.append(optimizer.param_groups[0]["lr"])
        found.append(rate_factor(recipe, epoch=epoch + 1, num_epochs=20, progress=0.0, validation=losses[: epoch + 1]))
    assert found == pytest.approx(expected)
    assert len(set(found)) > 2


def test_a_warm_up_rises_and_hands_over_to_the_schedule() -> None:
    recipe = Recipe(schedule="constant", warmup=0.25)
    factors = [rate_factor(recipe, epoch=0, num_epochs=2, progress=share) for share in (0.0, 0.25, 0.5, 0.75)]
    assert factors == [0.0, 0.5, 1.0, 1.0]


def test_the_linear_schedule_reaches_zero_at_the_end() -> None:
    recipe = Recipe(schedule="linear")
    assert rate_factor(recipe, epoch=3, num_epochs=4, progress=0.999) == pytest.approx(0.00025)


def test_epochs_without_gain_count_from_the_first_of_equal_losses() -> None:
    assert [epochs_without_gain(losses) for losses in ([], [2.0], [2.0, 2.0], [2.0, 3.0, 1.0])] == [0, 0, 1, 0]
