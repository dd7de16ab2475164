"""Test clips as a slower tracker would have recorded them: another build of the same recordings.

Models are fitted on one data set, and read the eyes of the same clips from another, which ``emogap build --as-rate``
made. A clip in which the slower tracker has no valid point of gaze is not in that build; it reaches the models without
its eye streams, as after track loss, so that every condition is scored on the same clips.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from emogap.counted_nouns import counted
from emogap.datasets.gaze_frames import GAZE
from emogap.datasets.header import Header, read_header
from emogap.datasets.store import KEY_COLUMNS, Dataset, open_dataset
from emogap.errors import MismatchError, UsageError
from emogap.learning.evaluation.robustness.conditions import EYE_STREAMS, Condition, copied_clips
from emogap.types import SampleKey

__all__ = ["SlowerBuild", "open_slower", "slowed"]

REBUILD = "build both from the same source with the same options and version, the one with --as-rate beside them"


@dataclass(frozen=True, slots=True)
class SlowerBuild:
    """A data set of the same clips at a lower rate.

    Attributes
    ----------
    condition : Condition
        Its rate, and where it is.
    full_hz : float
        Rate of the data set that models were fitted on; the median over clips if recordings differ.
    without_eyes : tuple of SampleKey
        Clips in which the slower tracker has no valid point of gaze.
    """

    condition: Condition
    full_hz: float
    without_eyes: tuple[SampleKey, ...]


def open_slower(full: Path, path: Path) -> SlowerBuild:
    """The build in `path`, once it is sure that it is the data set `full` at a lower rate and nothing else.

    Raises
    ------
    UsageError
        If `path` was not built with ``--as-rate``, or at no lower rate than `full`.
    MismatchError
        If source, options, clips, labels, streams or channels are not those of `full`.
    DataError
        If one of the two is no data set, or damaged.
    """
    header, own = read_header(path), read_header(full)
    rate_hz = float(header.config.get("as_rate", 0))
    if not rate_hz:
        raise UsageError(
            "gaze is as recorded in this data set, and a slower tracker is asked for",
            where=str(path),
            fix="build it with 'emogap build SRC OUT --as-rate 30' and the other options of the data set",
        )
    _require_same_build(own, header, path)
    dataset, slower = open_dataset(full), open_dataset(path)
    without_eyes = _require_same_clips(dataset, slower)
    _require_same_labels(dataset, slower)
    _require_same_streams(dataset, slower)
    full_hz = float(own.config.get("as_rate", 0)) or _recorded_hz(path)
    if rate_hz >= full_hz:
        raise UsageError(
            f"{rate_hz:g} Hz are no slower tracker: the data set has {full_hz:g} Hz",
            where=str(path),
            fix="leave it out, or build it with a lower --as-rate",
        )
    return SlowerBuild(Condition("rate", rate_hz, build=path), full_hz, without_eyes)


def slowed(dataset: Dataset, slower: Dataset, rows: Sequence[int], *, streams: Sequence[str]) -> Dataset:
    """The clips at `rows` of `dataset` with the eyes of `slower`, as a data set of their own in memory.

    Parameters
    ----------
    dataset, slower : Dataset
        As :func:`open_slower` has found them to belong together.
    rows : sequence of int
        Of `dataset`.
    streams : sequence of str
        Those that are read. What no eye tracker makes, such as the face, is that of `dataset`.

    Returns
    -------
    Dataset
        A clip that `slower` lacks is NaN and masked out in its eye streams.
    """
    copies = copied_clips(dataset, rows, streams)
    place = {key: row for row, key in enumerate(slower.keys)}
    here = [clip for clip, key in enumerate(copies.keys) if key in place]
    there = [place[copies.keys[clip]] for clip in here]
    for name in set(EYE_STREAMS) & set(streams):
        num_steps = slower.streams[name].shape[1]
        copies.streams[name][:], copies.masks[name][:] = np.nan, False
        copies.streams[name][here, :num_steps] = slower.streams[name][there]
        copies.masks[name][here, :num_steps] = slower.masks[name][there]
    return copies


def _require_same_build(own: Header, other: Header, path: Path) -> None:
    differences = [f"the name {other.name}, not {own.name}"] if other.name != own.name else []
    differences += [
        f"{name} {other.config.get(name, 'unset')}, not {own.config.get(name, 'unset')}"
        for name in dict.fromkeys([*own.config, *other.config])
        if name != "as_rate" and own.config.get(name) != other.config.get(name)
    ]
    if not differences and other.source_fingerprint != own.source_fingerprint:
        differences = ["been built from another state of the source"]
    if differences:
        raise MismatchError(
            f"it cannot stand for the data set at a lower rate: it has {'; '.join(differences)}",
            where=str(path),
            fix=REBUILD,
        )


def _require_same_clips(dataset: Dataset, slower: Dataset) -> tuple[SampleKey, ...]:
    """The clips that only `dataset` holds, once it is sure that they have no gaze at the lower rate."""
    more = sorted(set(slower.keys) - set(dataset.keys))
    if more:
        raise MismatchError(
            f"it holds {counted(len(more), 'clip')} that the data set has not, first {_named(more[:1])}",
            where=str(slower.path),
            fix=REBUILD,
        )
    fewer = tuple(sorted(set(dataset.keys) - set(slower.keys)))
    excluded = pl.read_parquet(slower.path / "excluded.parquet").filter(pl.col("stage") == "gaze")
    dark = {SampleKey(slower.name, *row) for row in excluded.select(KEY_COLUMNS).iter_rows()}
    unexplained = [key for key in fewer if key not in dark]
    if unexplained:
        raise MismatchError(
            f"it lacks {counted(len(unexplained), 'clip')} for another reason than that no gaze is left, first"
            f" {_named(unexplained[:1])}",
            where=str(slower.path),
            fix="look into its excluded.parquet; build it again when the recordings can be read at this rate",
        )
    return fewer


def _require_same_labels(dataset: Dataset, slower: Dataset) -> None:
    own, other = (each.samples.drop("row") for each in (dataset, slower))
    own = own.join(other.select(KEY_COLUMNS), on=KEY_COLUMNS, how="semi", maintain_order="left")
    if own.columns == other.columns and own.equals(other):
        return
    differ = [name for name in own.columns if name not in other.columns or not own[name].equals(other[name])]
    raise MismatchError(
        f"its labels are not those of the data set: {', '.join(differ or other.columns)}",
        where=str(slower.path),
        fix=REBUILD,
    )


def _require_same_streams(dataset: Dataset, slower: Dataset) -> None:
    for name in EYE_STREAMS:
        shapes = [None if name not in each.streams else each.streams[name].shape[1:] for each in (dataset, slower)]
        same = shapes[0] == shapes[1] and dataset.channels.get(name) == slower.channels.get(name)
        # The frames of a clip end with its last sample, which comes a little earlier at a lower rate.
        if name == GAZE and None not in shapes:
            same = dataset.channels[name] == slower.channels[name] and shapes[1] <= shapes[0]  # type: ignore[operator]
        if not same:
            raise MismatchError(
                f"its stream {name} is not that of the data set: {_described(slower, name)}, not"
                f" {_described(dataset, name)}",
                where=str(slower.path),
                fix=REBUILD,
            )


def _described(dataset: Dataset, name: str) -> str:
    if name not in dataset.streams:
        return "absent"
    listed = ", ".join(f"{channel.name} ({channel.unit})" for channel in dataset.channels[name])
    return f"{dataset.streams[name].shape[1]} steps of {listed}"


def _recorded_hz(path: Path) -> float:
    """The rate of the recordings that were thinned, as their steps tell it; the median over clips."""
    steps = [
        step for text in pl.read_parquet(path / "quality.parquet")["steps"].drop_nulls() for step in json.loads(text)
    ]
    return float(np.median([step["parameters"]["recorded_hz"] for step in steps if step["name"] == "thin"]))


def _named(keys: Sequence[SampleKey]) -> str:
    return ", ".join(f"{key.recording_id} {key.stimulus_id}" for key in keys)
