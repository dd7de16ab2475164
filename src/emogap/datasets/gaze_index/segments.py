"""The recordings of one job as segments: one per trial, or one per recording without trials, each with its windows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.catalogue.study import placed
from emogap.datasets.gaze_index.config import CHANNELS, IndexConfig
from emogap.datasets.gaze_index.frames import to_frames
from emogap.datasets.gaze_index.good_windows import good_windows
from emogap.datasets.gaze_index.sources import GazeSource
from emogap.datasets.plan import Job
from emogap.errors import DataError, EmogapError
from emogap.preprocessing.trim import trim
from emogap.recording import open_recording, open_recordings
from emogap.recording.study import open_session, open_study
from emogap.types import Recording, StimulusInterval

__all__ = [
    "NO_GOOD_WINDOW",
    "NO_VALID",
    "TOO_SHORT",
    "UNNAMED",
    "UNUSABLE",
    "Dropped",
    "IndexedJob",
    "Segment",
    "index_job",
    "require_gaze_columns",
]

NO_VALID = "no valid gaze"
TOO_SHORT = "shorter than a window"
NO_GOOD_WINDOW = "no good window"
UNUSABLE = "cannot be used"

UNNAMED = "recording:"
"""What the participant of a segment begins with where nobody named the person."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """N frames of one trial or recording, with at least one good window.

    `starts` are the first frames of its good windows, from 0; the other fields are those of ``recordings.parquet``.
    """

    recording_id: str
    participant_id: str
    stimulus_id: str | None
    trial: int
    source_rate_hz: float
    resampled: bool
    measured_from: str
    source: str
    values: Float[ndarray, "N D"]
    valid: Bool[ndarray, " N"]
    starts: Int[ndarray, " K"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A segment that is not in the index: which, and why in a word and in full."""

    recording_id: str
    participant_id: str
    stimulus_id: str | None
    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class IndexedJob:
    """What one file or session gave; `dropped_windows` counts windows of every segment, kept or not, by reason."""

    segments: tuple[Segment, ...]
    dropped: tuple[Dropped, ...]
    dropped_windows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """A recording, or the part of it while one stimulus was on, or why that part cannot be had."""

    recording: Recording
    number: int
    problem: EmogapError | None = None


def index_job(source: GazeSource, job: Job, config: IndexConfig) -> IndexedJob:
    """The segments of a job.

    Raises
    ------
    DataError
        If the file is damaged, or lacks columns of gaze: named.
    """
    file = job.files[0].relative_to(source.path).as_posix()
    found = [_segment(source, file, trial, config) for trial in _trials(source, job)]
    windows = Counter[str]()
    for _, bad in found:
        windows.update(bad)
    return IndexedJob(
        tuple(piece for piece, _ in found if isinstance(piece, Segment)),
        tuple(piece for piece, _ in found if isinstance(piece, Dropped)),
        dict(windows),
    )


def _segment(
    source: GazeSource, file: str, trial: _Trial, config: IndexConfig
) -> tuple[Segment | Dropped, Mapping[str, int]]:
    """One segment, or why it is left out; and how many of its windows are not good, by reason."""
    recording = trial.recording
    recording_id, person = _named(source, file, recording, config)

    def left_out(reason: str, detail: str) -> Dropped:
        return Dropped(recording_id, person, recording.stimulus_id, file, reason, detail)

    if trial.problem is not None:
        return left_out(UNUSABLE, _in_words(trial.problem)), {}
    try:
        frames = to_frames(recording, source.channels, config)
    except EmogapError as problem:
        return left_out(UNUSABLE, _in_words(problem)), {}
    num_window = config.past_frames + config.future_frames
    if not frames.valid.any():
        return left_out(NO_VALID, f"all {counted(len(frames.valid), 'frame', 'is')} lost, or 0 in every channel"), {}
    if len(frames.valid) < num_window:
        return left_out(TOO_SHORT, _short_detail(len(frames.valid), num_window, config.rate_hz)), {}
    good = good_windows(frames.values, frames.valid, config)
    if not len(good.starts):
        told = ", ".join(f"{count} with {reason}" for reason, count in good.dropped.items() if count)
        return left_out(NO_GOOD_WINDOW, f"of {counted(sum(good.dropped.values()), 'window')} {told}"), good.dropped
    segment = Segment(
        recording_id=recording_id,
        participant_id=person,
        stimulus_id=recording.stimulus_id,
        trial=trial.number,
        source_rate_hz=frames.source_rate_hz,
        resampled=frames.is_resampled,
        measured_from=frames.measured_from,
        source=file,
        values=frames.values,
        valid=frames.valid,
        starts=good.starts,
    )
    return segment, good.dropped


