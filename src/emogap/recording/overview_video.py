"""What a video or a still picture holds, measured and drawn (``emogap look``)."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.text_picture import WIDTH, bullet, fact, trace
from emogap.recording.video import VideoInfo, frame_times, probe_video

__all__ = ["PICTURE_ENDINGS", "VIDEO_ENDINGS", "PictureOverview", "VideoOverview", "look_at_picture", "look_at_video"]

VIDEO_ENDINGS = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"}
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
SAME_RATE = 0.01
"""Rates that differ by less, as a share, are the same."""


@dataclass(frozen=True, slots=True)
class VideoOverview:
    """A video in numbers; what its header claims (``header_...``, None: nothing) beside what is in the file.

    `rate_hz` is one over the median time between frames, `mean_rate_hz` frames over duration; they differ where the
    rate varies. `step_ms` are the shortest and the longest time between frames. `audio` names codec and rate.
    """

    path: Path
    container: str
    codec: str
    size_px: tuple[int, int]
    rotation_deg: int
    num_frames: int
    header_num_frames: int | None
    duration_s: float
    header_duration_s: float | None
    rate_hz: float | None
    mean_rate_hz: float
    header_rate_hz: float | None
    has_variable_rate: bool
    step_ms: tuple[float, float] | None
    is_truncated: bool
    audio: tuple[str, ...]
    doubts: tuple[str, ...]
    steps: str

    def as_dict(self) -> dict[str, object]:
        """Everything but the drawing, for JSON."""
        found = asdict(self) | {"file": str(self.path), "kind": "video"}
        return {name: value for name, value in found.items() if name not in ("path", "steps")}

    def draw(self) -> str:
        """The overview as text, at most 80 characters wide."""
        lines = [f"{self.path.name}   a video", ""]
        for name, text in _video_facts(self):
            lines += fact(name, text)
        if self.steps:
            lines += ["", "  time between frames, from first to last (higher = longer)", f"           {self.steps}"]
        if self.doubts:
            lines += ["", "  what to question", *(line for doubt in self.doubts for line in bullet(doubt))]
        return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True, slots=True)
class PictureOverview:
    """A still picture: its format and size."""

    path: Path
    codec: str
    size_px: tuple[int, int]

    def as_dict(self) -> dict[str, object]:
        """Everything, for JSON."""
        return {"file": str(self.path), "kind": "picture", "codec": self.codec, "size_px": list(self.size_px)}

    def draw(self) -> str:
        """The overview as text."""
        size = f"{self.size_px[0]} x {self.size_px[1]} px"
        return f"{self.path.name}   a still picture\n\n  {'format':<13}{self.codec}\n  {'size':<13}{size}"


@dataclass(frozen=True, slots=True)
class _Header:
    """What the container states about its first video stream, and the turn of its first frame."""

    container: str
    num_frames: int | None
    duration_s: float | None
    rate_hz: float | None
    rotation_deg: int
    audio: tuple[str, ...]


def look_at_video(path: Path) -> VideoOverview:
    """Measure a video by the presentation times of its frames; decodes the first frame only.

    Raises
    ------
    DataError
        As :func:`emogap.recording.video.probe_video`.
    """
    info = probe_video(path)
    times_s = frame_times(path)
    header = _read_header(path)
    steps_s = np.diff(times_s)
    mean_rate_hz = info.num_frames / info.duration_s if info.duration_s > 0 else float("nan")
    return VideoOverview(
        path=path,
        container=header.container,
        codec=info.codec,
        size_px=info.size_px,
        rotation_deg=header.rotation_deg,
        num_frames=info.num_frames,
        header_num_frames=header.num_frames,
        duration_s=info.duration_s,
        header_duration_s=header.duration_s,
        rate_hz=info.rate_hz if np.isfinite(info.rate_hz) else None,
        mean_rate_hz=mean_rate_hz,
        header_rate_hz=header.rate_hz,
        has_variable_rate=info.has_variable_rate,
        step_ms=(float(steps_s.min() * 1000), float(steps_s.max() * 1000)) if len(steps_s) else None,
        is_truncated=info.is_truncated,
        audio=header.audio,
        doubts=_doubts(info, header, steps_s, mean_rate_hz),
        steps=trace(steps_s, width=WIDTH - 12) if info.has_variable_rate else "",
    )


def look_at_picture(path: Path) -> PictureOverview:
    """Format and size of a still picture, decoded once so that a damaged one is found.

    Raises
    ------
    DataError
        If the file is empty, or no picture that can be decoded.
    """
    if path.stat().st_size == 0:
        raise DataError("the picture file is empty (0 bytes)", where=str(path), fix="copy it again")
    try:
        with av.open(str(path)) as container:
            stream: Any = container.streams.video[0]
            frame = next(container.decode(stream))
            codec = str(stream.codec_context.name).replace("mjpeg", "jpeg")
            return PictureOverview(path, codec, (int(frame.width), int(frame.height)))
    except (FFmpegError, IndexError, StopIteration) as error:
        raise DataError(
            "the picture is cut or damaged, or is no picture", where=str(path), fix="copy the file again"
        ) from error


def _read_header(path: Path) -> _Header:
    # probe_video has opened the file and decoded its first frame already: nothing here can fail on a damaged one.
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        rotation = round(next(container.decode(stream)).rotation)
        duration_s = None if stream.duration is None else float(stream.duration * stream.time_base)
        return _Header(
            container=str(container.format.long_name),
            num_frames=int(stream.frames) or None,
            duration_s=duration_s,
            rate_hz=float(stream.average_rate) if stream.average_rate else None,
            rotation_deg=int(rotation),
            audio=tuple(_describe_audio(one) for one in container.streams.audio),
        )


def _describe_audio(stream: Any) -> str:
    if stream.codec_context is None:
        return "unknown codec"
    return f"{stream.codec_context.name.removesuffix('float')}, {stream.codec_context.sample_rate:,} Hz"


def _doubts(info: VideoInfo, header: _Header, steps_s: Float[ndarray, " S"], mean_rate_hz: float) -> tuple[str, ...]:
    doubts = []
    if header.num_frames is not None and header.num_frames != info.num_frames:
        doubts.append(
            f"the header counts {counted(header.num_frames, 'frame')}, and {info.num_frames} are shown: frames"
            " are counted by"
            " their presentation times"
        )
    if info.is_truncated:
        doubts.append(
            f"the video breaks off: its header promises {header.duration_s or float('nan'):.2f} s, and there are"
            f" {info.duration_s:.2f} s"
        )
    if info.has_variable_rate:
        doubts.append(
            f"the rate varies (steps of {steps_s.min() * 1000:.0f} to {steps_s.max() * 1000:.0f} ms): a frame's number"
            " over the mean rate is not its time; emogap takes its presentation time"
        )
    rates = [info.rate_hz] if not info.has_variable_rate else [info.rate_hz, mean_rate_hz]
    if header.rate_hz and not any(abs(header.rate_hz / rate - 1) < SAME_RATE for rate in rates if rate > 0):
        doubts.append(
            f"the header's mean rate, {header.rate_hz:.3f} frames per second, is not that of the frames,"
            f" {info.rate_hz:.3f}"
        )
    if (
        header.duration_s
        and not info.is_truncated
        and abs(header.duration_s - info.duration_s) > max(steps_s, default=0)
    ):
        doubts.append(f"the header states {header.duration_s:.2f} s, and the frames last {info.duration_s:.2f} s")
    return tuple(doubts)


def _video_facts(found: VideoOverview) -> list[tuple[str, str]]:
    turned = f", turned by {found.rotation_deg} degrees when shown" if found.rotation_deg else ", not turned"
    header = "the header does not count" if found.header_num_frames is None else f"header {found.header_num_frames:,}"
    stated = "" if found.header_rate_hz is None else f"; header {found.header_rate_hz:.3f}"
    rate = f"{found.mean_rate_hz:.3f} frames per second"
    if found.rate_hz is None:
        rate = "unknown (one frame)"
    elif found.has_variable_rate and found.step_ms is not None:
        rate += f" on average, variable: {found.step_ms[0]:.0f} to {found.step_ms[1]:.0f} ms"
    else:
        rate = f"{found.rate_hz:.3f} frames per second, constant"
    length = "" if found.header_duration_s is None else f"; header {found.header_duration_s:.2f} s"
    return [
        ("container", found.container),
        ("codec", found.codec),
        ("size", f"{found.size_px[0]} x {found.size_px[1]} px{turned}"),
        ("frames", f"{found.num_frames:,} shown; {header}"),
        ("duration", f"{found.duration_s:.2f} s{length}"),
        ("rate", rate + stated),
        ("audio", "; ".join(found.audio) or "none"),
    ]
