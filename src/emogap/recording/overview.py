"""What a file of recordings holds, in numbers; ``overview_text`` draws it, ``overview_video`` is for videos."""

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import UsageError
from emogap.recording.opening import is_known, open_recordings
from emogap.recording.overview_video import (
    PICTURE_ENDINGS,
    VIDEO_ENDINGS,
    PictureOverview,
    VideoOverview,
    look_at_picture,
    look_at_video,
)
from emogap.recording.readers import plain_csv
from emogap.types import GazeSeries, HeadSeries, Recording, Screen

__all__ = [
    "GAP_S",
    "FileOverview",
    "RecordingOverview",
    "describe_recordings",
    "gives_points",
    "look_at",
    "measure_recording",
    "screen_extent",
]

GAP_S = 0.075
"""Losses from this length on are counted as gaps: the shortest blink of the paper's cleaning step, 75 ms."""
EXPORT_ENDINGS = {".tsv", ".csv", ".txt", ".gz", ".xlsx", ".asc", ".xdf"}
MAX_FILES = 50


@dataclass(frozen=True, slots=True)
class RecordingOverview:
    """One recording in numbers.

    `rate_hz` is measured between the holes of the clock (None: unknown, the doubts say why), `mean_rate_hz` counts
    samples over the whole duration, holes included, and `nominal_rate_hz` is what the file states (None: nothing).
    Shares are in [0, 1]; a sample is lost where no eye has a point of gaze, and shares of loss are None where the
    device gives no point of gaze at all. Pupils, lids (`openness`) and `confidence` are the 1st, 50th and 99th
    percentile. Gaps are runs of lost samples of 75 ms or more; holes are steps of the clock above 1.5 sampling
    intervals; both are 0 where the rate is unknown. `head_deg` are the least and the greatest pitch, yaw and roll.
    """

    recording_id: str
    participant_id: str | None
    stimuli: tuple[str, ...]
    tracker: str
    nominal_rate_hz: float | None
    rate_hz: float | None
    mean_rate_hz: float | None
    duration_s: float
    num_samples: int
    eyes: tuple[str, ...]
    frame: str | None
    lost_share: float | None
    lost_share_of_eye: tuple[float, ...]
    off_screen_share: float | None
    pupil: tuple[float, float, float] | None
    pupil_unit: str | None
    num_gaps: int
    longest_gap_s: float
    num_holes: int
    num_events: dict[str, int]
    doubts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    openness: tuple[float, float, float] | None = None
    confidence: tuple[float, float, float] | None = None
    head_deg: tuple[tuple[float, float], ...] | None = None
    action_units: tuple[str, ...] = ()
    num_face_frames: int = 0
    followed_share: float | None = None
    num_messages: int = 0


@dataclass(frozen=True, slots=True)
class FileOverview:
    """A file and its recordings, with what is needed to draw them."""

    path: Path
    reader: str
    screen: Screen | None
    overviews: tuple[RecordingOverview, ...]
    recordings: tuple[Recording, ...]

    def as_dict(self) -> dict[str, object]:
        """Everything but the samples, for JSON."""
        return {
            "file": str(self.path),
            "kind": "recordings",
            "reader": self.reader,
            "screen": None if self.screen is None else asdict(self.screen),
            "recordings": [asdict(overview) for overview in self.overviews],
        }


def look_at(
    path: Path, *, reader: str | None = None, mapping: Path | None = None
) -> FileOverview | VideoOverview | PictureOverview:
    """Read a file and measure every recording in it, or the video or still picture that it is.

    Parameters
    ----------
    path : Path
    reader : str, optional
        Reader to use; by default the one that knows the heading.
    mapping : Path, optional
        TOML file that explains the columns of a table that no reader knows.

    Raises
    ------
    UsageError
        If `path` is a folder or does not exist; says what to look at instead.
    DataError
        As :func:`emogap.recording.open_recordings`, or if a video or a picture is cut or damaged.
    """
    if path.is_dir():
        raise UsageError("a folder; 'look' shows one file", where=str(path), fix=_advise_for_folder(path))
    if mapping is not None:
        if not path.is_file():
            raise UsageError("no such file", where=str(path), fix="check the path")
        return describe_recordings(path, plain_csv.read_with(path, plain_csv.read_mapping(mapping)))
    if reader is None and path.is_file() and path.suffix.lower() in VIDEO_ENDINGS:
        return look_at_video(path)
    if reader is None and path.is_file() and path.suffix.lower() in PICTURE_ENDINGS:
        return look_at_picture(path)
    recordings = open_recordings(path, reader=reader)
    return describe_recordings(path, recordings)


def describe_recordings(path: Path, recordings: tuple[Recording, ...]) -> FileOverview:
    """The recordings of a file, each measured; at least one."""
    return FileOverview(
        path=path,
        reader=recordings[0].reader,
        screen=recordings[0].screen,
        overviews=tuple(measure_recording(recording) for recording in recordings),
        recordings=recordings,
    )


def _advise_for_folder(path: Path) -> str:
    files = (file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix.lower() in EXPORT_ENDINGS)
    known = next((file for file in islice(files, MAX_FILES) if is_known(file)), None)
    advice = f"for example: emogap look '{known}'" if known else "name a gaze file"
    return f"{advice}; 'emogap build {path} OUT' reads all of a study" if (path / "study.toml").is_file() else advice


