"""``markers.tsv`` of a session: what each clock noted when."""

from dataclasses import dataclass
from pathlib import Path

from emogap.rows import read_rows

__all__ = ["Marker", "read_markers"]


@dataclass(frozen=True, slots=True)
class Marker:
    """One line: at `time_s` of the clock named `clock` (``gaze``, ``face``, or another device) a `kind` was noted."""

    time_s: float
    clock: str
    kind: str


def read_markers(path: Path) -> tuple[Marker, ...]:
    """All markers of a session in the order of the file; none if there is no such file.

    Raises
    ------
    DataError
        If the file is no table with the columns ``time_s``, ``clock`` and ``kind``, or a cell is empty or no number.
    """
    if not path.is_file():
        return ()
    rows = read_rows(path, columns=("time_s", "clock", "kind"))
    return tuple(Marker(row.number("time_s"), row.text("clock"), row.text("kind")) for row in rows)
