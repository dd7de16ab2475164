"""Labels of stretches of recordings: the JSON of the authors of GLASS, or parquet."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.learning.finetuning.question import Question

__all__ = ["LabelSegment", "read_label_file"]

SLACK_S = 1e-6
"""By so much a segment may begin before the one before it ends: times are rounded when they are written."""


@dataclass(frozen=True, slots=True)
class LabelSegment:
    """One label of a stretch of a recording.

    Attributes
    ----------
    recording : str
        Id of the recording.
    trial : int or None
        Of the recording, from 0; None where the file does not say: then the recording must have one only.
    start_s, stop_s : float
        From the first frame of the recording, or of the trial.
    label : tuple of float, length O
        Values on the scale of the question, or 1 at the class and 0 elsewhere.
    where : str
        Place in the file.
    """

    recording: str
    trial: int | None
    start_s: float
    stop_s: float
    label: tuple[float, ...]
    where: str


def read_label_file(path: Path, question: Question) -> tuple[LabelSegment, ...]:
    """The labels in `path`, by recording, trial and time.

    Parameters
    ----------
    path : Path
        ``.json``: an object that maps the id of each recording to a list of segments, each ``[start_s, stop_s,
        valence, arousal, dominance]``, or ``[start_s, stop_s, "laugh"]`` for classes. What stands between the second
        and the last three numbers of a longer list is not read, as in the authors' code.
        ``.parquet``: columns ``recording_id``, ``start_s``, ``stop_s``, then one per value, or ``label`` with the
        class; ``trial`` where recordings are cut into trials.
    question : Question

    Raises
    ------
    DataError
        If the file is absent, damaged or of another layout; if a time or value is not finite or off its scale, a
        segment ends before it begins, or two segments of one recording overlap.
    """
    if not path.is_file():
        raise DataError("there is no file of labels", where=str(path), fix="check the path")
    if path.suffix not in (".json", ".parquet"):
        raise DataError(
            f"labels are read from .json or .parquet, not from '{path.suffix}'",
            where=str(path),
            fix="write them in one of the layouts of docs/glass-finetuning.md",
        )
    found = _from_json(path, question) if path.suffix == ".json" else _from_parquet(path, question)
    segments = sorted(found, key=lambda each: (each.recording, each.trial or 0, each.start_s, each.stop_s))
    if not segments:
        raise DataError("the file holds no label", where=str(path), fix="give a file with at least one segment")
    _refuse_overlaps(segments)
    return tuple(segments)


def _from_json(path: Path, question: Question) -> Iterator[LabelSegment]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"the file is no JSON: {error}", where=str(path), fix="write it again") from error
    if not isinstance(content, dict):
        raise DataError(
            f"the file holds a {type(content).__name__}, not an object of recordings",
            where=str(path),
            fix='write {"recording": [[start_s, stop_s, ...], ...], ...}',
        )
    for recording, rows in content.items():
        if not isinstance(rows, list):
            raise DataError("the labels are no list", where=f"{path}: '{recording}'", fix="give a list of segments")
        for number, row in enumerate(rows, start=1):
            where = f"{path}: '{recording}', segment {number}"
            num_labels = len(question.outputs) if question.kind == "values" else 1
            if not isinstance(row, list) or len(row) < 2 + num_labels:
                raise DataError(
                    f"the segment is {json.dumps(row)[:80]}, and a list of {2 + num_labels} entries is needed",
                    where=where,
                    fix=_layout(question),
                )
            yield _segment(recording, None, row[0], row[1], row[-num_labels:], question, where)


def _from_parquet(path: Path, question: Question) -> Iterator[LabelSegment]:
    try:
        table = pl.read_parquet(path)
    except (PolarsError, OSError) as error:
        raise DataError(f"the file is no parquet: {error}", where=str(path), fix="write it again") from error
    columns = question.outputs if question.kind == "values" else ("label",)
    missing = [name for name in ("recording_id", "start_s", "stop_s", *columns) if name not in table.columns]
    if missing:
        raise DataError(
            f"the table lacks the columns {', '.join(missing)}", where=str(path), fix=f"it has {table.columns}"
        )
    if "trial" not in table.columns:
        table = table.with_columns(trial=pl.lit(None, pl.Int64))
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        where = f"{path}, row {number}"
        if not isinstance(row["recording_id"], str) or not isinstance(row["trial"], (int, type(None))):
            raise DataError(
                f"recording_id is {row['recording_id']!r} and trial {row['trial']!r}",
                where=where,
                fix="write text and a whole number",
            )
        label = [row[name] for name in columns]
        yield _segment(row["recording_id"], row["trial"], row["start_s"], row["stop_s"], label, question, where)


def _segment(
    recording: str, trial: int | None, start: object, stop: object, label: list[object], question: Question, where: str
) -> LabelSegment:
    start_s, stop_s = _number(start, "start", where), _number(stop, "stop", where)
    if not 0 <= start_s < stop_s:
        raise DataError(
            f"the segment runs from {start_s:g} to {stop_s:g} s",
            where=where,
            fix="it begins at 0 s or later and ends after it begins",
        )
    if question.kind == "classes":
        return LabelSegment(recording, trial, start_s, stop_s, _one_hot(label[0], question, where), where)
    values = tuple(_number(value, name, where) for name, value in zip(question.outputs, label, strict=True))
    for name, value in zip(question.outputs, values, strict=True):
        if not question.low <= value <= question.high:
            raise DataError(
                f"{name} is {value:g}, outside [{question.low:g}, {question.high:g}]",
                where=where,
                fix=f"map the scale of the labels to [{question.low:g}, {question.high:g}] first",
            )
    return LabelSegment(recording, trial, start_s, stop_s, values, where)


def _number(value: object, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise DataError(f"{name} is {value!r}, not a finite number", where=where, fix="correct or remove the segment")
    return float(value)


def _one_hot(word: object, question: Question, where: str) -> tuple[float, ...]:
    if word not in question.outputs:
        near = get_close_matches(str(word), question.outputs, n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise DataError(
            f"there is no class {word!r}", where=where, fix=f"{hint}available: {', '.join(question.outputs)}"
        )
    return tuple(float(word == each) for each in question.outputs)


def _layout(question: Question) -> str:
    ending = ", ".join(question.outputs) if question.kind == "values" else f'"{question.outputs[0]}"'
    return f"write [start_s, stop_s, {ending}]"


def _refuse_overlaps(segments: Iterable[LabelSegment]) -> None:
    """Raise for the first of the sorted segments that begins before the one before it ends, counting all."""
    overlaps = [
        (one, other)
        for one, other in pairwise(segments)
        if (one.recording, one.trial) == (other.recording, other.trial) and other.start_s < one.stop_s - SLACK_S
    ]
    if overlaps:
        one, other = overlaps[0]
        raise DataError(
            f"the segments {one.start_s:g} to {one.stop_s:g} s and {other.start_s:g} to {other.stop_s:g} s of"
            f" '{one.recording}' overlap ({counted(len(overlaps), 'such pair')}): which label holds there?",
            where=other.where,
            fix="let each moment of a recording have one label",
        )
