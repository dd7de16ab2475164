"""The table of ``emogap faces``: one row per face and frame, written as it is made."""

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pyarrow
import pyarrow.parquet

from emogap.files import write_aside
from emogap.preprocessing.face import Detection
from emogap.preprocessing.face.exposure import Exposure, measure_exposure
from emogap.preprocessing.face.tracking import FrameFaces, TrackedFace
from emogap.types.face import LANDMARKS

__all__ = ["COLUMNS", "FaceTable", "Row", "rows_of"]

Value = int | float | str | bool | None
Row = dict[str, Value]

ABOUT = {
    "frame": pyarrow.int64(),
    "time_s": pyarrow.float64(),
    "face": pyarrow.int64(),
    "is_chosen": pyarrow.bool_(),
    "seen": pyarrow.string(),
    "confidence": pyarrow.float64(),
    "no_face_confidence": pyarrow.float64(),
}
NUMBERS = (
    "x0_px",
    "y0_px",
    "x1_px",
    "y1_px",
    *(f"{landmark}_{axis}_px" for landmark in LANDMARKS for axis in "xy"),
    "face_luminance",
    "face_overexposed_share",
    "face_underexposed_share",
    "frame_luminance",
    "frame_overexposed_share",
    "frame_underexposed_share",
)
COLUMNS: Mapping[str, pyarrow.DataType] = ABOUT | dict.fromkeys(NUMBERS, pyarrow.float64())
"""Names and types; the probabilities of expressions follow, if any."""

BORDER_SHARE = 0.2
"""The light of a face is measured in its box without this share of the sides all round."""

BATCH = 500
"""Rows that are held before they are written."""


def rows_of(
    place: int,
    seen: FrameFaces,
    chosen: TrackedFace | None,
    *,
    expressions: Mapping[int, Mapping[str, float]] | None = None,
) -> list[Row]:
    """The rows of one frame, one per face; a frame without a face has one row, without a box.

    Parameters
    ----------
    place : int
        Number of the frame, from 0.
    seen : FrameFaces
    chosen : TrackedFace or None
    expressions : mapping, optional
        Probability by column name, by number of the face.
    """
    frame = {"frame": place, "time_s": round(seen.time_s, 6)}
    light = _lit("frame", measure_exposure(seen.frame))
    if not seen.faces:
        absent: Row = {**frame, "is_chosen": False, "seen": "none", **light}
        return [absent | {"no_face_confidence": round(seen.no_face_confidence, 4)}]
    return [
        {
            **frame,
            "face": tracked.number,
            "is_chosen": chosen is not None and tracked.number == chosen.number,
            "seen": "detected" if tracked.is_detected else "followed",
            "confidence": round(tracked.face.confidence, 4),
            **_places(tracked.face),
            **_lit("face", measure_exposure(seen.frame, _inner(tracked.face))),
            **light,
            **{name: round(value, 4) for name, value in (expressions or {}).get(tracked.number, {}).items()},
        }
        for tracked in seen.faces
    ]


def _places(face: Detection) -> Row:
    places: Row = dict(zip(NUMBERS, (round(edge, 2) for edge in face.box_px), strict=False))
    if face.landmarks_px is not None:
        for landmark, (x, y) in zip(LANDMARKS, face.landmarks_px.tolist(), strict=True):
            places |= {f"{landmark}_x_px": round(x, 2), f"{landmark}_y_px": round(y, 2)}
    return places


def _inner(face: Detection) -> tuple[float, float, float, float]:
    """The box without its border, where hair and background show."""
    x0, y0, x1, y1 = face.box_px
    dx, dy = BORDER_SHARE * (x1 - x0), BORDER_SHARE * (y1 - y0)
    return x0 + dx, y0 + dy, x1 - dx, y1 - dy


def _lit(part: str, exposure: Exposure) -> Row:
    values = {
        f"{part}_luminance": exposure.luminance,
        f"{part}_overexposed_share": exposure.overexposed_share,
        f"{part}_underexposed_share": exposure.underexposed_share,
    }
    return {name: None if value != value else round(value, 4) for name, value in values.items()}


class FaceTable:
    """A table that is written while it grows, whole or not at all; a context manager.

    Parameters
    ----------
    path : Path
        Replaced when the block ends well.
    kind : {"tsv", "parquet"}
        Missing values are empty cells, or nulls.
    more : sequence of str
        Further columns of numbers, after :data:`COLUMNS`.
    """

    def __init__(self, path: Path, kind: Literal["tsv", "parquet"], more: Sequence[str] = ()) -> None:
        self._path, self._kind = path, kind
        self._schema = pyarrow.schema([*COLUMNS.items(), *((name, pyarrow.float64()) for name in more)])
        self._rows: list[Row] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        partial = self._stack.enter_context(write_aside(self._path))
        if self._kind == "parquet":
            self._parquet = self._stack.enter_context(pyarrow.parquet.ParquetWriter(partial, self._schema))
        else:
            file = self._stack.enter_context(partial.open("w", encoding="utf-8", newline=""))
            self._tsv = csv.DictWriter(file, self._schema.names, restval="", delimiter="\t", lineterminator="\n")
            self._tsv.writeheader()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                raise error
            self._write()

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows; a column that a row lacks is missing there."""
        self._rows += rows
        if len(self._rows) >= BATCH:
            self._write()

    def _write(self) -> None:
        if self._kind == "parquet":
            filled = [{name: row.get(name) for name in self._schema.names} for row in self._rows]
            self._parquet.write_table(pyarrow.Table.from_pylist(filled, schema=self._schema))
        else:
            self._tsv.writerows({name: _text(value) for name, value in row.items()} for row in self._rows)
        self._rows = []


def _text(value: Value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
