"""From finished parts to the folder of an index: one segment in memory at a time, the same bytes every time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.datasets.gaze_index.config import CHANNELS, IndexConfig
from emogap.datasets.gaze_index.header import IndexHeader
from emogap.datasets.gaze_index.parts import PartFacts, read_arrays
from emogap.datasets.gaze_index.segments import NO_GOOD_WINDOW, TOO_SHORT, UNNAMED, Dropped
from emogap.datasets.gaze_index.sources import GazeSource
from emogap.datasets.header import ChannelHeader, fingerprint_of_files
from emogap.errors import DataError
from emogap.files import fingerprint_bytes, write_aside

__all__ = ["FAILED", "write_index"]

FAILED = "could not be read"

SEGMENT_SCHEMA = {
    "recording_id": pl.String(),
    "participant_id": pl.String(),
    "stimulus_id": pl.String(),
    "trial": pl.Int64(),
    "start_row": pl.Int64(),
    "num_frames": pl.Int64(),
    "num_windows": pl.Int64(),
    "source_rate_hz": pl.Float64(),
    "resampled": pl.Boolean(),
    "measured_from": pl.String(),
    "source": pl.String(),
    "fingerprint": pl.String(),
}

DROPPED_SCHEMA = {
    name: pl.String() for name in ("recording_id", "participant_id", "stimulus_id", "source", "reason", "detail")
}


def write_index(
    out: Path,
    source: GazeSource,
    config: IndexConfig,
    parts: Sequence[PartFacts],
    failed: Sequence[Dropped],
    *,
    source_fingerprint: str,
) -> IndexHeader:
    """Write the index of finished `parts` into `out`, its header last.

    Raises
    ------
    DataError
        If there is no good window; the message says what became of the recordings.
    OutputError
        If the disk is full; the parts are kept.
    """
    dropped = [entry for part in parts for entry in part.dropped] + list(failed)
    places = [(part.path, number, facts) for part in parts for number, facts in enumerate(part.segments)]
    if not places:
        raise _no_window(out, dropped)
    rows = _write_arrays(out, places, len(CHANNELS[source.channels]))
    _write_table(out / "recordings.parquet", pl.DataFrame(rows, schema=SEGMENT_SCHEMA))
    lost = [[getattr(entry, name) for name in DROPPED_SCHEMA] for entry in dropped]
    _write_table(out / "dropped.parquet", pl.DataFrame(lost, schema=DROPPED_SCHEMA, orient="row"))
    windows = sum((Counter(part.dropped_windows) for part in parts), Counter())
    header = IndexHeader(
        schema=1,
        name=source.name,
        config=config.model_copy(update={"channels": source.channels}),
        rate_hz=config.rate_hz,
        channels=tuple(ChannelHeader(name=each.name, unit=each.unit) for each in CHANNELS[source.channels]),
        past_frames=config.past_frames,
        future_frames=config.future_frames,
        simulated=source.simulated,
        source_fingerprint=source_fingerprint,
        fingerprint="",
        num_windows=sum(row["num_windows"] for row in rows),
        num_segments=len(rows),
        num_participants=len({row["participant_id"] for row in rows}),
        num_unnamed=sum(row["participant_id"].startswith(UNNAMED) for row in rows),
        num_resampled=sum(row["resampled"] for row in rows),
        dropped_windows=dict(sorted(windows.items())),
        dropped_segments=dict(sorted(Counter(each.reason for each in dropped if each.reason != FAILED).items())),
        num_failed=len(failed),
        doubts=source.doubts + _doubts(rows, config),
        versions={"emogap": __version__, "numpy": np.__version__},
        files=fingerprint_of_files(out, ("recordings.parquet", "values.npy", "valid.npy", "windows.npy")),
    )
    header = header.model_copy(update={"fingerprint": header.index_fingerprint()})
    header.write(out)
    return header


def _no_window(out: Path, dropped: Sequence[Dropped]) -> DataError:
    reasons = Counter(entry.reason for entry in dropped)
    told = "; ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    first = f", first {dropped[0].source}: {dropped[0].detail}" if dropped else ""
    by_length = {TOO_SHORT, NO_GOOD_WINDOW} & set(reasons)
    return DataError(
        f"there is no good window of gaze: {told or 'no recording'}{first}",
        where=str(out),
        fix="shorten the windows with --past and --future" if by_length else "repair the recordings, or give others",
    )


def _write_arrays(
    out: Path, places: Sequence[tuple[Path, int, dict[str, Any]]], num_channels: int
) -> list[dict[str, Any]]:
    """Write values, validity and windows of all segments one behind the other; the rows of the table of segments."""
    num_rows = sum(facts["num_frames"] for _, _, facts in places)
    num_windows = sum(facts["num_windows"] for _, _, facts in places)
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        "values": ((num_rows, num_channels), np.float32),
        "valid": ((num_rows,), np.bool_),
        "windows": ((num_windows,), np.int64),
    }
    with ExitStack() as stack:
        files = {}
        for name, (shape, dtype) in shapes.items():
            partial = stack.enter_context(write_aside(out / f"{name}.npy"))
            files[name] = stack.enter_context(partial.open("wb"))
            described = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(files[name], described)
        rows = []
        for row, arrays in _numbered(places):
            for name, array in zip(shapes, arrays, strict=True):
                files[name].write(np.ascontiguousarray(array).data)
            rows.append(row)
    return rows


def _numbered(
    places: Sequence[tuple[Path, int, dict[str, Any]]],
) -> Iterator[tuple[dict[str, Any], tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Each segment's row of the table and its arrays, with the rows of the index in place of its own."""
    start_row = 0
    for path, number, facts in places:
        values, valid, starts = read_arrays(path, number)
        print_of = fingerprint_bytes([values.tobytes(), starts.tobytes()])
        row = {name: facts.get(name) for name in SEGMENT_SCHEMA} | {"start_row": start_row, "fingerprint": print_of}
        yield row, (values, valid, starts + start_row)
        start_row += len(valid)


def _doubts(rows: Sequence[dict[str, Any]], config: IndexConfig) -> tuple[str, ...]:
    """What a careful reader of these segments would question."""
    doubts = []
    unnamed = sum(row["participant_id"].startswith(UNNAMED) for row in rows)
    if unnamed:
        doubts.append(
            f"nobody named the participant of {unnamed} of {counted(len(rows), 'segment')}: each such recording"
            " is taken as a"
            " person of its own, so that one person may train and validate (--participants TABLE or --people folder)"
        )
    slower = [row["source_rate_hz"] for row in rows if row["resampled"] and row["source_rate_hz"] < config.rate_hz]
    if slower:
        doubts.append(
            f"{len(slower)} of {counted(len(rows), 'segment')} were recorded at {min(slower):.4g} Hz or more, below the"
            f" {config.rate_hz:g} Hz of the index: the frames between were interpolated"
        )
    origins = sorted({row["measured_from"] for row in rows})
    if len(origins) > 1:
        doubts.append(f"gaze is measured from different things: {', '.join(origins)}")
    if config.assumed_rate_hz is not None:
        doubts.append(f"recordings without a clock are taken to have {config.assumed_rate_hz:g} frames a second")
    return tuple(doubts)


def _write_table(path: Path, table: pl.DataFrame) -> None:
    with write_aside(path) as partial:
        table.write_parquet(partial, compression="zstd", compression_level=3, statistics=True)
