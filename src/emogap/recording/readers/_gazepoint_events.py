"""Gazepoint's own fixations and blinks."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.recording.readers._samples import first_rows
from emogap.recording.readers._table import ExportTable
from emogap.types import EyeEvents

__all__ = ["read_events"]

FIXATION = ("FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGID", "FPOGV")


def read_events(
    table: ExportTable, time_s: Float[ndarray, " R"], *, zero_s: float, interval_s: float
) -> tuple[tuple[EyeEvents, ...], tuple[str, ...]]:
    """Fixations and blinks as one entry of the method ``gazepoint``, and doubts; nothing where there are no columns.

    Parameters
    ----------
    table : ExportTable
    time_s : float64 array, shape (R,)
        Time of every row from the recording's zero.
    zero_s : float
        That zero on the clock of the file, which FPOGS is on.
    interval_s : float
        Sampling interval; a blink ends one after its last row.
    """
    kinds: list[str] = []
    onset_s, offset_s, centre = [np.empty(0)], [np.empty(0)], [np.empty((0, 2))]
    doubts: tuple[str, ...] = ()
    names = set(table.rows.columns)
    if set(FIXATION) <= names:
        starts_s, ends_s, points, doubts = _fixations(table, zero_s)
        kinds += ["fixation"] * len(starts_s)
        onset_s, offset_s, centre = [*onset_s, starts_s], [*offset_s, ends_s], [*centre, points]
    if "BKID" in names and interval_s > 0:
        first, last = _blinks(table)
        following_s = np.append(time_s[1:], np.inf)
        kinds += ["blink"] * len(first)
        onset_s.append(time_s[first])
        offset_s.append(np.minimum(time_s[last] + interval_s, following_s[last]))
        centre.append(np.full((len(first), 2), np.nan))
    if not set(FIXATION) <= names and not kinds:
        return (), doubts
    events = EyeEvents(
        kind=np.array(kinds, dtype=np.str_),
        onset_s=np.concatenate(onset_s),
        offset_s=np.concatenate(offset_s),
        centre=np.concatenate(centre),
        amplitude_deg=np.full(len(kinds), np.nan),
        method="gazepoint",
        frame="screen_norm",
    )
    return (events,), doubts


def _fixations(
    table: ExportTable, zero_s: float
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"], Float[ndarray, "N 2"], tuple[str, ...]]:
    """Onset, offset and centre of each fixation: the last valid row of every run of one FPOGID has its whole length."""
    columns = {name: table.rows[name].fill_null(np.nan).to_numpy() for name in FIXATION}
    valid = (columns["FPOGV"] == 1) & (columns["FPOGD"] > 0)
    for name in FIXATION[:5]:
        valid &= np.isfinite(columns[name])
    rows = np.flatnonzero(valid)
    number = columns["FPOGID"][rows]
    last = rows[np.append(np.diff(number) != 0, True)[: len(rows)]]
    onset_s = columns["FPOGS"][last] - zero_s
    offset_s = onset_s + columns["FPOGD"][last]
    order = np.argsort(onset_s, kind="stable")
    onset_s, offset_s, last = onset_s[order], offset_s[order], last[order]
    repeated = np.append(np.diff(onset_s) <= 0, False)[: len(last)]
    onset_s, offset_s, last = onset_s[~repeated], offset_s[~repeated], last[~repeated]
    late = np.flatnonzero(offset_s[:-1] > onset_s[1:])
    offset_s[late] = onset_s[late + 1]
    doubts = []
    if len(late):
        doubts.append(
            f"{counted(len(late), 'fixation', 'is')} stated to last into the next one: they end where it begins"
        )
    if repeated.any():
        doubts.append(f"{counted(int(repeated.sum()), 'fixation', 'starts')} together with the next one: left out")
    return onset_s, offset_s, np.stack([columns["FPOGX"][last], columns["FPOGY"][last]], axis=1), tuple(doubts)


def _blinks(table: ExportTable) -> tuple[Int[ndarray, " B"], Int[ndarray, " B"]]:
    """First and last row of every run of one BKID above 0."""
    number = table.rows["BKID"].fill_null(0.0)
    starts = first_rows(number)
    ends = np.append(starts[1:], len(number)) - 1
    is_blink = number.to_numpy()[starts] > 0
    return starts[is_blink], ends[is_blink]
