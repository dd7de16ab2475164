"""The clock of a Tobii Pro Lab export: unit of the timestamps, and date and time of day of the start."""

import re
from datetime import UTC, datetime, time

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._dates import parse_date

__all__ = ["SECONDS", "infer_time_unit", "start_of_recording_ns"]

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
PLAUSIBLE_RATES_HZ = (15.0, 2500.0)
"""Screen-based and worn eye trackers sample at 25 to 2,000 Hz; ms and us differ by 1,000, so both cannot fit."""


def infer_time_unit(stamps: Float[ndarray, " T"], *, where: str) -> str:
    """``"ms"`` or ``"us"``: the unit that makes the median step a sampling interval an eye tracker can have.

    Raises
    ------
    DataError
        If neither does.

    Examples
    --------
    >>> import numpy as np
    >>> infer_time_unit(np.array([38098.0, 38115, 38132]), where="a.tsv")
    'ms'
    """
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    step = float(np.median(steps)) if len(steps) else float("nan")
    low_hz, high_hz = PLAUSIBLE_RATES_HZ
    fitting = [unit for unit in ("ms", "us") if low_hz <= 1 / (step * SECONDS[unit]) <= high_hz]
    if len(fitting) != 1:
        raise DataError(
            f"the heading states no unit of 'Recording timestamp', and a median step of {step:g} is no sampling"
            " interval in ms or in us",
            where=where,
            fix="write the unit into the heading, as in 'Recording timestamp [ms]'",
        )
    return fitting[0]


def start_of_recording_ns(date_text: str | None, time_text: str | None, offset_s: float) -> int | None:
    """Date and time of day plus an offset as ns since 1970-01-01, on the clock of the recording computer.

    None if either is missing or cannot be read without guessing.
    """
    day = parse_date(date_text.strip()) if date_text else None
    clock = re.fullmatch(r"(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?", time_text.strip()) if time_text else None
    if day is None or clock is None or int(clock[1]) > 23 or int(clock[2]) > 59 or int(clock[3]) > 59:
        return None
    whole = datetime.combine(day, time(int(clock[1]), int(clock[2]), int(clock[3]), tzinfo=UTC))
    fraction_ns = int((clock[4] or "0").ljust(9, "0"))
    return int(whole.timestamp()) * 1_000_000_000 + fraction_ns + round(offset_s * 1e9)
