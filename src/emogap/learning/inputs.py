"""From rows of a data set to a batch: standardised with the training clips' mean and SD, NaN filled.

Frames (uint8 images) stay as they are: a network that reads them scales them itself.

Shapes: N clips of the data set, B rows asked for, T steps, D channels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import NDArray
from torch import Tensor

from emogap.datasets.gaze_frames import GAZE
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError, UsageError
from emogap.models.batch import Batch
from emogap.types import SampleKey, TaskSpec

__all__ = ["Rows", "Scaler", "clips_at_once", "make_batch", "stream_shapes"]

Rows = Sequence[int] | Int[ndarray, " B"]
"""Positions of clips in a data set."""

ASKED_FOR = ("frames", GAZE)
"""Streams that a model gets only where it asks for them: pictures, and gaze frame by frame."""

CONSTANT_SD = 1e-6
"""A channel whose SD is below this share of its size is constant: float32 holds no more than seven digits."""


VALUES_AT_ONCE = 2**22
"""How many input values go through a network together where no gradient is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaler:
    """Mean and SD of every channel over the training clips, and which clips those were.

    Attributes
    ----------
    mean, sd : mapping from modality to float64 array, shape (D,)
        NaN for a channel that no training clip holds: it is average everywhere, whatever it is given later.
        Empty for frames.
    channels : mapping from modality to tuple of str
        Names of the channels, in order.
    keys : tuple of SampleKey
        The clips it was fitted on: the proof that no test clip was among them.
    """

    mean: Mapping[str, Float[ndarray, " D"]]
    sd: Mapping[str, Float[ndarray, " D"]]
    channels: Mapping[str, tuple[str, ...]]
    keys: tuple[SampleKey, ...]

    @classmethod
    def fit(cls, dataset: Dataset, rows: Rows, streams: Sequence[str]) -> "Scaler":
        """Mean and SD over the steps of `rows` whose mask is True, NaN left out.

        Raises
        ------
        UsageError
            If `rows` is empty, or a stream is neither (N, T, D) nor frames.
        MismatchError
            If the data set lacks a stream.
        """
        index = np.asarray(rows, np.int64)
        if not len(index):
            raise UsageError("no training clip is left", fix="use a split with more people, or fewer folds")
        mean, sd = {}, {}
        for name in streams:
            _require_stream(dataset, name)
            if _are_frames(dataset.streams[name]):
                mean[name], sd[name] = np.empty(0), np.empty(0)
                continue
            steps = dataset.streams[name][index][dataset.masks[name][index]].astype(np.float64)
            mean[name], sd[name] = _mean_and_sd(steps)
        return cls(
            mean=mean,
            sd=sd,
            channels={name: tuple(channel.name for channel in dataset.channels[name]) for name in streams},
            keys=tuple(dataset.keys[row] for row in index.tolist()),
        )

    def apply(self, name: str, stream: NDArray[np.generic]) -> NDArray[np.generic]:
        """The stream `name` in units of the training SD from the training mean, float32; NaN becomes 0, the mean.

        Frames are given back as they are, uint8, shape (B, T, 3, H, W).
        """
        if _are_frames(stream):
            return np.ascontiguousarray(stream)
        scaled = (stream.astype(np.float64) - self.mean[name]) / self.sd[name]
        return np.where(np.isnan(scaled), 0.0, scaled).astype(np.float32)


