"""Windows of gaze over memory-mapped arrays: nothing is in memory but what is asked for.

Layout of the folder: ``index.toml`` (:class:`~emogap.datasets.gaze_index.header.IndexHeader`),
``recordings.parquet`` (one row per segment), ``dropped.parquet`` (what was left out, and why), ``values.npy`` (float32,
all segments one behind the other), ``valid.npy`` (bool) and ``windows.npy`` (int64, first row of every good window).

Letters: S segments, R rows (frames of all segments), W windows, B windows of one batch, D channels, T frames of the
past, F frames of the future. A segment is a trial, or a whole recording without trials; no window leaves its segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.gaze_index.config import IndexConfig
from emogap.datasets.gaze_index.header import IndexHeader, read_index_header
from emogap.datasets.header import require_unchanged
from emogap.errors import DataError, UsageError

__all__ = ["GazeIndex", "channel_statistics", "dropped_recordings", "open_index", "read_windows", "segments_of"]

ROWS_AT_ONCE = 1 << 18
"""Rows whose sums are taken at once: 6 MiB of six channels."""


@dataclass(frozen=True, slots=True, eq=False)
class GazeIndex:
    """W good windows of gaze in S segments, opened from disk.

    Attributes
    ----------
    path : Path
    name : str
        Of the data that were indexed, such as ``uniss_fgd``; with a participant's name it names a person.
    config : IndexConfig
    channels, units : tuple of str, length D
    rate_hz : float
    past_frames, future_frames : int
        T and F.
    recordings : polars.DataFrame, S rows
        ``recording_id``, ``participant_id``, ``stimulus_id``, ``trial``, ``start_row``, ``num_frames``,
        ``source_rate_hz``, ``resampled``, ``source``, ``fingerprint``.
    participants : tuple of str, length S
        Who each segment is of. ``recording:ID`` where nobody named the person: then two segments may be of one.
    people_known : bool
        Whether every segment names its participant.
    segment_start : int64 array, shape (S,)
        First row of each segment, ascending.
    values : float32 array, shape (R, D)
        Memory-mapped, read-only; NaN exactly where not `valid`.
    valid : bool array, shape (R,)
        Memory-mapped, read-only.
    starts : int64 array, shape (W,)
        First row of the past of every good window, ascending; memory-mapped, read-only.
    simulated : bool
    fingerprint : str
        Of the windows, the frames and what their channels mean.
    doubts : tuple of str
    """

    path: Path
    name: str
    config: IndexConfig
    channels: tuple[str, ...]
    units: tuple[str, ...]
    rate_hz: float
    past_frames: int
    future_frames: int
    recordings: pl.DataFrame
    participants: tuple[str, ...]
    people_known: bool
    segment_start: Int[ndarray, " S"]
    values: Float[ndarray, "R D"]
    valid: Bool[ndarray, " R"]
    starts: Int[ndarray, " W"]
    simulated: bool
    fingerprint: str
    doubts: tuple[str, ...] = ()

    @property
    def num_windows(self) -> int:
        """W, the number of good windows."""
        return len(self.starts)


def open_index(path: Path) -> GazeIndex:
    """The window index in the folder `path`, its arrays memory-mapped.

    Parameters
    ----------
    path : Path
        Folder made by ``emogap gaze-index``.

    Raises
    ------
    DataError
        If there is no finished index, or one of its files is absent, damaged or changed since it was made.
    """
    header = read_index_header(path)
    require_unchanged(path, header.files)
    recordings = pl.read_parquet(path / "recordings.parquet")
    values, valid, starts = (np.load(path / f"{name}.npy", mmap_mode="r") for name in ("values", "valid", "windows"))
    _require_agreement(path, header, recordings, values, valid, starts)
    return GazeIndex(
        path=path,
        name=header.name,
        config=header.config,
        channels=tuple(channel.name for channel in header.channels),
        units=tuple(channel.unit for channel in header.channels),
        rate_hz=header.rate_hz,
        past_frames=header.past_frames,
        future_frames=header.future_frames,
        recordings=recordings,
        participants=tuple(recordings["participant_id"].to_list()),
        people_known=header.num_unnamed == 0,
        segment_start=recordings["start_row"].to_numpy(),
        values=values,
        valid=valid,
        starts=starts,
        simulated=header.simulated,
        fingerprint=header.fingerprint,
        doubts=header.doubts,
    )


def _require_agreement(
    path: Path, header: IndexHeader, recordings: pl.DataFrame, values: ndarray, valid: ndarray, starts: ndarray
) -> None:
    num_rows = int(recordings["num_frames"].sum())
    expected = (num_rows, len(header.channels)), (num_rows,), (header.num_windows,), header.num_segments
    found = values.shape, valid.shape, starts.shape, recordings.height
    if found != expected:
        raise DataError(
            f"values, valid, windows and recordings have shapes {found}, but the header and the table of recordings"
            f" ask for {expected}",
            where=str(path),
            fix="make the index again into a new folder",
        )


def dropped_recordings(index: GazeIndex) -> frozenset[str]:
    """Ids of the recordings that the index has not, or not with all their trials."""
    return frozenset(pl.read_parquet(index.path / "dropped.parquet", columns=["recording_id"])["recording_id"])


def segments_of(index: GazeIndex, starts: Int[ndarray, " B"]) -> Int[ndarray, " B"]:
    """The segment in which each row of `starts` lies; int64, shape (B,), each in [0, S)."""
    return np.searchsorted(index.segment_start, starts, side="right") - 1


def read_windows(
    index: GazeIndex, numbers: Int[ndarray, " B"] | Sequence[int]
) -> tuple[Float[ndarray, "B T D"], Bool[ndarray, "B T"], Float[ndarray, "B F D"], Bool[ndarray, "B F"]]:
    """Past and future of some windows, copied out of the memory-mapped arrays.

    Parameters
    ----------
    index : GazeIndex
    numbers : int array, shape (B,)
        Each in [0, W); in any order, repeats allowed.

    Returns
    -------
    past : float32 array, shape (B, T, D)
        In the units of the channels; NaN exactly where not valid.
    past_valid : bool array, shape (B, T)
    future : float32 array, shape (B, F, D)
    future_valid : bool array, shape (B, F)

    Raises
    ------
    UsageError
        If a number is no window of the index.
    """
    wanted = np.asarray(numbers, np.int64)
    outside = (wanted < 0) | (wanted >= index.num_windows)
    if outside.any():
        raise UsageError(
            f"there is no window {wanted[outside.argmax()]} ({int(outside.sum())} such numbers)",
            where=str(index.path),
            fix=f"choose from 0 to {index.num_windows - 1}",
        )
    num_frames = index.past_frames + index.future_frames
    # Plain views of the maps: slicing a memmap object costs ten times what the copy of a window costs.
    values, valid = np.asarray(index.values), np.asarray(index.valid)
    frames = np.empty((len(wanted), num_frames, len(index.channels)), np.float32)
    known = np.empty((len(wanted), num_frames), bool)
    for place, start in enumerate(index.starts[wanted].tolist()):
        frames[place] = values[start : start + num_frames]
        known[place] = valid[start : start + num_frames]
    past = slice(None), slice(None, index.past_frames)
    future = slice(None), slice(index.past_frames, None)
    return frames[past], known[past], frames[future], known[future]


def channel_statistics(
    index: GazeIndex, segments: Bool[ndarray, " S"]
) -> tuple[Float[ndarray, " D"], Float[ndarray, " D"]]:
    """Mean and standard deviation of each channel over the valid frames of some segments.

    Parameters
    ----------
    index : GazeIndex
    segments : bool array, shape (S,)
        True = counts; those of the people whom a model may know.

    Returns
    -------
    mean, sd : float64 array, shape (D,)
        In the unit of the channel; `sd` with the divisor N. Computed in two passes over the map, a piece at a time.

    Raises
    ------
    UsageError
        If no valid frame is among them.
    """
    pieces = [piece for segment in np.flatnonzero(segments) for piece in _pieces(index, int(segment))]
    num_frames = sum(int(np.count_nonzero(index.valid[piece])) for piece in pieces)
    if num_frames == 0:
        raise UsageError(
            f"none of the {counted(int(np.count_nonzero(segments)), 'chosen segment')} has a valid frame",
            where=str(index.path),
            fix="choose the segments of at least one training person",
        )
    mean: Float[ndarray, " D"] = np.zeros(len(index.channels))
    for piece in pieces:
        mean += index.values[piece][index.valid[piece]].sum(axis=0, dtype=np.float64) / num_frames
    variance: Float[ndarray, " D"] = np.zeros(len(index.channels))
    for piece in pieces:
        variance += ((index.values[piece][index.valid[piece]] - mean) ** 2).sum(axis=0) / num_frames
    return mean, np.sqrt(variance)


def _pieces(index: GazeIndex, segment: int) -> list[slice]:
    """The rows of a segment, some at a time."""
    start = int(index.segment_start[segment])
    last = segment + 1 == len(index.segment_start)
    stop = len(index.values) if last else int(index.segment_start[segment + 1])
    return [slice(row, min(row + ROWS_AT_ONCE, stop)) for row in range(start, stop, ROWS_AT_ONCE)]
