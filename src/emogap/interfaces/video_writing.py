"""Pictures written as a video, each at its own time; no other file of this room opens one for writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import OutputError, UsageError
from emogap.files import write_aside

__all__ = ["writing_video"]

Picture = UInt8[ndarray, "H W 3"]

TICKS_PER_S = 90_000
"""Of the written presentation times; a multiple of the usual frame rates."""

CODEC_OPTIONS = {"preset": "veryfast", "crf": "20"}


@contextmanager
def writing_video(path: Path, *, fix: str | None = None) -> Iterator[Callable[[float, Picture], None]]:
    """A function that writes one frame more: presentation time in s, and RGB picture, uint8 (H, W, 3).

    Parameters
    ----------
    path : Path
        Ends in ``.mp4``; H.264 without sound. Replaced when the block ends well.
    fix : str, optional
        What to do if the video cannot be encoded.

    Raises
    ------
    UsageError
        If the block ends without a frame.
    OutputError
        If the video cannot be encoded or written; what stood there before still stands.
    """
    with write_aside(path) as partial:
        try:
            with av.open(str(partial), "w", format="mp4") as container:
                encoder = _Encoder(container)
                yield encoder.add
                encoder.finish(path)
        except FFmpegError as error:
            raise OutputError(f"could not encode the video ({error.strerror})", where=str(path), fix=fix) from error


class _Encoder:
    """The stream of a container, opened with the first frame, whose size is that of the video."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self._stream: Any = None

    def add(self, time_s: float, picture: Picture) -> None:
        even = _even(picture)
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", options=CODEC_OPTIONS)
            self._stream.height, self._stream.width = even.shape[:2]
            self._stream.pix_fmt = "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        frame = av.VideoFrame.from_ndarray(even, format="rgb24")
        frame.time_base, frame.pts = Fraction(1, TICKS_PER_S), round(time_s * TICKS_PER_S)
        self._container.mux(self._stream.encode(frame))

    def finish(self, path: Path) -> None:
        if self._stream is None:
            raise UsageError("a video needs at least one frame, got none", where=str(path))
        self._container.mux(self._stream.encode(None))


def _even(picture: Picture) -> Picture:
    """H.264 in 4:2:0 needs even sides: a last odd row or column is repeated."""
    missing = [(0, side % 2) for side in picture.shape[:2]]
    return np.pad(picture, (*missing, (0, 0)), mode="edge")
