"""How far two clips are apart when they are laid upon each other as well as they can be.

First all pairs of clips of different people, at every shift, by matrix products on a common grid of time. Then the
nearest few of each clip, and a random sample of pairs, in finer shifts by a statistic that a few saccades cannot
spoil. Read with ``copies``, which decides what is near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.datasets.channels import Channel
from emogap.types import SampleKey

__all__ = ["AlignedPairs", "Clips", "Streamed", "coarse_pairs", "fine_distance"]

APART = ("face", "frames", "gaze")
"""Streams that are left out where there is another: the steps of a face are few, and it looks like itself in any clip;
those of ``gaze`` are frames, not equal parts of a clip."""

MOST_CHANNELS = 32
MOST_STEPS = 64
"""Steps of the common grid of time that the longest clip gets at most."""

NEAREST = 3
"""Candidates per clip; somebody in the data under more than four names is found by the other clips."""

FINE = np.arange(-4, 5) / 4
"""Shifts of the second stage around the best of the first, in steps of the grid."""

FARTHEST_SD = 3.0
"""Differences beyond this many within-clip SD count as this many: a saccade is not more different than that."""

LEAST_SHARED = 0.4
"""Share of the steps of the shorter clip that must be comparable."""

NULL_PAIRS = 3_000
"""Random pairs that are compared."""


class Streamed(Protocol):
    """What is searched: a data set, or anything else with keys and streams."""

    @property
    def keys(self) -> tuple[SampleKey, ...]:
        """Key of every sample, in row order."""
        ...

    @property
    def streams(self) -> Mapping[str, NDArray[np.float32]]:
        """Streams (N, T, D) by name."""
        ...

    @property
    def masks(self) -> Mapping[str, NDArray[np.bool_]]:
        """Masks (N, T) by name."""
        ...

    @property
    def channels(self) -> Mapping[str, tuple[Channel, ...]]:
        """Columns by name."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Clips:
    """N clips of n steps and C channels, in within-clip SD; NaN = not measured."""

    value: Float[ndarray, "N n C"]
    weight: Float[ndarray, " C"]
    duration_s: Float[ndarray, " N"]

    @classmethod
    def of(cls, data: Streamed) -> "Clips | None":
        """The channels that can be compared; None if there are none."""
        names = [name for name in data.streams if name not in APART] or [n for n in data.streams if n == "face"]
        if not names or not data.keys:
            return None
        most = max(data.streams[name].shape[1] for name in names)
        parts = [_normalised(data, name) for name in names if data.streams[name].shape[1] == most]
        value, weight = np.concatenate([part[0] for part in parts], axis=2), np.concatenate([p[1] for p in parts])
        kept = np.argsort(-weight, kind="stable")[:MOST_CHANNELS]
        kept = kept[weight[kept] > 0]
        if not len(kept):
            return None
        return cls(value[:, :, kept], weight[kept], np.array([key.stop_s - key.start_s for key in data.keys]))

    @property
    def step_s(self) -> Float[ndarray, " N"]:
        """Time from one step to the next of each clip."""
        return np.asarray(self.duration_s / self.value.shape[1], np.float64)

    @property
    def grid_s(self) -> float:
        """Step of the common grid of time."""
        return float(max(np.median(self.step_s), self.duration_s.max() / MOST_STEPS))

    def at(self, rows: Int[ndarray, " P"], time_s: Float[ndarray, "P S"]) -> Float[ndarray, "P S C"]:
        """Values of the clips `rows` at `time_s`, interpolated between steps; NaN outside."""
        last = self.value.shape[1] - 1
        place = time_s / self.step_s[rows][:, None] - 0.5
        before = np.clip(np.floor(place).astype(np.int64), 0, max(0, last - 1))
        share = np.clip(place - before, 0, 1)[..., None].astype(np.float32)
        left, right = self.value[rows[:, None], before], self.value[rows[:, None], np.minimum(before + 1, last)]
        between = (1 - share) * left + share * right
        between = np.where(np.isnan(between), np.where(share < 0.5, left, right), between)
        between[(place < -0.5) | (place > last + 0.5)] = np.nan
        return np.asarray(between)


@dataclass(frozen=True, slots=True, eq=False)
class AlignedPairs:
    """Pairs of clips and the best shift of the first stage: time of the first minus time of the second."""

    rows: Int[ndarray, "P 2"]
    shift_s: Float[ndarray, " P"]

    @classmethod
    def of(cls, steps: Mapping[tuple[int, int], int], grid_s: float) -> "AlignedPairs":
        """Pairs by rows, shifts in steps of the grid."""
        rows = np.array(list(steps), np.int64).reshape(-1, 2)
        return cls(rows, np.array(list(steps.values()), np.float64) * grid_s)


