"""Data quality of a whole study: every clip of every session, measured without opening a label.

Neither the self-report nor the ratings nor the targets of the stimuli are used: the quality gate is set, hashed and
applied before labels are joined.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from emogap.datasets.catalogue.study import placed
from emogap.datasets.clip_quality import measure_clip
from emogap.datasets.face_streams import cut_faces, settle_faces
from emogap.datasets.plan import BuildConfig
from emogap.errors import EmogapError
from emogap.files import fingerprint_file, fingerprint_json
from emogap.preprocessing.accuracy import validated_accuracy_deg
from emogap.progress import track
from emogap.recording import open_recording
from emogap.recording.session import SessionFiles
from emogap.recording.study import Study, open_session, open_study
from emogap.types import Recording
from emogap.types.quality import ClipQuality

__all__ = ["SessionQuality", "StudyQuality", "lacks_gaze", "measure_study"]


@dataclass(frozen=True, slots=True)
class SessionQuality:
    """What one session's files say of how it was recorded, and the quality of its clips.

    Attributes
    ----------
    participant_id : str
    clips : tuple of ClipQuality
        In the order of the trials; with a `problem` each where the session cannot be read.
    problem : str or None
        Why the session cannot be read; None if it can.
    eyes : tuple of str
    frame, pupil_unit : str or None
        Unit and origin of gaze and unit of the pupil in the file.
    rate_hz : float
        Of the file; NaN = unknown.
    accuracy_deg : float
        Mean error of the last validation; NaN = unknown.
    distance_mm : float
        Median distance of the eyes from the screen; NaN where the file gives none.
    clock_residual_ms : float
        Of the relation between the clocks of face video and gaze; NaN = unknown.
    notes : tuple of str
        What the file says about itself.
    """

    participant_id: str
    clips: tuple[ClipQuality, ...]
    problem: str | None = None
    eyes: tuple[str, ...] = ()
    frame: str | None = None
    pupil_unit: str | None = None
    rate_hz: float = math.nan
    accuracy_deg: float = math.nan
    distance_mm: float = math.nan
    clock_residual_ms: float = math.nan
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyQuality:
    """The quality of a study's recordings.

    Attributes
    ----------
    study : Study
        Opened without its sessions.
    sessions : tuple of SessionQuality
        In the order of their ids.
    source_fingerprint : str
        Of every gaze file, table of trials and clock relation, and of the videos if faces were looked for; of no label.
    face_detector : str or None
        Name and, if it has weights, their hash; None if no face was looked for.
    """

    study: Study
    sessions: tuple[SessionQuality, ...]
    source_fingerprint: str
    face_detector: str | None = None


NO_GAZE = "no gaze was recorded in this session"


def lacks_gaze(path: Path) -> bool:
    """Whether a session of the study in the folder `path` states that no gaze was recorded: its face is what it has."""
    folders = [path / "sessions" / name for name in open_study(path, with_sessions=False).session_ids]
    return any((folder / "session.toml").is_file() and not any(folder.glob("gaze.*")) for folder in folders)


def measure_study(path: Path, *, faces: BuildConfig | None = None, jobs: int = 1) -> StudyQuality:
    """Measure every clip of a study.

    Parameters
    ----------
    path : Path
        Folder of the study.
    faces : BuildConfig, optional
        Look for a face in the video too, at the times and with the detector of such a build. Slow.
    jobs : int
        Processes; the result does not depend on it.

    Raises
    ------
    UsageError
        If the folder is no study, or the weights of the face detector are missing.
    DataError
        If the weights are damaged, or the tables of the study are at fault; those of a session are a problem of that
        session.
    """
    study = open_study(path, with_sessions=False)
    faces = settle_faces(faces) if faces is not None else None
    if jobs == 1:
        results = (_measure_session(study, name, faces) for name in study.session_ids)
    else:
        work = (delayed(_measure_session)(study, name, faces) for name in study.session_ids)
        results = Parallel(n_jobs=jobs, return_as="generator")(work)
    sessions = tuple(track(results, "measuring sessions", total=len(study.session_ids)))
    detector = None if faces is None else f"{faces.face_detector} {faces.face_detector_sha256}".strip()
    return StudyQuality(study, sessions, _source_fingerprint(study, with_videos=faces is not None), detector)


def _measure_session(study: Study, participant_id: str, faces: BuildConfig | None) -> SessionQuality:
    try:
        session = open_session(
            study.path, participant_id, study.stimuli, sam_points=study.sam_points, with_answers=False
        )
    except EmogapError as problem:
        return SessionQuality(participant_id, (), str(problem))
    try:
        if session.gaze_file is None:
            return _without_gaze(session, _face_shares(session, faces))
        recording = placed(open_recording(session.gaze_path), study, session)
        accuracy_deg = validated_accuracy_deg(recording)
        shares = _face_shares(session, faces)
        clips = tuple(
            measure_clip(recording, trial.interval, accuracy_deg=accuracy_deg, face_found_share=share)
            for trial, share in zip(session.trials, shares, strict=True)
        )
    except EmogapError as problem:
        return SessionQuality(participant_id, _unread(session, str(problem)), str(problem))
    return _described(recording, session, clips, accuracy_deg)


def _unread(session: SessionFiles, problem: str) -> tuple[ClipQuality, ...]:
    return tuple(
        ClipQuality(session.participant_id, trial.stimulus_id, trial.duration_s, problem=problem)
        for trial in session.trials
    )


def _without_gaze(session: SessionFiles, shares: Sequence[float | None]) -> SessionQuality:
    clips = tuple(
        ClipQuality(
            session.participant_id,
            trial.stimulus_id,
            trial.duration_s,
            face_found_share=math.nan if share is None else share,
            problem=NO_GAZE,
        )
        for trial, share in zip(session.trials, shares, strict=True)
    )
    return SessionQuality(session.participant_id, clips, notes=(NO_GAZE,))


def _face_shares(session: SessionFiles, faces: BuildConfig | None) -> Sequence[float | None]:
    if faces is None:
        return [None] * len(session.trials)
    shares = [cut.quality.get("face_found_share") for cut in cut_faces(session, faces)]
    return [share if isinstance(share, float) else None for share in shares]


def _described(
    recording: Recording, session: SessionFiles, clips: tuple[ClipQuality, ...], accuracy_deg: float | None
) -> SessionQuality:
    gaze = recording.gaze
    assert gaze is not None
    distance_mm = math.nan
    if gaze.origin_mm is not None and np.isfinite(gaze.origin_mm[..., 2]).any():
        distance_mm = float(np.nanmedian(np.abs(gaze.origin_mm[..., 2])))
    residual_ms = session.clock.residual_ms if session.clock is not None else None
    return SessionQuality(
        session.participant_id,
        clips,
        eyes=gaze.eyes,
        frame=gaze.frame,
        pupil_unit=gaze.pupil_unit,
        rate_hz=gaze.rate_hz,
        accuracy_deg=math.nan if accuracy_deg is None else accuracy_deg,
        distance_mm=distance_mm,
        clock_residual_ms=math.nan if residual_ms is None else residual_ms,
        notes=recording.notes,
    )


def _source_fingerprint(study: Study, *, with_videos: bool) -> str:
    folders = [study.path / "sessions" / name for name in study.session_ids]
    files = [file for folder in folders for file in sorted(folder.glob("gaze.*"))]
    names = ("trials.tsv", "clock.toml", "face.mp4") if with_videos else ("trials.tsv", "clock.toml")
    files += [folder / name for folder in folders for name in names]
    prints = {
        file.relative_to(study.path).as_posix(): fingerprint_file(file)
        for file in (study.path / "study.toml", *files)
        if file.is_file()
    }
    return fingerprint_json(prints)
