"""Maps of several fits of one model as those of one: every clip from the network that never saw its person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from emogap.learning.evaluation.attribution.maps import FitMaps

__all__ = ["PooledMaps", "pooled_maps"]

CLIP_AXIS = {"class": 1, "attention": 1}
"""Axis of the clips in an array; 2 in the others."""


@dataclass(frozen=True, slots=True, eq=False)
class PooledMaps:
    """Maps of one model under one split; as :class:`FitMaps`, with the clips of all fits side by side."""

    model: str
    split: str
    num_fits: int
    views: tuple[str, ...]
    streams: Mapping[str, int]
    people: ndarray
    arrays: Mapping[str, ndarray]
    missing: Mapping[str, str]


def pooled_maps(maps: Iterable[FitMaps]) -> tuple[PooledMaps, ...]:
    """One for each model and split, in the order in which they come."""
    groups: dict[tuple[str, str], list[FitMaps]] = {}
    for one in maps:
        groups.setdefault((one.model, one.split), []).append(one)
    return tuple(_pooled(model, split, fits) for (model, split), fits in groups.items())


def _pooled(model: str, split: str, fits: list[FitMaps]) -> PooledMaps:
    names = fits[0].arrays
    return PooledMaps(
        model=model,
        split=split,
        num_fits=len(fits),
        views=fits[0].views,
        streams=fits[0].streams,
        people=np.concatenate([fit.people for fit in fits]),
        arrays={
            name: np.concatenate([fit.arrays[name] for fit in fits], axis=CLIP_AXIS.get(name, 2)) for name in names
        },
        missing=fits[0].missing,
    )
