"""What two data sets have in common, so that a model fitted on one can be tested on the other; and what is lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from emogap.counted_nouns import counted
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError
from emogap.files import fingerprint_json
from emogap.learning.evaluation.protocols import Protocol, require_labels
from emogap.scoring import harden
from emogap.types import Target, vocabulary

__all__ = ["SharedGround", "labelled_rows", "shared_ground"]

MOST_NAMED = 6
"""So many channels are named for one reason."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedGround:
    """Two data sets with the same streams, channels and steps, in the same order.

    Attributes
    ----------
    train, test : Dataset
    streams : tuple of str
    lost : tuple of str
        Streams, channels and classes that are not in both, one sentence each.
    doubts : tuple of str
        Where what is in both may not mean the same.
    """

    train: Dataset
    test: Dataset
    streams: tuple[str, ...]
    lost: tuple[str, ...]
    doubts: tuple[str, ...]


def shared_ground(train: Dataset, test: Dataset, protocol: Protocol) -> SharedGround:
    """What `train` and `test` have in common for `protocol`.

    Channels are the same if name and unit are: a pupil in mm is none in changes of mm. The streams keep the order of
    `train`.

    Raises
    ------
    UsageError
        If one of the two has no labels of the protocol's view and space.
    MismatchError
        If both hold the same clips, or they share no stream.
    """
    for dataset in (train, test):
        require_labels(protocol, dataset)
    _require_other_people(train, test)
    lost = list(_lost_streams(train, test))
    kept: dict[str, tuple[str, ...]] = {}
    for stream in train.streams:
        if stream not in test.streams or train.streams[stream].shape[1] != test.streams[stream].shape[1]:
            continue
        both = tuple(channel.name for channel in train.channels[stream] if channel in test.channels[stream])
        lost += _lost_channels(train, test, stream)
        if both:
            kept[stream] = both
    if not kept:
        raise MismatchError(
            f"{train.name} and {test.name} share no stream: {'; '.join(lost)}",
            where=str(test.path),
            fix="build both with the same options, from recordings of the same signals",
        )
    for target in protocol.targets:
        lost += _lost_classes(train, test, protocol, target)
    return SharedGround(
        train=_restricted(train, kept),
        test=_restricted(test, kept),
        streams=tuple(kept),
        lost=tuple(lost),
        doubts=tuple(_doubts(train, test)),
    )


def labelled_rows(dataset: Dataset, protocol: Protocol, target: Target) -> list[int]:
    """Rows of the clips that are labelled in the protocol's view."""
    label = label_array(dataset, protocol.view, target, protocol.space).reshape(len(dataset.keys), -1)
    return np.flatnonzero(np.isfinite(label).all(axis=1)).tolist()


def _require_other_people(train: Dataset, test: Dataset) -> None:
    same = set(train.keys) & set(test.keys)
    if same or train.fingerprint == test.fingerprint:
        raise MismatchError(
            f"both are {train.name}: the one has {counted(len(same), 'clip')} of the other",
            where=str(test.path),
            fix="test on another data set; a study keeps its name in study.toml however it is built",
        )


def _restricted(dataset: Dataset, kept: Mapping[str, tuple[str, ...]]) -> Dataset:
    """`dataset` with the streams and channels `kept`, in their order."""
    streams, channels = {}, {}
    for stream, names in kept.items():
        found = [channel.name for channel in dataset.channels[stream]]
        order = [found.index(name) for name in names]
        streams[stream] = np.ascontiguousarray(dataset.streams[stream][..., order])
        channels[stream] = tuple(dataset.channels[stream][at] for at in order)
    masks = {stream: dataset.masks[stream] for stream in kept}
    described = {stream: [[channel.name, channel.unit] for channel in row] for stream, row in channels.items()}
    # The streams are no longer those that the fingerprint was taken of.
    fingerprint = fingerprint_json({"whole": dataset.fingerprint, "channels": described})
    return replace(dataset, streams=streams, masks=masks, channels=channels, fingerprint=fingerprint)


def _lost_streams(train: Dataset, test: Dataset) -> Iterator[str]:
    for name in dict.fromkeys((*train.streams, *test.streams)):
        if name not in train.streams or name not in test.streams:
            holder, other = (train, test) if name in train.streams else (test, train)
            yield f"stream {name}: {holder.name} has it, {other.name} has not"
        elif not train.channels[name]:
            yield f"stream {name}: it holds pictures, which have no channels to compare"
        elif train.streams[name].shape[1] != test.streams[name].shape[1]:
            steps = [dataset.streams[name].shape[1] for dataset in (train, test)]
            yield f"stream {name}: {steps[0]} steps in {train.name}, {steps[1]} in {test.name}"


def _lost_channels(train: Dataset, test: Dataset, stream: str) -> Iterator[str]:
    for holder, other in ((train, test), (test, train)):
        there = {channel.name: channel.unit for channel in other.channels[stream]}
        absent = [channel.name for channel in holder.channels[stream] if channel.name not in there]
        if absent:
            more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
            yield f"stream {stream}: only {holder.name} has {', '.join(absent[:MOST_NAMED])}{more}"
    units = {channel.name: channel.unit for channel in test.channels[stream]}
    for channel in train.channels[stream]:
        unit = units.get(channel.name, channel.unit)
        if unit != channel.unit:
            yield (f"stream {stream}: {channel.name} is in {channel.unit} in {train.name}, in {unit} in {test.name}")


def _lost_classes(train: Dataset, test: Dataset, protocol: Protocol, target: Target) -> Iterator[str]:
    if protocol.space is None:
        return
    words = vocabulary(protocol.space)
    held = []
    for dataset in (train, test):
        label = label_array(dataset, protocol.view, target, protocol.space)
        held.append({words[at] for at in harden(label[np.isfinite(label).all(axis=1)])})
    for word in words:
        if word in held[1] - held[0]:
            yield f"class {word}: {train.name} has no clip of it, so that no model learns it; it counts in the scores"
        elif word in held[0] - held[1]:
            yield f"class {word}: {test.name} has no clip of it; it is not in the UAR"


def _doubts(train: Dataset, test: Dataset) -> Iterator[str]:
    ids = {key.participant_id for key in train.keys} & {key.participant_id for key in test.keys}
    if ids:
        yield f"{len(ids)} participant ids occur in both; they are taken for different people"
    stimuli = {key.stimulus_id for key in train.keys} & {key.stimulus_id for key in test.keys}
    if stimuli:
        yield f"{len(stimuli)} stimulus ids occur in both; they are taken for different stimuli"
    if train.cleaning != test.cleaning:
        yield f"cleaning differs: {train.cleaning} in {train.name}, {test.cleaning} in {test.name}"
    if train.simulated != test.simulated:
        yield "one of the two is simulated"
