"""One eye of an Eye-Tracking-BIDS recording: its table with its sidecar, checked against each other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.bids.columns import FLAGS, REQUIRED, SHARES, TRIPLES, triple_columns
from emogap.recording.readers._bids_block import Block, read_block
from emogap.recording.readers._bids_sidecar import Sidecar, entities_of, read_sidecar
from emogap.recording.readers._bids_table import bids_columns, numbers, read_bids_table
from emogap.recording.readers._bids_units import ticks_per_second
from emogap.types import Eye

__all__ = ["EyeFile", "eye_files", "is_eye_tracking", "read_eye"]

NUMERIC = {*REQUIRED, "pupil_size", *FLAGS, *SHARES, *(column for name in TRIPLES for column in triple_columns(name))}
ENDINGS = ("_physio.tsv.gz", "_physio.tsv")
EYES: tuple[Eye, ...] = ("left", "right", "cyclopean")


@dataclass(frozen=True, slots=True)
class EyeFile:
    """The samples of one eye as its file gives them.

    Attributes
    ----------
    path : Path
    sidecar : Sidecar
    eye : Eye
    rate_hz, start_s : float
        ``SamplingFrequency`` and ``StartTime``.
    rows : polars.DataFrame
        T rows.
    time_s : float64 array, shape (T,)
        The clock of the file in s, not shifted.
    ticks : float
        Ticks of the clock in a second.
    block : Block or None
        What this package adds to a sidecar; None if others wrote the file.
    doubts : tuple of str
    """

    path: Path
    sidecar: Sidecar
    eye: Eye
    rate_hz: float
    start_s: float
    rows: polars.DataFrame
    time_s: Float[ndarray, " T"]
    ticks: float
    block: Block | None
    doubts: tuple[str, ...]

    def place(self, row: int) -> str:
        """File and line of a row."""
        return f"{self.path}, line {row + 1}"

    def has(self, *names: str) -> bool:
        """Whether the table has all these columns."""
        return set(names) <= set(self.rows.columns)

    def numbers(self, name: str) -> Float[ndarray, " T"]:
        """A column of numbers; NaN = missing."""
        return numbers(self.rows, name)

    def flags(self, name: str) -> Bool[ndarray, " T"]:
        """A column of 0 and 1.

        Raises
        ------
        DataError
            If a cell is anything else.
        """
        values = self.numbers(name)
        wrong = ~np.isin(values, (0, 1))
        if wrong.any():
            first = int(wrong.argmax())
            raise DataError(
                f"{name} is {values[first]:g}, not 0 or 1 ({counted(int(wrong.sum()), 'such sample')})",
                where=self.place(first),
                fix="write the table again",
            )
        set_flags: Bool[ndarray, " T"] = values == 1
        return set_flags


def is_eye_tracking(path: Path) -> bool:
    """Whether a file is named as a physio table and its sidecar says eye tracking (or is absent or damaged)."""
    if not path.name.endswith(ENDINGS) or not path.is_file():
        return False
    try:
        sidecar = read_sidecar(path)
    except DataError:
        return True
    return sidecar is None or sidecar.get("PhysioType") == "eyetrack"


def eye_files(path: Path) -> tuple[Path, ...]:
    """All eyes of the recording that `path` belongs to, itself included, by their ``recording`` label."""
    entities, _ = entities_of(path)
    if "recording" not in entities:
        return (path,)
    shared = {key: label for key, label in entities.items() if key != "recording"}
    found = []
    for ending in ENDINGS:
        for other in path.parent.glob(f"{path.name.partition('_recording-')[0]}_recording-*{ending}"):
            others, _ = entities_of(other)
            if others.pop("recording", None) is not None and others == shared and is_eye_tracking(other):
                found.append(other)
    return tuple(sorted(found)) or (path,)


def read_eye(path: Path) -> EyeFile:
    """The table of one eye.

    Raises
    ------
    DataError
        If the sidecar is absent, damaged or lacks what BIDS requires; if the table is cut, does not fit the sidecar,
        or its clock does not increase. Names file and line.
    """
    sidecar = read_sidecar(path)
    if sidecar is None:
        raise DataError(
            "there is no JSON file that names the columns of this table",
            where=f"{path}, line 1",
            fix=f"put {path.name.split('.')[0]}.json beside it, or copy the whole data set",
        )
    if sidecar.get("PhysioType") != "eyetrack":
        raise DataError(
            f"PhysioType is {sidecar.get('PhysioType')!r}, not 'eyetrack'",
            where=sidecar.place("PhysioType"),
            fix="read an eye tracking file, or correct PhysioType",
        )
    rate_hz, start_s = sidecar.number("SamplingFrequency"), sidecar.number("StartTime")
    if not rate_hz > 0:
        raise DataError(
            f"SamplingFrequency is {rate_hz:g} Hz",
            where=sidecar.place("SamplingFrequency"),
            fix="state the rate of the tracker",
        )
    eye = next((eye for eye in EYES if eye == sidecar.get("RecordedEye")), None)
    if eye is None:
        raise DataError(
            f"RecordedEye is {sidecar.get('RecordedEye')!r}",
            where=sidecar.place("RecordedEye"),
            fix=f"write one of {', '.join(EYES)}",
        )
    rows = read_bids_table(path, bids_columns(sidecar, required=REQUIRED), is_number=lambda name: name in NUMERIC)
    stamps = numbers(rows, "timestamp")
    _require_clock(path, stamps)
    ticks, doubts = ticks_per_second(stamps, rate_hz, sidecar.entry("timestamp", "Units"), sidecar.place("timestamp"))
    block = read_block(sidecar)
    return EyeFile(path, sidecar, eye, rate_hz, start_s, rows, stamps / ticks, ticks, block, doubts)


def _require_clock(path: Path, stamps: Float[ndarray, " T"]) -> None:
    wrong = np.flatnonzero(~np.isfinite(stamps))
    if len(wrong):
        raise DataError(
            f"the timestamp is missing ({counted(len(wrong), 'such sample')})",
            where=f"{path}, line {int(wrong[0]) + 1}",
            fix="delete these lines or export the recording again",
        )
    back = np.flatnonzero(np.diff(stamps) <= 0)
    if len(back):
        first = int(back[0])
        raise DataError(
            f"the timestamp {stamps[first + 1]:g} follows {stamps[first]:g}, so time runs backwards or is repeated"
            f" ({counted(len(back), 'such sample')})",
            where=f"{path}, line {first + 2}",
            fix="export the recording in the order of its clock",
        )
