"""The streams ``face`` and ``frames`` from pictures of faces that were aligned by whoever released them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.datasets.channels import Channel
from emogap.datasets.face_streams import FaceStreams, encoder_of, unseen_face
from emogap.datasets.plan import BuildConfig
from emogap.datasets.samples import SampledStream
from emogap.errors import UsageError
from emogap.preprocessing.face import ALIGNED, normalise_illumination

__all__ = ["NO_DETECTOR", "cut_pictures", "even_pictures", "settle_pictures"]

NO_DETECTOR = "none"
"""What stands for the face detector of a data set whose pictures were aligned already."""

Picture = UInt8[ndarray, "H W 3"]


def settle_pictures(config: BuildConfig) -> BuildConfig:
    """The options with no face detector, and the encoder's weights by their hash.

    Raises
    ------
    UsageError
        If a detector was asked for.
    UnknownNameError, DataError
        As :func:`emogap.datasets.face_streams.settle_faces`.
    """
    if config.face_detector not in ("auto", NO_DETECTOR):
        raise UsageError(
            f"the frames are aligned faces already; the detector '{config.face_detector}' would have nothing to find",
            fix="leave out --detector",
        )
    return config.model_copy(
        update={"face_detector": NO_DETECTOR, "face_encoder_sha256": encoder_of(config).weights_sha256}
    )


def even_pictures(pictures: Sequence[Path], num_steps: int) -> tuple[Path, ...]:
    """The pictures at the centres of `num_steps` equal parts of the sequence; all repeated if there are fewer.

    Examples
    --------
    >>> [path.name for path in even_pictures([Path(f"{number}.jpg") for number in range(12)], 3)]
    ['2.jpg', '6.jpg', '10.jpg']
    """
    if not pictures:
        return ()
    places = (np.arange(num_steps) + 0.5) * len(pictures) / num_steps
    return tuple(pictures[place] for place in places.astype(int).tolist())


def cut_pictures(pictures: Sequence[Path], config: BuildConfig) -> FaceStreams:
    """The face streams of one clip.

    Parameters
    ----------
    pictures : sequence of Path
        One for each step, in order of time.
    config : BuildConfig
        As :func:`settle_pictures` gives it.

    Returns
    -------
    FaceStreams
        ``face`` float32, shape (T, D); with the option `frames` also ``frames`` uint8, shape (T, 3, 112, 112), red
        green blue. A picture that cannot be decoded is masked out, and NaN or black.

    Notes
    -----
    Pictures are brought to 112 x 112 px, and to the side that the encoder wants. They were aligned by the authors of
    the data, to a template that is not stated; no face is looked for in them.
    """
    if not pictures:
        return unseen_face("there is no face picture: the face stream is empty")
    read = [_read(path) for path in pictures]
    found = np.array([picture is not None for picture in read], bool)
    if not found.any():
        return unseen_face("no face picture can be decoded: the face stream is empty")
    lit = [normalise_illumination(picture, config.illumination) for picture in read if picture is not None]
    encoder = encoder_of(config)
    features = np.full((len(found), encoder.dimension), np.nan, np.float32)
    features[found] = encoder.encode(np.stack([_sized(picture, encoder.crop.size_px) for picture in lit]))
    channels = tuple(Channel(name, "1") for name in encoder.channels)
    streams = {"face": SampledStream(features, found, channels)}
    if config.frames:
        images = np.zeros((len(found), 3, ALIGNED.size_px, ALIGNED.size_px), np.uint8)
        images[found] = np.stack([_sized(picture, ALIGNED.size_px) for picture in lit]).transpose(0, 3, 1, 2)
        streams["frames"] = SampledStream(images, found, ())
    damaged = [path.name for path, is_there in zip(pictures, found, strict=True) if not is_there]
    doubts = [f"{len(damaged)} of {len(found)} face pictures cannot be decoded, first {damaged[0]}"] if damaged else []
    if encoder.crop.kind == "box":
        doubts.append(f"the encoder {config.face_encoder} was trained on boxes of faces, and sees aligned faces here")
    return FaceStreams(streams, {"face_found_share": float(found.mean()), "face_problem": None}, tuple(doubts))


def _read(path: Path) -> Picture | None:
    """A picture as RGB; None if it is absent or cannot be decoded."""
    coded = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR) if len(coded) else None
    return None if picture is None else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _sized(picture: Picture, side_px: int) -> Picture:
    """The picture on a square of `side_px`; by area where it shrinks, else linearly."""
    if picture.shape[:2] == (side_px, side_px):
        return picture
    how = cv2.INTER_AREA if max(picture.shape[:2]) > side_px else cv2.INTER_LINEAR
    sized: Picture = cv2.resize(picture, (side_px, side_px), interpolation=how)
    return sized
