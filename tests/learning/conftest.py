"""Small data sets in memory, so that learning is tested without building one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.models.zoo import streams_instead
from emogap.types import LabelView, SampleKey, TaskSpec

VIEWS = (LabelView.FELT, LabelView.SHOWN)
SHAPES = {"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)}
FRAMES = (3, 3, 8, 8)
"""Three frames of 8 x 8 pixels."""

REPEATING = ("mfn", "tailor")
"""Models that take lengths only of which the longest is a multiple."""


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Sums over threads may differ in the last bit; one thread adds in one order."""
    torch.set_num_threads(1)


def shapes_for(model: str) -> dict[str, tuple[int, ...]]:
    """Streams that the model takes: frames in place of features, or lengths that divide the longest."""
    shapes = SHAPES | {"eye": (6, 4)} if model in REPEATING else SHAPES
    instead = streams_instead(model)
    return {instead.get(name, name): FRAMES if name in instead else shape for name, shape in shapes.items()}


def noise_dataset(
    num_people: int = 6, num_stimuli: int = 4, *, seed: int = 0, path: Path = Path("noise"), model: str = "emert"
) -> Dataset:
    """A data set of noise in which the mean of the first eye channel tells the felt class; streams as for `model`."""
    shapes = shapes_for(model)
    rng = np.random.default_rng(seed)
    keys = tuple(
        SampleKey("noise", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"g{stimulus // 2}", 0.0, 8.0)
        for person in range(num_people)
        for stimulus in range(num_stimuli)
    )
    num_clips = len(keys)
    streams = {
        name: rng.integers(256, size=(num_clips, *shape)).astype(np.uint8)
        if len(shape) == 4
        else (3 + 2 * rng.standard_normal((num_clips, *shape))).astype(np.float32)
        for name, shape in shapes.items()
    }
    masks = {name: np.ones((num_clips, shape[0]), bool) for name, shape in shapes.items()}
    masks["fixation"] = rng.random((num_clips, SHAPES["fixation"][0])) > 0.3
    felt = rng.integers(0, 3, num_clips)
    streams["eye"][..., 0] += 4 * (felt[:, None] - 1)
    streams["eye"][rng.random(streams["eye"].shape) < 0.05] = np.nan
    shown = np.where(rng.random(num_clips) < 0.3, rng.integers(0, 3, num_clips), felt)
    share = {"felt": np.eye(3)[felt].tolist(), "shown": np.eye(3)[shown].tolist()}
    share["shown"][1] = None
    columns = {
        "recording_id": [key.recording_id for key in keys],
        "participant_id": [key.participant_id for key in keys],
        "stimulus_id": [key.stimulus_id for key in keys],
        "stimulus_group": [key.stimulus_group for key in keys],
        "start_s": [key.start_s for key in keys],
        "stop_s": [key.stop_s for key in keys],
        "row": list(range(num_clips)),
        "felt_emotion3": share["felt"],
        "shown_emotion3": share["shown"],
        "felt_valence": ((felt - 1) * 0.5).tolist(),
        "felt_arousal": rng.uniform(-1, 1, num_clips).tolist(),
    }
    return Dataset(
        path=path,
        name="noise",
        catalogue="noise",
        cleaning="emer",
        samples=pl.DataFrame(columns),
        keys=keys,
        streams=streams,
        masks=masks,
        channels={
            name: tuple(Channel(f"{name}_{number}", "1") for number in range(shape[1])) if len(shape) == 2 else ()
            for name, shape in shapes.items()
        },
        simulated=True,
        ceilings={},
        fingerprint=f"noise-{num_people}-{num_stimuli}-{seed}",
    )


def noise_task(*streams: str, values: bool = False, model: str = "emert") -> TaskSpec:
    """Three classes in both views, or values in one, from the streams named; all that `model` takes if none is."""
    every = shapes_for(model)
    shapes = {name: every[name] for name in streams or every}
    if values:
        return TaskSpec((LabelView.FELT,), ("valence", "arousal"), None, shapes)
    return TaskSpec(VIEWS, ("class",), "emotion3", shapes)


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., Dataset]:
    return noise_dataset


@pytest.fixture(scope="session")
def make_task() -> Callable[..., TaskSpec]:
    return noise_task
