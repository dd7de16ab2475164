"""Reading videos by presentation time; no other file opens one for reading.

Frame numbers lie: a header may promise more frames than there are, rates vary, edit lists hide frames. The packets'
presentation times (pts) do not, and they can be listed without decoding. Read :func:`frame_times` first, then
:func:`read_frames_at`, which decodes only from the keyframe before each wanted frame, and :func:`read_frames`, which
gives all of them in one pass. No function holds more than one frame.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from jaxtyping import Float, Int64, UInt8
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError

__all__ = ["VideoInfo", "frame_times", "probe_video", "read_frames", "read_frames_at"]

Picture = UInt8[ndarray, "H W 3"]


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a video file holds, counted from its packets and not believed from its header.

    Attributes
    ----------
    duration_s : float
        From the start of the first frame to the end of the last, in seconds.
    size_px : tuple of 2 ints
        Width and height as shown, in pixels; a phone's portrait video is stored lying down and turned when shown.
    num_frames : int
        Frames that are shown.
    codec : str
        Name of the codec, such as ``"h264"``.
    rate_hz : float
        One over the median time between frames; NaN for a single frame.
    has_variable_rate : bool
        Whether any time between frames differs from the median by more than a tenth of it.
    is_truncated : bool
        Whether the header promises frames later than the last one that is there.
    """

    duration_s: float
    size_px: tuple[int, int]
    num_frames: int
    codec: str
    rate_hz: float
    has_variable_rate: bool
    is_truncated: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Presentation times in ticks of `time_base`, sorted, and the keyframes to start decoding from."""

    time_base: Fraction
    pts: Int64[ndarray, " F"]
    keyframe_pts: Int64[ndarray, " K"]
    keyframe_seek: Int64[ndarray, " K"]
    promised_end_s: float | None

    @property
    def time_s(self) -> Float[ndarray, " F"]:
        times: Float[ndarray, " F"] = self.pts * float(self.time_base)
        return times

    @property
    def interval_s(self) -> float:
        """Median time between frames; 0 for a single frame."""
        return float(np.median(np.diff(self.pts)) * float(self.time_base)) if len(self.pts) > 1 else 0.0

    @property
    def end_s(self) -> float:
        """When the last frame stops being shown."""
        return float(self.time_s[-1]) + self.interval_s

    @property
    def is_truncated(self) -> bool:
        tolerance_s = max(0.1, 3 * self.interval_s)
        return self.promised_end_s is not None and self.promised_end_s > self.end_s + tolerance_s


def probe_video(path: Path) -> VideoInfo:
    """What the video at `path` holds; reads all packets and decodes the first frame only.

    Raises
    ------
    DataError
        If the file is absent, empty, no video, without a frame, or its first frame cannot be decoded.
    """
    with _open_stream(path) as (container, stream):
        index = _read_index(path, container, stream)
        codec = str(stream.codec_context.name)
    _, first = next(_decode(path, index, np.zeros(1, np.int64)))
    steps_s = np.diff(index.time_s)
    return VideoInfo(
        duration_s=index.end_s - float(index.time_s[0]),
        size_px=(first.shape[1], first.shape[0]),
        num_frames=len(index.pts),
        codec=codec,
        rate_hz=1 / index.interval_s if index.interval_s > 0 else float("nan"),
        has_variable_rate=bool((np.abs(steps_s - index.interval_s) > 0.1 * index.interval_s).any()),
        is_truncated=index.is_truncated,
    )


def frame_times(path: Path) -> Float[ndarray, " F"]:
    """Presentation time of every shown frame, float64 (F,), seconds on the video's clock, never decreasing.

    Listed from the packets without decoding. Frames that an edit list hides are left out, so that the count is that
    of a player, whatever the header says.

    Raises
    ------
    DataError
        If the file is absent, empty, no video, or without a frame; or if frames carry no presentation time.
    """
    with _open_stream(path) as (container, stream):
        return _read_index(path, container, stream).time_s


def read_frames_at(path: Path, times_s: Float[ndarray, " N"]) -> Iterator[tuple[float, Picture]]:
    """The frame nearest to each of `times_s`, one at a time, with its own presentation time.

    Parameters
    ----------
    path : Path
    times_s : float64 array, shape (N,)
        Wanted times in seconds on the video's clock, never decreasing. Of two frames equally near, the earlier one.

    Returns
    -------
    iterator of (float, uint8 array (H, W, 3))
        Presentation time of the frame in seconds, and the frame in RGB; N of them, in order. Where the recording has
        a gap the frame may be far from the wanted time: compare the two.

    Raises
    ------
    UsageError
        At once, if `times_s` decrease or are not finite.
    DataError
        At once, if a time lies before the first or after the end of the last frame, or the file is not a video;
        while reading, if a wanted frame cannot be decoded. Both name the file and the time.
    """
    wanted_s = np.asarray(times_s, np.float64)
    if not np.isfinite(wanted_s).all() or (np.diff(wanted_s) < 0).any():
        raise UsageError(
            f"times to read frames at must be finite and never decrease, got {wanted_s}",
            where=str(path),
            fix="sort the times before reading",
        )
    with _open_stream(path) as (container, stream):
        index = _read_index(path, container, stream)
    _require_inside(path, index, wanted_s)
    return _decode(path, index, _nearest(index.time_s, wanted_s))


def read_frames(path: Path) -> Iterator[tuple[float, Picture]]:
    """Every shown frame of the video at `path` in order, one at a time, with its presentation time.

    Returns
    -------
    iterator of (float, uint8 array (H, W, 3))
        Presentation time in seconds, and the frame in RGB, upright. One frame is held at a time: memory does not grow
        with the length of the video.

    Raises
    ------
    DataError
        At once, if the file is not a video. While reading, after all frames before the damage were given: where a
        frame cannot be decoded, and at the end where the header promises more than there is, so that a video is
        never silently short. Both name the file and the time. MPEG-TS promises nothing: a cut one just ends.
    """
    with _open_stream(path) as (container, stream):
        index = _read_index(path, container, stream)
    return _decode_whole(path, index)


def _decode_whole(path: Path, index: _Index) -> Iterator[tuple[float, Picture]]:
    # The last frame before a break may refer to one that is missing; decoders draw it all the same.
    yield from _decode(path, index, np.arange(len(index.pts) - index.is_truncated))
    if index.is_truncated:
        raise DataError(
            f"the video breaks off at {index.end_s:.3f} s, but its header promises {index.promised_end_s:.3f} s",
            where=str(path),
            fix="copy the whole video again; what was read before the break is right",
        )


def _nearest(time_s: Float[ndarray, " F"], wanted_s: Float[ndarray, " N"]) -> Int64[ndarray, " N"]:
    """Index of the nearest frame for each wanted time; the earlier one of a tie."""
    after = np.clip(np.searchsorted(time_s, wanted_s), 1, max(len(time_s) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(time_s) - 1)
    nearest: Int64[ndarray, " N"] = np.where(wanted_s - time_s[before] <= time_s[after] - wanted_s, before, after)
    return nearest


def _require_inside(path: Path, index: _Index, wanted_s: Float[ndarray, " N"]) -> None:
    first_s, end_s = float(index.time_s[0]), index.end_s
    outside = (wanted_s < first_s - index.interval_s) | (wanted_s > end_s)
    if not outside.any():
        return
    cut = ""
    if index.is_truncated:
        cut = f"; its header promises {index.promised_end_s:.3f} s, so the file is truncated"
    raise DataError(
        f"a frame at {wanted_s[outside][0]:.3f} s is wanted ({int(outside.sum())} such times), but the video "
        f"lasts from {first_s:.3f} s to {end_s:.3f} s{cut}",
        where=str(path),
        fix="check the clock between video and gaze (clock.toml), leave the clip out, or copy the whole video again",
    )


def _decode(path: Path, index: _Index, wanted: Int64[ndarray, " N"]) -> Iterator[tuple[float, Picture]]:
    """Frames by their place in the index, decoding forward and jumping to a keyframe where that is shorter."""
    reformatter = VideoReformatter()
    with _open_stream(path) as (container, stream):
        decoded: Iterator[Any] = iter(())
        frame: Any = None
        last = -1
        for place in wanted.tolist():
            pts = int(index.pts[place])
            time_s = float(pts * index.time_base)
            try:
                if frame is None or frame.pts != pts:
                    if frame is None or (place > last + 1 and _keyframe_between(index, int(frame.pts), pts)):
                        decoded = _decode_from_keyframe(container, stream, index, pts)
                    frame = next(candidate for candidate in decoded if candidate.pts >= pts)
            except (FFmpegError, StopIteration) as error:
                raise _undecodable(path, time_s, str(error)) from error
            if frame.pts != pts or frame.is_corrupt:
                raise _undecodable(path, time_s, "its data are damaged, or the file does not seek exactly")
            last = place
            yield time_s, _upright(frame, reformatter)


def _upright(frame: Any, reformatter: VideoReformatter) -> Picture:
    """The frame in RGB, turned as the file's display matrix says (quarter turns, counter-clockwise).

    One reformatter serves all frames of a video: a new one for each costs forty times as much as the conversion.
    """
    rgb = reformatter.reformat(frame, format="rgb24", threads=1)
    picture: Picture = np.rot90(rgb.to_ndarray(), k=round(frame.rotation / 90))
    return np.ascontiguousarray(picture)


def _keyframe_between(index: _Index, after_pts: int, until_pts: int) -> bool:
    return bool(((index.keyframe_pts > after_pts) & (index.keyframe_pts <= until_pts)).any())


def _decode_from_keyframe(container: Any, stream: Any, index: _Index, pts: int) -> Iterator[Any]:
    """Frames in order of presentation, from the last keyframe that is shown no later than `pts`."""
    place = max(int(np.searchsorted(index.keyframe_pts, pts, side="right")) - 1, 0)
    container.seek(int(index.keyframe_seek[place]), stream=stream, backward=True)
    yield from (frame for frame in container.decode(stream) if frame.pts is not None)


def _undecodable(path: Path, time_s: float, reason: str) -> DataError:
    return DataError(
        f"the frame at {time_s:.3f} s cannot be decoded{f' ({reason})' if reason else ''}",
        where=str(path),
        fix="copy the video again from where it was recorded, or convert it (ffmpeg -i IN -c:v libx264 "
        "-fps_mode passthrough OUT.mp4), or leave the clips around this time out",
    )


@contextmanager
def _open_stream(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its first video stream; one thread, because sessions are read in parallel."""
    if not path.is_file():
        raise DataError("there is no such video file", where=str(path), fix="check the path")
    if path.stat().st_size == 0:
        raise DataError("the video file is empty (0 bytes)", where=str(path), fix="copy it again from the recorder")
    try:
        container = av.open(str(path))
    except FFmpegError as error:
        raise DataError(
            f"not a readable video ({error.strerror})",
            where=str(path),
            fix="copy the file again; an MP4 cut off before its end has lost its index and must be recorded anew",
        ) from error
    with container:
        if not container.streams.video:
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "none"
            raise DataError(f"the file has no video stream (streams: {kinds})", where=str(path))
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise DataError(
                "this FFmpeg build has no decoder for the video stream",
                where=str(path),
                fix="convert the video to H.264: ffmpeg -i IN -c:v libx264 -fps_mode passthrough OUT.mp4",
            )
        stream.codec_context.thread_count = 1
        yield container, stream


