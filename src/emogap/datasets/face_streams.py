"""The streams ``face`` and ``frames``: a few frames of each trial of a session, at their own times.

The video is gone through once, from trial to trial; only the frames that are wanted are decoded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.datasets.channels import Channel
from emogap.datasets.plan import BuildConfig
from emogap.datasets.samples import SampledStream, chunk_centres
from emogap.errors import DataError
from emogap.preprocessing.face import ENCODERS, Encoder, FaceFeatures, face_features
from emogap.preprocessing.face.detectors import DETECTORS, settle_detector
from emogap.preprocessing.face.network_card import require_network
from emogap.preprocessing.face.weights import require_weights, sha256_of
from emogap.recording.session import ClockRelation, SessionFiles, Trial
from emogap.recording.video import frame_times, read_frames_at

__all__ = ["FaceStreams", "cut_faces", "encoder_of", "settle_faces", "unseen_face"]

Frames = Iterator[tuple[float, UInt8[ndarray, "H W 3"]]]


@dataclass(frozen=True, slots=True, eq=False)
class FaceStreams:
    """The face of one trial; `streams` is empty if there is nothing to see, and `doubts` say why."""

    streams: Mapping[str, SampledStream] = field(default_factory=dict)
    quality: Mapping[str, float | int | str | None] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def settle_faces(config: BuildConfig) -> BuildConfig:
    """The options with the face detector by name, and the weights of detector and encoder by their hash.

    Settled once, when a build begins: what is stored tells which networks made the features, and a build that goes on
    where other weights would be used is another build.

    Raises
    ------
    UnknownNameError
        If there is no such detector, encoder or network.
    UsageError
        If weights are missing.
    DataError
        If weights are damaged, or those of another network.
    """
    detector = settle_detector(config.face_detector)
    hashes = [sha256_of(require_weights(name)) for name in DETECTORS.open(detector).WEIGHTS]
    return config.model_copy(
        update={
            "face_detector": detector,
            "face_detector_sha256": " ".join(hashes),
            "face_encoder_sha256": encoder_of(config).weights_sha256,
        }
    )


def encoder_of(config: BuildConfig) -> Encoder:
    """The frame encoder that the options name, with its weights."""
    encoder: Encoder = ENCODERS.open(config.face_encoder).open_encoder(_network(config))
    return encoder


def _network(config: BuildConfig) -> Path | None:
    """File of the expression network that the options name; None for the encoder's own weights."""
    return require_network(config.face_encoder_weights) if config.face_encoder_weights else None


def cut_faces(session: SessionFiles, config: BuildConfig) -> tuple[FaceStreams, ...]:
    """The face streams of every trial of a session, at the centres of equal chunks of each.

    Parameters
    ----------
    session : SessionFiles
        Trials on the gaze clock, in order; the session's clock relation gives the times in the video.
    config : BuildConfig
        As :func:`settle_faces` gives it.

    Returns
    -------
    tuple of FaceStreams
        One per trial. ``face`` float32, shape (T, D_v), NaN and masked where no face was found; with the option
        `frames` also ``frames`` uint8, shape (T, 3, 112, 112), red green blue. Without a video there is nothing;
        where the clock relation is unknown, the video does not reach or cannot be decoded, a doubt says so.
    """
    if session.face_path is None:
        return tuple(FaceStreams() for _ in session.trials)
    if session.clock is None:
        doubt = "the relation of the face video's clock to the gaze clock is not known (no clock.toml)"
        return tuple(unseen_face(doubt) for _ in session.trials)
    wanted_s = [_face_times(trial, session.clock, config.face_steps) for trial in session.trials]
    try:
        time_s = frame_times(session.face_path)
    except DataError as problem:
        return tuple(unseen_face(UNREADABLE, problem=str(problem)) for _ in session.trials)
    reached = [_reaches(time_s, times_s) for times_s in wanted_s]
    faces = _faces(
        session.face_path, [times_s for times_s, there in zip(wanted_s, reached, strict=True) if there], config
    )
    too_short = f"the video runs from {time_s[0]:.3f} to {time_s[-1]:.3f} s"
    return tuple(
        next(faces) if there else unseen_face(OUTSIDE, problem=f"{too_short}, the trial asks for {times_s[-1]:.3f} s")
        for times_s, there in zip(wanted_s, reached, strict=True)
    )


OUTSIDE = "the trial is longer than the face video: its face stream is empty"
UNREADABLE = "the face video cannot be read: its face stream is empty"


def _face_times(trial: Trial, clock: ClockRelation, num_steps: int) -> Float[ndarray, " T"]:
    """Times of the trial's steps on the clock of the video."""
    gaze_s = trial.onset_s + chunk_centres(trial.duration_s, num_steps)
    return np.array([clock.to_face_s(time_s) for time_s in gaze_s.tolist()])


def _reaches(time_s: Float[ndarray, " F"], wanted_s: Float[ndarray, " T"]) -> bool:
    """Whether a video with frames at `time_s` holds all of `wanted_s`, to within one frame."""
    interval_s = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    return bool(wanted_s[0] >= time_s[0] - interval_s and wanted_s[-1] <= time_s[-1] + interval_s)


def _faces(video: Path, wanted_s: Sequence[Float[ndarray, " T"]], config: BuildConfig) -> Iterator[FaceStreams]:
    """The faces of the trials in order.

    The video is read in one go, and opened anew after a trial that cannot be decoded, or for one that begins before the
    last has ended: windows that slide over a recording overlap.
    """
    frames: Frames | None = None
    for trial, times_s in enumerate(wanted_s):
        if frames is None or times_s[0] < wanted_s[trial - 1][-1]:
            frames = read_frames_at(video, np.concatenate(_until_overlap(wanted_s[trial:])))
        try:
            found = face_features(
                islice(frames, len(times_s)),
                video=video.name,
                detector=config.face_detector,
                encoder=config.face_encoder,
                encoder_weights=_network(config),
                illumination=config.illumination,
            )
        except DataError as problem:
            frames = None
            yield unseen_face(UNREADABLE, problem=str(problem))
        else:
            yield _streams(found, config)


def _until_overlap(wanted_s: Sequence[Float[ndarray, " T"]]) -> Sequence[Float[ndarray, " T"]]:
    """The first of the trials, and those after it up to one that begins before its predecessor has ended."""
    ends = (at for at in range(1, len(wanted_s)) if wanted_s[at][0] < wanted_s[at - 1][-1])
    return wanted_s[: next(ends, len(wanted_s))]


def _streams(found: FaceFeatures, config: BuildConfig) -> FaceStreams:
    """What was found, as streams; nothing if there was no face at all."""
    if not found.found.any():
        return unseen_face("no face was found in the video: its face stream is empty")
    channels = tuple(Channel(name, "1") for name in encoder_of(config).channels)
    streams = {"face": SampledStream(found.features, found.found, channels)}
    if config.frames:
        images = np.ascontiguousarray(found.aligned.transpose(0, 3, 1, 2))
        streams["frames"] = SampledStream(images, found.found, ())
    share = float(found.found.mean())
    return FaceStreams(streams, {"face_found_share": share, "face_problem": None}, found.doubts)


def unseen_face(doubt: str, *, problem: str | None = None) -> FaceStreams:
    """A clip without a face stream, and why; `problem` is what stands in ``quality.parquet``, by default the same."""
    return FaceStreams({}, {"face_found_share": 0.0, "face_problem": problem or doubt}, (doubt,))
