"""What every reader does with columns of samples: stack them, check the clock, measure the rate, find runs."""

from collections.abc import Sequence

import numpy as np
import polars
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._table import ExportTable
from emogap.types import PupilUnit, StimulusInterval

__all__ = [
    "check_pupil",
    "first_rows",
    "measure_rate_hz",
    "require_increasing",
    "stack_columns",
    "stimulus_intervals",
    "valid_codes",
    "without_partial",
]

PUPIL_LIMITS_MM = (1.0, 10.0)
"""Diameters outside are not those of a human pupil: 2 to 8 mm over all light levels (Watson and Yellott 2012,
doi:10.1167/12.10.12, p. 1), with room for the error of the device."""


def stack_columns(rows: polars.DataFrame, names: Sequence[Sequence[str]]) -> Float[ndarray, "T E A"]:
    """Columns named by eye and axis as one float64 array, shape (T, E, A); empty cells are NaN.

    Time is the fastest axis in memory: everything done to gaze runs along it.
    """
    stacked = np.empty((len(names), len(names[0]), rows.height))
    for eye, axes in enumerate(names):
        for axis, name in enumerate(axes):
            stacked[eye, axis] = rows[name].to_numpy()
    return stacked.transpose(2, 0, 1)


def without_partial(points: Float[ndarray, "T E A"], keep: Bool[ndarray, "T E"] | None = None) -> Bool[ndarray, "T E"]:
    """Which points have all their coordinates (and are kept); the others become NaN in all of them, in place."""
    whole = np.ones(points.shape[:2], bool, order="F") if keep is None else keep
    for axis in range(points.shape[2]):
        whole = whole & np.isfinite(points[:, :, axis])
    for axis in range(points.shape[2]):
        np.copyto(points[:, :, axis], np.nan, where=~whole)
    return whole


def require_increasing(time_s: Float[ndarray, " T"], table: ExportTable, start: int = 0) -> None:
    """Raise a :class:`DataError` naming file and line unless the clock is there and increases strictly.

    Parameters
    ----------
    time_s : float64 array, shape (T,)
        The clock of T rows of `table` that follow each other.
    table : ExportTable
    start : int
        Number of the row that the first of them stands in.
    """
    missing = np.flatnonzero(~np.isfinite(time_s))
    if len(missing):
        raise DataError(
            f"the timestamp is missing or not finite ({counted(len(missing), 'such sample')})",
            where=table.place(start + int(missing[0])),
            fix="delete these lines or export the recording again",
        )
    wrong = np.flatnonzero(np.diff(time_s) <= 0)
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"the timestamp {time_s[first + 1]:.6f} s follows {time_s[first]:.6f} s, so time runs backwards or is"
            f" repeated ({counted(len(wrong), 'such sample')})",
            where=table.place(start + first + 1),
            fix="export each recording once, in the order of its clock",
        )


def measure_rate_hz(time_s: Float[ndarray, " T"]) -> float | None:
    """Sampling rate in Hz: 1 / mean step over all steps that are no gaps; None for fewer than two samples.

    Notes
    -----
    The mean, because whole milliseconds make the median of 3, 3, 4 ms a rate of 333 Hz where 300 Hz is true.
    A step above 1.5 medians is a gap.
    """
    steps = np.diff(time_s)
    if not len(steps):
        return None
    return float(1 / steps[steps <= 1.5 * np.median(steps)].mean())


def first_rows(*columns: polars.Series) -> Int[ndarray, " R"]:
    """Index of the first row of every run of rows that are equal in all columns; null equals null."""
    changes = np.zeros(len(columns[0]), bool)
    changes[:1] = True
    for column in columns:
        changes[1:] |= _differs_from_before(column)
    return np.flatnonzero(changes)


def _differs_from_before(column: polars.Series) -> Bool[ndarray, " R"]:
    if column.dtype.is_numeric():
        values = column.to_numpy()
        missing = np.isnan(values)
        differs: Bool[ndarray, " R"] = (values[1:] != values[:-1]) & ~(missing[1:] & missing[:-1])
        return differs
    return column[1:].ne_missing(column[:-1]).to_numpy()


def stimulus_intervals(
    names: polars.Series, time_s: Float[ndarray, " T"], *, interval_s: float, none: tuple[str, ...] = ()
) -> tuple[StimulusInterval, ...]:
    """When each stimulus was on, from a column that names it on every sample.

    Parameters
    ----------
    names : polars.Series of String, length T
        Null where nothing was shown.
    time_s : float64 array, shape (T,)
    interval_s : float
        Sampling interval; the last stimulus ends one interval after its last sample.
    none : tuple of str
        Names that mean that nothing was shown.
    """
    starts = first_rows(names)
    ends_s = np.append(time_s, time_s[-1] + interval_s)[np.append(starts[1:], len(time_s))]
    return tuple(
        StimulusInterval(name, float(time_s[start]), float(end_s))
        for name, start, end_s in zip(names.gather(starts), starts, ends_s, strict=True)
        if name is not None and name.strip() and name not in none
    )


def check_pupil(pupil: Float[ndarray, "T E"]) -> tuple[PupilUnit, tuple[str, ...]]:
    """The unit of pupils that claim to be millimetres, and doubts where the values contradict the claim.

    If the median cannot be a diameter in mm, the values are kept as the device's own unit (``au``).
    """
    given = pupil[np.isfinite(pupil)]
    if not len(given):
        return "mm", ()
    low, high = PUPIL_LIMITS_MM
    median = float(np.median(given))
    if not low <= median <= high:
        return "au", (
            f"the median pupil, {median:g}, cannot be a diameter in mm ({low:g} to {high:g}): kept in the device's"
            " own unit (au); export the pupil diameter in mm to compare it between people",
        )
    odd = int(np.count_nonzero((given < low) | (given > high)))
    share = f"{odd} of {len(given)} pupil values are no human diameter ({low:g} to {high:g} mm)"
    return "mm", (share,) if odd else ()


def valid_codes(codes: polars.Series, table: ExportTable) -> Bool[ndarray, " T"]:
    """Which samples a validity column of Tobii calls valid: ``Valid``, or a code of 0 or 1; null is not valid.

    Notes
    -----
    Codes of Tobii Studio: 0 both eyes certain, 1 one eye and probably this one, 2 one eye and unknown which,
    3 probably not this one, 4 not found. Tobii recommends to discard 2 and above (TX300 and X2 product
    descriptions, "Data sample output"; validity codes of the Tobii Pro SDK are Valid and Invalid).

    Raises
    ------
    DataError
        If the column holds anything else; names the line of the first.
    """
    text = codes.cast(polars.String).str.strip_chars().str.to_lowercase().str.strip_suffix(".0")
    known = text.is_in(["valid", "invalid", "", "0", "1", "2", "3", "4"]) | text.is_null()
    if not known.all():
        first = int((~known).arg_true()[0])
        raise DataError(
            f"'{codes[first]}' in the column '{codes.name}' is no validity (Valid, Invalid, or 0 to 4)",
            where=table.place(first),
            fix="export the recording again",
        )
    return text.is_in(["valid", "0", "1"]).fill_null(False).to_numpy()