def measure_recording(recording: Recording) -> RecordingOverview:
    """The numbers that say what a recording holds; a recording without gaze has no samples."""
    gaze = recording.gaze
    lost = _lost(gaze)
    measured = gaze is not None and gives_points(gaze)
    has_clock = gaze is not None and bool(np.isfinite(gaze.rate_hz))
    gaps_s = _loss_lengths_s(lost, gaze) if gaze is not None and measured and has_clock else np.empty(0)
    steps_s = np.diff(gaze.time_s) if gaze is not None and has_clock else np.empty(0)
    units, head = recording.action_units, recording.head
    duration_s = float(gaze.time_s[-1] - gaze.time_s[0] + _interval_s(gaze)) if gaze is not None else 0.0
    if gaze is None and units is not None:
        duration_s = float(np.ptp(units.time_s))
    doubts = recording.doubts
    if gaze is not None and measured and lost.all():
        doubts = (*doubts, "no sample has a point of gaze: there is nothing to analyse")
    return RecordingOverview(
        recording_id=recording.recording_id,
        participant_id=recording.participant_id,
        stimuli=tuple(dict.fromkeys(interval.stimulus_id for interval in recording.stimuli)),
        tracker=recording.tracker.model,
        nominal_rate_hz=recording.tracker.rate_hz,
        rate_hz=gaze.rate_hz if gaze is not None and has_clock else None,
        mean_rate_hz=len(lost) / duration_s if has_clock and duration_s > 0 else None,
        duration_s=duration_s,
        num_samples=len(lost),
        eyes=gaze.eyes if gaze is not None else (),
        frame=gaze.frame if gaze is not None and measured else None,
        lost_share=float(lost.mean()) if measured and len(lost) else None,
        lost_share_of_eye=tuple((1 - gaze.valid.mean(axis=0)).tolist()) if gaze is not None and measured else (),
        off_screen_share=_off_screen_share(gaze, recording.screen),
        pupil=_percentiles(gaze.pupil) if gaze is not None else None,
        pupil_unit=gaze.pupil_unit if gaze is not None else None,
        num_gaps=int(np.count_nonzero(gaps_s >= GAP_S)),
        longest_gap_s=float(gaps_s.max()) if len(gaps_s) else 0.0,
        num_holes=int(np.count_nonzero(steps_s > 1.5 * np.median(steps_s))) if len(steps_s) else 0,
        num_events=dict(Counter(f"{kind}s ({events.method})" for events in recording.events for kind in events.kind)),
        doubts=doubts,
        notes=recording.notes,
        openness=_percentiles(gaze.openness) if gaze is not None else None,
        confidence=_percentiles(gaze.confidence) if gaze is not None else None,
        head_deg=_head_limits_deg(head) if head is not None else None,
        action_units=units.names if units is not None else (),
        num_face_frames=len(units.time_s) if units is not None else 0,
        followed_share=float(units.success.mean()) if units is not None and len(units.success) else None,
        num_messages=len(recording.messages),
    )


def gives_points(gaze: GazeSeries) -> bool:
    """Whether the device gives points of gaze at all, rather than lids and pupils alone.

    A reader of a device that gives none leaves the position in degrees and wholly lost.
    """
    return bool(gaze.valid.any()) or gaze.frame != "deg"


def _interval_s(gaze: GazeSeries) -> float:
    """How long one sample counts: one over the rate, or the median step where the rate is unknown."""
    if np.isfinite(gaze.rate_hz):
        return 1 / gaze.rate_hz
    return float(np.median(np.diff(gaze.time_s))) if len(gaze.time_s) > 1 else 0.0


def _lost(gaze: GazeSeries | None) -> Bool[ndarray, " T"]:
    """Samples at which no eye has a point of gaze."""
    return np.zeros(0, bool) if gaze is None else np.logical_not(np.logical_or.reduce(gaze.valid, axis=1))


def _loss_lengths_s(lost: Bool[ndarray, " T"], gaze: GazeSeries) -> Float[ndarray, " G"]:
    """Length of every run of lost samples, each sample counting one interval beyond its own time."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lost, [False])).astype(np.int8)))
    first, last = edges[::2], edges[1::2] - 1
    lengths_s: Float[ndarray, " G"] = gaze.time_s[last] - gaze.time_s[first] + _interval_s(gaze)
    return lengths_s


def _percentiles(values: Float[ndarray, "T E"] | None) -> tuple[float, float, float] | None:
    given = np.empty(0) if values is None else values[np.isfinite(values)]
    if not len(given):
        return None
    low, middle, high = np.percentile(given, (1, 50, 99)).tolist()
    return low, middle, high


def _head_limits_deg(head: HeadSeries) -> tuple[tuple[float, float], ...] | None:
    given = head.angle_deg[np.isfinite(head.angle_deg).all(axis=1)]
    if not len(given):
        return None
    low, high = given.min(axis=0).tolist(), given.max(axis=0).tolist()
    return tuple(zip(low, high, strict=True))


def screen_extent(gaze: GazeSeries, screen: Screen | None) -> tuple[float, float, float, float] | None:
    """Least and greatest x, least and greatest y of the screen in the frame of the gaze; None if it is unknown."""
    if gaze.frame == "screen_norm":
        return 0.0, 1.0, 0.0, 1.0
    size = None
    if screen is not None:
        size = {"screen_px": screen.size_px, "screen_mm": screen.size_mm}.get(gaze.frame)
    return None if size is None else (0.0, float(size[0]), 0.0, float(size[1]))


def _off_screen_share(gaze: GazeSeries | None, screen: Screen | None) -> float | None:
    extent = screen_extent(gaze, screen) if gaze is not None else None
    if gaze is None or extent is None or not gaze.valid.any():
        return None
    x, y = gaze.position[gaze.valid].T
    return float(((x < extent[0]) | (x > extent[1]) | (y < extent[2]) | (y > extent[3])).mean())
