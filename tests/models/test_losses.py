"""The task loss against numbers worked out by hand."""

import math
from collections.abc import Callable

import pytest
import torch

from emogap.models.losses import huber, share_cross_entropy, task_loss
from emogap.types import TaskSpec

NAN = math.nan


def test_cross_entropy_is_taken_against_the_whole_distribution_of_votes() -> None:
    logits = torch.tensor([[math.log(2), 0.0, 0.0], [0.0, 0.0, math.log(8)]])
    share = torch.tensor([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
    first = -(0.5 * math.log(2 / 4) + 0.5 * math.log(1 / 4))
    second = -math.log(8 / 10)
    assert share_cross_entropy(logits, share).item() == pytest.approx((first + second) / 2, rel=1e-6)


def test_an_unlabelled_clip_changes_neither_loss_nor_gradient() -> None:
    logits = torch.tensor([[1.0, 0.0, 2.0], [3.0, 1.0, -1.0]], requires_grad=True)
    share = torch.tensor([[0.0, 1.0, 0.0], [NAN, NAN, NAN]])
    loss = share_cross_entropy(logits, share)
    loss.backward()
    assert loss.item() == pytest.approx(share_cross_entropy(logits[:1], share[:1]).item())
    assert logits.grad[0].any()
    assert not logits.grad[1].any()


def test_huber_is_quadratic_up_to_one_and_linear_beyond() -> None:
    value = torch.tensor([[0.5, 3.0], [0.0, 9.0]])
    label = torch.tensor([[0.0, 0.0], [-1.0, NAN]])
    assert huber(value, label).item() == pytest.approx((0.125 + 2.5 + 0.5) / 3)


@pytest.mark.parametrize("loss", [share_cross_entropy, huber])
def test_no_label_at_all_is_no_loss(loss: Callable[..., torch.Tensor]) -> None:
    value = torch.ones(4, 3, requires_grad=True)
    result = loss(value, torch.full((4, 3), NAN))
    result.backward()
    assert result == 0
    assert not value.grad.any()


def test_views_are_added_with_equal_weight(make_task: Callable[..., TaskSpec]) -> None:
    task = make_task(space="emotion3")
    logits = {"felt": torch.zeros(5, 3), "shown": torch.zeros(5, 3)}
    labels = {"felt": torch.eye(3)[torch.tensor([0, 1, 2, 0, 1])], "shown": torch.full((5, 3), NAN)}
    labels["shown"][2] = torch.tensor([1.0, 0.0, 0.0])
    total, parts = task_loss(logits, labels, task)
    assert {name: round(part.item(), 5) for name, part in parts.items()} == {
        "task/felt": round(math.log(3), 5),
        "task/shown": round(math.log(3), 5),
    }
    assert total.item() == pytest.approx(2 * math.log(3))
