"""The samples of an EyeLink .asc file as arrays, with their clock and what can be said about its rate.

A sample line is the time in ms, then x, y and pupil of each eye, then velocity, resolution, input port and flags
as the file was converted; only the time and the eyes are read. Missing is a lone ``.``.

References
----------
SR Research, EyeLink 1000 User Manual 1.5, section 4.9.2 "Sample Line Format" and 4.9.3.1, 4.9.3.2 (flags, and the
MISSING_DATA value of -32768).
"""

from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import polars
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._eyelink_lines import AscLines, Block
from emogap.types import Eye

__all__ = ["AscSamples", "measure_block_rate_hz", "read_samples"]

MISSING = "."
MISSING_DATA = -32768.0
PER_EYE = 3
"""Columns of an eye: x, y, pupil."""

REGULAR_SHARE = 0.9
"""So many of the steps inside the blocks must be one sampling interval for the rate to count as measured."""
STEP_TOLERANCE = 0.25
"""By so much of itself a step may differ from the sampling interval: whole ms at 60 Hz differ by 4 %."""


@dataclass(frozen=True, slots=True)
class AscSamples:
    """T samples of E eyes; `block` is the number of the block of each, `line` its line, counted from 1."""

    line: Int[ndarray, " T"]
    block: Int[ndarray, " T"]
    time_ms: Float[ndarray, " T"]
    position: Float[ndarray, "T E 2"]
    pupil: Float[ndarray, "T E"]
    eyes: tuple[Eye, ...]
    doubts: tuple[str, ...]


def read_samples(found: AscLines) -> AscSamples:
    """All samples, with NaN for an eye that a block did not record.

    Raises
    ------
    DataError
        If there are fewer than two, one stands outside a block, a line is cut or holds no number, the positions are
        no points of gaze, or time runs backwards or is repeated. Names file and line.
    """
    if len(found.samples) < 2:
        raise DataError(
            f"the file holds {counted(len(found.samples), 'sample')}, at least 2 are needed",
            where=found.place(max(len(found.lines), 1)),
            fix="convert the EDF file with samples (edf2asc without -e, -ns or -neye); or the file was cut",
        )
    line = np.array(found.samples)
    block = _blocks_of(found, line)
    recorded = [(number, found.blocks[number]) for number in np.unique(block).tolist()]
    both: tuple[Eye, ...] = ("left", "right")
    eyes = tuple(eye for eye in both if any(eye in one.eyes for _, one in recorded))
    values = np.full((len(line), 1 + PER_EYE * len(eyes)), np.nan)
    for number, one in recorded:
        _check_block(found, one)
        rows = np.flatnonzero(block == number)
        columns = [0] + [1 + PER_EYE * eyes.index(eye) + part for eye in one.eyes for part in range(PER_EYE)]
        values[np.ix_(rows, np.array(columns))] = _read_block(found, line[rows], PER_EYE * len(one.eyes) + 1)
    time_ms, doubts = _clock_ms(found, values[:, 0], line, [one for _, one in recorded])
    by_eye = values[:, 1:].reshape(len(line), len(eyes), PER_EYE)
    position, pupil = by_eye[:, :, :2].copy(), by_eye[:, :, 2].copy()
    position[(np.isnan(position) | (position <= MISSING_DATA)).any(axis=2)] = np.nan
    pupil[~(pupil > 0)] = np.nan
    return AscSamples(line, block, time_ms, position, pupil, eyes, doubts)


def _blocks_of(found: AscLines, line: Int[ndarray, " T"]) -> Int[ndarray, " T"]:
    """The block each line stands in."""
    starts = np.array([block.line for block in found.blocks], dtype=int)
    ends = np.array([block.end_line or np.iinfo(int).max for block in found.blocks], dtype=int)
    block = np.searchsorted(starts, line) - 1
    outside = (block < 0) | (line > ends[block]) if len(starts) else np.ones(len(line), bool)
    if outside.any():
        raise DataError(
            f"{counted(int(outside.sum()), 'sample', 'stands')} outside the blocks of START and END, so nothing"
            " says what they hold",
            where=found.place(int(line[outside.argmax()])),
            fix="convert the EDF file with its structure (edf2asc without -s or -ne)",
        )
    return block


def _check_block(found: AscLines, block: Block) -> None:
    where = found.place(block.line)
    if block.position == "GAZE" and block.eyes:
        return
    if block.position in ("HREF", "PUPIL"):
        raise DataError(
            f"the samples are {block.position} coordinates, which are no points of gaze on the screen",
            where=where,
            fix="convert the EDF file with gaze positions (edf2asc -sg)",
        )
    raise DataError(
        "the line SAMPLES after START is missing or names no eye, so nothing says what the columns hold",
        where=where,
        fix="convert the EDF file again",
    )


