"""From clips that are in no data set, such as those of a new session, to a batch.

Shapes: B clips, T steps, D channels.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.gaze_frames import GAZE
from emogap.datasets.plan import Clip
from emogap.errors import MismatchError
from emogap.learning.inputs import Scaler
from emogap.models.batch import Batch
from emogap.types import TaskSpec

__all__ = ["batch_of_clips", "channel_doubts"]


def batch_of_clips(clips: Sequence[Clip], scaler: Scaler, task: TaskSpec) -> Batch:
    """The clips as a model takes them, without labels.

    Parameters
    ----------
    clips : sequence of Clip
    scaler : Scaler
        Of the model's training clips. Channels are matched by name; one that a clip lacks is average.
    task : TaskSpec
        Which streams, and their shapes. A clip that lacks one has a False mask there.

    Raises
    ------
    MismatchError
        If no clip has a stream that the model needs, or a stream has another number of steps. A clip may have fewer
        frames of the stream ``gaze`` than the model was trained on, not more.
    """
    streams, masks = {}, {}
    for name, shape in task.streams.items():
        _require_somewhere(clips, scaler, name)
        placed = [_placed(clip, scaler.channels[name], name, shape) for clip in clips]
        streams[name] = torch.from_numpy(scaler.apply(name, np.stack([values for values, _ in placed])))
        masks[name] = torch.from_numpy(np.stack([mask for _, mask in placed]))
    return Batch(
        streams=streams,
        masks=masks,
        labels={view.value: torch.full((len(clips), task.head_size), torch.nan) for view in task.views},
        keys=tuple(clip.key for clip in clips),
        index=torch.arange(len(clips)),
    )


def channel_doubts(clips: Sequence[Clip], scaler: Scaler, task: TaskSpec) -> tuple[str, ...]:
    """What the model was trained on and the clips lack, and the other way round; one sentence each."""
    doubts = []
    for name in task.streams:
        found = {channel.name for clip in clips if name in clip.streams for channel in clip.streams[name].channels}
        absent = [channel for channel in scaler.channels[name] if channel not in found]
        unknown = sorted(found - set(scaler.channels[name]))
        lacking = sum(name not in clip.streams for clip in clips)
        if absent:
            doubts.append(f"the stream {name} lacks {', '.join(absent)}: the model takes the training mean instead")
        if unknown:
            doubts.append(f"the stream {name} has {', '.join(unknown)}, which the model was not trained on")
        if lacking:
            doubts.append(f"{lacking} of {len(clips)} clips have no stream {name}: predicted from the others")
    return tuple(doubts)


def _require_somewhere(clips: Sequence[Clip], scaler: Scaler, name: str) -> None:
    known = set(scaler.channels[name])
    holding = [clip.streams[name].channels for clip in clips if name in clip.streams]
    # Frames have no channels: they are there, or they are not.
    if not any(known & {channel.name for channel in channels} or not known for channels in holding):
        there = sorted({stream for clip in clips for stream in clip.streams})
        raise MismatchError(
            f"the model needs the stream {name}, and none of {counted(len(clips), 'clip')} has it (they have"
            f" {', '.join(there)})",
            fix="give a session that has it, or a model that was trained without it"
            + (" (a gaze file alone has no face)" if name == "face" else ""),
        )


def _placed(
    clip: Clip, channels: tuple[str, ...], name: str, shape: tuple[int, ...]
) -> tuple[ndarray, Bool[ndarray, " T"]]:
    """Values and mask of one stream of one clip, in the model's channels; frames as they are."""
    is_frames = len(shape) == 4
    values = np.zeros(shape, np.uint8) if is_frames else np.full(shape, np.nan, np.float32)
    mask = np.zeros(shape[0], bool)
    stream = clip.streams.get(name)
    if stream is None:
        return values, mask
    num_steps = len(stream.mask)
    if num_steps > shape[0] or (num_steps < shape[0] and name != GAZE):
        raise MismatchError(
            f"the model was trained on {shape[0]} steps of {name}, this clip has {num_steps}",
            fix="give clips no longer than those of the training data"
            if name == GAZE
            else "cut the recording with the options of the model's training data",
        )
    if is_frames:
        return stream.values, stream.mask
    position = {channel.name: column for column, channel in enumerate(stream.channels)}
    for column, channel in enumerate(channels):
        if channel in position:
            values[:num_steps, column] = stream.values[:, position[channel]]
    mask[:num_steps] = stream.mask
    return values, mask
