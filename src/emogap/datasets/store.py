"""Opening a data set: samples in memory, streams memory-mapped, everything checked first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from emogap.counted_nouns import counted
from emogap.datasets.channels import Channel
from emogap.datasets.header import Header, read_header, require_unchanged
from emogap.errors import DataError
from emogap.recording.derived import record_derived
from emogap.types import SampleKey

__all__ = ["KEY_COLUMNS", "OFFICIAL_COLUMN", "Dataset", "note_derived", "open_dataset"]

KEY_COLUMNS = ("recording_id", "participant_id", "stimulus_id", "stimulus_group", "start_s", "stop_s")
"""Columns of ``samples.parquet`` that make up a sample's key, in the order in which samples are sorted."""

OFFICIAL_COLUMN = "official_fold"
"""Column of ``samples.parquet`` with the fold that the authors of a data set tested a clip in, or its role."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """N samples of a data set on disk, in the row order of ``samples.parquet``.

    Attributes
    ----------
    path : Path
    name : str
        Catalogue entry and, for a study, the name of the study; the field `dataset` of every key.
    catalogue, cleaning : str
        Catalogue entry and cleaning preset.
    samples : polars.DataFrame, N rows
        Keys and labels.
    keys : tuple of SampleKey, length N
    streams : mapping from modality to float32 array, shape (N, T, ...)
        Memory-mapped and read-only; NaN = not measured. ``frames`` is uint8, shape (N, 8, 3, 112, 112).
    masks : mapping from modality to bool array, shape (N, T)
        True = a step that holds something.
    channels : mapping from modality to tuple of Channel
        Names and units of the last axis; empty for ``frames``.
    simulated : bool
    ceilings : mapping from ``"view/space"`` to metric to number
        Best possible scores of a simulated study; empty otherwise.
    fingerprint : str
        Of the samples, the streams and what their columns mean.
    doubts : tuple of str
        What a careful reader of the data set would question.
    config : mapping from option to value
        How it was built, so that other recordings can be cut the same way; empty if it was not built.
    """

    path: Path
    name: str
    catalogue: str
    cleaning: str
    samples: pl.DataFrame
    keys: tuple[SampleKey, ...]
    streams: Mapping[str, NDArray[np.float32]]
    masks: Mapping[str, NDArray[np.bool_]]
    channels: Mapping[str, tuple[Channel, ...]]
    simulated: bool
    ceilings: Mapping[str, Mapping[str, float]]
    fingerprint: str
    doubts: tuple[str, ...] = ()
    config: Mapping[str, str | int | float | bool] = field(default_factory=dict)


def note_derived(dataset: Dataset, path: Path, *, by: str) -> None:
    """Note in the data set's folder that `path` is about to be made from it, so that it can be found and forgotten.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    record_derived(dataset.path, path, by=by)


def open_dataset(path: Path) -> Dataset:
    """The data set in the folder `path`, its streams memory-mapped.

    Parameters
    ----------
    path : Path
        Folder made by :func:`emogap.datasets.build.build`.

    Raises
    ------
    DataError
        If there is no finished data set, or one of its files is absent, damaged or changed since the build.
    """
    header = read_header(path)
    require_unchanged(path, header.files)
    samples = pl.read_parquet(path / "samples.parquet")
    streams = {name: np.load(path / "streams" / f"{name}.npy", mmap_mode="r") for name in header.streams}
    masks = {name: np.load(path / "streams" / f"{name}_mask.npy", mmap_mode="r") for name in header.streams}
    _require_agreement(path, header, samples, streams, masks)
    return Dataset(
        path=path,
        name=header.name,
        catalogue=header.catalogue,
        cleaning=header.cleaning,
        samples=samples,
        keys=tuple(SampleKey(header.name, *row) for row in samples.select(KEY_COLUMNS).iter_rows()),
        streams=streams,
        masks=masks,
        channels={
            name: tuple(Channel(channel.name, channel.unit) for channel in stream.channels)
            for name, stream in header.streams.items()
        },
        simulated=header.simulated,
        ceilings=header.ceiling,
        fingerprint=header.fingerprint,
        doubts=header.doubts,
        config=header.config,
    )


def _require_agreement(
    path: Path,
    header: Header,
    samples: pl.DataFrame,
    streams: Mapping[str, NDArray[np.float32]],
    masks: Mapping[str, NDArray[np.bool_]],
) -> None:
    for name, stream in header.streams.items():
        expected = (samples.height, stream.num_steps)
        found = streams[name].shape[:2], masks[name].shape
        if found != (expected, expected):
            raise DataError(
                f"the stream {name} and its mask have shapes {streams[name].shape} and {masks[name].shape}, but"
                f" {counted(samples.height, 'sample')} of {counted(stream.num_steps, 'step')} belong there",
                where=str(path),
                fix="build the data set again into a new folder",
            )
