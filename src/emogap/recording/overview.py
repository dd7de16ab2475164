"""What a file of recordings holds, in numbers; ``overview_text`` draws it."""

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import UsageError
from emogap.recording.opening import is_known, open_recordings
from emogap.types import GazeSeries, Recording, Screen

__all__ = ["GAP_S", "FileOverview", "RecordingOverview", "look_at", "measure_recording", "screen_extent"]

VIDEO_ENDINGS = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"}
GAP_S = 0.075
"""Losses from this length on are counted as gaps: the shortest blink of the paper's cleaning step, 75 ms."""
EXPORT_ENDINGS = {".tsv", ".csv", ".txt", ".gz", ".xlsx"}
MAX_FILES = 50


@dataclass(frozen=True, slots=True)
class RecordingOverview:
    """One recording in numbers.

    `rate_hz` is measured from the clock (None: unknown, the doubts say why), `nominal_rate_hz` what the file states
    (None: nothing). Shares are in [0, 1]; a sample is lost where no eye has a point of gaze. Pupils are the 1st, 50th
    and 99th percentile. Gaps are runs of lost samples of 75 ms or more; holes are steps of the clock above 1.5
    sampling intervals.
    """

    recording_id: str
    participant_id: str | None
    stimuli: tuple[str, ...]
    tracker: str
    nominal_rate_hz: float | None
    rate_hz: float | None
    duration_s: float
    num_samples: int
    eyes: tuple[str, ...]
    lost_share: float
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
            "reader": self.reader,
            "screen": None if self.screen is None else asdict(self.screen),
            "recordings": [asdict(overview) for overview in self.overviews],
        }


def look_at(path: Path, *, reader: str | None = None) -> FileOverview:
    """Read a file and measure every recording in it.

    Raises
    ------
    UsageError
        If `path` is a folder, a video, or does not exist; says what to look at instead.
    DataError
        As :func:`emogap.recording.open_recordings`.
    """
    if path.is_dir():
        raise UsageError("a folder; 'look' shows one gaze file", where=str(path), fix=_advise_for_folder(path))
    if path.suffix.lower() in VIDEO_ENDINGS:
        raise UsageError(
            "a video; 'look' shows gaze files",
            where=str(path),
            fix="look at the gaze file recorded with it; 'emogap build STUDY OUT' reads the video of a session",
        )
    recordings = open_recordings(path, reader=reader)
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
    gaps_s = _loss_lengths_s(lost, gaze) if gaze is not None else np.empty(0)
    steps_s = np.diff(gaze.time_s) if gaze is not None else np.empty(0)
    doubts = recording.doubts
    if gaze is not None and lost.all():
        doubts = (*doubts, "no sample has a point of gaze: there is nothing to analyse")
    return RecordingOverview(
        recording_id=recording.recording_id,
        participant_id=recording.participant_id,
        stimuli=tuple(dict.fromkeys(interval.stimulus_id for interval in recording.stimuli)),
        tracker=recording.tracker.model,
        nominal_rate_hz=recording.tracker.rate_hz,
        rate_hz=gaze.rate_hz if gaze is not None and np.isfinite(gaze.rate_hz) else None,
        duration_s=float(gaze.time_s[-1] - gaze.time_s[0] + _interval_s(gaze)) if gaze is not None else 0.0,
        num_samples=len(lost),
        eyes=gaze.eyes if gaze is not None else (),
        lost_share=float(lost.mean()) if len(lost) else 1.0,
        lost_share_of_eye=tuple((1 - gaze.valid.mean(axis=0)).tolist()) if gaze is not None else (),
        off_screen_share=_off_screen_share(gaze, recording.screen),
        pupil=_pupil_percentiles(gaze),
        pupil_unit=gaze.pupil_unit if gaze is not None else None,
        num_gaps=int(np.count_nonzero(gaps_s >= GAP_S)),
        longest_gap_s=float(gaps_s.max()) if len(gaps_s) else 0.0,
        num_holes=int(np.count_nonzero(steps_s > 1.5 * np.median(steps_s))) if len(steps_s) else 0,
        num_events=dict(Counter(f"{kind}s ({events.method})" for events in recording.events for kind in events.kind)),
        doubts=doubts,
        notes=recording.notes,
    )


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


def _pupil_percentiles(gaze: GazeSeries | None) -> tuple[float, float, float] | None:
    if gaze is None or gaze.pupil is None:
        return None
    given = gaze.pupil[np.isfinite(gaze.pupil)]
    if not len(given):
        return None
    low, middle, high = np.percentile(given, (1, 50, 99)).tolist()
    return low, middle, high


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
