"""What ``emogap faces`` does: follow all faces of a video, write table and overlay, and sum up.

``summary.json`` is written last. If it is there and was made from the same bytes with the same options, nothing is
done again; a run that was stopped leaves no half file and starts from the beginning. A folder that holds anything else
is refused.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emogap import __version__
from emogap.errors import DataError, UsageError
from emogap.files import fingerprint_file, write_json
from emogap.interfaces.face_overlay import ContactSheet, OverlayVideo
from emogap.interfaces.face_summary import FaceSummary
from emogap.interfaces.face_table import FaceTable, rows_of
from emogap.preprocessing.face import ENCODERS, crop_face
from emogap.preprocessing.face.blur import blur_faces
from emogap.preprocessing.face.choice import ChosenFace, parse_choice
from emogap.preprocessing.face.detectors import settle_detector
from emogap.preprocessing.face.tracking import FrameFaces, follow_faces
from emogap.progress import track
from emogap.recording.derived import record_derived
from emogap.recording.study import study_around
from emogap.recording.video import probe_video, read_frames

__all__ = ["FacesConfig", "FacesReport", "faces_in_video"]

SUMMARY = "summary.json"

OVERLAYS = {"sheet": "overlay.png", "video": "overlay.mp4"}

OWN_FILES = {SUMMARY, "faces.tsv", "faces.parquet", *OVERLAYS.values()}
"""Everything that may stand in the folder of the results."""


class FacesConfig(BaseModel):
    """How faces are looked for and what is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: str = Field("auto", description="Entry of the shelf of detectors; auto: yunet if its weights are there.")
    weights: Path | None = Field(None, description="The detector's weights, if not in the folder of weights.")
    every: int = Field(3, ge=1, description="Frames from one look of the detector to the next; between, followed.")
    face: str = Field("largest", description="Which face is the chosen one: largest, left, right, a number, or X,Y.")
    expression: str | None = Field(None, description="Encoder that gives probabilities of expressions.")
    overlay: Literal["sheet", "video", "none"] = Field("sheet", description="Picture or video to check by eye.")
    blur_faces: bool = Field(False, description="Blur the faces in it; black where none is found.")
    table: Literal["tsv", "parquet"] = Field("tsv", description="Format of the table.")


@dataclass(frozen=True, slots=True)
class FacesReport:
    """Where the results are; `summary` as in ``summary.json``; whether all of it `was_there` before."""

    path: Path
    summary: dict[str, Any]
    was_there: bool


def faces_in_video(video: Path, out: Path, config: FacesConfig) -> FacesReport:
    """Find and follow all faces of `video`; write table, overlay and ``summary.json`` into the folder `out`.

    Parameters
    ----------
    video : Path
        Any video that FFmpeg decodes. It is read once, frame by frame.
    out : Path
        Folder to make. If the video lies within a study, it is noted there.
    config : FacesConfig

    Returns
    -------
    FacesReport
        ``summary["problem"]`` says in words where the video breaks off, if it does; the table then ends there.

    Raises
    ------
    UnknownNameError, UsageError
        If detector, encoder or choice of a face are not on offer, or weights are missing; if `out` holds something
        else, such as the faces of another video or with other options.
    DataError
        If not one frame of the video can be decoded.
    OutputError
        If a result cannot be written.
    """
    detector = settle_detector(config.detector)
    choice = parse_choice(config.face)
    express = None if config.expression is None else _Expressions(config.expression)
    info = probe_video(video)
    inputs = _inputs(video, config, detector) | ({} if express is None else {"expression_weights": express.weights})
    files = {"table": f"faces.{config.table}"}
    if config.overlay != "none":
        files["overlay"] = OVERLAYS[config.overlay]
    before = _finished_before(out, inputs)
    if before is not None:
        return FacesReport(out, before, was_there=True)
    if (study := study_around(video)) is not None:
        record_derived(study, out, by="faces")
    summary = FaceSummary()
    chosen_face = ChosenFace(choice)
    problems: list[DataError] = []
    with (
        FaceTable(out / files["table"], config.table, () if express is None else express.columns) as table,
        _overlay(out, config, info.num_frames) as overlay,
    ):
        frames = track(read_frames(video), "finding faces", total=info.num_frames)
        seen_frames = follow_faces(frames, detector=detector, weights=config.weights, every=config.every)
        for place, seen in enumerate(_until_problem(seen_frames, problems)):
            chosen = chosen_face.of(seen)
            rows = rows_of(place, seen, chosen, expressions=None if express is None else express.of(seen))
            table.add(rows)
            summary.add(place, seen, chosen, rows)
            if overlay is not None:
                shown = replace(seen, frame=blur_faces(seen)) if config.blur_faces else seen
                overlay.add(place, shown, chosen)
        if problems and not summary.num_frames:
            raise problems[0]
    known = {name: value for name, value in asdict(info).items() if value == value}
    content = {
        "video": {"file": video.name, **known},
        "detector": detector,
        **summary.as_dict(),
        "problem": str(problems[0]) if problems else None,
        "files": files,
        "inputs": inputs,
    }
    write_json(out / SUMMARY, content)
    return FacesReport(out, content, was_there=False)


