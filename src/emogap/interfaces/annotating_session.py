"""One session's face video seen by an expression network: every frame of every trial, kept in one Parquet file.

The file is written when the session is finished, with what it was made from. If that has not changed, nothing is done
again; a run that was stopped loses the session it was at.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int64, UInt8
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap.annotation.clip_shares import ClipShares, clip_shares
from emogap.counted_nouns import counted
from emogap.errors import DataError, EmogapError, UsageError
from emogap.files import fingerprint_file, write_aside
from emogap.preprocessing.face import ENCODERS, Encoder, FaceExpressions, crop_face, to_emotion7
from emogap.preprocessing.face.choice import ChosenFace, parse_choice
from emogap.preprocessing.face.network_card import require_network
from emogap.preprocessing.face.tracking import follow_faces
from emogap.progress import without_bars
from emogap.recording.session import ClockRelation, SessionFiles, Trial
from emogap.recording.study import Study, open_session
from emogap.recording.video import frame_times, read_frames_at

__all__ = ["AFFECT", "MachineConfig", "RatedClip", "SessionRated", "open_machine", "rate_session"]

BATCH = 64
"""Faces that are put through the network at once."""

AFFECT = ("valence", "arousal")
"""What a network may say besides, in [-1, 1]."""

Picture = UInt8[ndarray, "S S 3"]

PROBABILITY, INPUTS, PROBLEMS = "probability_", b"emogap inputs", b"emogap problems"


class MachineConfig(BaseModel):
    """Which network judges faces, and how they are found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Entry of the shelf of encoders that gives expressions, such as fer_onnx.")
    weights: str | None = Field(default=None, description="A network in the folder of weights; else the model's own.")
    detector: str = Field(default="auto", description="Entry of the shelf of detectors; auto: yunet if it is there.")
    every: int = Field(default=3, ge=1, description="Frames from one look of the detector to the next.")
    face: str = Field(default="largest", description="Which face: largest, left, right, a number, or X,Y in pixels.")

    @property
    def name(self) -> str:
        """Name of the machine: its weights if they were named, else the model."""
        return self.weights or self.model


