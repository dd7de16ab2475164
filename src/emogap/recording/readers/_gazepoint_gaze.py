"""Points of gaze and pupils of a Gazepoint export, lost where their validity flag says so."""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._samples import check_pupil, stack_columns, without_partial
from emogap.recording.readers._table import ExportTable
from emogap.types import Eye, GazeSeries, PupilUnit

__all__ = ["read_gaze"]

EYES: tuple[Eye, ...] = ("left", "right")
PX_LIMIT = 20.0
"""Shares of the screen beyond this are no gaze: such a file holds px under names that mean shares."""


def read_gaze(
    table: ExportTable, *, time_s: Float[ndarray, " T"], rate_hz: float
) -> tuple[GazeSeries, tuple[str, ...], tuple[str, ...]]:
    """Gaze in ``screen_norm``, doubts about it, and notes."""
    names = set(table.rows.columns)
    per_eye = all(f"{side}POG{column}" in names for side in "LR" for column in "XYV")
    sides = "LR" if per_eye else "B"
    position = stack_columns(table.rows, [(f"{side}POGX", f"{side}POGY") for side in sides])
    keep = np.stack([_flag(table, f"{side}POGV") for side in sides], axis=1)
    valid = without_partial(position, keep)
    _refuse_pixels(position, valid, table)
    pupil, unit, doubts, notes = _pupils(table, names)
    eyes: tuple[Eye, ...] = EYES if per_eye else ("cyclopean",)
    if pupil is not None and not per_eye:
        eyes = ("cyclopean", *EYES)
        empty = np.full((len(time_s), 2), np.nan)
        position = np.concatenate([position, np.stack([empty, empty], axis=1)], axis=1)
        valid = np.concatenate([valid, np.zeros((len(time_s), 2), bool)], axis=1)
        pupil = np.concatenate([np.full((len(time_s), 1), np.nan), pupil], axis=1)
    gaze = GazeSeries(
        time_s=time_s,
        position=position,
        frame="screen_norm",
        valid=valid,
        altered=np.zeros(valid.shape, bool),
        eyes=eyes,
        rate_hz=rate_hz,
        pupil=pupil,
        pupil_unit=unit,
        pupil_altered=None if pupil is None else np.zeros(pupil.shape, bool),
    )
    point = "the points of each eye (LPOG, RPOG)" if per_eye else "the best point of both eyes (BPOG)"
    return gaze, doubts, (f"position is {point}, unfiltered, not FPOG", *notes)


def _flag(table: ExportTable, name: str) -> Bool[ndarray, " T"]:
    """A validity flag; an empty cell is not valid."""
    values = table.rows[name].fill_null(0.0).to_numpy()
    wrong = np.flatnonzero((values != 0) & (values != 1))
    if len(wrong):
        raise DataError(
            f"{name} is {values[wrong[0]]:g}, and a validity is 0 or 1 ({counted(len(wrong), 'such cell')})",
            where=table.place(int(wrong[0])),
            fix="export the recording again",
        )
    is_valid: Bool[ndarray, " T"] = values == 1
    return is_valid


def _refuse_pixels(position: Float[ndarray, "T E 2"], valid: Bool[ndarray, "T E"], table: ExportTable) -> None:
    far = valid & (np.abs(np.nan_to_num(position)).max(axis=2) > PX_LIMIT)
    if np.count_nonzero(far) * 2 <= np.count_nonzero(valid):
        return
    row, eye = (int(place[0]) for place in np.nonzero(far))
    x, y = position[row, eye].tolist()
    raise DataError(
        f"the point of gaze is ({x:g}, {y:g}), and shares of the screen lie about 0 to 1"
        f" ({int(np.count_nonzero(far))} such points)",
        where=table.place(row),
        fix="export it from Gazepoint Analysis unchanged, or read it as a table with a mapping that says px",
    )


def _pupils(
    table: ExportTable, names: set[str]
) -> tuple[Float[ndarray, "T 2"] | None, PupilUnit | None, tuple[str, ...], tuple[str, ...]]:
    """Left and right pupil, its unit, doubts and notes; None where the file has none."""
    for value, flag in (("MM", "MMV"), ("D", "V")):
        columns = [(f"{side}P{value}", f"{side}P{flag}") for side in "LR"]
        if not {name for pair in columns for name in pair} <= names:
            continue
        pupil = np.stack([_valid_pupil(table, *pair) for pair in columns], axis=1)
        if value == "MM":
            unit, doubts = check_pupil(pupil)
            return pupil, unit, doubts, ()
        return pupil, "au", (), ("pupils are in px of the camera's picture (LPD, RPD), which vary with distance",)
    return None, None, (), ()


def _valid_pupil(table: ExportTable, value: str, flag: str) -> Float[ndarray, " T"]:
    diameter = table.rows[value].fill_null(np.nan).to_numpy()
    return np.where(_flag(table, flag) & (diameter > 0), diameter, np.nan)