def _until_problem(seen: Iterator[FrameFaces], problems: list[DataError]) -> Iterator[FrameFaces]:
    """The frames before the damage, which is put into `problems`."""
    try:
        yield from seen
    except DataError as error:
        problems.append(error)


def _overlay(
    out: Path, config: FacesConfig, num_frames: int
) -> ContactSheet | OverlayVideo | AbstractContextManager[None]:
    if config.overlay == "sheet":
        return ContactSheet(out / OVERLAYS["sheet"], num_frames)
    return OverlayVideo(out / OVERLAYS["video"]) if config.overlay == "video" else nullcontext()


def _inputs(video: Path, config: FacesConfig, detector: str) -> dict[str, Any]:
    """Everything that the results depend on."""
    options = config.model_dump(mode="json") | {"detector": detector}
    inputs = {"emogap": __version__, "video": fingerprint_file(video), "options": options}
    if config.weights is not None:
        files = [config.weights] if config.weights.is_file() else sorted(config.weights.glob("*.pt"))
        inputs["weights"] = {file.name: fingerprint_file(file) for file in files}
    return inputs


def _finished_before(out: Path, inputs: dict[str, Any]) -> dict[str, Any] | None:
    """The summary of an earlier run on the same inputs, complete; None if `out` is ours to write to.

    Raises
    ------
    UsageError
        If `out` holds something else.
    """
    names = {file.name.removesuffix(".partial") for file in out.iterdir()} if out.is_dir() else set()
    if names - OWN_FILES or (out.exists() and not out.is_dir()):
        raise UsageError(
            "this is no result of 'emogap faces', and not empty", where=str(out), fix="name a new folder for the faces"
        )
    if not (out / SUMMARY).is_file():
        return None
    content = _read_summary(out / SUMMARY)
    if content.get("inputs") != inputs:
        raise UsageError(
            "the faces of another video, or with other options, are here",
            where=str(out),
            fix="name a new folder, or remove this one",
        )
    return content if all((out / name).is_file() for name in content["files"].values()) else None


def _read_summary(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


class _Expressions:
    """An encoder that knows expressions, applied to the faces of a frame."""

    def __init__(self, name: str) -> None:
        encoder = ENCODERS.open(name).open_encoder()
        if encoder.express is None:
            raise UsageError(
                f"the encoder '{name}' gives features, no expressions",
                fix="choose one that does, such as 'fer_onnx', or leave --expression out",
            )
        self._crop, self._express, self.weights = encoder.crop, encoder.express, encoder.weights_sha256
        blank = np.zeros((1, encoder.crop.size_px, encoder.crop.size_px, 3), np.uint8)
        self.columns = tuple(f"expression_{expression}" for expression in self._express(blank).classes)

    def of(self, seen: FrameFaces) -> dict[int, dict[str, float]]:
        """Probability by column, by number of the face."""
        if not seen.faces:
            return {}
        pictures = np.stack([crop_face(seen.frame, tracked.face, self._crop) for tracked in seen.faces])
        probability = self._express(pictures).probability.tolist()
        return {
            tracked.number: dict(zip(self.columns, row, strict=True))
            for tracked, row in zip(seen.faces, probability, strict=True)
        }
