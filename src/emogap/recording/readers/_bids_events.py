"""Eye movements, messages and stimuli of a BIDS recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.bids.eye_events import EVENT_COLUMNS
from emogap.recording.bids.tables import unescape_text
from emogap.recording.readers._bids_block import Block
from emogap.recording.readers._bids_eye import EyeFile
from emogap.recording.readers._bids_sidecar import Sidecar, read_sidecar
from emogap.recording.readers._bids_table import bids_columns, numbers, read_bids_table
from emogap.types import EventFrame, EyeEvents, Frame, Message

__all__ = ["EyeMovements", "foreign_movements", "own_movements"]

NUMERIC = {"onset", "duration", "x_centre", "y_centre", "amplitude", "offset", "number"}
KIND_WORDS = {"fixation": "fixation", "fix": "fixation", "saccade": "saccade", "sacc": "saccade", "blink": "blink"}


@dataclass(frozen=True, slots=True)
class EyeMovements:
    """Everything that the physioevents files of a recording hold."""

    events: tuple[EyeEvents, ...] = ()
    messages: tuple[Message, ...] = ()
    doubts: tuple[str, ...] = ()


def _events_path(eye: EyeFile) -> Path:
    return eye.path.with_name(eye.path.name.replace("_physio.tsv", "_physioevents.tsv"))


def _read(path: Path, required: Sequence[str]) -> tuple[polars.DataFrame, Sidecar]:
    sidecar = read_sidecar(path)
    if sidecar is None:
        raise DataError(
            "there is no JSON file that names the columns of this table",
            where=f"{path}, line 1",
            fix=f"put {path.name.split('.')[0]}.json beside it, or copy the whole data set",
        )
    names = bids_columns(sidecar, required=required)
    return read_bids_table(path, names, is_number=lambda name: name in NUMERIC), sidecar


def own_movements(eye: EyeFile, block: Block) -> EyeMovements:
    """The events and messages that this package wrote, exactly as they were.

    Parameters
    ----------
    eye : EyeFile
        The first eye.
    block : Block
        Its block.

    Raises
    ------
    DataError
        If the table is absent, cut, edited or not that of the recording.
    """
    path = _events_path(eye)
    if not block.num_rows:
        return EyeMovements(tuple(_own_list(found.method, found.frame, _no_rows()) for found in block.event_lists))
    if not path.is_file():
        raise DataError(
            f"the table of the {counted(block.num_rows, 'event')} and messages of this recording is not there",
            where=f"{path}, line 1",
            fix="copy the whole data set",
        )
    rows, _ = _read(path, tuple(EVENT_COLUMNS))
    rows = rows.with_columns(polars.int_range(1, rows.height + 1).alias("line")).sort("number", maintain_order=True)
    wrong = numbers(rows, "number") != np.arange(rows.height)
    if wrong.any() or rows.height != block.num_rows:
        line = int(rows["line"][int(wrong.argmax())]) if wrong.any() else rows.height
        raise DataError(
            f"{counted(rows.height, 'event')} and messages, not numbered as the {block.num_rows} that were written",
            where=f"{path}, line {line}",
            fix="the table was edited or is that of another recording: export it again",
        )
    bounds = np.cumsum([0, *(found.num_events for found in block.event_lists), block.num_messages]).tolist()
    parts = [rows[start:stop] for start, stop in pairwise(bounds)]
    _check_kinds(path, rows[: bounds[-2]])
    try:
        events = tuple(
            _own_list(found.method, found.frame, part)
            for found, part in zip(block.event_lists, parts[:-1], strict=True)
        )
    except DataError as error:
        raise DataError(error.what, where=f"{path}, line 1", fix="the table was edited: export it again") from error
    return EyeMovements(events, tuple(_own_message(path, row) for row in parts[-1].iter_rows(named=True)))


def _no_rows() -> polars.DataFrame:
    return polars.DataFrame(schema=dict.fromkeys(sorted(NUMERIC), polars.Float64) | {"trial_type": polars.String})


def _check_kinds(path: Path, rows: polars.DataFrame) -> None:
    wrong = (~rows["trial_type"].is_in(["fixation", "saccade", "blink"]).fill_null(False)).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"'{rows['trial_type'][row] or 'n/a'}' is no kind of eye movement ({counted(len(wrong), 'such row')})",
            where=f"{path}, line {rows['line'][row]}",
            fix="the table was edited: export it again",
        )


def _own_list(method: str, frame: EventFrame, rows: polars.DataFrame) -> EyeEvents:
    return EyeEvents(
        kind=np.array(rows["trial_type"].to_list(), dtype=np.str_),
        onset_s=numbers(rows, "onset"),
        offset_s=numbers(rows, "offset"),
        centre=np.stack([numbers(rows, "x_centre"), numbers(rows, "y_centre")], axis=1),
        amplitude_deg=numbers(rows, "amplitude"),
        method=method,
        frame=frame,
    )


def _own_message(path: Path, row: dict[str, object]) -> Message:
    try:
        return Message(float(str(row["onset"])), unescape_text(str(row["message"] or "")))
    except ValueError as error:
        raise DataError(
            f"the message {row['message']} cannot be read",
            where=f"{path}, line {row['line']}",
            fix="the table was edited: export it again",
        ) from error


def foreign_movements(eyes: Sequence[EyeFile], frame: Frame, zero_s: float) -> EyeMovements:
    """Events and messages of files that others wrote.

    Parameters
    ----------
    eyes : sequence of EyeFile
        The eyes of one recording; each may have a table of its own.
    frame : Frame
        Frame of the gaze; BIDS names no position of an event, so all are NaN.
    zero_s : float
        Time on the clock of the file at which the recording begins.

    Raises
    ------
    DataError
        If a table is cut or damaged.
    """
    present = [eye for eye in eyes if _events_path(eye).is_file()]
    found = [_foreign(eye, frame, zero_s, "bids" if len(present) == 1 else f"bids-{eye.eye}") for eye in present]
    return EyeMovements(
        tuple(events for part in found for events in part.events),
        tuple(sorted((message for part in found for message in part.messages), key=lambda message: message.time_s)),
        tuple(dict.fromkeys(doubt for part in found for doubt in part.doubts)),
    )


def _foreign(eye: EyeFile, frame: Frame, zero_s: float, method: str) -> EyeMovements:
    path = _events_path(eye)
    rows, sidecar = _read(path, ("onset",))
    onset_s = numbers(rows, "onset") / eye.ticks - zero_s
    kinds = [KIND_WORDS.get(str(word).strip().lower()) for word in _texts(rows, "trial_type")]
    texts = [message or word for message, word in zip(_texts(rows, "message"), _texts(rows, "trial_type"), strict=True)]
    is_event = np.array([kind is not None for kind in kinds])
    duration_s, doubts = _durations(eye, rows, sidecar, is_event)
    chosen = is_event & (duration_s > 0) & np.isfinite(onset_s)
    dropped = int((is_event & ~chosen).sum())
    if dropped:
        doubts = (*doubts, f"{dropped} eye movements without an onset or a duration: left out")
    named = np.array([name or method for name in _texts(rows, "method")], dtype=np.str_)
    events = []
    for found in dict.fromkeys(named[chosen].tolist()):
        try:
            events.append(_foreign_events(kinds, onset_s, duration_s, chosen & (named == found), frame, found))
        except DataError as error:
            doubts = (*doubts, f"{path.name}: eye movements of '{found}' left out: {error.what}")
    messages = tuple(
        Message(float(onset), text)
        for onset, text, kind in zip(onset_s, texts, kinds, strict=True)
        if kind is None and text is not None and np.isfinite(onset)
    )
    return EyeMovements(tuple(events), messages, doubts)


def _texts(rows: polars.DataFrame, name: str) -> list[str | None]:
    return rows[name].cast(polars.String).to_list() if name in rows.columns else [None] * rows.height


def _durations(
    eye: EyeFile, rows: polars.DataFrame, sidecar: Sidecar, is_event: Bool[ndarray, " N"]
) -> tuple[Float[ndarray, " N"], tuple[str, ...]]:
    """Durations in s: BIDS wants seconds, and some files count them in ticks of the clock."""
    if "duration" not in rows.columns:
        return np.full(rows.height, np.nan), ()
    duration = numbers(rows, "duration")
    longest = float(np.nanmax(duration[is_event], initial=0.0))
    if sidecar.entry("duration", "Units") is None and longest > eye.time_s[-1] - eye.time_s[0] + 1 / eye.rate_hz:
        return duration / eye.ticks, (
            f"the longest eye movement lasts {longest:g} s, longer than the recording: durations are taken in the unit"
            " of the timestamps",
        )
    if sidecar.entry("duration", "Units") == "ms":
        return duration / 1e3, ()
    return duration, ()


def _foreign_events(
    kinds: Sequence[str | None],
    onset_s: Float[ndarray, " R"],
    duration_s: Float[ndarray, " R"],
    chosen: Bool[ndarray, " R"],
    frame: Frame,
    method: str,
) -> EyeEvents:
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(onset_s[rows], kind="stable")]
    return EyeEvents(
        kind=np.array([kinds[row] for row in rows.tolist()], dtype=np.str_),
        onset_s=onset_s[rows],
        offset_s=onset_s[rows] + duration_s[rows],
        centre=np.full((len(rows), 2), np.nan),
        amplitude_deg=np.full(len(rows), np.nan),
        method=method,
        frame=frame,
    )
