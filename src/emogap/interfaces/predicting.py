"""From a session or a gaze file to what a checkpoint says of it, view by view."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.cutting import cut_gaze
from emogap.datasets.plan import BuildConfig, Clip, Cut, LeftOut
from emogap.errors import DataError, MismatchError, UsageError
from emogap.files import write_bytes
from emogap.learning.clips import channel_doubts
from emogap.learning.prediction import predict_clips
from emogap.learning.training.checkpoint import DataOrigin, Trained, load_model
from emogap.recording import open_recordings
from emogap.recording.derived import record_derived
from emogap.recording.study import study_around
from emogap.types import Recording, SampleKey, StimulusInterval, TaskSpec, vocabulary

__all__ = [
    "SessionPrediction",
    "SetUp",
    "build_config",
    "column_names",
    "predict_path",
    "study_of_session",
    "write_predictions",
]


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a gaze file alone does not say: size of the lit screen and viewing distance, in mm; None = unknown."""

    size_mm: tuple[float, float] | None = None
    distance_mm: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SessionPrediction:
    """What a model says of every clip of one session or gaze file.

    Attributes
    ----------
    model : str
    task : TaskSpec
    keys : tuple of SampleKey, length N
    output : mapping from view to float64 array, shape (N, K)
        Class probabilities, or one value per target.
    left_out : tuple of LeftOut
        Clips that could not be cut, and why.
    doubts : tuple of str
    """

    model: str
    task: TaskSpec
    keys: tuple[SampleKey, ...]
    output: Mapping[str, Float[ndarray, "N K"]]
    left_out: tuple[LeftOut, ...]
    doubts: tuple[str, ...]

    def named(self, view: str, clip: int) -> dict[str, float]:
        """Probability of each class, or value of each target, of one clip."""
        return dict(zip(column_names(self.task), self.output[view][clip].tolist(), strict=True))

    def said(self, view: str, clip: int) -> str:
        """The most probable class; the first of several that are equally probable."""
        return column_names(self.task)[int(np.argmax(self.output[view][clip]))]


def column_names(task: TaskSpec) -> tuple[str, ...]:
    """What each output of a head is called: a class, or a target."""
    return vocabulary(task.space) if task.space is not None else task.targets


def predict_path(checkpoint: Path, path: Path, *, set_up: SetUp) -> SessionPrediction:
    """What the model in `checkpoint` says of a session of a study, or of a gaze file.

    The recording is cleaned and cut as the model's training data were.

    Parameters
    ----------
    checkpoint : Path
        Folder written by ``emogap train``, or below ``checkpoints`` of a run.
    path : Path
        ``STUDY/sessions/PARTICIPANT``, or an export of an eye tracker. In a gaze file every presented stimulus is
        a clip; a file that names none is one clip.
    set_up : SetUp
        For a gaze file that does not state them.

    Raises
    ------
    UsageError
        If `path` is neither, or gaze cannot be given in degrees.
    MismatchError
        If a stream that the model needs is missing.
    DataError
        If the checkpoint or the recording is damaged, or no clip is left.
    """
    trained = load_model(checkpoint)
    config = build_config(trained.origin, checkpoint)
    cut = _cut_session(path, config) if path.is_dir() else _cut_file(path, config, set_up)
    if not cut.clips:
        first = f"; first: {cut.left_out[0].reason}" if cut.left_out else ""
        raise DataError(
            f"no clip is left to predict ({len(cut.left_out)} left out{first})",
            where=str(path),
            fix="see what the file holds with 'emogap look'",
        )
    doubts = dict.fromkeys(
        [*channel_doubts(cut.clips, trained.scaler, trained.task), *_clip_doubts(cut.clips), *_known(cut, trained)]
    )
    return SessionPrediction(
        model=trained.name,
        task=trained.task,
        keys=tuple(clip.key for clip in cut.clips),
        output=predict_clips(trained, cut.clips),
        left_out=cut.left_out,
        doubts=tuple(doubts),
    )


def write_predictions(prediction: SessionPrediction, out: Path, *, session: Path) -> None:
    """Write one row per clip as TSV; the study that `session` lies in, if any, keeps a note of it.

    Raises
    ------
    UsageError
        If `out` holds something else.
    OutputError
        If it cannot be written.
    """
    content = _table(prediction).encode()
    if out.exists() and (out.is_dir() or out.read_bytes() != content):
        raise UsageError("the file holds something else", where=str(out), fix="choose another with --out")
    if (study := study_around(session)) is not None:
        record_derived(study, out, by="predict")
    write_bytes(out, content)


