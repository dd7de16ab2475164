"""Two passes are the naive loop, the cache changes nothing, and what is fed carries no gradient."""

import pytest
import torch

from benchmarks.glass import naive_forecast
from emogap.errors import MismatchError, UsageError
from emogap.models.glass.config import GlassConfig, Rope
from emogap.models.glass.losses import forecast_loss
from emogap.models.glass.model import Glass, draw_truth

NUM_WINDOWS, NUM_PAST, NUM_FUTURE = 5, 20, 28
Windows = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def new_model(rope: Rope = "rotary") -> Glass:
    torch.manual_seed(0)
    config = GlassConfig(
        num_channels=3, patch_frames=4, width=16, num_heads=2, encoder_layers=2, decoder_layers=3, dropout=0.0,
        rope=rope,
    )  # fmt: skip
    return Glass(config).double()


@pytest.fixture
def windows() -> Windows:
    """Noise with missing frames, and one patch missing in the past and one in the future of a window each."""
    generator = torch.Generator().manual_seed(1)
    past = torch.randn(NUM_WINDOWS, NUM_PAST, 3, generator=generator, dtype=torch.float64)
    future = torch.randn(NUM_WINDOWS, NUM_FUTURE, 3, generator=generator, dtype=torch.float64)
    past_valid = torch.rand(NUM_WINDOWS, NUM_PAST, generator=generator) > 0.2
    future_valid = torch.rand(NUM_WINDOWS, NUM_FUTURE, generator=generator) > 0.2
    past_valid[1, 4:8] = False
    future_valid[2, 8:12] = False
    past[~past_valid] = torch.nan
    future[~future_valid] = torch.nan
    return past, past_valid, future, future_valid


def truth(probability: float, seed: int = 3) -> torch.Tensor:
    return draw_truth(NUM_WINDOWS, NUM_FUTURE // 4, probability, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rope", ["rotary", "authors"])
@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_two_passes_give_loss_and_gradients_of_the_naive_loop(rope: Rope, probability: float, windows: Windows) -> None:
    model = new_model(rope)
    results = []
    for forecast in (Glass.scheduled_forecast, naive_forecast):
        loss, _ = forecast_loss(forecast(model, *windows, truth(probability)), *windows[2:])
        results.append((loss, *torch.autograd.grad(loss, list(model.parameters()))))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)


def test_every_parameter_has_a_gradient(windows: Windows) -> None:
    model = new_model()
    loss, _ = model.scheduled_loss(*windows, 0.5, torch.Generator().manual_seed(0))
    loss.backward()
    still = [name for name, parameter in model.named_parameters() if not parameter.grad.any()]
    assert still == []


def test_weights_cast_for_the_rollout_do_not_lose_their_gradient(windows: Windows) -> None:
    """Autocast keeps a weight that it has cast; one that was cast where no gradient is kept would be used again."""
    model = new_model().float()
    single = [value.float() if value.is_floating_point() else value for value in windows]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, _ = model.scheduled_loss(*single, 0.5, torch.Generator().manual_seed(0))
    loss.backward()
    still = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert still == []