def clips_at_once(task: TaskSpec) -> int:
    """How many clips go through a network together where no gradient is asked for: fewer if they hold frames.

    Examples
    --------
    >>> from emogap.types import LabelView
    >>> clips_at_once(TaskSpec((LabelView.FELT,), ("class",), "emotion3", {"face": (8, 512), "eye": (32, 39)}))
    256
    """
    values = sum(math.prod(shape) for shape in task.streams.values())
    return max(1, min(256, VALUES_AT_ONCE // values))


def stream_shapes(
    dataset: Dataset, streams: Sequence[str] | None = None, *, instead: Mapping[str, str] | None = None
) -> dict[str, tuple[int, ...]]:
    """Shape of one clip in each stream, as a task wants it.

    Parameters
    ----------
    dataset : Dataset
    streams : sequence of str, optional
        Names; all but ``frames`` and ``gaze`` if None.
    instead : mapping from str to str, optional
        Streams that a model reads in place of others, where none are named: ``{"face": "frames"}``.

    Raises
    ------
    MismatchError
        If the data set lacks one of them.
    """
    names = [name for name in dataset.streams if name not in ASKED_FOR] if streams is None else list(streams)
    if streams is None:
        names = [(instead or {}).get(name, name) for name in names]
    for name in names:
        _require_stream(dataset, name)
    return {name: tuple(dataset.streams[name].shape[1:]) for name in names}


def make_batch(dataset: Dataset, rows: Rows, scaler: Scaler, task: TaskSpec) -> Batch:
    """The clips at `rows` as a model takes them, all in memory.

    Parameters
    ----------
    dataset : Dataset
    rows : sequence of int
        Rows of ``samples.parquet``.
    scaler : Scaler
        Fitted on training clips.
    task : TaskSpec
        Which streams and labels.

    Returns
    -------
    Batch
        `index` counts from zero in the order of `rows`. A label that the data set does not carry is NaN.

    Raises
    ------
    MismatchError
        If the data set lacks a stream of the task, or its channels are not those the scaler was fitted on.
    """
    index = np.asarray(rows, np.int64)
    streams = {}
    for name in task.streams:
        _require_stream(dataset, name)
        _require_channels(scaler, dataset, name)
        streams[name] = torch.from_numpy(scaler.apply(name, dataset.streams[name][index]))
    return Batch(
        streams=streams,
        masks={name: torch.from_numpy(np.array(dataset.masks[name][index], bool)) for name in task.streams},
        labels={view.value: _labels(dataset, index, task, position) for position, view in enumerate(task.views)},
        keys=tuple(dataset.keys[row] for row in index.tolist()),
        index=torch.arange(len(index)),
    )


def _labels(dataset: Dataset, index: Int[ndarray, " B"], task: TaskSpec, position: int) -> Tensor:
    view = task.views[position]
    if task.is_classification:
        label = label_array(dataset, view, "class", task.space)[index]
    else:
        label = np.stack([label_array(dataset, view, target)[index] for target in task.targets], axis=1)
    return torch.from_numpy(label.astype(np.float32))


def _mean_and_sd(steps: Float[ndarray, "S D"]) -> tuple[Float[ndarray, " D"], Float[ndarray, " D"]]:
    is_known = np.isfinite(steps)
    count = np.where(is_known.any(axis=0), is_known.sum(axis=0), np.nan)
    mean = np.where(is_known, steps, 0.0).sum(axis=0) / count
    sd = np.sqrt(np.where(is_known, (steps - mean) ** 2, 0.0).sum(axis=0) / count)
    return mean, np.where(sd <= CONSTANT_SD * np.maximum(1.0, np.abs(mean)), 1.0, sd)


_HOW_TO_GET = {
    "frames": "build it with --frames from recordings that have a face video",
    GAZE: "build it with --gaze-rate from recordings that have gaze samples",
}


def _require_stream(dataset: Dataset, name: str) -> None:
    if name not in dataset.streams:
        raise MismatchError(
            f"the data set has no stream '{name}' (it has {', '.join(dataset.streams)})",
            where=str(dataset.path),
            fix=_HOW_TO_GET.get(name, "leave the stream out, or build the data set from recordings that have it"),
        )
    stream = dataset.streams[name]
    if stream.ndim != 3 and not _are_frames(stream):
        raise UsageError(
            f"the stream {name} has shape {stream.shape[1:]} per clip: neither steps x channels nor frames",
            where=str(dataset.path),
            fix="leave the stream out",
        )


def _are_frames(stream: NDArray[np.generic]) -> bool:
    """Whether a stream holds images: uint8, (clips, steps, 3, height, width)."""
    return stream.dtype == np.uint8 and stream.ndim == 5 and stream.shape[2] == 3


def _require_channels(scaler: Scaler, dataset: Dataset, name: str) -> None:
    found = tuple(channel.name for channel in dataset.channels[name])
    expected = scaler.channels[name]
    if found == expected:
        return
    absent = [channel for channel in expected if channel not in found]
    extra = [channel for channel in found if channel not in expected]
    differences = [
        f"{words} {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        for words, names in (("it lacks", absent), ("the model does not know", extra))
        if names
    ]
    raise MismatchError(
        f"the channels of {name} are not those the model was trained on: "
        + ("; ".join(differences) or "they stand in another order"),
        where=str(dataset.path),
        fix="build the data with the options of the model's training data, or train again on these",
    )
