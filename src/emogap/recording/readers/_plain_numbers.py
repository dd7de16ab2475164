"""Cells of a mapped table as numbers, and points as the frames of emogap have them."""

import numpy as np
import polars
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._plain_mapping import ColumnMapping, Origin
from emogap.recording.readers._table import ExportTable
from emogap.types import Frame, Screen

__all__ = ["numbers_of", "shares_of", "to_frame_origin"]

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def numbers_of(
    table: ExportTable, column: str, mapping: ColumnMapping, *, with_codes: bool = True
) -> Float[ndarray, " T"]:
    """A column as float64, NaN where it is empty or (`with_codes`) holds a cell that the mapping calls missing.

    Raises
    ------
    DataError
        If a cell is no number with the decimal mark of the mapping; names the line of the first.
    """
    text = table.rows[column].fill_null("").str.strip_chars()
    codes = mapping.missing if with_codes else ()
    is_missing = (text == "") | text.is_in(list(codes))
    plain = text
    if mapping.decimal == ",":
        # A point is then a thousands sign or a mistake: it must not become the mark.
        plain = text.str.replace_all(".", "?", literal=True).str.replace_all(",", ".", literal=True)
    bad = (~is_missing & ~plain.str.contains(NUMBER)).arg_true()
    if len(bad):
        first = int(bad[0])
        raise DataError(
            f"'{text[first]}' in the column '{column}' is not a number with '{mapping.decimal}' as decimal mark"
            f" ({counted(len(bad), 'such cell')})",
            where=table.place(first),
            fix="state decimal or missing in the mapping, or save the table without thousands signs",
        )
    numbers = plain.cast(polars.Float64, strict=False).fill_null(np.nan).to_numpy()
    lost = is_missing.to_numpy()
    for code in codes:
        lost = lost | (numbers == _as_number(code, mapping.decimal))
    return np.where(lost, np.nan, numbers)


def _as_number(code: str, decimal: str) -> float:
    """A code as a number, so that -1 also means -1.0; NaN, which equals nothing, where it is none."""
    try:
        return float(code.replace(decimal, "."))
    except ValueError:
        return np.nan


def shares_of(table: ExportTable, column: str, mapping: ColumnMapping) -> Float[ndarray, " T"]:
    """As :func:`numbers_of`, of a column that must lie between 0 and 1."""
    values = numbers_of(table, column, mapping)
    wrong = np.flatnonzero((values < 0) | (values > 1))
    if len(wrong):
        raise DataError(
            f"{column} is {values[wrong[0]]:g}, outside 0 to 1 ({counted(len(wrong), 'such cell')})",
            where=table.place(int(wrong[0])),
            fix="state its code for missing in the mapping, or scale it to 0 to 1",
        )
    return values


def to_frame_origin(
    position: Float[ndarray, "T E 2"], frame: Frame, origin: Origin | None, screen: Screen | None
) -> Float[ndarray, "T E 2"]:
    """Points moved from the file's origin to that of the frame; y grows down from the top left, else up.

    Examples
    --------
    >>> import numpy as np
    >>> to_frame_origin(np.array([[[0.0, 90.0]]]), "screen_px", "centre", Screen((640, 360))).tolist()
    [[[320.0, 90.0]]]
    """
    if origin is None:
        return position
    width, height = _extent(frame, screen)
    x, y = position[..., 0], position[..., 1]
    if origin == "centre":
        x, y = x + width / 2, y + height / 2
    elif origin == "top-left":
        y = height - y
    # Now from the bottom left, y up, as screen_mm has it; the others count from the top left.
    return np.stack([x, y if frame == "screen_mm" else height - y], axis=-1)


def _extent(frame: Frame, screen: Screen | None) -> tuple[float, float]:
    if frame in ("screen_norm", "scene_norm"):
        return 1.0, 1.0
    assert screen is not None, "the mapping was checked to hold the screen"
    if frame == "screen_px":
        return float(screen.size_px[0]), float(screen.size_px[1])
    assert screen.size_mm is not None, "the mapping was checked to hold the size in mm"
    return screen.size_mm