def _normalised(data: Streamed, name: str) -> tuple[Float[ndarray, "N n C"], Float[ndarray, " C"]]:
    """Channels in within-clip SD, and their weights: autocorrelation over one step, 0 if it cannot be compared."""
    value = np.where(data.masks[name][..., None], data.streams[name], np.nan).astype(np.float32)
    measured = np.isfinite(value)
    number = measured.sum(axis=1, keepdims=True)
    mean = np.nansum(value, axis=1, keepdims=True) / np.maximum(number, 1)
    away = np.where(measured, value - mean, 0.0)
    spread = np.sqrt((away**2).sum(axis=1) / np.maximum(number[:, 0], 1))
    spread[number[:, 0] < 2] = np.nan
    has_spread = np.isfinite(spread).any(axis=0)
    scale = np.zeros(value.shape[2])
    scale[has_spread] = np.nanmedian(spread[:, has_spread], axis=0)
    power = (away**2).sum(axis=(0, 1))
    carried = (away[:, 1:] * away[:, :-1]).sum(axis=(0, 1)) / np.where(power > 0, power, 1.0)
    is_state = np.array([channel.name.startswith("is_") for channel in data.channels[name]] or [False] * len(scale))
    weight = np.where((scale > 0) & (carried > 0.05) & ~is_state, carried, 0.0)
    return value / np.where(scale > 0, scale, 1.0).astype(np.float32), weight.astype(np.float32)