@dataclass(frozen=True, slots=True, eq=False)
class RatedClip:
    """What the machine says of one clip.

    Attributes
    ----------
    item : str
    shares : ClipShares
        Over emotion7.
    halves : tuple of two ClipShares
        Of the first and the second half of the stimulus.
    left_out : float
        Mean probability, in [0, 1], of what emotion7 has no word for (contempt); NaN without a face.
    also : mapping from "valence" and "arousal" to tuple of three floats
        Mean over the frames with a face as the network gave it: whole clip, first, second half.
    """

    item: str
    shares: ClipShares
    halves: tuple[ClipShares, ClipShares]
    left_out: float
    also: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class SessionRated:
    """One session: its clips, and why others have no rating, by item (or by participant for all of them)."""

    participant_id: str
    clips: tuple[RatedClip, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    was_there: bool = False


def open_machine(config: MachineConfig) -> Encoder:
    """The network, which must know all words of emotion7.

    Raises
    ------
    UnknownNameError
        If there is no such model or network.
    UsageError
        If weights are missing, the model gives features only, or it lacks a word of emotion7.
    DataError
        If the weights are damaged.
    """
    weights = None if config.weights is None else require_network(config.weights)
    encoder: Encoder = ENCODERS.open(config.model).open_encoder(weights)
    if encoder.express is None:
        raise UsageError(
            f"the encoder '{config.model}' gives features, no expressions", fix="choose one that does, --model fer_onnx"
        )
    to_emotion7(encoder.express(np.full((1, encoder.crop.size_px, encoder.crop.size_px, 3), 128, np.uint8)))
    return encoder


def rate_session(
    study: Study, participant_id: str, folder: Path, config: MachineConfig, made_with: Mapping[str, object]
) -> SessionRated:
    """Judge every trial of a session, or take what is in `folder` already; problems are told, not raised.

    Parameters
    ----------
    study : Study
    participant_id : str
    folder : Path
        Where ``<participant_id>.parquet`` goes.
    config : MachineConfig
        With the detector by its name.
    made_with : mapping
        What the result depends on beside the session: options and hashes of weights.
    """
    path = folder / f"{participant_id}.parquet"
    try:
        session = open_session(
            study.path, participant_id, study.stimuli, sam_points=study.sam_points, with_answers=False
        )
        face_path, clock = _video_of(session)
        inputs = _inputs(session, face_path, clock, made_with)
        found = _finished_before(path, inputs)
        was_there = found is not None
        if found is None:
            with without_bars():
                tables, problems = _rate_trials(session, face_path, clock, config)
            if not tables:
                return SessionRated(participant_id, problems=problems)
            found = pa.concat_tables(tables), problems
            _write(path, *found, inputs)
    except EmogapError as problem:
        return SessionRated(participant_id, problems={participant_id: str(problem)})
    table, problems = found
    clips, unseen = _clips(session, table)
    return SessionRated(participant_id, clips, {**problems, **unseen}, was_there)


def _video_of(session: SessionFiles) -> tuple[Path, ClockRelation]:
    if session.face_path is None:
        raise DataError("the session has no face video", where=session.participant_id, fix="put it there as face.mp4")
    if session.clock is None:
        raise DataError(
            "how the face video's clock relates to the gaze clock is not known (no clock.toml)",
            where=session.participant_id,
            fix="emogap align STUDY",
        )
    return session.face_path, session.clock


def _inputs(
    session: SessionFiles, face_path: Path, clock: ClockRelation, made_with: Mapping[str, object]
) -> dict[str, Any]:
    return {
        **made_with,
        "video": fingerprint_file(face_path),
        "clock": [clock.offset_s, clock.drift_ppm],
        "trials": [[trial.stimulus_id, trial.onset_s, trial.duration_s] for trial in session.trials],
    }


def _finished_before(path: Path, inputs: dict[str, Any]) -> tuple[pa.Table, dict[str, str]] | None:
    """The table of an earlier run on the same inputs, and its problems."""
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        return None
    notes = table.schema.metadata or {}
    if INPUTS not in notes or json.loads(notes[INPUTS]) != inputs:
        return None
    return table, json.loads(notes[PROBLEMS])


def _write(path: Path, table: pa.Table, problems: Mapping[str, str], inputs: Mapping[str, object]) -> None:
    notes = {INPUTS: json.dumps(inputs).encode(), PROBLEMS: json.dumps(problems).encode()}
    with write_aside(path) as partial:
        pq.write_table(table.replace_schema_metadata(notes), partial)


def _rate_trials(
    session: SessionFiles, face_path: Path, clock: ClockRelation, config: MachineConfig
) -> tuple[list[pa.Table], dict[str, str]]:
    """Every frame of every trial that can be read, and why the others cannot, by item."""
    encoder = open_machine(config)
    time_s = frame_times(face_path)
    tables, problems = [], {}
    for trial in session.trials:
        try:
            frames = _frames_of(trial, time_s, clock)
            tables.append(_rate_frames(trial, frames, time_s, clock, face_path, encoder, config))
        except DataError as problem:
            problems[_item(session, trial)] = str(problem)
    return tables, problems


def _frames_of(trial: Trial, time_s: Float[ndarray, " F"], clock: ClockRelation) -> Int64[ndarray, " N"]:
    """Places of the frames while the stimulus was on."""
    from_s, to_s = clock.to_face_s(trial.onset_s), clock.to_face_s(trial.onset_s + trial.duration_s)
    interval_s = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    if from_s < time_s[0] - interval_s or to_s > time_s[-1] + 2 * interval_s:
        raise DataError(
            f"the face video lasts from {time_s[0]:.3f} to {time_s[-1] + interval_s:.3f} s, the trial from {from_s:.3f}"
            f" to {to_s:.3f} s on its clock",
            where=trial.stimulus_id,
            fix="check clock.toml and trials.tsv, or copy the whole video again",
        )
    inside: Int64[ndarray, " N"] = np.flatnonzero((time_s >= from_s) & (time_s < to_s))
    if not len(inside):
        raise DataError("the face video has a gap where the stimulus was on: no frame", where=trial.stimulus_id)
    return inside


def _rate_frames(
    trial: Trial,
    frames: Int64[ndarray, " N"],
    time_s: Float[ndarray, " F"],
    clock: ClockRelation,
    face_path: Path,
    encoder: Encoder,
    config: MachineConfig,
) -> pa.Table:
    """One row per frame; what the network says is missing where there is no face."""
    confidence = np.full(len(frames), np.nan)
    crops: list[Picture] = []
    said: list[Float[ndarray, "N C"]] = []
    chosen_face = ChosenFace(parse_choice(config.face))
    pictures = read_frames_at(face_path, time_s[frames])
    for place, seen in enumerate(follow_faces(pictures, detector=config.detector, every=config.every)):
        chosen = chosen_face.of(seen)
        if chosen is not None:
            confidence[place] = chosen.face.confidence
            crops.append(crop_face(seen.frame, chosen.face, encoder.crop))
        if len(crops) == BATCH:
            said.append(_said(encoder, crops)[1])
            crops = []
    names, last = _said(encoder, crops)
    values = np.full((len(frames), len(names)), np.nan)
    values[np.isfinite(confidence)] = np.concatenate([*said, last])
    from_s = clock.to_face_s(trial.onset_s)
    numbers = {
        "time_s": time_s[frames],
        "trial_s": (time_s[frames] - from_s) * (1 + clock.drift_ppm * 1e-6),
        "confidence": confidence,
        **dict(zip(names, values.T, strict=True)),
    }
    return pa.table(
        {
            "stimulus_id": pa.array([trial.stimulus_id] * len(frames), pa.string()),
            "frame": pa.array(frames, pa.int64()),
            **{name: pa.array(column, pa.float64(), from_pandas=True) for name, column in numbers.items()},
        }
    )


def _said(encoder: Encoder, crops: list[Picture]) -> tuple[tuple[str, ...], Float[ndarray, "N C"]]:
    """Names of the columns, and what the network says of each of N pictures; N may be 0."""
    assert encoder.express is not None
    side = encoder.crop.size_px
    found = encoder.express(np.stack([*crops, np.full((side, side, 3), 128, np.uint8)]))
    also = tuple(name for name in AFFECT if name in found.also)
    names = (*(f"{PROBABILITY}{name}" for name in found.classes), *also)
    return names, np.column_stack([found.probability, *(found.also[name] for name in also)])[:-1]


def _clips(session: SessionFiles, table: pa.Table) -> tuple[tuple[RatedClip, ...], dict[str, str]]:
    """The clips with a face, and why the others have no label."""
    clips, problems = [], {}
    stimulus_id = np.array(table["stimulus_id"].to_pylist())
    for trial in session.trials:
        rows = table.filter(pa.array(stimulus_id == trial.stimulus_id))
        if rows.num_rows == 0:
            continue
        clip = _clip(_item(session, trial), trial, rows)
        if clip.shares.num_rated:
            clips.append(clip)
        else:
            problems[clip.item] = f"no face in any of its {counted(clip.shares.num_frames, 'frame')}"
    return tuple(clips), problems


def _clip(item: str, trial: Trial, rows: pa.Table) -> RatedClip:
    classes = tuple(name.removeprefix(PROBABILITY) for name in rows.column_names if name.startswith(PROBABILITY))
    probability = np.column_stack([_numbers(rows, f"{PROBABILITY}{name}") for name in classes])
    seven = to_emotion7(FaceExpressions(classes, probability, np.zeros(len(probability))))
    is_early = _numbers(rows, "trial_s") < trial.duration_s / 2
    parts = (np.ones_like(is_early), is_early, ~is_early)
    whole, first, second = (clip_shares(seven.probability[part]) for part in parts)
    return RatedClip(
        item=item,
        shares=whole,
        halves=(first, second),
        left_out=_mean(seven.left_out),
        also={
            name: tuple(_mean(_numbers(rows, name)[part]) for part in parts)
            for name in AFFECT
            if name in rows.column_names
        },
    )


def _numbers(rows: pa.Table, name: str) -> Float[ndarray, " N"]:
    return np.array(rows[name].to_pylist(), np.float64)


def _mean(values: Float[ndarray, " N"]) -> float:
    """Mean of what is there; NaN if nothing is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")


def _item(session: SessionFiles, trial: Trial) -> str:
    return f"{session.participant_id}/{trial.stimulus_id}"
