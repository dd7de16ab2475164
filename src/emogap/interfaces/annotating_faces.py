"""What ``emogap annotate auto`` does: a network judges the face of every clip of a study, as one more annotator.

Kept are the probabilities of every frame (``derived/annotate/<machine>/<participant_id>.parquet``), the shares of
every clip (``clips.parquet``), and a rating file of the machine's own, which no label of people ever takes in unasked.
"""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed

from emogap import __version__
from emogap.annotation.answers import COLUMNS
from emogap.annotation.ratings import LIMITS, MACHINE_PREFIX
from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.files import write_aside, write_bytes
from emogap.interfaces.annotating_session import (
    AFFECT,
    MachineConfig,
    RatedClip,
    SessionRated,
    open_machine,
    rate_session,
)
from emogap.preprocessing.face.choice import parse_choice
from emogap.preprocessing.face.detectors import DETECTORS, settle_detector
from emogap.preprocessing.face.weights import require_weights, sha256_of
from emogap.progress import track
from emogap.recording.derived import record_derived
from emogap.recording.study import open_study
from emogap.rows import read_rows
from emogap.types import vocabulary

__all__ = [
    "CLIPS_FILE",
    "MachineReport",
    "annotate_faces",
    "machine_annotator",
    "machine_folder",
    "machine_uncertainty",
    "read_machine_clips",
]

EMOTIONS = vocabulary("emotion7")
CLIPS_FILE = "clips.parquet"
FEW_FRAMES = 0.5
"""A clip with a face in a smaller share of its frames is named as doubtful."""


@dataclass(frozen=True, slots=True, eq=False)
class MachineReport:
    """What came of it.

    Attributes
    ----------
    annotator : str
        ``machine-<name>``.
    detector : str
    rating_file, folder : Path
        The rating file, and the folder of the probabilities.
    clips : tuple of RatedClip
        Sorted by item.
    num_sessions, num_there : int
        Sessions of the study, and those that were finished before.
    problems : mapping from item or participant to str
        What has no rating, and why.
    doubts : tuple of str
    """

    annotator: str
    detector: str
    rating_file: Path
    folder: Path
    clips: tuple[RatedClip, ...]
    num_sessions: int
    num_there: int
    problems: Mapping[str, str]
    doubts: tuple[str, ...]

    @property
    def label_counts(self) -> dict[str, int]:
        """Number of clips by label."""
        labels = [clip.shares.label for clip in self.clips]
        return {name: labels.count(place) for place, name in enumerate(EMOTIONS)}


def machine_annotator(name: str) -> str:
    """The annotator that a network is in rating files; what an id may not hold becomes a hyphen.

    Examples
    --------
    >>> machine_annotator("fer_onnx")
    'machine-fer-onnx'
    """
    return MACHINE_PREFIX + re.sub("[^A-Za-z0-9-]+", "-", name)


def machine_folder(study: Path, annotator: str) -> Path:
    """Where the probabilities of a machine are kept."""
    return study / "derived" / "annotate" / annotator.removeprefix(MACHINE_PREFIX)