def _table(prediction: SessionPrediction) -> str:
    task = prediction.task
    names = column_names(task)
    head = ["recording_id", "participant_id", "stimulus_id", "start_s", "stop_s"]
    for view in prediction.output:
        head += [f"{view}_{task.space}"] if task.space else []
        head += [f"{view}_{name}" for name in names]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    writer.writerow(head)
    for clip, key in enumerate(prediction.keys):
        row = [key.recording_id, key.participant_id, key.stimulus_id, f"{key.start_s:.3f}", f"{key.stop_s:.3f}"]
        for view in prediction.output:
            row += [prediction.said(view, clip)] if task.space else []
            row += [f"{value:.4f}" for value in prediction.named(view, clip).values()]
        writer.writerow(row)
    return stream.getvalue()


def build_config(origin: DataOrigin, checkpoint: Path) -> BuildConfig:
    """How the clips of the model in `checkpoint` were cleaned and cut.

    Raises
    ------
    MismatchError
        If the checkpoint does not say.
    """
    if not origin.config:
        raise MismatchError(
            "the checkpoint does not say how its data set was built",
            where=str(checkpoint),
            fix="train again on a data set made by 'emogap build'",
        )
    return BuildConfig.model_validate(dict(origin.config))


def study_of_session(path: Path) -> Path:
    """The study that the session folder `path` lies in.

    Raises
    ------
    UsageError
        If it is no ``STUDY/sessions/PARTICIPANT``.
    """
    study = path.resolve().parent.parent
    if path.resolve().parent.name != "sessions" or not (study / "study.toml").is_file():
        raise UsageError(
            "this folder is no session of a study",
            where=str(path),
            fix="give STUDY/sessions/PARTICIPANT, or a gaze file",
        )
    return study


def _cut_session(path: Path, config: BuildConfig) -> Cut:
    study = study_of_session(path)
    entry = CATALOGUE.open("study")
    plan = entry.plan(study, config)
    job = next((job for job in plan.jobs if job.name == path.resolve().name), None)
    if job is None:
        raise UsageError(
            f"the study has no session of {path.resolve().name}",
            where=str(study),
            fix=f"choose one of: {', '.join(job.name for job in plan.jobs)}",
        )
    cut: Cut = entry.cut(plan.name, job, config)
    return cut


def _cut_file(path: Path, config: BuildConfig, set_up: SetUp) -> Cut:
    pieces = [
        cut_gaze(recording, interval, _key(path, recording, interval), config)
        for recording in (_completed(recording, set_up) for recording in open_recordings(path))
        for interval in _intervals(path, recording)
    ]
    return Cut(
        tuple(piece for piece in pieces if isinstance(piece, Clip)),
        tuple(piece for piece in pieces if isinstance(piece, LeftOut)),
    )


def _completed(recording: Recording, set_up: SetUp) -> Recording:
    """The recording with what the file does not say of the screen."""
    if recording.screen is None:
        return recording
    screen = replace(
        recording.screen,
        size_mm=recording.screen.size_mm or set_up.size_mm,
        distance_mm=recording.screen.distance_mm or set_up.distance_mm,
    )
    if screen.size_mm is None:
        raise UsageError(
            "the gaze file does not say how large the screen is, and without it gaze has no degrees",
            where=recording.source,
            fix="give its lit area, such as --screen-mm 527x296",
        )
    return replace(recording, screen=screen)


def _intervals(path: Path, recording: Recording) -> tuple[StimulusInterval, ...]:
    """The presented stimuli; the whole recording if the file names none."""
    if recording.gaze is None or not len(recording.gaze.time_s):
        raise DataError("the recording holds no gaze samples", where=str(path))
    if recording.stimuli:
        return recording.stimuli
    time_s = recording.gaze.time_s
    name = recording.stimulus_id or "whole-recording"
    return (StimulusInterval(name, float(time_s[0]), float(time_s[-1]) + 1 / recording.gaze.rate_hz),)


def _key(path: Path, recording: Recording, interval: StimulusInterval) -> SampleKey:
    return SampleKey(
        dataset=path.name,
        recording_id=recording.recording_id,
        participant_id=recording.participant_id or "unknown",
        stimulus_id=interval.stimulus_id,
        stimulus_group=interval.stimulus_id,
        start_s=interval.onset_s,
        stop_s=interval.offset_s,
    )


def _clip_doubts(clips: Sequence[Clip]) -> list[str]:
    return [doubt for clip in clips for doubt in str(clip.quality.get("doubts") or "").split("\n") if doubt]


def _known(cut: Cut, trained: Trained) -> list[str]:
    """A person whom the model learned from is no test of it; ids of other studies are other people."""
    seen = {(key.dataset, key.participant_id) for key in (*trained.scaler.keys, *trained.validation_keys)}
    people = sorted({person for dataset, person in {(c.key.dataset, c.key.participant_id) for c in cut.clips} & seen})
    return [f"the model was fitted on clips of {', '.join(people)}: this says nothing of new people"] if people else []