def coarse_pairs(
    clips: Clips, people: Int[ndarray, " N"], rng: np.random.Generator
) -> tuple[AlignedPairs, AlignedPairs]:
    """The nearest pairs of each clip, and a random sample of pairs, with their best shifts on the grid.

    Parameters
    ----------
    clips : Clips
    people : int array, shape (N,)
        Only pairs of different people are compared.
    rng : numpy.random.Generator
        Draws the sample.
    """
    number = len(people)
    grid, level, length = _on_grid(clips)
    per_clip = -(-NULL_PAIRS // number)
    near: dict[tuple[int, int], int] = {}
    sampled: dict[tuple[int, int], int] = {}
    for start in range(0, number, 256):
        rows = np.arange(start, min(start + 256, number))
        distance, shift = _best_shift(grid, length, rows)
        distance += ((level[rows][:, None] - level[None]) ** 2).sum(axis=2)
        distance[people[rows][:, None] == people[None, :]] = np.inf
        nearest = np.argpartition(distance, min(NEAREST, number - 1), axis=1)[:, :NEAREST]
        drawn = rng.integers(0, number, (len(rows), per_clip))
        for pairs, columns in ((near, nearest), (sampled, drawn)):
            for row, column in zip(np.repeat(np.arange(len(rows)), columns.shape[1]), columns.ravel(), strict=True):
                if np.isfinite(distance[row, column]):
                    one, two, steps = int(rows[row]), int(column), int(shift[row, column])
                    pair, steps = ((one, two), steps) if one < two else ((two, one), -steps)
                    pairs.setdefault(pair, steps)
    return AlignedPairs.of(near, clips.grid_s), AlignedPairs.of(sampled, clips.grid_s)


def _on_grid(clips: Clips) -> tuple[Float[ndarray, "N S C"], Float[ndarray, "N C"], Int[ndarray, " N"]]:
    """Clips on the common grid as deviations from their mean, these means, and how many steps each clip covers.

    Deviations are at most 3 SD and gaps are 0, so that no saccade or blink decides on a shift; means are in SD
    between clips. Both are weighted.
    """
    measured = np.isfinite(clips.value)
    number = measured.sum(axis=1)
    mean = np.nansum(clips.value, axis=1) / np.maximum(number, 1)
    away = np.where(measured, clips.value - mean[:, None], 0.0).clip(-FARTHEST_SD, FARTHEST_SD).astype(np.float32)
    length = np.maximum(2, np.round(clips.duration_s / clips.grid_s)).astype(np.int64)
    time_s = (np.arange(length.max()) + 0.5) * clips.grid_s
    every = np.broadcast_to(time_s, (len(away), len(time_s)))
    grid = Clips(away, clips.weight, clips.duration_s).at(np.arange(len(away)), every)
    grid[np.arange(len(time_s)) >= length[:, None]] = 0.0
    level = np.where(number > 0, mean, np.nan)
    level = (level - np.nanmean(level, axis=0)) / np.maximum(np.nanstd(level, axis=0), 1e-9)
    root = np.sqrt(clips.weight / clips.weight.sum())
    return np.asarray(np.nan_to_num(grid) * root), np.nan_to_num(level).astype(np.float32) * root, length


def _best_shift(
    grid: Float[ndarray, "N S C"], length: Int[ndarray, " N"], rows: Int[ndarray, " R"]
) -> tuple[Float[ndarray, "R N"], Int[ndarray, "R N"]]:
    """Smallest mean squared distance of the clips `rows` to all clips over shifts of at most half of the longest.

    A shift of k steps sets step t + k of the row's clip beside step t of the other.
    """
    most = grid.shape[1]
    power = np.concatenate([np.zeros((len(grid), 1)), np.cumsum((grid**2).sum(axis=2), axis=1)], axis=1)
    best = np.full((len(rows), len(grid)), np.inf, np.float32)
    shift = np.zeros(best.shape, np.int64)
    own, other = length[rows][:, None], length[None, :]
    for steps in range(-(most // 2), most // 2 + 1):
        first, second = max(0, steps), max(0, -steps)
        shared = np.minimum(own - first, other - second)
        overlap = most - abs(steps)
        cross = (
            grid[rows, first : first + overlap].reshape(len(rows), -1)
            @ grid[:, second : second + overlap].reshape(len(grid), -1).T
        )
        upto = np.maximum(shared, 0)
        own_power = np.take_along_axis(power[rows], first + upto, axis=1) - power[rows, first][:, None]
        other_power = np.take_along_axis(power, (second + upto).T, axis=1).T - power[None, :, second]
        distance = (own_power + other_power - 2 * cross) / np.maximum(shared, 1)
        better = (2 * shared >= np.minimum(own, other)) & (distance < best)
        best[better], shift[better] = distance[better], steps
    return best, shift


def fine_distance(clips: Clips, pairs: AlignedPairs) -> tuple[Float[ndarray, " P"], Float[ndarray, " P"]]:
    """Distance and shift in seconds of each pair, in fine shifts around those given.

    Returns
    -------
    (float64 array, float64 array), shapes (P,)
        Distance in units of the clips' own movement, infinite where too little can be compared; and when the
        second clip begins on the clock of the first.
    """
    later = np.roll(clips.value, clips.value.shape[1] // 2, axis=1)
    own = _median_distance(clips.value, later, clips.weight)
    distance, shift_s = np.full(len(pairs.rows), np.inf), pairs.shift_s.astype(np.float64)
    for start in range(0, len(pairs.rows), 1_000):
        part = slice(start, start + 1_000)
        distance[part], shift_s[part] = _fine_block(clips, pairs.rows[part], pairs.shift_s[part])
    # A clip that does not move is near to everything that does not move: it tells nothing.
    movement = own[pairs.rows].min(axis=1, initial=np.inf)
    tells = np.isfinite(movement) & (movement > 0)
    return np.where(tells, distance / np.where(tells, movement, 1.0), np.inf), shift_s


def _fine_block(
    clips: Clips, rows: Int[ndarray, "P 2"], coarse_s: Float[ndarray, " P"]
) -> tuple[Float[ndarray, " P"], Float[ndarray, " P"]]:
    """The steps of the shorter clip are looked up in the longer."""
    is_second_shorter = clips.duration_s[rows[:, 1]] <= clips.duration_s[rows[:, 0]]
    short = np.where(is_second_shorter, rows[:, 1], rows[:, 0])
    long = np.where(is_second_shorter, rows[:, 0], rows[:, 1])
    sign = np.where(is_second_shorter, 1.0, -1.0)
    num_steps = clips.value.shape[1]
    time_s = (np.arange(num_steps) + 0.5) * clips.step_s[short][:, None]
    best, best_s = np.full(len(rows), np.inf), coarse_s.astype(np.float64).copy()
    for offset_s in FINE * clips.grid_s:
        shifted_s = coarse_s + offset_s
        looked_up = clips.at(long, time_s + (sign * shifted_s)[:, None])
        distance = _median_distance(looked_up, clips.value[short], clips.weight)
        better = distance < best
        best[better], best_s[better] = distance[better], shifted_s[better]
    return best, best_s


def _median_distance(
    one: Float[ndarray, "P n C"], two: Float[ndarray, "P n C"], weight: Float[ndarray, " C"]
) -> Float[ndarray, " P"]:
    apart = np.minimum(np.abs(one - two), FARTHEST_SD)
    measured = np.isfinite(apart)
    held = (measured * weight).sum(axis=2)
    squared = (np.where(measured, apart, 0.0) ** 2 * weight).sum(axis=2)
    step = np.sqrt(squared / np.maximum(held, 1e-9))
    comparable: Bool[ndarray, "P n"] = held >= weight.sum() / 2
    ordered = np.sort(np.where(comparable, step, np.inf), axis=1)
    number = comparable.sum(axis=1)
    middle = ordered[np.arange(len(step)), np.maximum(number - 1, 0) // 2]
    return np.asarray(np.where(number >= LEAST_SHARED * step.shape[1], middle, np.inf), np.float64)
