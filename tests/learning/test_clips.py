"""Clips from elsewhere are put into the channels of the training data by name."""

import numpy as np
import pytest

from emogap.datasets.channels import Channel
from emogap.datasets.plan import Clip
from emogap.datasets.samples import SampledStream
from emogap.errors import MismatchError
from emogap.learning.clips import batch_of_clips, channel_doubts
from emogap.learning.inputs import Scaler
from emogap.types import LabelView, SampleKey, TaskSpec

TASK = TaskSpec((LabelView.FELT,), ("class",), "emotion3", {"eye": (5, 3), "face": (2, 4)})
SCALER = Scaler(
    mean={"eye": np.array([1.0, 2.0, 3.0]), "face": np.zeros(4)},
    sd={"eye": np.array([1.0, 2.0, 4.0]), "face": np.ones(4)},
    channels={"eye": ("x", "y", "pupil"), "face": ("f0", "f1", "f2", "f3")},
    keys=(),
)


def clip(number: int, **streams: tuple[str, ...]) -> Clip:
    """Every value of channel number c of a stream is 11 + c; the last step is masked."""
    sampled = {}
    for name, channels in streams.items():
        num_steps = TASK.streams[name][0]
        values = np.tile(np.arange(11, 11 + len(channels), dtype=np.float32), (num_steps, 1))
        mask = np.arange(num_steps) < num_steps - 1
        values[~mask] = np.nan
        sampled[name] = SampledStream(values, mask, tuple(Channel(channel, "1") for channel in channels))
    return Clip(SampleKey("new", f"r{number}", "p", "s", "g", 0.0, 8.0), sampled)


FACE = SCALER.channels["face"]


def test_channels_are_matched_by_name_and_scaled() -> None:
    batch = batch_of_clips([clip(0, eye=("pupil", "x", "other", "y"), face=FACE)], SCALER, TASK)
    assert batch.streams["eye"][0, 0].tolist() == [(12 - 1) / 1, (14 - 2) / 2, (11 - 3) / 4]
    assert batch.masks["eye"][0].tolist() == [True] * 4 + [False]
    assert batch.labels["felt"].isnan().all()


def test_an_absent_channel_is_average_and_a_doubt() -> None:
    clips = [clip(0, eye=("x", "y", "iris"), face=FACE)]
    assert not batch_of_clips(clips, SCALER, TASK).streams["eye"][..., 2].any()
    assert channel_doubts(clips, SCALER, TASK) == (
        "the stream eye lacks pupil: the model takes the training mean instead",
        "the stream eye has iris, which the model was not trained on",
    )


def test_a_clip_that_lacks_a_stream_is_masked_and_a_doubt() -> None:
    clips = [clip(0, eye=("x", "y", "pupil"), face=FACE), clip(1, eye=("x", "y", "pupil"))]
    batch = batch_of_clips(clips, SCALER, TASK)
    assert batch.masks["face"].any(dim=1).tolist() == [True, False]
    assert channel_doubts(clips, SCALER, TASK) == ("1 of 2 clips have no stream face: predicted from the others",)


def test_a_stream_that_no_clip_has_is_refused() -> None:
    with pytest.raises(MismatchError, match=r"needs the stream face, and none of 1 clip has it \(they have eye\)"):
        batch_of_clips([clip(0, eye=("x",))], SCALER, TASK)


def test_a_stream_of_other_channels_altogether_is_refused() -> None:
    with pytest.raises(MismatchError, match="needs the stream eye, and none of 1 clip has it"):
        batch_of_clips([clip(0, eye=("map_row0_column0",), face=FACE)], SCALER, TASK)


def test_another_number_of_steps_is_refused() -> None:
    short = TaskSpec(TASK.views, TASK.targets, TASK.space, {"eye": (4, 3)})
    with pytest.raises(MismatchError, match="trained on 4 steps of eye, this clip has 5"):
        batch_of_clips([clip(0, eye=("x", "y", "pupil"))], SCALER, short)
