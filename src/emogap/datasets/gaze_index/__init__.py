"""Windows of raw gaze for models that predict gaze from gaze: indexed once, read from memory-mapped arrays.

Read in this order: ``config`` and ``header`` (what an index is), ``index`` (opening and reading it), ``people`` and
``choice`` (who trains, which windows, in which order). Then how one is made: ``sources`` (what there is), ``frames``
(recordings at one rate), ``good_windows``, ``segments`` (one file), ``parts``, ``writing`` and ``make`` (all of them).
"""

from emogap.datasets.gaze_index.choice import WindowRows, shuffled_places, window_rows
from emogap.datasets.gaze_index.config import IndexConfig
from emogap.datasets.gaze_index.index import GazeIndex, channel_statistics, open_index, read_windows, segments_of
from emogap.datasets.gaze_index.people import people_split

__all__ = [
    "GazeIndex",
    "IndexConfig",
    "WindowRows",
    "channel_statistics",
    "open_index",
    "people_split",
    "read_windows",
    "segments_of",
    "shuffled_places",
    "window_rows",
]
