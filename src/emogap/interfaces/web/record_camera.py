"""The video of a camera, kept while it is recorded: pieces of at most a second, each on disk before it is acknowledged.

A page that is loaded anew begins a new segment: a file of its own, on the same clock of the browser. Read
:func:`keep_piece` (while recording), :func:`fit_camera` (when a segment began), then :func:`write_face` (at the end).
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import DataError, OutputError, UsageError
from emogap.interfaces.video_writing import writing_video
from emogap.recording.video import frame_times, read_frames

__all__ = [
    "CameraClock",
    "Segment",
    "WrittenFace",
    "append_lines",
    "count_bytes",
    "fit_camera",
    "keep_piece",
    "remove_segment",
    "write_face",
]

log = logging.getLogger(__name__)

BEFORE_START_S, AFTER_START_S = 0.1, 1.5
"""Where the first frame of a video may lie: before the first that can be in it, and after the call that began it."""

FIRST_FRAMES = 4
"""Frames of a video that are tried on captured ones: the browser may not have noted the very first."""

SAME_S = 1e-3
"""Two placements that differ less than this in their residual fit equally well."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of video: its `file`, and `started_s`, when the browser was told to record (its clock, in s)."""

    file: Path
    started_s: float

    @property
    def sizes_file(self) -> Path:
        """Bytes that are safe, one line per piece."""
        return self.file.with_suffix(".sizes")

    @property
    def frames_file(self) -> Path:
        """When the browser says that frames were captured and shown, one line per frame."""
        return self.file.with_suffix(".frames")


@dataclass(frozen=True, slots=True, eq=False)
class NotedFrames:
    """Frames that the browser noted while a segment began: `captured_s`, float64 (C,), sorted, of its clock, in s.

    `delay_s` is the least time from capture to preview: about what a frame takes from the camera into the browser.
    """

    captured_s: Float[ndarray, " C"]
    delay_s: float


@dataclass(frozen=True, slots=True)
class CameraClock:
    """From the clock of a video to the clock of the browser: browser_s = video_s + offset_s.

    `residual_s` is the scatter (RMS) of `num_frames` frames that both clocks noted, None if none did.
    """

    offset_s: float
    residual_s: float | None
    num_frames: int


@dataclass(frozen=True, slots=True)
class WrittenFace:
    """What became of the segments: the `clocks` of those with a frame, and the names of those `unread` to the end.

    `end_s` is the time of the last frame of the video. The last frame of a piece that breaks off does not count.
    """

    clocks: tuple[CameraClock, ...]
    unread: tuple[str, ...]
    end_s: float


def keep_piece(segment: Segment, number: int, content: bytes) -> int:
    """Append a piece of video and return how many pieces are safe; a piece that is safe already is left as it is.

    Parameters
    ----------
    segment : Segment
    number : int
        From 0; pieces come in order, because each is worthless without those before.
    content : bytes

    Raises
    ------
    UsageError
        If a piece before this one is not there.
    OutputError
        If it cannot be written.
    """
    with _on_disk(segment.file):
        sizes = _sizes(segment)
        if number < len(sizes):
            return len(sizes)
        if number > len(sizes):
            raise UsageError(f"piece {number} of the video came, {len(sizes)} is due", fix="send the pieces in order")
        with segment.file.open("r+b" if segment.file.is_file() else "w+b") as video:
            # A server that was killed while it wrote may have left bytes that nobody was told are safe.
            video.truncate(sizes[-1] if sizes else 0)
            video.seek(0, os.SEEK_END)
            video.write(content)
            _make_safe(video.fileno(), video.flush)
        append_lines(segment.sizes_file, [str(segment.file.stat().st_size)])
    return len(sizes) + 1


@contextmanager
def _on_disk(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the video cannot be kept: {error.strerror}", where=str(file), fix="make room on the disk"
        ) from error