def _read_block(found: AscLines, line: Int[ndarray, " R"], num_columns: int) -> Float[ndarray, "R A"]:
    """Time, and x, y and pupil of each eye, of the samples of one block."""
    rows = ["\t".join(found.text(number).split()) for number in line.tolist()]
    num_cells = [row.count("\t") + 1 for row in rows]
    usual = Counter(num_cells).most_common(1)[0][0]
    odd = next((place for place, count in enumerate(num_cells) if count != usual), None)
    if odd is not None or usual < num_columns:
        raise DataError(
            f"{num_cells[odd or 0]} values in a sample"
            + (
                f" of a block whose samples have {usual}" if odd is not None else f", at least {num_columns} are needed"
            ),
            where=found.place(int(line[odd or 0])),
            fix="the line is cut or edited: convert the EDF file again",
        )
    schema = {str(column): polars.Float64 if column < num_columns else polars.String for column in range(usual)}
    try:
        table = polars.read_csv(
            BytesIO(("\n".join(rows) + "\n").encode()),
            has_header=False,
            schema=schema,
            columns=list(range(num_columns)),
            separator="\t",
            null_values=[MISSING],
            quote_char=None,
        )
    except polars.exceptions.PolarsError as error:
        raise _first_wrong_number(found, line, rows, num_columns, str(error)) from error
    values: Float[ndarray, "R A"] = table.to_numpy()
    wrong = np.isinf(values).any(axis=1) | ~np.isfinite(values[:, 0])
    if wrong.any():
        raise DataError(
            "the time is missing, or a value is infinite",
            where=found.place(int(line[wrong.argmax()])),
            fix="convert the EDF file again",
        )
    return values


def _first_wrong_number(
    found: AscLines, line: Int[ndarray, " R"], rows: list[str], num_columns: int, reason: str
) -> DataError:
    for number, row in zip(line.tolist(), rows, strict=True):
        for cell in row.split("\t")[:num_columns]:
            try:
                float(cell if cell != MISSING else "nan")
            except ValueError:
                return DataError(
                    f"'{cell[:40]}' in a sample is neither a number nor the sign of a missing value, '{MISSING}'",
                    where=found.place(number),
                    fix="convert the EDF file again, without the option -miss",
                )
    return DataError(f"the samples cannot be read: {reason}", where=found.place(int(line[0])), fix="convert again")


def _clock_ms(
    found: AscLines, time_ms: Float[ndarray, " T"], line: Int[ndarray, " T"], blocks: list[Block]
) -> tuple[Float[ndarray, " T"], tuple[str, ...]]:
    """The clock, strictly increasing.

    At 2000 Hz and whole ms every second time repeats the one before: it is half a ms later (EyeLink API, type FSAMPLE:
    "two samples with same time stamp possible ... add .5 ms to get the real time"), and a doubt says so.
    """
    doubts: tuple[str, ...] = ()
    repeated = np.append(False, np.diff(time_ms) == 0)
    if repeated.any() and {block.rate_hz for block in blocks} == {2000.0} and (time_ms == np.floor(time_ms)).all():
        time_ms = time_ms + 0.5 * repeated
        doubts = (
            f"times are whole ms at 2000 Hz, so that {int(repeated.sum())} of {len(time_ms)} repeat the one before:"
            " these were put half a ms later",
        )
    wrong = np.flatnonzero(np.diff(time_ms) <= 0)
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"the time {time_ms[first + 1]:.1f} ms follows {time_ms[first]:.1f} ms, so time runs backwards or is"
            f" repeated ({counted(len(wrong), 'such sample')})",
            where=found.place(int(line[first + 1])),
            fix="convert each EDF file into one .asc file of its own",
        )
    return time_ms, doubts


def measure_block_rate_hz(samples: AscSamples, nominal_hz: float | None) -> tuple[float, tuple[str, ...]]:
    """Sampling rate in Hz, measured inside the blocks; NaN and a doubt where the steps do not bear it out.

    The time between blocks, when nothing was recorded, does not count.
    """
    steps_ms = np.diff(samples.time_ms)[np.diff(samples.block) == 0]
    if not len(steps_ms):
        return np.nan, ("no block holds two samples: the rate is unknown",)
    interval_ms = 1000 / nominal_hz if nominal_hz else float(np.median(steps_ms))
    regular = np.abs(steps_ms / interval_ms - 1) <= STEP_TOLERANCE
    told = f"the header states {nominal_hz:g} Hz" if nominal_hz else "the header states no rate"
    told_steps = f"{int(regular.sum())} of {counted(len(steps_ms), 'step')} between samples are {interval_ms:g} ms"
    if regular.mean() < REGULAR_SHARE:
        return np.nan, (
            f"{told}, but only {told_steps} (the longest is {steps_ms.max():g} ms): samples are missing or the file was"
            " shortened or spliced, so the rate is unknown",
        )
    doubts = () if regular.all() else (f"{told_steps}: samples are missing inside the blocks",)
    return float(1000 / steps_ms[regular].mean()), doubts
