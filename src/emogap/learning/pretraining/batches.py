"""Which windows a step sees, and how they reach the network.

Shapes: B windows, T past frames, F future frames, D channels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from emogap.datasets.gaze_index import GazeIndex, WindowRows, read_windows, shuffled_places
from emogap.errors import UsageError
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.randomness import derived_seed

__all__ = ["GazeWindows", "StepPlan", "plan_steps", "read_standardised", "spaced_windows", "windows_of_step"]


@dataclass(frozen=True, slots=True, eq=False)
class GazeWindows:
    """Standardised gaze of B windows; NaN where not valid.

    Attributes
    ----------
    past : float32 tensor, shape (B, T, D)
    past_valid : bool tensor, shape (B, T)
    future : float32 tensor, shape (B, F, D)
    future_valid : bool tensor, shape (B, F)
    """

    past: Float[Tensor, "B T D"]
    past_valid: Bool[Tensor, "B T"]
    future: Float[Tensor, "B F D"]
    future_valid: Bool[Tensor, "B F"]

    def __len__(self) -> int:
        return len(self.past)

    def part(self, number: int, num_parts: int) -> "GazeWindows":
        """Part `number` (from zero) of `num_parts`, whose sizes differ by one at most."""
        parts = (torch.tensor_split(value, num_parts)[number] for value in self._tensors())
        return GazeWindows(*parts)

    def on(self, device: torch.device) -> "GazeWindows":
        """The same windows on `device`."""
        return GazeWindows(*(value.to(device) for value in self._tensors()))

    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.past, self.past_valid, self.future, self.future_valid


@dataclass(frozen=True, slots=True)
class StepPlan:
    """How many steps there are, and how many windows each sees."""

    num_windows: int
    batch_size: int
    steps_per_pass: int
    num_steps: int


def plan_steps(num_windows: int, config: PretrainingConfig) -> StepPlan:
    """Steps of a pre-training on `num_windows` windows.

    Raises
    ------
    UsageError
        If there is no window, or a batch cannot be shared by the parts and devices.
    """
    if num_windows == 0:
        raise UsageError("the training people have no window", fix="index more recordings, or hold out fewer people")
    batch_size = min(config.batch_size, num_windows)
    num_parts = config.accumulate * config.devices
    if batch_size < num_parts:
        raise UsageError(
            f"a batch of {batch_size} windows cannot be cut into {num_parts} parts"
            f" (accumulate {config.accumulate} x devices {config.devices})",
            fix=f"accumulate less, or use a batch of at least {num_parts} windows",
        )
    steps_per_pass = num_windows // batch_size
    num_steps = steps_per_pass * config.passes
    if config.max_steps is not None:
        num_steps = min(num_steps, config.max_steps)
    return StepPlan(num_windows, batch_size, steps_per_pass, num_steps)


def windows_of_step(step: int, rows: WindowRows, plan: StepPlan, *, seed: int) -> Int[ndarray, " B"]:
    """Numbers of the windows that `step` (from zero) sees: every pass has an order of its own.

    No window is seen twice in a pass.
    """
    number, within = divmod(step, plan.steps_per_pass)
    start = within * plan.batch_size
    order_seed = derived_seed(seed, 1, number)
    places = shuffled_places(plan.num_windows, seed=order_seed, start=start, stop=start + plan.batch_size)
    return rows[places]


def spaced_windows(rows: WindowRows, at_most: int) -> Int[ndarray, " B"]:
    """The numbers of all windows of `rows`, or of `at_most` that lie evenly spaced among them."""
    if len(rows) <= at_most:
        return rows[:]
    return rows[np.linspace(0, len(rows) - 1, at_most).round().astype(np.int64)]


def read_standardised(
    index: GazeIndex,
    numbers: Int[ndarray, " B"],
    mean: Float[ndarray, " D"],
    sd: Float[ndarray, " D"],
    *,
    shuffle_seed: int | None = None,
) -> GazeWindows:
    """Some windows of `index` as ``(gaze - mean) / sd``.

    With `shuffle_seed` the frames of a window, past and future together, come in an order that follows from the seed
    and the number of the window.
    """
    past, past_valid, future, future_valid = read_windows(index, numbers)
    measured = np.concatenate([past, future], axis=1)
    # A row of numbers per window: NumPy takes ten times as long to repeat the few numbers of a frame.
    shape, num_frames = measured.shape, measured.shape[1]
    standardised = measured.reshape(shape[0], num_frames * shape[2]) - np.tile(mean, num_frames)
    standardised /= np.tile(sd, num_frames)
    gaze = standardised.astype(np.float32).reshape(shape)
    valid = np.concatenate([past_valid, future_valid], axis=1)
    if shuffle_seed is not None:
        for place, number in enumerate(numbers.tolist()):
            order = np.random.default_rng((shuffle_seed, number)).permutation(valid.shape[1])
            gaze[place], valid[place] = gaze[place, order], valid[place, order]
    border = index.past_frames
    return GazeWindows(
        *(torch.from_numpy(part) for part in (gaze[:, :border], valid[:, :border], gaze[:, border:], valid[:, border:]))
    )