def read_machine_clips(study: Path, annotator: str) -> pa.Table | None:
    """What a machine keeps of every clip; None if it left nothing here.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    path = machine_folder(study, annotator) / CLIPS_FILE
    if not path.is_file():
        return None
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"not a table of clips: {error}", where=str(path), fix="emogap annotate auto STUDY") from error


def machine_uncertainty(study: Path, annotator: str) -> dict[str, float]:
    """Uncertainty of a machine by item, in [0, 1]; empty if it left no shares here.

    Raises
    ------
    DataError
        If the file of the shares is damaged.
    """
    table = read_machine_clips(study, annotator)
    if table is None:
        return {}
    absent = {"item", "uncertainty"} - set(table.column_names)
    if absent:
        raise DataError(
            f"not a table of clips: there is no column '{min(absent)}'",
            where=str(machine_folder(study, annotator) / CLIPS_FILE),
            fix="emogap annotate auto STUDY",
        )
    return dict(zip(table["item"].to_pylist(), table["uncertainty"].to_pylist(), strict=True))


def annotate_faces(path: Path, config: MachineConfig, *, jobs: int = 1) -> MachineReport:
    """Judge the face video of every session of a study, trial by trial.

    Parameters
    ----------
    path : Path
        Folder of the study. Written are ``ratings/machine-<name>.csv`` and ``derived/annotate/<name>``, whole or not
        at all; both are listed in ``derived.jsonl``. Sessions that are finished and unchanged are not done again.
    config : MachineConfig
    jobs : int
        Processes; the result does not depend on it.

    Returns
    -------
    MachineReport

    Raises
    ------
    UsageError
        If the folder is no study, weights are missing, or the model gives no expressions.
    UnknownNameError
        If there is no such model, network or detector.
    DataError
        If weights or the study's tables are damaged, no session has a face video, no clip could be judged, or the
        rating file holds answers of somebody else.
    OutputError
        If something cannot be written.
    """
    config = config.model_copy(update={"detector": settle_detector(config.detector)})
    parse_choice(config.face)
    made_with = _made_with(config)
    study = open_study(path, with_sessions=False)
    if not any((path / "sessions" / name / "face.mp4").is_file() for name in study.session_ids):
        raise DataError(
            f"none of the {counted(len(study.session_ids), 'session')} has a face video",
            where=str(path),
            fix="put each as face.mp4 into its session's folder",
        )
    annotator = machine_annotator(config.name)
    rating_file, folder = path / "ratings" / f"{annotator}.csv", machine_folder(path, annotator)
    _refuse_answers_of_others(rating_file, annotator)
    record_derived(path, folder, by="annotate")
    record_derived(path, rating_file, by="annotate")
    work = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(rate_session)(study, name, folder, config, made_with) for name in study.session_ids
    )
    sessions = tuple(track(work, "judging faces", total=len(study.session_ids)))
    report = _report(annotator, config.detector, rating_file, folder, sessions)
    if not report.clips:
        raise DataError(
            f"no clip could be judged; the first: {next(iter(report.problems.values()), 'there are no sessions')}",
            where=str(path),
        )
    with write_aside(folder / CLIPS_FILE) as partial:
        pq.write_table(_clip_table(report.clips), partial)
    write_bytes(rating_file, _rating_rows(report.clips, annotator))
    return report


def _made_with(config: MachineConfig) -> dict[str, object]:
    """Options and hashes that the probabilities depend on; raises where weights are missing."""
    hashes = [sha256_of(require_weights(name)) for name in DETECTORS.open(config.detector).WEIGHTS]
    return config.model_dump() | {
        "emogap": __version__,
        "detector_sha256": " ".join(hashes),
        "weights_sha256": open_machine(config).weights_sha256,
    }


def _refuse_answers_of_others(path: Path, annotator: str) -> None:
    if not path.is_file():
        return
    for row in read_rows(path, columns=COLUMNS, delimiter=","):
        if row.text("annotator") != annotator:
            raise DataError(
                f"the file of {annotator} holds an answer of {row.text('annotator')} and would be replaced",
                where=row.where,
                fix="give the file another name",
            )


def _report(
    annotator: str, detector: str, rating_file: Path, folder: Path, sessions: Sequence[SessionRated]
) -> MachineReport:
    clips = tuple(sorted((clip for session in sessions for clip in session.clips), key=lambda clip: clip.item))
    problems = {item: problem for session in sessions for item, problem in session.problems.items()}
    return MachineReport(
        annotator=annotator,
        detector=detector,
        rating_file=rating_file,
        folder=folder,
        clips=clips,
        num_sessions=len(sessions),
        num_there=sum(session.was_there for session in sessions),
        problems=problems,
        doubts=_doubts(clips),
    )


def _doubts(clips: Sequence[RatedClip]) -> tuple[str, ...]:
    doubts = []
    few = [clip.item for clip in clips if clip.shares.num_rated < FEW_FRAMES * clip.shares.num_frames]
    if few:
        doubts.append(
            f"{len(few)} of {counted(len(clips), 'clip')} show a face in fewer than half of their frames, first"
            f" {few[0]}"
        )
    for name in AFFECT:
        low, high = LIMITS[name]
        beyond = [clip.item for clip in clips if name in clip.also and not low <= clip.also[name][0] <= high]
        if beyond:
            doubts.append(
                f"{name} of {counted(len(beyond), 'clip')} lies beyond [{low:g}, {high:g}], first {beyond[0]}:"
                " in the rating file it stands at the limit"
            )
    return tuple(doubts)


def _clip_table(clips: Sequence[RatedClip]) -> pa.Table:
    """One row per clip."""
    columns: dict[str, list[object]] = {
        "item": [clip.item for clip in clips],
        "num_frames": [clip.shares.num_frames for clip in clips],
        "num_frames_with_face": [clip.shares.num_rated for clip in clips],
        "emotion7": [_word(clip.shares.label) for clip in clips],
        "uncertainty": [clip.shares.uncertainty for clip in clips],
        "left_out": [clip.left_out for clip in clips],
    }
    for place, name in enumerate(EMOTIONS):
        columns[f"share_{name}"] = [float(clip.shares.share[place]) for clip in clips]
        columns[f"frame_share_{name}"] = [float(clip.shares.frame_share[place]) for clip in clips]
    for half, number in (("first", 0), ("second", 1)):
        columns[f"emotion7_{half}_half"] = [_word(clip.halves[number].label) for clip in clips]
    for name in AFFECT:
        if all(name in clip.also for clip in clips):
            for part, suffix in enumerate(("", "_first_half", "_second_half")):
                values = [clip.also[name][part] for clip in clips]
                columns[name + suffix] = [None if math.isnan(value) else value for value in values]
    return pa.table(columns)


def _word(label: int | None) -> str | None:
    return None if label is None else EMOTIONS[label]


def _rating_rows(clips: Sequence[RatedClip], annotator: str) -> bytes:
    """The machine's answers in the form of a rating file. No time: the same frames give the same answers at any."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for clip in clips:
        writer.writerow((clip.item, annotator, "emotion7", _word(clip.shares.label), 1, ""))
        for name, values in clip.also.items():
            writer.writerow((clip.item, annotator, name, f"{np.clip(values[0], *LIMITS[name]):.4f}", 1, ""))
    return text.getvalue().encode()