def count_bytes(segment: Segment) -> int:
    """How many bytes of the segment are safe."""
    sizes = _sizes(segment)
    return sizes[-1] if sizes else 0


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines to a file, safe when this returns; the beginning of a line that was cut off is removed first.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    with _on_disk(path), path.open("r+b" if path.is_file() else "w+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write("".join(f"{line}\n" for line in lines).encode())
        _make_safe(file.fileno(), file.flush)


def remove_segment(segment: Segment) -> None:
    """Remove the video of a segment, and what was noted of it."""
    for file in (segment.file, segment.sizes_file, segment.frames_file):
        file.unlink(missing_ok=True)


def _sizes(segment: Segment) -> list[int]:
    """Sizes of the video after each piece; a line that was cut off is not counted."""
    if not segment.sizes_file.is_file():
        return []
    lines = segment.sizes_file.read_text(encoding="utf-8").split("\n")[:-1]
    return [int(line) for line in lines]


def _make_safe(number: int, flush: object) -> None:
    assert callable(flush)
    flush()
    os.fsync(number)


def fit_camera(frame_s: Float[ndarray, " F"], noted: NotedFrames, *, started_s: float) -> CameraClock:
    """How the clock of a video lies on the clock of the browser.

    Parameters
    ----------
    frame_s : float64 array, shape (F,)
        Presentation times of the video's frames, sorted.
    noted : NotedFrames
        Not every frame of the video needs to be among them.
    started_s : float
        When the browser was told to record.

    Returns
    -------
    CameraClock
        Of all placements of one of the first frames on a captured one that let the video begin near the first frame
        that came in after `started_s`, the one with the smallest residual; of several as good (a camera of perfectly
        even rate) the first that begins with such a frame. A frame comes in `noted.delay_s` after it was captured.
        Without captured frames the video is taken to begin at `started_s`, and the residual is not known.
    """
    captured_s, first_s = noted.captured_s, started_s - noted.delay_s
    offsets_s = (captured_s[:, None] - frame_s[None, :FIRST_FRAMES]).ravel()
    begins_s = offsets_s + frame_s[0]
    near = offsets_s[(begins_s >= first_s - BEFORE_START_S) & (begins_s <= started_s + AFTER_START_S)]
    if not len(near):
        return CameraClock(started_s - float(frame_s[0]), None, 0)
    fits = [_placed(frame_s, captured_s, float(offset_s)) for offset_s in np.sort(near)]
    best = min(fit.residual_s for fit in fits if fit.residual_s is not None)
    good = [fit for fit in fits if fit.residual_s is not None and fit.residual_s <= best + SAME_S]
    later = [fit for fit in good if fit.offset_s + frame_s[0] >= first_s]
    return later[0] if later else good[-1]


def _placed(frame_s: Float[ndarray, " F"], captured_s: Float[ndarray, " C"], offset_s: float) -> CameraClock:
    """The placement refined: by the median distance of captured frames from the nearest of the video."""
    inside = captured_s[(captured_s >= frame_s[0] + offset_s - 1e-9) & (captured_s <= frame_s[-1] + offset_s)]
    after = np.clip(np.searchsorted(frame_s, inside - offset_s), 1, max(len(frame_s) - 1, 1))
    after = np.minimum(after, len(frame_s) - 1)
    late, early = inside - offset_s - frame_s[after], inside - offset_s - frame_s[np.maximum(after - 1, 0)]
    distance = np.where(np.abs(late) < np.abs(early), late, early)
    centre = float(np.median(distance)) if len(distance) else 0.0
    residual = float(np.sqrt(np.mean((distance - centre) ** 2))) if len(distance) else np.inf
    return CameraClock(offset_s + centre, residual, len(distance))


def write_face(out: Path, segments: Sequence[Segment], noted: Sequence[NotedFrames]) -> WrittenFace:
    """Write the segments as one video whose clock is 0 at the first frame, with every frame at its own time.

    Parameters
    ----------
    out : Path
        An MP4 (H.264).
    segments : sequence of Segment
        In order of time. What a browser that was killed left behind is read as far as it goes.
    noted : sequence of NotedFrames
        Of each segment.

    Returns
    -------
    WrittenFace
        The video's own clock begins at the offset of the first clock. Between segments there is a gap of time without
        frames. The video is on the disk when this returns.

    Raises
    ------
    DataError
        If no segment holds a frame.
    OutputError
        If the video cannot be encoded or written.
    """
    clocks: list[CameraClock] = []
    unread: list[str] = []
    readable: list[tuple[Segment, float]] = []
    for segment, frames in zip(segments, noted, strict=True):
        try:
            frame_s = frame_times(segment.file)
        except DataError as problem:
            log.warning("a stretch of camera video holds nothing that can be read: %s", problem)
            if count_bytes(segment):
                unread.append(segment.file.name)
            continue
        clocks.append(fit_camera(frame_s, frames, started_s=segment.started_s))
        readable.append((segment, clocks[-1].offset_s - clocks[0].offset_s))
    if not readable:
        raise DataError(
            "the camera gave no video", where=str(out), fix="record again; the answers that were given are kept"
        )
    with writing_video(out) as add:
        last_s, size = -1.0, None
        for time_s, picture in _frames(readable, unread):
            size = size or (picture.shape[1], picture.shape[0])
            if time_s > last_s:
                add(time_s, picture if picture.shape[1::-1] == size else cv2.resize(picture, size))
                last_s = time_s
    with out.open("r+b") as written:
        os.fsync(written.fileno())
    return WrittenFace(tuple(clocks), tuple(unread), last_s)


def _frames(
    readable: Sequence[tuple[Segment, float]], unread: list[str]
) -> Iterator[tuple[float, UInt8[ndarray, "H W 3"]]]:
    """All frames; the names of segments of which more than the last one cannot be read are added to `unread`."""
    for segment, shift_s in readable:
        num_given = 0
        try:
            for time_s, picture in read_frames(segment.file):
                yield time_s + shift_s, picture
                num_given += 1
        except DataError as problem:
            # The last frame of a killed browser's video may be cut: all before it were given.
            log.warning("a stretch of camera video ends early: %s", problem)
            if num_given < len(frame_times(segment.file)) - 1:
                unread.append(segment.file.name)
