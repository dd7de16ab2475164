"""``stimuli/<id>.luminance.tsv`` of a study: how bright each stimulus was, read and written."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.files import write_bytes
from emogap.rows import read_rows
from emogap.types import StimulusLuminance

__all__ = ["read_luminance", "read_study_luminance", "write_luminance"]

SUFFIX = ".luminance.tsv"


def read_luminance(path: Path) -> StimulusLuminance:
    """The luminance of one stimulus.

    Parameters
    ----------
    path : Path
        TSV with the columns ``time_s`` (seconds from the onset, increasing) and ``luminance`` (0 to 1).

    Raises
    ------
    DataError
        If the file is absent, has no row, a cell is no number or outside its limits, or time does not increase; with
        file and line where one is at fault.
    """
    rows = read_rows(path, columns=("time_s", "luminance"))
    if not rows:
        raise DataError("the table has no row", where=str(path), fix="measure the luminance of the stimulus again")
    time_s = np.array([row.number("time_s") for row in rows])
    luminance = np.array([row.number("luminance", low=0, high=1) for row in rows])
    steps_back = np.flatnonzero(np.diff(time_s) <= 0)
    if len(steps_back):
        late = rows[int(steps_back[0]) + 1]
        raise DataError(
            f"time does not increase ({counted(len(steps_back), 'such row')})",
            where=late.where,
            fix="sort the rows by time_s and remove repeats",
        )
    return StimulusLuminance(time_s, luminance)


def read_study_luminance(study: Path) -> Mapping[str, StimulusLuminance]:
    """The luminance of every stimulus of a study that has a table of it, by stimulus id.

    Raises
    ------
    DataError
        As :func:`read_luminance`.
    """
    files = sorted((study / "stimuli").glob(f"*{SUFFIX}"))
    return {file.name.removesuffix(SUFFIX): read_luminance(file) for file in files}


def write_luminance(path: Path, luminance: StimulusLuminance) -> None:
    """Write the table that :func:`read_luminance` reads: time to 1 ms, luminance to 1e-5.

    Raises
    ------
    OutputError
        If the file cannot be written; what stood there before still stands.
    """
    lines = ["time_s\tluminance"]
    pairs = zip(luminance.time_s.tolist(), luminance.luminance.tolist(), strict=True)
    lines += [f"{time_s:.3f}\t{level:.5f}" for time_s, level in pairs]
    write_bytes(path, ("\n".join(lines) + "\n").encode())
