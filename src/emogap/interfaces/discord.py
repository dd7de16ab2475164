"""Where in a session felt and shown seem to differ: sliding windows, scored by a stored gap detector and merged."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray

from emogap.analysis.discord import DiscordSegment, discord_segments, window_starts
from emogap.counted_nouns import counted
from emogap.datasets.catalogue.study import placed
from emogap.datasets.cutting import cut_gaze
from emogap.datasets.face_streams import cut_faces
from emogap.datasets.plan import BuildConfig, Clip
from emogap.errors import DataError, MismatchError
from emogap.files import write_aside, write_bytes
from emogap.interfaces.predicting import build_config, study_of_session
from emogap.interfaces.stored_detector import StoredDetector, read_detector
from emogap.learning.prediction import predict_clips
from emogap.learning.stored_network import CONFIG_FILE
from emogap.learning.training.checkpoint import Trained, load_model
from emogap.recording import open_recording
from emogap.recording.derived import record_derived
from emogap.recording.session import SessionFiles, Trial
from emogap.recording.study import Study, open_session, open_study
from emogap.types import LabelView, SampleKey

__all__ = ["DiscordTimeline", "StimulusSegment", "discord_timeline", "write_discord"]


@dataclass(frozen=True, slots=True)
class StimulusSegment:
    """A segment within one stimulus, in seconds of the gaze recording."""

    stimulus_id: str
    segment: DiscordSegment


@dataclass(frozen=True, slots=True, eq=False)
class DiscordTimeline:
    """Windows of a session and what became of them.

    Attributes
    ----------
    participant_id : str
    detector : StoredDetector
    stimuli : tuple of str, length W
    start_s, stop_s, probability : float64 arrays, shape (W,)
        Windows in seconds of the gaze recording.
    segments : tuple of StimulusSegment
    num_left_out : int
        Windows without a valid gaze sample, or that could not be read.
    was_fitted_on : bool
        Whether a model or its epoch was fitted on clips of this person: then the timeline says nothing of new people.
    """

    participant_id: str
    detector: StoredDetector
    stimuli: tuple[str, ...]
    start_s: Float[ndarray, " W"]
    stop_s: Float[ndarray, " W"]
    probability: Float[ndarray, " W"]
    segments: tuple[StimulusSegment, ...]
    num_left_out: int
    was_fitted_on: bool


def discord_timeline(checkpoint: Path, session: Path, *, window_s: float, step_s: float) -> DiscordTimeline:
    """Score sliding windows within every stimulus of a session, and merge those that are flagged.

    A window is cleaned and cut as the model's clips were, into as many steps, so a short window is seen in slow motion:
    give windows of about the length of the clips that the detector was calibrated on, or take the probabilities as an
    order. Windows overlap, so those of one stimulus are not independent.

    Parameters
    ----------
    checkpoint : Path
        Folder with ``detector.json`` and the checkpoints of its two-view models: of each inner fold in a folder of its
        own, or of the one model beside it. The probability is the mean over the models.
    session : Path
        ``STUDY/sessions/PARTICIPANT``.
    window_s, step_s : float
        Length of a window, and from one start to the next.

    Raises
    ------
    UsageError
        If `session` is no session of a study, or the windows leave time out.
    MismatchError
        If a model does not know both views in the space of the detector, or needs a stream that the session lacks.
    DataError
        If the checkpoint or the session is damaged, or no window is left.
    """
    detector, models = read_detector(checkpoint), _models(checkpoint)
    for task in (trained.task for trained in models):
        views = {view.value for view in task.views}
        if not {LabelView.FELT, LabelView.SHOWN} <= views or task.space != detector.space:
            raise MismatchError(
                f"the detector compares felt and shown {detector.space}, the model says {', '.join(sorted(views))}"
                f" {task.space or 'values'}",
                where=str(checkpoint),
                fix="give a folder below 'detectors/views' of an experiment of the kind gap_detector",
            )
    study = open_study(study_of_session(session), with_sessions=False)
    files = open_session(study.path, session.resolve().name, study.stimuli, sam_points=study.sam_points)
    windowed = replace(files, trials=_windows(files, window_s=window_s, step_s=step_s))
    clips = _cut(study, windowed, build_config(models[0].origin, checkpoint))
    if not clips:
        raise DataError(
            f"none of {counted(len(windowed.trials), 'window')} has a valid gaze sample",
            where=str(session),
            fix="see what the session holds with 'emogap look'",
        )
    said = [predict_clips(trained, clips) for trained in models]
    probability = np.mean([detector.probability(each[LabelView.FELT], each[LabelView.SHOWN]) for each in said], axis=0)
    start_s, stop_s = (np.array([getattr(clip.key, name) for clip in clips]) for name in ("start_s", "stop_s"))
    stimuli = np.array([clip.key.stimulus_id for clip in clips])
    segments = tuple(
        StimulusSegment(name, segment)
        for name in dict.fromkeys(stimuli.tolist())
        for segment in discord_segments(
            start_s[stimuli == name],
            stop_s[stimuli == name],
            probability[stimuli == name],
            threshold=detector.threshold,
        )
    )
    return DiscordTimeline(
        participant_id=files.participant_id,
        detector=detector,
        stimuli=tuple(stimuli.tolist()),
        start_s=start_s,
        stop_s=stop_s,
        probability=probability,
        segments=segments,
        num_left_out=len(windowed.trials) - len(clips),
        was_fitted_on=any(_was_fitted_on(trained, study, files.participant_id) for trained in models),
    )


def write_discord(timeline: DiscordTimeline, out: Path, *, study: Path) -> tuple[Path, Path]:
    """Write the segments as TSV to `out`, and every window beside it as ``<name>.windows.parquet``; both paths.

    Parameters
    ----------
    timeline : DiscordTimeline
    out : Path
    study : Path
        Of the session; it keeps a note of both.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    writer.writerow(["participant_id", "stimulus_id", "start_s", "stop_s", "probability", "num_windows"])
    for each in timeline.segments:
        found = each.segment
        times = (f"{found.start_s:.3f}", f"{found.stop_s:.3f}", f"{found.probability:.4f}", found.num_windows)
        writer.writerow([timeline.participant_id, each.stimulus_id, *times])
    windows = out.with_name(f"{out.stem}.windows.parquet")
    for path in (out, windows):
        record_derived(study, path, by="predict")
    write_bytes(out, stream.getvalue().encode())
    frame = pl.DataFrame(
        {
            "participant_id": [timeline.participant_id] * len(timeline.stimuli),
            "stimulus_id": timeline.stimuli,
            "start_s": timeline.start_s,
            "stop_s": timeline.stop_s,
            "probability": timeline.probability,
            "is_flagged": timeline.probability > timeline.detector.threshold,
        }
    )
    with write_aside(windows) as partial:
        frame.write_parquet(partial)
    return out, windows


