"""What a model is given: B clips as tensors, one stream and one mask per modality name.

Shapes: B clips, T steps, D channels, K classes or targets.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool
from torch import Tensor

from emogap.errors import DataError, MismatchError, UsageError
from emogap.types import SampleKey, TaskSpec

__all__ = ["Batch", "has_stream", "require_step_streams", "require_streams", "select_rows", "to_device"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B clips, ready for a model: standardised, free of NaN in the streams.

    Attributes
    ----------
    streams : mapping from modality to float32 tensor, shape (B, T, D)
        Finite. ``frames`` alone is uint8, shape (B, T, 3, H, W), red green blue.
    masks : mapping from modality to bool tensor, shape (B, T)
        True = a real step; a modality that a clip lacks is False throughout.
    labels : mapping from view (``"felt"``) to float32 tensor, shape (B, K)
        Vote shares, or one value per target; NaN = unlabelled.
    keys : tuple of SampleKey, length B
    index : int64 tensor, shape (B,)
        Row of each clip in the set it was drawn from.
    """

    streams: Mapping[str, Tensor]
    masks: Mapping[str, Tensor]
    labels: Mapping[str, Tensor]
    keys: tuple[SampleKey, ...]
    index: Tensor

    def __post_init__(self) -> None:
        for name, stream in self.streams.items():
            assert self.masks[name].shape == stream.shape[:2], f"the mask of {name} does not fit its stream"
            # On an accelerator the question would wait for all work there; a batch is made on the processor first.
            if stream.is_floating_point() and stream.device.type == "cpu":
                _require_finite(name, stream, self.keys)

    @property
    def num_clips(self) -> int:
        """How many clips there are (B)."""
        return len(self.keys)


def _require_finite(name: str, stream: Tensor, keys: tuple[SampleKey, ...]) -> None:
    is_finite = stream.isfinite()
    if is_finite.all():
        return
    clip, step, *_ = is_finite.logical_not().nonzero()[0].tolist()
    key = keys[clip]
    raise DataError(
        f"step {step} of the stream {name} holds {stream[clip, step][is_finite[clip, step].logical_not()][0]:g}",
        where=f"{key.recording_id}, {key.start_s:g} to {key.stop_s:g} s",
        fix="give finite numbers; what was not measured is a False mask, or the mean of the training clips",
    )


def has_stream(batch: Batch, name: str) -> Bool[Tensor, " B"]:
    """Which clips have a real step of the stream `name`."""
    return batch.masks[name].any(dim=1)


def select_rows(batch: Batch, rows: Tensor) -> Batch:
    """The clips at positions `rows` (int64 tensor, shape (R,)) of `batch`, in that order."""
    return Batch(
        streams={name: stream.index_select(0, rows) for name, stream in batch.streams.items()},
        masks={name: mask.index_select(0, rows) for name, mask in batch.masks.items()},
        labels={view: label.index_select(0, rows) for view, label in batch.labels.items()},
        keys=tuple(batch.keys[row] for row in rows.tolist()),
        index=batch.index.index_select(0, rows),
    )


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The same clips with every tensor on `device`."""
    return Batch(
        streams={name: stream.to(device) for name, stream in batch.streams.items()},
        masks={name: mask.to(device) for name, mask in batch.masks.items()},
        labels={view: label.to(device) for view, label in batch.labels.items()},
        keys=batch.keys,
        index=batch.index.to(device),
    )


def require_streams(task: TaskSpec, batch: Batch) -> None:
    """Raise unless `batch` holds every stream of `task` in the shape the model was made for.

    Raises
    ------
    MismatchError
        Naming the streams that are absent, or the first of another shape.
    """
    absent = sorted(set(task.streams) - set(batch.streams))
    if absent:
        raise MismatchError(
            f"the model needs {', '.join(task.streams)}, but {', '.join(absent)} is not there",
            fix="give the missing stream, or train a model without it; a clip that merely lacks it has a False mask",
        )
    for name, shape in task.streams.items():
        found = tuple(batch.streams[name].shape[1:])
        if found != tuple(shape):
            raise MismatchError(
                f"the model was made for {name} of shape {tuple(shape)} per clip, but this one is {found}",
                fix="build the data with the options of the model's training data, or train again on these",
            )


def require_step_streams(model: str, task: TaskSpec) -> None:
    """Raise unless every stream of `task` is steps x channels, which is what the model named `model` takes.

    Raises
    ------
    UsageError
        Naming the first stream of another shape.
    """
    for name, shape in task.streams.items():
        if len(shape) != 2:
            raise UsageError(
                f"{model} takes streams of steps x channels, but {name} has shape {shape} per clip",
                fix="leave the stream out, or use features of it (the stream 'face' for frames)",
            )