def _in_words(problem: EmogapError) -> str:
    return f"{problem.what}; what to do: {problem.fix}" if problem.fix else problem.what


def _short_detail(num_frames: int, num_window: int, rate_hz: float) -> str:
    return (
        f"{counted(num_frames, 'frame')} ({num_frames / rate_hz:.2f} s), and a window has {num_window}"
        f" ({num_window / rate_hz:.2f} s)"
    )


def _named(source: GazeSource, file: str, recording: Recording, config: IndexConfig) -> tuple[str, str]:
    """Id of the recording, unique in the source, and its participant."""
    if source.kind != "files":
        return recording.recording_id, recording.participant_id or f"{UNNAMED}{recording.recording_id}"
    folder = Path(file).parent.as_posix()
    recording_id = recording.recording_id if folder == "." else f"{folder}/{recording.recording_id}"
    if file in source.people:
        return recording_id, source.people[file]
    if config.people == "folder" and folder != ".":
        return recording_id, Path(file).parts[0]
    return recording_id, recording.participant_id or f"{UNNAMED}{recording_id}"


def _trials(source: GazeSource, job: Job) -> Iterator[_Trial]:
    if source.kind == "study":
        return _study_trials(source.path, job)
    if source.kind == "uniss_fgd":
        return _fgd_trials(job)
    if source.kind == "files" and source.channels == "direction":
        require_gaze_columns(job.files[0])
    return _file_trials(job)


def _study_trials(path: Path, job: Job) -> Iterator[_Trial]:
    study = open_study(path, with_sessions=False)
    session = open_session(path, job.name, study.stimuli, sam_points=study.sam_points, with_answers=False)
    recording = placed(open_recording(session.gaze_path), study, session)
    return _cut(recording, tuple(trial.interval for trial in session.trials))


def _fgd_trials(job: Job) -> Iterator[_Trial]:
    for recording in open_recordings(job.files[0]):
        assert recording.gaze is not None
        time_s = recording.gaze.time_s
        whole = StimulusInterval(job.name, float(time_s[0]), float(time_s[-1]) + 1 / recording.gaze.rate_hz)
        yield from _cut(recording, (whole,))


def _file_trials(job: Job) -> Iterator[_Trial]:
    for recording in open_recordings(job.files[0]):
        yield from _cut(recording, recording.stimuli)


def _cut(recording: Recording, intervals: tuple[StimulusInterval, ...]) -> Iterator[_Trial]:
    """Every trial of a recording in turn; the recording itself if it states none."""
    if not intervals:
        yield _Trial(recording, 0)
    for number, interval in enumerate(intervals):
        try:
            yield _Trial(trim(recording, interval), number)
        except DataError as problem:
            yield _Trial(recording, number, problem)


def require_gaze_columns(path: Path) -> None:
    """Raise if a file of OpenFace lacks a column of the gaze vectors.

    Raises
    ------
    DataError
        Naming the columns that it lacks.
    """
    with path.open("rb") as file:
        names = [name.strip() for name in file.readline(1 << 16).decode("utf-8", "replace").split(",")]
    missing = [channel.name for channel in CHANNELS["direction"] if channel.name not in names]
    if {"frame", "timestamp", "success"} <= set(names) and missing:
        raise DataError(
            f"the file of OpenFace lacks the gaze columns {', '.join(missing)}",
            where=f"{path.name}, line 1",
            fix="run FeatureExtraction of OpenFace 2 again with -gaze",
        )
