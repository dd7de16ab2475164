"""Pupil Labs: exports of Pupil Core, Neon and Invisible, and the data set EDVAM. Told apart by their heading.

- Pupil Core: ``gaze_positions.csv`` and ``pupil_positions.csv`` (``_pupil_core``).
- Neon and Invisible: ``gaze.csv`` with what lies beside it (``_pupil_neon``).
- EDVAM: Pupil Labs eye cameras in a headset (``_pupil_edvam``).

All give gaze in the picture of a camera that the head carries: a point says nothing about a screen. Samples of low
confidence are kept with their confidence, and a doubt says how many; only a confidence of exactly 0, by which the
device says that it knows nothing, counts as lost.
"""

from pathlib import Path

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers import _pupil_core, _pupil_edvam, _pupil_neon
from emogap.recording.readers._heading import is_spreadsheet, read_content, read_heading
from emogap.types import Recording

__all__ = ["can_read", "read"]


def can_read(path: Path) -> bool:
    """Whether the heading is that of one of these exports; looks at nothing else."""
    heading = _heading(path)
    return (
        _pupil_neon.is_heading(heading)
        or _pupil_edvam.is_heading(heading)
        or _pupil_core.is_gaze_heading(heading)
        or _pupil_core.is_pupil_heading(heading)
    )


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording in an export of Pupil Labs, in the order of the file.

    Raises
    ------
    DataError
        If the file is not such an export, or is cut, damaged or contradicts itself; names file and line.
    """
    heading = _heading(path)
    if _pupil_neon.is_heading(heading):
        return _pupil_neon.read(path)
    if _pupil_edvam.is_heading(heading):
        return _pupil_edvam.read(path, heading)
    if _pupil_core.is_gaze_heading(heading):
        return _pupil_core.read_gaze_positions(path)
    if _pupil_core.is_pupil_heading(heading):
        return _pupil_core.read_pupil_positions(path)
    read_content(path)
    raise DataError(
        "the heading is not that of an export of Pupil Labs: neither gaze_positions.csv, pupil_positions.csv nor"
        f" gaze.csv has these {counted(len(heading), 'column')}",
        where=f"{path}, line 1",
        fix="export again with the heading (Pupil Player: Raw Data Exporter; Pupil Cloud: Timeseries Data)",
    )


def _heading(path: Path) -> tuple[str, ...]:
    return () if is_spreadsheet(path) else read_heading(path)
