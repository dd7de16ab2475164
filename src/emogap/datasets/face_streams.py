"""The streams ``face`` and ``frames`` of one trial: a few frames of the session's video, at their own times."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from emogap.datasets.channels import Channel
from emogap.datasets.plan import BuildConfig
from emogap.datasets.samples import SampledStream, chunk_centres
from emogap.errors import DataError
from emogap.preprocessing.face.features import face_features
from emogap.recording.session import SessionFiles, Trial

__all__ = ["FaceStreams", "cut_face"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceStreams:
    """The face of one trial; `streams` is empty if there is nothing to see, and `doubts` say why."""

    streams: Mapping[str, SampledStream] = field(default_factory=dict)
    quality: Mapping[str, float | int | str | None] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def cut_face(session: SessionFiles, trial: Trial, config: BuildConfig) -> FaceStreams:
    """The face streams of one trial, at the centres of equal chunks of it.

    Parameters
    ----------
    session : SessionFiles
    trial : Trial
        On the gaze clock; the session's clock relation gives the times in the video.
    config : BuildConfig

    Returns
    -------
    FaceStreams
        ``face`` float32, shape (T, D_v), NaN and masked where no face was found; with the option `frames` also
        ``frames`` uint8, shape (T, 3, 112, 112), red green blue. Without a video there is nothing; where the
        clock relation is unknown or the video cannot be read at these times, a doubt and the problem say so.
    """
    if session.face_path is None:
        return FaceStreams()
    if session.clock is None:
        return _unseen("the face video's clock is not known (no clock.toml): its face stream is empty")
    gaze_s = trial.onset_s + chunk_centres(trial.duration_s, config.face_steps)
    face_s = np.array([session.clock.to_face_s(time_s) for time_s in gaze_s.tolist()])
    try:
        found = face_features(session.face_path, face_s, detector=config.face_detector, encoder=config.face_encoder)
    except DataError as problem:
        return _unseen("the face video could not be read: its face stream is empty", problem=str(problem))
    if not found.found.any():
        return _unseen("no face was found in the video: its face stream is empty")
    values = np.where(found.found[:, None], found.features, np.nan).astype(np.float32)
    channels = tuple(Channel(f"{config.face_encoder}_{number:04d}", "1") for number in range(values.shape[1]))
    streams = {"face": SampledStream(values, found.found, channels)}
    if config.frames:
        streams["frames"] = SampledStream(np.ascontiguousarray(found.aligned.transpose(0, 3, 1, 2)), found.found, ())
    return FaceStreams(streams, {"face_found_share": float(found.found.mean()), "face_problem": None})


def _unseen(doubt: str, *, problem: str | None = None) -> FaceStreams:
    return FaceStreams({}, {"face_found_share": 0.0, "face_problem": problem or doubt}, (doubt,))
