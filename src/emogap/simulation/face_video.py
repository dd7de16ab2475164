"""Writing a clip of drawn faces as H.264."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import OutputError, UsageError
from emogap.files import write_aside

__all__ = ["write_face_video"]

CODEC_OPTIONS = {"preset": "veryfast", "crf": "20", "threads": "1", "x264-params": "keyint=25:min-keyint=25:scenecut=0"}
"""One thread and a fixed distance between keyframes: the same frames always give the same stream, and seeking
decodes at most 25 frames. crf 20 keeps eyelids and wrinkles of a 256 x 256 face."""


def write_face_video(path: Path, frames: Iterable[UInt8[ndarray, "H W 3"]], *, rate_hz: int = 25) -> None:
    """Write `frames` to an MP4 file of constant frame rate, whole or not at all.

    Parameters
    ----------
    path : Path
        Ends in ``.mp4``.
    frames : iterable of uint8 arrays (H, W, 3)
        RGB, all of one size, both sides even; consumed one at a time.
    rate_hz : int, default 25
        Frames per second; frame i is shown at ``i / rate_hz`` seconds.

    Raises
    ------
    UsageError
        If there is no frame, or a frame differs in size from the first, or has an odd side.
    OutputError
        If the file cannot be written; what stood there before still stands.
    """
    with write_aside(path) as partial:
        try:
            _encode(partial, frames, rate_hz=rate_hz)
        except FFmpegError as error:
            raise OutputError(f"could not encode the video: {error.strerror}", where=str(path)) from error


def _encode(partial: Path, frames: Iterable[UInt8[ndarray, "H W 3"]], *, rate_hz: int) -> None:
    with av.open(str(partial), "w", format="mp4") as container:
        stream = None
        size = (0, 0)
        for number, frame in enumerate(frames):
            if stream is None:
                size = frame.shape[:2]
                _require_even(size)
                stream = container.add_stream("libx264", rate=rate_hz, options=dict(CODEC_OPTIONS))
                stream.height, stream.width = size
                stream.pix_fmt = "yuv420p"
                stream.time_base = Fraction(1, rate_hz)
            if frame.shape[:2] != size:
                raise UsageError(
                    f"frame {number} is {frame.shape[1]} x {frame.shape[0]}, the first was {size[1]} x {size[0]}",
                    fix="resize all frames to one size before writing",
                )
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = number
            picture.time_base = Fraction(1, rate_hz)
            container.mux(stream.encode(picture))
        if stream is None:
            raise UsageError("a video needs at least one frame, got none")
        container.mux(stream.encode(None))


def _require_even(size: tuple[int, int]) -> None:
    if size[0] % 2 or size[1] % 2:
        raise UsageError(
            f"H.264 in 4:2:0 needs even sides, got {size[1]} x {size[0]}", fix="draw with an even size_px, such as 256"
        )
