"""Encoding the stored frames of a face once more, as the build encoded them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from emogap.datasets.face_streams import encoder_of
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError
from emogap.preprocessing.face.encoding import ALIGNED

__all__ = ["FrameEncoding", "frame_encoding", "why_not_encoded"]

Frames = UInt8[ndarray, "F 3 112 112"]


@dataclass(frozen=True, slots=True)
class FrameEncoding:
    """The encoder of a data set, for frames as they lie in its stream ``frames``.

    Attributes
    ----------
    encode : function from uint8 (F, 3, 112, 112) to float32 (F, D)
        Features of aligned faces, red green blue, as in the stream ``face``.
    pull_back : function from such frames and float32 (F, D) to float32 (F, 3, 112, 112), or None
        Gradient, with respect to the pixels in [0, 255], of the features summed with the given numbers.
    """

    encode: Callable[[Frames], Float32[ndarray, "F D"]]
    pull_back: Callable[[Frames, Float32[ndarray, "F D"]], Float32[ndarray, "F 3 112 112"]] | None = None


LARGEST_DEVIATION = 1e-3
"""Between stored features and those of the same frames, as a share of their largest size; networks of other library
versions differ in the last digits."""


def why_not_encoded(dataset: Dataset) -> str:
    """Why stored frames cannot be turned into the stream ``face``, in words; empty if they can."""
    absent = [name for name in ("face", "frames") if name not in dataset.streams]
    if absent:
        return f"the data set has no stream {' and no stream '.join(absent)}: build it with --frames from face videos"
    if "face_encoder" not in dataset.config:
        return "the data set does not say which encoder made its stream face: its features came ready-made"
    encoder = encoder_of(BuildConfig.model_validate(dict(dataset.config)))
    if encoder.crop != ALIGNED:
        return (
            f"its encoder {dataset.config['face_encoder']} sees {encoder.crop.kind} faces of {encoder.crop.size_px} px,"
            " and the stored frames are aligned ones of 112 px: build it with an encoder of those, such as hog"
        )
    return ""


def frame_encoding(dataset: Dataset) -> FrameEncoding:
    """The encoder of the build, for frames as they lie in the stream ``frames``.

    Raises
    ------
    MismatchError
        If the data set keeps no such frames, or its encoder makes other features of them than those that are stored.
    UsageError, DataError
        If the weights of the encoder are absent or damaged.
    """
    reason = why_not_encoded(dataset)
    if reason:
        raise MismatchError(reason, where=str(dataset.path), fix="explain streams and steps alone (face = false)")
    encoder = encoder_of(BuildConfig.model_validate(dict(dataset.config)))

    def encode(frames: Frames) -> Float32[ndarray, "F D"]:
        return encoder.encode(_pictures(frames))

    def pull_back(frames: Frames, weight_FD: Float32[ndarray, "F D"]) -> Float32[ndarray, "F 3 112 112"]:
        assert encoder.pull_back is not None
        return encoder.pull_back(_pictures(frames), weight_FD).transpose(0, 3, 1, 2)

    encoding = FrameEncoding(encode, None if encoder.pull_back is None else pull_back)
    _require_same(dataset, encoding)
    return encoding


def _pictures(frames: Frames) -> UInt8[ndarray, "F 112 112 3"]:
    return np.ascontiguousarray(frames.transpose(0, 2, 3, 1))


def _require_same(dataset: Dataset, encoding: FrameEncoding) -> None:
    """Raise unless the first clip with a face has the features that it is stored with."""
    is_there = np.asarray(dataset.masks["frames"]) & np.asarray(dataset.masks["face"])
    if not is_there.any():
        return
    clip = int(np.flatnonzero(is_there.any(axis=1))[0])
    steps = is_there[clip]
    stored = np.asarray(dataset.streams["face"][clip][steps], np.float64)
    made = encoding.encode(np.asarray(dataset.streams["frames"][clip][steps]))
    deviation = float(np.abs(made - stored).max() / np.abs(stored).max())
    if not deviation <= LARGEST_DEVIATION:
        raise MismatchError(
            f"the frames give other features than are stored: they differ by {deviation:.2g} of the largest",
            where=str(dataset.path),
            fix="build the data set again with this version",
        )
