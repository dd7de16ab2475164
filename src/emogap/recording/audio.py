"""Reading the sound of a film, a block at a time; no other file opens one for its sound."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from jaxtyping import Float32
from numpy import ndarray

from emogap.errors import DataError

__all__ = ["AUDIO_RATE_HZ", "read_audio"]

AUDIO_RATE_HZ = 48_000
"""Everything is resampled to this rate, for which the loudness filters are defined."""


def read_audio(path: Path) -> Iterator[Float32[ndarray, "T C"]]:
    """The first sound track, in blocks of a few thousand samples; nothing if there is none.

    Parameters
    ----------
    path : Path
        Any file that FFmpeg decodes.

    Returns
    -------
    iterator of float32 arrays (T, C)
        At 48 kHz, full scale = 1. C is 1 for mono and 2 otherwise: more channels are mixed down to two by FFmpeg.

    Raises
    ------
    DataError
        If the file is absent, nothing that FFmpeg reads, or its sound breaks off.
    """
    if not path.is_file():
        raise DataError("there is no such file", where=str(path), fix="check the path")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                return
            stream = container.streams.audio[0]
            layout = "mono" if stream.channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=AUDIO_RATE_HZ)
            for frame in container.decode(stream):
                yield from _blocks(resampler.resample(frame))
            yield from _blocks(resampler.resample(None))
    except FFmpegError as error:
        raise DataError(
            f"the sound cannot be decoded ({error.strerror})", where=str(path), fix="copy the file again"
        ) from error


def _blocks(frames: "list[av.AudioFrame]") -> Iterator[Float32[ndarray, "T C"]]:
    for frame in frames:
        yield np.ascontiguousarray(frame.to_ndarray().T, dtype=np.float32)
