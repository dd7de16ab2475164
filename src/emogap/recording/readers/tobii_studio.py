"""Tobii Studio exports: version 3.x (``RecordingTimestamp``) and the "All Data" export of 2.x (``Timestamp``).

Both are told apart by their heading. The names of 3.x are read with and without the blank before the
bracket: ``GazePointLeftX (ADCSpx)`` and ``GazePointLeftX(ADCSpx)``.
"""

from pathlib import Path

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers import _tobii_studio_2, _tobii_studio_3
from emogap.recording.readers._heading import is_spreadsheet, read_content, read_heading
from emogap.types import Recording

__all__ = ["can_read", "read"]


def can_read(path: Path) -> bool:
    """Whether the heading is that of a Tobii Studio export; looks at nothing else."""
    heading = () if is_spreadsheet(path) else read_heading(path)
    return _tobii_studio_3.is_heading(heading) or _tobii_studio_2.is_heading(heading)


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording in a Tobii Studio export, in the order of the file.

    Raises
    ------
    DataError
        If the file is not such an export, or is cut, damaged or contradicts itself; names file and line.
    """
    heading = () if is_spreadsheet(path) else read_heading(path)
    if _tobii_studio_3.is_heading(heading):
        return _tobii_studio_3.read(path)
    if _tobii_studio_2.is_heading(heading):
        return _tobii_studio_2.read(path)
    read_content(path)
    raise DataError(
        "the heading is not that of a Tobii Studio export: neither RecordingTimestamp nor Timestamp with columns"
        f" of gaze points is in it (it has {counted(len(heading), 'column')})",
        where=f"{path}, line 1",
        fix="export again with the heading, or look at the file with 'emogap look'",
    )
