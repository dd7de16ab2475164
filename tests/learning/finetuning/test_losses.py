"""The losses against numpy and the metrics of the shelf."""

import numpy as np
import pytest
import torch

from emogap.learning.finetuning.losses import label_loss, mean_ccc, mean_pearson_r
from emogap.learning.finetuning.question import Question
from emogap.scoring import METRICS

VALUES = Question("vad", "values", ("valence", "arousal", "dominance"))
CLASSES = Question("behaviour", "classes", ("laugh", "cry"))


def outputs() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(4)
    aim = rng.uniform(0, 1, (11, 3))
    return torch.tensor(0.5 * aim + rng.uniform(0, 1, (11, 3))), torch.tensor(aim)


def test_the_default_loss_is_the_squared_error_less_a_tenth_of_the_mean_r() -> None:
    output, aim = outputs()
    r = np.mean([np.corrcoef(output[:, place], aim[:, place])[0, 1] for place in range(3)])
    expected = ((output - aim) ** 2).mean().item() - 0.1 * r
    assert label_loss(output, aim, VALUES, "mse-r").item() == pytest.approx(expected, abs=1e-6)


def test_the_ccc_is_that_of_the_shelf() -> None:
    output, aim = outputs()
    ccc = METRICS.open("ccc")
    expected = np.mean([ccc.score(aim[:, place].numpy(), output[:, place].numpy()) for place in range(3)])
    assert mean_ccc(output, aim).item() == pytest.approx(expected, abs=1e-6)
    assert label_loss(output, aim, VALUES, "ccc").item() == pytest.approx(1 - expected, abs=1e-6)


def test_a_constant_output_has_no_r_and_a_finite_gradient() -> None:
    _, aim = outputs()
    output = torch.full((11, 3), 0.5, dtype=torch.float64, requires_grad=True)
    loss = label_loss(output, aim, VALUES, "mse-r")
    loss.backward()
    assert mean_pearson_r(output, aim).item() == 0
    assert output.grad is not None
    assert output.grad.isfinite().all()


@pytest.mark.parametrize("name", ["mse-r", "ccc"])
def test_classes_have_the_cross_entropy_whatever_the_loss_for_values(name: str) -> None:
    """-log of the softmax of (0, log 3) at the first and the second class: log 4 and log 4/3."""
    output = torch.tensor([[0.0, np.log(3.0)], [0.0, np.log(3.0)]])
    loss = label_loss(output, torch.eye(2), CLASSES, name)  # type: ignore[arg-type]
    assert loss.item() == pytest.approx((np.log(4) + np.log(4 / 3)) / 2, abs=1e-6)
