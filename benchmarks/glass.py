"""GLASS: a training step in two passes against the loop that decodes all again; generation with and without cache.

And the loader alone: batches as pre-training reads them, from an index on disk, against the step that uses them.
"""

import copy
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from benchmarks.gaze_index import training_batches, write_index
from benchmarks.training import interleaved, report
from emogap.models.glass.config import GlassConfig, preset
from emogap.models.glass.encoder import patches_with_gaze
from emogap.models.glass.losses import forecast_loss
from emogap.models.glass.model import Glass, draw_truth
from emogap.models.interface import count_parameters

BATCH = 16
NUM_COMPARED = 2
"""Windows on which both ways are compared in double precision, which is slow."""
PAST_FRAMES = FUTURE_FRAMES = 150
"""Five seconds each at 30 frames per second; arXiv 2601.12534."""
NUM_CHANNELS = 6
TRUTH_PROBABILITY = 0.5
SHARE_MISSING = 0.05
NUM_RECORDINGS = 40
"""Of 40 s: 36,000 windows, one at every frame, for the loader."""
GOAL = 5.0
TOLERANCE = 1e-9
"""Largest difference of loss and gradients in double precision, relative to the largest number."""

Windows = tuple[Tensor, Tensor, Tensor, Tensor]
"""Past, where it was measured, future, where it was measured."""


def run() -> None:
    config = preset("small", NUM_CHANNELS)
    model = new_model(config)
    windows = random_windows(torch.float32)
    print(
        f"torch {torch.__version__} on the processor, {torch.get_num_threads()} threads; small,"
        f" {count_parameters(model):,} parameters, batch {BATCH}, {PAST_FRAMES} + {FUTURE_FRAMES} frames"
    )
    same_in_double_precision(config)
    seconds_per_step = training_step(model, windows)
    generation(model, windows)
    loader(seconds_per_step)


def same_in_double_precision(config: GlassConfig) -> None:
    """Loss and every parameter's gradient of both ways, dropout 0."""
    model = new_model(config.model_copy(update={"dropout": 0.0})).double()
    windows = random_windows(torch.float64, num_windows=NUM_COMPARED)
    truth_BM = draws(windows, seed=3)
    losses, gradients = [], []
    for forecast in (Glass.scheduled_forecast, naive_forecast):
        loss, _ = forecast_loss(forecast(model, *windows, truth_BM), *windows[2:])
        losses.append(loss.item())
        gradients.append(torch.autograd.grad(loss, list(model.parameters())))
    largest = max((ours - theirs).abs().max().item() for ours, theirs in zip(*gradients, strict=True))
    scale = max(theirs.abs().max().item() for theirs in gradients[1])
    apart = max(abs(one - other) / abs(other) for one, other in pairwise(losses))
    verdict = "equal" if max(apart, largest / scale) < TOLERANCE else "DIFFERENT"
    print(
        f"two passes / naive loop in double precision: loss {losses[0]:.12f} / {losses[1]:.12f}, largest difference of"
        f" {len(gradients[0])} gradients {largest / scale:.1e} of the largest entry ({verdict} to {TOLERANCE:g})",
        flush=True,
    )


def training_step(model: Glass, windows: Windows) -> float:
    """Prints the comparison; the seconds of a step in two passes."""
    ways = {"two": Glass.scheduled_forecast, "naive": naive_forecast, "forced": forced_forecast}
    taken = interleaved([stepper(model, windows, way) for way in ways.values()], repetitions=3)
    seconds = dict(zip(ways, taken, strict=True))
    report("training step, naive loop / two passes", seconds["naive"], seconds["two"], goal=GOAL)
    print(f"  one pass over measured patches alone: {seconds['forced'] * 1e3:.0f} ms", flush=True)
    return seconds["two"]


def generation(model: Glass, windows: Windows) -> None:
    model = copy.deepcopy(model).eval()
    past, past_valid, _, _ = windows
    with torch.no_grad():
        cached, again = model.rollout(past, past_valid, FUTURE_FRAMES), naive_rollout(model, past, past_valid)
    torch.testing.assert_close(cached, again, rtol=1e-3, atol=1e-4)
    seconds = interleaved(
        [
            lambda: model.rollout(past, past_valid, FUTURE_FRAMES),
            lambda: naive_rollout(model, past, past_valid),
        ],
        repetitions=3,
    )
    report("generation without / with cache", seconds[1], seconds[0], goal=GOAL)


