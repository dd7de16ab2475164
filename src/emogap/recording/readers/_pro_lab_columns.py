"""Column names of Tobii Pro Lab: newer exports state units in brackets, older ones in parentheses or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass

from emogap.recording.readers._heading import ColumnName, parse_column_name
from emogap.types import Eye

__all__ = ["DISPLAY", "GazeColumns", "ProLabColumns", "gaze_columns", "is_number"]

NUMERIC_BEGINNINGS = (
    "recording timestamp",
    "eyetracker timestamp",
    "recording duration",
    "recording resolution",
    "gaze point",
    "eye position",
    "pupil diameter",
    "eye movement type index",
    "fixation point",
    "presented media position",
    "presented media width",
    "presented media height",
    "original media width",
    "original media height",
)
DISPLAY = ("DACS", "ADCS")


def is_number(name: str) -> bool:
    """Whether the reader uses the column of this name as numbers."""
    return parse_column_name(name).quantity.startswith(NUMERIC_BEGINNINGS)


@dataclass(frozen=True, slots=True)
class ProLabColumns:
    """The columns of one export, found by quantity, frame and unit."""

    parsed: tuple[tuple[ColumnName, str], ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> "ProLabColumns":
        """The columns with these names."""
        return cls(tuple((parse_column_name(name), name) for name in names))

    def named(self, quantity: str) -> str | None:
        """The first column of a quantity, in whatever unit."""
        return next((name for column, name in self.parsed if column.quantity == quantity), None)

    def unit_of(self, quantity: str) -> str | None:
        """The unit that the first column of a quantity states."""
        return next((column.unit for column, _ in self.parsed if column.quantity == quantity), None)

    def find(self, quantity: str, unit: str | None, *frames: str | None) -> str | None:
        """The column of a quantity in this unit and one of these frames."""
        return next(
            (
                name
                for column, name in self.parsed
                if column.quantity == quantity and column.unit == unit and column.frame in frames
            ),
            None,
        )

    def axes(self, beginning: str, axes: str, unit: str | None, *frames: str | None) -> tuple[str, ...] | None:
        """The columns of all axes of a quantity in one unit, or None if one is missing."""
        found = tuple(self.find(f"{beginning} {axis}", unit, *frames) for axis in axes)
        whole = tuple(name for name in found if name is not None)
        return whole if len(whole) == len(axes) else None


@dataclass(frozen=True, slots=True)
class GazeColumns:
    """Where the points of gaze of the eyes stand; for each unit one (x, y) pair per eye, or None.

    `px_stated` is False where the heading names no unit; `medium_px` is relative to the medium, not the screen.
    """

    eyes: tuple[Eye, ...]
    px: tuple[tuple[str, ...], ...] | None
    px_stated: bool
    mm: tuple[tuple[str, ...], ...] | None
    norm: tuple[tuple[str, ...], ...] | None
    medium_px: tuple[tuple[str, ...], ...] | None


def gaze_columns(columns: ProLabColumns) -> GazeColumns | None:
    """The points of gaze of both eyes, else of the one there is, else of both combined; None if there is none."""
    choices: tuple[tuple[Eye, ...], ...] = (("left", "right"), ("left",), ("right",), ("cyclopean",))
    for eyes in choices:
        stated = _per_eye(columns, eyes, "px", *DISPLAY, None)
        found = GazeColumns(
            eyes=eyes,
            px=stated or _per_eye(columns, eyes, None, None),
            px_stated=stated is not None,
            mm=_per_eye(columns, eyes, "mm", *DISPLAY),
            norm=_per_eye(columns, eyes, "norm", *DISPLAY),
            medium_px=_per_eye(columns, eyes, "px", "MCS"),
        )
        if found.px or found.mm or found.norm or found.medium_px:
            return found
    return None


def _per_eye(
    columns: ProLabColumns, eyes: tuple[Eye, ...], unit: str | None, *frames: str | None
) -> tuple[tuple[str, ...], ...] | None:
    beginnings = ["gaze point" if eye == "cyclopean" else f"gaze point {eye}" for eye in eyes]
    found = [columns.axes(beginning, "xy", unit, *frames) for beginning in beginnings]
    whole = tuple(axes for axes in found if axes is not None)
    return whole if len(whole) == len(eyes) else None
