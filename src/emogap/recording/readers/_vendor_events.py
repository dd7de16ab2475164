"""The vendor's own fixations and saccades, from columns that repeat an event on each of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.recording.readers._samples import first_rows
from emogap.types import EventFrame, EyeEvents

__all__ = ["EventRows", "find_event_rows", "vendor_events"]


@dataclass(frozen=True, slots=True)
class EventRows:
    """First and last row of each event of a file, and its kind (``fixation`` or ``saccade``), in row order."""

    first: Int[ndarray, " N"]
    last: Int[ndarray, " N"]
    kind: NDArray[np.str_]

    def within(self, start: int, stop: int) -> "EventRows":
        """The events on rows `start` to `stop` (exclusive), counted from `start`."""
        low, high = np.searchsorted(self.first, (start, stop))
        return EventRows(self.first[low:high] - start, self.last[low:high] - start, self.kind[low:high])


def find_event_rows(kind: polars.Series, *parts: polars.Series, bounds: Sequence[int] = ()) -> EventRows:
    """Runs of rows of one fixation or saccade.

    Parameters
    ----------
    kind : polars.Series of String
        ``Fixation``, ``Saccade`` or anything else (no event) on each row, in any case.
    parts : polars.Series
        What else tells two events apart, such as their index.
    bounds : sequence of int
        Rows at which a recording begins or ends: no event goes on there.
    """
    starts = first_rows(kind, *parts)
    starts = np.union1d(starts, np.asarray(bounds, dtype=starts.dtype))
    starts = starts[starts < len(kind)]
    ends = np.append(starts[1:], len(kind)) - 1
    names = np.array([(kind[row] or "").strip().lower() for row in starts.tolist()], dtype=np.str_)
    chosen = np.isin(names, ("fixation", "saccade"))
    return EventRows(starts[chosen], ends[chosen], names[chosen])


def vendor_events(
    rows: EventRows,
    time_s: Float[ndarray, " T"],
    *,
    interval_s: float,
    centre: Float[ndarray, "N 2"],
    amplitude_deg: Float[ndarray, " N"] | None = None,
    method: str,
    frame: EventFrame,
) -> EyeEvents:
    """Events as the samples show them: an event that began before the first sample begins with it.

    The vendor's own duration column is not used, because it counts what lies outside the exported rows.
    An event ends one sampling interval after its last sample, or with the next sample where that is earlier
    (timestamps are rounded).
    """
    following = np.append(time_s[1:], np.inf)
    return EyeEvents(
        kind=rows.kind,
        onset_s=time_s[rows.first],
        offset_s=np.minimum(time_s[rows.last] + interval_s, following[rows.last]),
        centre=np.where((rows.kind == "fixation")[:, None], centre, np.nan),
        amplitude_deg=np.full(len(rows.kind), np.nan) if amplitude_deg is None else amplitude_deg,
        method=method,
        frame=frame,
    )
