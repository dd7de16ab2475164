"""A data set as it would be if something had happened to its recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.datasets.store import Dataset
from emogap.files import fingerprint_bytes
from emogap.learning.evaluation.robustness.perturbations import (
    add_noise,
    constant_shift,
    drifting_shift,
    held_steps,
    lost_intervals,
    lost_steps,
    shift_gaze,
)
from emogap.types import SampleKey

__all__ = ["CLEAN", "EYE_STREAMS", "Condition", "copied_clips", "disturb", "is_reached"]

EYE_STREAMS = ("eye", "fixation", "gaze")
"""Streams that an eye tracker makes; what spoils it spoils them together."""

Kind = Literal["clean", "noise", "track loss", "drift", "offset", "rate", "hold", "no pupil", "without"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What happens to every test clip.

    Attributes
    ----------
    kind : str
        ``noise`` of every stream, ``track loss`` in bursts, ``drift`` and ``offset`` of the gaze, ``rate`` of a slower
        tracker, ``hold`` of one step over the next ones, ``no pupil``, ``without`` a stream; ``clean`` = nothing.
    level : float
        Variance, share of the clip, degrees, degrees, Hz, number of steps; not asked for otherwise.
    stream : str
        Which is gone; only for ``without``.
    burst : float
        Length of a burst of track loss, in clip lengths.
    build : Path or None
        The data set that holds the clips at this rate; only for ``rate``.
    """

    kind: Kind
    level: float = 0.0
    stream: str = ""
    burst: float = 0.05
    build: Path | None = None

    @property
    def title(self) -> str:
        """The condition in words.

        Examples
        --------
        >>> Condition("noise", 0.05).title, Condition("hold", 4).title, Condition("without", stream="face").title
        ('noise, variance 0.05', 'one step of 4 held', 'without face')
        """
        words = {
            "noise": f"noise, variance {self.level:g}",
            "track loss": f"track lost {100 * self.level:g} %",
            "drift": f"drift to {self.level:g} deg",
            "offset": f"offset {self.level:g} deg",
            "rate": f"tracker of {self.level:g} Hz",
            "hold": f"one step of {int(self.level)} held",
            "without": f"without {self.stream}",
        }
        return words.get(self.kind, self.kind)


CLEAN = Condition("clean")


def is_reached(condition: Condition, dataset: Dataset, streams: Sequence[str]) -> bool:
    """Whether the condition changes anything that a model sees which reads `streams`, and leaves it a stream."""
    seen = {name: [channel.name for channel in dataset.channels[name]] for name in streams}
    tracked = [name for name in streams if name in EYE_STREAMS]
    match condition.kind:
        case "clean":
            return True
        case "noise":
            return any(seen.values())
        case "track loss" | "rate" | "hold":
            return bool(tracked)
        case "drift" | "offset":
            ends = ("gaze_x_deg", "gaze_y_deg", "fixation_x_deg", "fixation_y_deg", "direction_l_z", "direction_r_z")
            return any(name in ends for stream in tracked for name in seen[stream])
        case "no pupil":
            return any(name.startswith("pupil_") for stream in tracked for name in seen[stream])
        case "without":
            return condition.stream in streams and len(streams) > 1


def copied_clips(dataset: Dataset, rows: Sequence[int], streams: Sequence[str]) -> Dataset:
    """The clips at `rows` as a data set of their own in memory, with `streams` alone; its arrays can be written."""
    index = np.asarray(rows, np.int64)
    return replace(
        dataset,
        samples=dataset.samples[index],
        keys=tuple(dataset.keys[row] for row in index.tolist()),
        streams={name: np.array(dataset.streams[name][index]) for name in streams},
        masks={name: np.array(dataset.masks[name][index]) for name in streams},
        channels={name: dataset.channels[name] for name in streams},
    )


def disturb(
    dataset: Dataset,
    rows: Sequence[int],
    condition: Condition,
    *,
    streams: Sequence[str],
    sd: Mapping[str, Float[ndarray, " D"]],
    seed: int,
) -> Dataset:
    """The clips at `rows` of `dataset` under `condition`, as a data set of their own in memory.

    Parameters
    ----------
    dataset : Dataset
    rows : sequence of int
    condition : Condition
        Of any kind but ``rate``, which happens to recordings, before they are clips.
    streams : sequence of str
        Those that are read; the others are left out.
    sd : mapping from stream to float64 array, shape (D,)
        SD of each channel over the training clips: the unit of noise.
    seed : int
        What is drawn follows from it and from the key of each clip (an offset: of its recording; noise: of the stream
        too), whichever fold the clip is in and whatever else a model reads: all models meet the same disturbance.
    """
    assert condition.kind != "rate"
    copies = copied_clips(dataset, rows, streams)
    if condition.kind != "clean":
        for clip, key in enumerate(copies.keys):
            _disturb_clip(condition, key, clip, copies.streams, copies.masks, dataset, sd, seed)
    return copies


def _disturb_clip(
    condition: Condition,
    key: SampleKey,
    clip: int,
    values: Mapping[str, ndarray],
    masks: Mapping[str, Bool[ndarray, "B T"]],
    dataset: Dataset,
    sd: Mapping[str, Float[ndarray, " D"]],
    seed: int,
) -> None:
    """Change one clip of the copies in place."""
    own = _generator(seed, condition.kind, key.recording_id, key.stimulus_id, f"{key.start_s:.6f}")
    intervals = lost_intervals(share=condition.level, burst=condition.burst, rng=own) if _is_loss(condition) else None
    angle = _generator(seed, condition.kind, key.recording_id).uniform(0, 2 * np.pi)
    for name, stream in values.items():
        channels = [channel.name for channel in dataset.channels[name]]
        num_steps, is_tracked = stream.shape[1], name in EYE_STREAMS
        if condition.kind == "noise" and channels:
            noise = _generator(seed, condition.kind, key.recording_id, key.stimulus_id, f"{key.start_s:.6f}", name)
            stream[clip] = add_noise(stream[clip], variance=condition.level, sd=sd[name], rng=noise)
        elif condition.kind == "track loss" and is_tracked:
            assert intervals is not None
            gone = lost_steps(intervals, num_steps)
            stream[clip, gone], masks[name][clip, gone] = np.nan, False
        elif condition.kind in ("drift", "offset") and is_tracked:
            shift = (drifting_shift if condition.kind == "drift" else constant_shift)(
                num_steps, amount_deg=condition.level, angle_rad=angle
            )
            stream[clip] = shift_gaze(stream[clip], channels, shift)
        elif condition.kind == "hold" and is_tracked:
            steps = held_steps(num_steps, every=int(condition.level))
            stream[clip], masks[name][clip] = stream[clip][steps], masks[name][clip][steps]
        elif condition.kind == "no pupil" and is_tracked:
            stream[clip][:, [at for at, channel in enumerate(channels) if channel.startswith("pupil_")]] = np.nan
        elif condition.kind == "without" and name == condition.stream:
            stream[clip], masks[name][clip] = np.nan if channels else 0, False


def _is_loss(condition: Condition) -> bool:
    return condition.kind == "track loss"


def _generator(seed: int, *words: str) -> np.random.Generator:
    """A generator that belongs to `words` below `seed`."""
    return np.random.default_rng([seed, int(fingerprint_bytes(word.encode() for word in words), 16)])