def _models(checkpoint: Path) -> tuple[Trained, ...]:
    """The models of the inner folds; the one beside the detector if there are none."""
    folders = sorted(path.parent for path in checkpoint.glob(f"*/{CONFIG_FILE}"))
    return tuple(load_model(folder) for folder in folders or [checkpoint])


def _windows(files: SessionFiles, *, window_s: float, step_s: float) -> tuple[Trial, ...]:
    """The windows of every trial as trials of their own."""
    return tuple(
        replace(trial, onset_s=float(start_s), duration_s=min(window_s, trial.duration_s))
        for trial in files.trials
        for start_s in window_starts(trial.onset_s, trial.onset_s + trial.duration_s, window_s=window_s, step_s=step_s)
    )


def _cut(study: Study, session: SessionFiles, config: BuildConfig) -> tuple[Clip, ...]:
    recording = placed(open_recording(session.gaze_path), study, session)
    group = {stimulus.stimulus_id: stimulus.stimulus_group for stimulus in study.stimuli}
    clips = []
    for trial, face in zip(session.trials, cut_faces(session, config), strict=True):
        interval = trial.interval
        key = SampleKey(
            _name(study),
            recording.recording_id,
            session.participant_id,
            trial.stimulus_id,
            group[trial.stimulus_id],
            interval.onset_s,
            interval.offset_s,
        )
        piece = cut_gaze(recording, interval, key, config)
        if isinstance(piece, Clip):
            clips.append(replace(piece, streams={**piece.streams, **face.streams}))
    return tuple(clips)


def _name(study: Study) -> str:
    """What a data set built from the study is called; ids of other studies are other people."""
    return f"study-{study.name}"


def _was_fitted_on(trained: Trained, study: Study, participant_id: str) -> bool:
    person = _name(study), participant_id
    return person in {(key.dataset, key.participant_id) for key in (*trained.scaler.keys, *trained.validation_keys)}
