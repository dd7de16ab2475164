"""Fixations, saccades, blinks and messages that Pupil Cloud and Neon Player put beside ``gaze.csv``.

References
----------
Pupil Labs, Neon documentation, "Recording Format" (fixations.csv, saccades.csv, blinks.csv, events.csv).
"""

from pathlib import Path

import numpy as np

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import read_heading
from emogap.recording.readers._pupil_labs_gaze import stamps_ns
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeEvents, Message

__all__ = ["read_events", "read_messages"]

FILES = {"fixation": "fixations.csv", "saccade": "saccades.csv", "blink": "blinks.csv"}
STAMP = "timestamp [ns]"
START, END = "start timestamp [ns]", "end timestamp [ns]"
CENTRE = ("fixation x [px]", "fixation y [px]")
AMPLITUDE = "amplitude [deg]"
NUMBERS = frozenset({*CENTRE, AMPLITUDE})
RECORDING_ID = "recording id"


def read_events(path: Path, recording_id: str | None, *, zero_ns: int) -> EyeEvents | None:
    """The vendor's events of one recording, of the method ``pupil-labs``; None if no file of events is beside it.

    Parameters
    ----------
    path : Path
        The ``gaze.csv``.
    recording_id : str or None
        Which rows of the files; None for all.
    zero_ns : int
        UTC of the recording's zero.

    Raises
    ------
    DataError
        If a file is damaged, or an event ends before it begins or overlaps one of its kind. Names file and line.
    """
    beside = {kind: _table_beside(path.with_name(name), recording_id) for kind, name in FILES.items()}
    parts = [(kind, _require_columns(table, (START, END))) for kind, table in beside.items() if table is not None]
    if not parts:
        return None
    kinds = np.concatenate([np.full(table.rows.height, kind) for kind, table in parts])
    spans_s = np.concatenate([_spans_s(table, zero_ns) for _, table in parts])
    centres = np.concatenate([_columns(table, CENTRE) for _, table in parts])
    amplitudes_deg = np.concatenate([_columns(table, (AMPLITUDE,))[:, 0] for _, table in parts])
    order = np.argsort(spans_s[:, 0], kind="stable")
    return EyeEvents(
        kind=kinds[order],
        onset_s=spans_s[order, 0],
        offset_s=spans_s[order, 1],
        centre=centres[order],
        amplitude_deg=amplitudes_deg[order],
        method="pupil-labs",
        frame="scene_px",
    )


def read_messages(path: Path, recording_id: str | None, *, zero_ns: int) -> tuple[Message, ...]:
    """The events that people or programs sent to the recording (``events.csv``)."""
    beside = path.with_name("events.csv")
    # Other programs write a file of this name too: only one with the vendor's columns is the vendor's.
    table = _table_beside(beside, recording_id) if {STAMP, "name"} <= set(read_heading(beside)) else None
    if table is None:
        return ()
    times_s = (stamps_ns(table, STAMP) - zero_ns) / 1e9
    names = table.rows["name"].fill_null("").to_list()
    return tuple(Message(time_s, name) for time_s, name in zip(times_s.tolist(), names, strict=True))


def _table_beside(path: Path, recording_id: str | None) -> ExportTable | None:
    """The rows of one recording; None if the file is absent or holds nothing but its heading."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    if content.count(b"\n") == 1 and content.endswith(b"\n"):
        return None
    table = read_table(path, is_number=NUMBERS.__contains__)
    if recording_id is None or RECORDING_ID not in table.rows.columns:
        return table
    return table.keep((table.rows[RECORDING_ID] == recording_id).fill_null(False).to_numpy())


def _require_columns(table: ExportTable, names: tuple[str, ...]) -> ExportTable:
    absent = [name for name in names if name not in table.rows.columns]
    if absent:
        raise DataError(
            f"there is no column '{absent[0]}', so this does not belong to the gaze.csv beside it",
            where=f"{table.path}, line 1",
            fix="export the recording again, or move the file elsewhere",
        )
    return table


def _spans_s(table: ExportTable, zero_ns: int) -> np.ndarray:
    """Onset and offset of each event in s, checked."""
    spans_ns = np.stack([stamps_ns(table, START), stamps_ns(table, END)], axis=1)
    wrong = spans_ns[:, 1] <= spans_ns[:, 0]
    wrong[1:] |= spans_ns[1:, 0] < spans_ns[:-1, 1]
    if wrong.any():
        raise DataError(
            f"an event ends before it begins, or begins before the one above it ends"
            f" ({counted(int(wrong.sum()), 'such row')})",
            where=table.place(int(wrong.argmax())),
            fix="export the recording again",
        )
    return (spans_ns - zero_ns) / 1e9


def _columns(table: ExportTable, names: tuple[str, ...]) -> np.ndarray:
    if not set(names) <= set(table.rows.columns):
        return np.full((table.rows.height, len(names)), np.nan)
    return np.stack([table.rows[name].to_numpy() for name in names], axis=1)