def _read_index(path: Path, container: Any, stream: Any) -> _Index:
    """Presentation times and keyframes of all shown frames, from the packets."""
    shown: list[int] = []
    keyframes: list[tuple[int, int]] = []
    untimed = 0
    try:
        # Packets carry the coded pictures: none is kept, so that a long video takes no more memory than a short one.
        for packet in container.demux(stream):
            if packet.size and packet.pts is None:
                untimed += not packet.is_discard
            elif packet.size:
                # A keyframe that an edit list hides is still where decoding must start.
                if packet.is_keyframe:
                    keyframes.append((packet.pts, packet.pts if packet.dts is None else packet.dts))
                if not packet.is_discard:
                    shown.append(packet.pts)
    except FFmpegError as error:
        raise DataError(f"the video stream breaks off ({error.strerror})", where=str(path)) from error
    if untimed:
        raise DataError(
            f"{untimed} of {counted(len(shown) + untimed, 'frame')} carry no presentation time",
            where=str(path),
            fix="give them one: ffmpeg -fflags +genpts -i IN -c copy OUT.mp4",
        )
    if not shown or not keyframes:
        missing = "keyframe to start decoding from" if shown else "frame"
        raise DataError(f"the video stream has no {missing}", where=str(path), fix="copy the file again")
    keyframes.sort()
    base = stream.time_base
    return _Index(
        time_base=base,
        pts=np.sort(np.array(shown, np.int64)),
        keyframe_pts=np.array([pts for pts, _ in keyframes], np.int64),
        keyframe_seek=np.array([seek for _, seek in keyframes], np.int64),
        promised_end_s=_promised_end_s(container, stream),
    )


def _promised_end_s(container: Any, stream: Any) -> float | None:
    """When the last frame should end by the file's header; None if the header does not say."""
    if container.format.name == "avi":
        # FFmpeg takes the duration of a cut AVI from its size; the frame count still stands in the header.
        return float(stream.frames * stream.time_base) or None
    start_s = float((stream.start_time or 0) * stream.time_base)
    if stream.duration is not None:
        return start_s + float(stream.duration * stream.time_base)
    match = re.fullmatch(r"(\d+):(\d{2}):(\d{2}(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    # Matroska and WebM name the end on the container's clock, not the length.
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