def test_feeding_what_was_measured_is_teacher_forcing(windows: Windows) -> None:
    """Patch by patch from the measured patches before it, each computed alone, is the truth."""
    model = new_model()
    found = model.teacher_forced(*windows)
    for patch in range(1, NUM_FUTURE // 4):
        end = 4 * (patch + 1)
        alone = model.teacher_forced(*windows[:2], windows[2][:, :end], windows[3][:, :end])
        torch.testing.assert_close(alone[:, -4:], found[:, end - 4 : end])


def test_a_future_of_one_patch_is_forecast_from_the_past_alone(windows: Windows) -> None:
    model = new_model()
    found = model.scheduled_forecast(*windows[:2], windows[2][:, :4], windows[3][:, :4], truth(0.0)[:, :1])
    torch.testing.assert_close(found, model.rollout(*windows[:2], 4))


def test_a_future_of_half_a_patch_is_refused(windows: Windows) -> None:
    with pytest.raises(MismatchError, match="10 frames are no whole number of patches of 4"):
        new_model().teacher_forced(*windows[:2], windows[2][:, :10], windows[3][:, :10])


def test_the_last_patch_is_never_fed(windows: Windows) -> None:
    model, fed = new_model(), truth(0.5)
    other = fed.clone()
    other[:, -1] = ~other[:, -1]
    assert torch.equal(model.scheduled_forecast(*windows, fed), model.scheduled_forecast(*windows, other))


@pytest.mark.parametrize("rope", ["rotary", "authors"])
def test_a_rollout_with_cache_is_one_without(rope: Rope, windows: Windows) -> None:
    model = new_model(rope)
    found = model.rollout(*windows[:2], NUM_FUTURE)
    nothing = torch.zeros(NUM_WINDOWS, NUM_FUTURE, 3, dtype=torch.float64)
    without = naive_forecast(model, *windows[:2], nothing, torch.ones_like(windows[3]), truth(0.0))
    torch.testing.assert_close(found, without, rtol=1e-10, atol=1e-10)
    assert not found.requires_grad


def test_a_rollout_may_enter_a_computation_with_gradients(windows: Windows) -> None:
    """It is made in inference mode, whose tensors cannot."""
    forecast = new_model().rollout(*windows[:2], NUM_FUTURE)
    weight = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    (weight * forecast).sum().backward()
    torch.testing.assert_close(weight.grad, forecast.sum())


def test_a_shorter_rollout_is_the_beginning_of_a_longer_one(windows: Windows) -> None:
    model = new_model()
    longer = model.rollout(*windows[:2], NUM_FUTURE)
    torch.testing.assert_close(model.rollout(*windows[:2], 12), longer[:, :12])


def test_a_rollout_of_half_a_patch_is_refused(windows: Windows) -> None:
    with pytest.raises(UsageError, match="a forecast of 10 frames is no whole number of patches of 4"):
        new_model().rollout(*windows[:2], 10)


def test_frames_that_were_not_measured_get_a_gradient_of_exactly_zero(windows: Windows) -> None:
    """In the past as input, in the future as what is fed and as what is to be forecast."""
    past, past_valid, future, future_valid = windows
    past, future = past.nan_to_num(7.0).requires_grad_(), future.nan_to_num(7.0).requires_grad_()
    loss, _ = new_model().scheduled_loss(past, past_valid, future, future_valid, 0.5, torch.Generator().manual_seed(0))
    for gaze, valid in ((past, past_valid), (future, future_valid)):
        (gradient,) = torch.autograd.grad(loss, gaze, retain_graph=True)
        assert torch.equal(gradient.ne(0).any(dim=2), valid)


def test_draws_follow_their_generator() -> None:
    assert torch.equal(truth(0.5, seed=1), truth(0.5, seed=1))
    assert not torch.equal(truth(0.5, seed=1), truth(0.5, seed=2))


def test_the_share_of_measured_patches_is_the_probability() -> None:
    """Of 20000 draws with probability 0.3 the share has a standard deviation of 0.0032."""
    fed = draw_truth(1000, 20, 0.3, torch.Generator().manual_seed(0))
    assert fed.double().mean().item() == pytest.approx(0.3, abs=0.016)
    assert truth(0.0).sum() == 0
    assert truth(1.0).all()


def test_training_learns_to_forecast_a_wave() -> None:
    """Waves of one period and random phase: the past tells all. The floor repeats the last frame."""
    torch.manual_seed(0)
    config = GlassConfig(num_channels=1, patch_frames=4, width=16, num_heads=2, encoder_layers=1, decoder_layers=1)
    model = Glass(config)
    generator = torch.Generator().manual_seed(0)

    def waves(num_windows: int) -> tuple[torch.Tensor, torch.Tensor]:
        phase = torch.rand(num_windows, 1, 1, generator=generator) * 6.283
        wave = torch.sin(torch.arange(40).view(1, 40, 1) * 0.5 + phase)
        return wave[:, :20], wave[:, 20:]

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    everything = torch.ones(16, 20, dtype=torch.bool)
    for step in range(60):
        past, future = waves(16)
        probability = max(0.0, 1 - step / 36)
        loss, _ = model.scheduled_loss(past, everything, future, everything, probability, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    past, future = waves(16)
    error = (model.eval().rollout(past, everything, 20) - future).abs().mean()
    floor = (past[:, -1:] - future).abs().mean()
    assert error < 0.5 * floor