def loader(seconds_per_step: float) -> None:
    """Batches of random windows, read from the memory-mapped index and standardised, as in pre-training."""
    with TemporaryDirectory() as name:
        read = training_batches(write_index(Path(name), NUM_RECORDINGS), batch=BATCH)
        steps = count()
        (seconds,) = interleaved([lambda: read(next(steps))], repetitions=100)
    report("training step / the loader's part of it", seconds_per_step, seconds, goal=GOAL)
    print(
        f"  loader alone {BATCH / seconds:.0f} windows/s, training {BATCH / seconds_per_step:.0f} windows/s", flush=True
    )


Forecast = Callable[[Glass, Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def stepper(model: Glass, windows: Windows, forecast: Forecast) -> Callable[[], None]:
    """A training step of AdamW that forecasts in the given way; every step draws anew what is fed."""
    model = copy.deepcopy(model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=1e-4, fused=True)
    seeds = iter(range(1000))

    def step() -> None:
        truth_BM = draws(windows, seed=next(seeds))
        loss, _ = forecast_loss(forecast(model, *windows, truth_BM), *windows[2:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def naive_forecast(
    model: Glass, past: Tensor, past_valid: Tensor, future: Tensor, future_valid: Tensor, truth_BM: Tensor
) -> Tensor:
    """Scheduled sampling as it reads: at every patch all tokens so far are decoded again, with a gradient."""
    frames = model.config.patch_frames
    encoded, encoded_mask = model.encoder(past, past_valid), patches_with_gaze(past_valid, frames)
    future_BMX = model.encoder.embedding.patches(future, future_valid)
    has_gaze_BM = patches_with_gaze(future_valid, frames)
    token = encoded.new_zeros(len(past), 1, model.config.width)
    allowed = encoded_mask.new_ones(len(past), 1)
    predicted = []
    for patch in range(future_BMX.shape[1]):
        last_BX = model.decoder(token, allowed, encoded, encoded_mask)[:, -1]
        predicted.append(last_BX)
        is_truth_B = truth_BM[:, patch]
        fed_BX = torch.where(is_truth_B[:, None], future_BMX[:, patch], last_BX.detach())
        token = torch.cat([token, model.encoder.embedding(fed_BX[:, None])], dim=1)
        allowed = torch.cat([allowed, (has_gaze_BM[:, patch] | ~is_truth_B)[:, None]], dim=1)
    return model.encoder.embedding.frames(torch.stack(predicted, dim=1))


def forced_forecast(
    model: Glass, past: Tensor, past_valid: Tensor, future: Tensor, future_valid: Tensor, truth_BM: Tensor
) -> Tensor:
    """Only measured patches are fed, whatever was drawn."""
    return model.teacher_forced(past, past_valid, future, future_valid)


@torch.no_grad()
def naive_rollout(model: Glass, past: Tensor, past_valid: Tensor) -> Tensor:
    """A forecast from the past alone by the naive loop."""
    nothing = past.new_zeros(len(past), FUTURE_FRAMES, past.shape[2])
    never = torch.zeros(len(past), FUTURE_FRAMES // model.config.patch_frames, dtype=torch.bool)
    return naive_forecast(model, past, past_valid, nothing, past_valid.new_zeros(nothing.shape[:2]), never)


def new_model(config: GlassConfig) -> Glass:
    torch.manual_seed(0)
    return Glass(config)


def random_windows(dtype: torch.dtype, *, num_windows: int = BATCH) -> Windows:
    """Gaze of noise, with missing frames."""
    generator = torch.Generator().manual_seed(1)
    past, future = (
        torch.randn(num_windows, frames, NUM_CHANNELS, generator=generator, dtype=dtype)
        for frames in (PAST_FRAMES, FUTURE_FRAMES)
    )
    past_valid, future_valid = (
        torch.rand(num_windows, frames, generator=generator) >= SHARE_MISSING for frames in (PAST_FRAMES, FUTURE_FRAMES)
    )
    return past, past_valid, future, future_valid


def draws(windows: Windows, *, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    num_patches = FUTURE_FRAMES // preset("small", NUM_CHANNELS).patch_frames
    return draw_truth(len(windows[0]), num_patches, TRUTH_PROBABILITY, generator)
