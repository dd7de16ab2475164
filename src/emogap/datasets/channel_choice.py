"""A data set with some of its channels: what is left when only the gaze point, say, is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

import numpy as np

from emogap.datasets.store import Dataset
from emogap.errors import MismatchError

__all__ = ["keep_channels"]


def keep_channels(dataset: Dataset, channels: Mapping[str, Sequence[str]]) -> Dataset:
    """`dataset` with only the channels named; streams that are not named keep theirs.

    Parameters
    ----------
    dataset : Dataset
    channels : mapping from stream to sequence of str
        Names of channels, or patterns with ``*`` such as ``gaze_*``.

    Returns
    -------
    Dataset
        Its own `dataset` if nothing is left out. The streams concerned are copies in memory, in the order of the data
        set; `fingerprint` is that of the whole data set, whose folds it shares.

    Raises
    ------
    MismatchError
        If the data set lacks a stream, or a pattern fits none of its channels.
    """
    streams, described = dict(dataset.streams), dict(dataset.channels)
    for stream, patterns in channels.items():
        kept = _positions(dataset, stream, patterns)
        if len(kept) == len(described[stream]):
            continue
        streams[stream] = np.ascontiguousarray(dataset.streams[stream][..., kept])
        described[stream] = tuple(dataset.channels[stream][position] for position in kept)
    if all(streams[name] is dataset.streams[name] for name in streams):
        return dataset
    return replace(dataset, streams=streams, channels=described)


def _positions(dataset: Dataset, stream: str, patterns: Sequence[str]) -> list[int]:
    """Positions of the channels of `stream` that fit any of `patterns`, in order."""
    if stream not in dataset.streams:
        raise MismatchError(
            f"channels of the stream '{stream}' are asked for, and the data set has {', '.join(dataset.streams)}",
            where=str(dataset.path),
            fix="name another stream, or build the data set from recordings that have it",
        )
    names = [channel.name for channel in dataset.channels[stream]]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            near = get_close_matches(pattern, names, n=1)
            raise MismatchError(
                f"no channel of {stream} is named '{pattern}'",
                where=str(dataset.path),
                fix=(f"did you mean '{near[0]}'? " if near else "")
                + f"it has {', '.join(names) or 'none that have names'}",
            )
    return [at for at, name in enumerate(names) if any(fnmatchcase(name, pattern) for pattern in patterns)]
