"""Small tasks and batches of noise in which every axis has a size of its own."""

from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.types import LabelView, SampleKey, TaskSpec

SHAPES = {"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)}


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Sums over threads may differ in the last bit; one thread adds in one order."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_task() -> Callable[..., TaskSpec]:
    """Seven classes in both views from three streams, unless told otherwise."""

    def make(
        streams: dict[str, tuple[int, ...]] | None = None,
        *,
        views: tuple[str, ...] = ("felt", "shown"),
        space: str | None = "emotion7",
        targets: tuple[str, ...] = ("class",),
    ) -> TaskSpec:
        return TaskSpec(tuple(LabelView(view) for view in views), targets, space, streams or SHAPES)

    return make


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., Batch]:
    """Clips of noise for a task, with gaps in the streams and hard labels, or the vote shares of five raters."""

    def make(task: TaskSpec, num_clips: int = 11, *, seed: int = 0, divided: bool = False) -> Batch:
        generator = torch.Generator().manual_seed(seed)
        streams = {name: _noise((num_clips, *shape), generator) for name, shape in task.streams.items()}
        masks = {
            name: torch.rand(num_clips, shape[0], generator=generator) > 0.3 for name, shape in task.streams.items()
        }
        for mask in masks.values():
            mask[:, 0] = True
        labels = {}
        for view in task.views:
            if task.is_classification:
                votes = torch.randint(task.head_size, (num_clips, 5 if divided else 1), generator=generator)
                labels[view.value] = torch.nn.functional.one_hot(votes, task.head_size).float().mean(dim=1)
            else:
                labels[view.value] = torch.rand(num_clips, task.head_size, generator=generator) * 2 - 1
        keys = tuple(
            SampleKey("noise", f"r{clip}", f"p{clip % 5}", f"s{clip % 3}", "g", 0.0, 8.0) for clip in range(num_clips)
        )
        return Batch(streams, masks, labels, keys, torch.arange(num_clips))

    return make


def _noise(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Features of a normal distribution, or frames of random pixels."""
    if len(shape) == 3:
        return torch.randn(*shape, generator=generator)
    return torch.randint(256, shape, generator=generator, dtype=torch.uint8)
