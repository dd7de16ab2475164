"""One step: however a batch is cut, and with what precision, it is the same step."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from emogap.datasets.gaze_index import GazeIndex
from emogap.learning.pretraining.batches import GazeWindows, read_standardised
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.gradients import new_descent, one_step
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.losses import forecast_loss
from emogap.models.glass.model import Glass

CONFIG = PretrainingConfig(learning_rate=1e-2, warmup_steps=0, accelerator="cpu")


def small(seed: int = 0, *, dropout: float = 0.0) -> Glass:
    torch.manual_seed(seed)
    return Glass(
        GlassConfig(
            num_channels=2, patch_frames=3, width=8, num_heads=2, encoder_layers=1, decoder_layers=1, dropout=dropout
        )
    )


@pytest.fixture(scope="module")
def windows(make_index: Callable[..., GazeIndex]) -> GazeWindows:
    index = make_index(lost=0.25)
    return read_standardised(index, np.arange(11), np.zeros(2), np.array([5.0, 3.0]))


def step(
    windows: GazeWindows, step: int = 4, *, fabric: Fabric | None = None, dropout: float = 0.0, **options: object
) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    """Gradients and losses of one of ten steps; at the fourth a third of the patches is fed as it was measured."""
    model = small(dropout=dropout)
    fabric = fabric or Fabric(accelerator="cpu", devices=1)
    config = CONFIG.model_copy(update={"clip_norm": 1e6} | options)
    losses = one_step(new_descent(fabric, model, config, 10), windows, step)
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}, losses


@pytest.mark.parametrize("accumulate", [2, 3, 11])
def test_a_batch_in_parts_has_the_gradient_of_the_whole(accumulate: int, windows: GazeWindows) -> None:
    whole, losses = step(windows)
    parts, losses_of_parts = step(windows, accumulate=accumulate)
    for name, gradient in whole.items():
        np.testing.assert_allclose(parts[name].numpy(), gradient.numpy(), rtol=1e-3, atol=1e-6, err_msg=name)
    assert losses_of_parts == pytest.approx(losses, rel=1e-5)


def test_the_first_step_feeds_what_was_measured(windows: GazeWindows) -> None:
    model = small()
    predicted = model.teacher_forced(windows.past, windows.past_valid, windows.future, windows.future_valid)
    loss, parts = forecast_loss(predicted, windows.future, windows.future_valid)
    _, found = step(windows, 0)
    assert found[""] == pytest.approx(loss.item(), rel=1e-5)
    assert found["coordinates"] == pytest.approx(parts["coordinates"].item(), rel=1e-5)
    _, later = step(windows, 9)
    assert later[""] != pytest.approx(loss.item(), rel=1e-5)


def test_dropout_follows_from_seed_and_step_alone(windows: GazeWindows) -> None:
    first, _ = step(windows, dropout=0.5)
    torch.rand(7)
    again, _ = step(windows, dropout=0.5)
    other, _ = step(windows, dropout=0.5, seed=1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_the_gradient_is_clipped(windows: GazeWindows) -> None:
    clipped, _ = step(windows, clip_norm=0.01)
    norm = torch.stack([gradient.square().sum() for gradient in clipped.values()]).sum().sqrt()
    assert norm.item() == pytest.approx(0.01, rel=1e-3)


def test_half_precision_comes_near_and_is_not_the_same(windows: GazeWindows) -> None:
    full, losses = step(windows)
    mixed, mixed_losses = step(windows, fabric=Fabric(accelerator="cpu", devices=1, precision="bf16-mixed"))
    assert mixed_losses[""] == pytest.approx(losses[""], rel=0.05)
    assert mixed_losses[""] != losses[""]
    full_flat, mixed_flat = (
        torch.cat([value.flatten() for value in gradients.values()]) for gradients in (full, mixed)
    )
    assert torch.cosine_similarity(full_flat, mixed_flat, dim=0) > 0.98
