"""Fixations, saccades and blinks as intervals."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import NDArray

from emogap.types._check import freeze, require, require_shape

__all__ = ["EventFrame", "EyeEvents"]

EventFrame = Literal[
    "screen_px", "screen_mm", "screen_norm", "deg", "scene_px", "scene_norm", "camera_deg", "world_deg"
]
"""The frames of gaze, and ``world_deg``: yaw and pitch in degrees in the world (head and eye together)."""

KINDS = ("fixation", "saccade", "blink")


@dataclass(frozen=True, slots=True, eq=False)
class EyeEvents:
    """Eye movement events of one recording by one method, sorted by onset within a kind.

    Attributes
    ----------
    kind : str array, shape (N,)
        ``fixation``, ``saccade`` or ``blink``.
    onset_s : float64 array, shape (N,)
        Time of the first sample of the event.
    offset_s : float64 array, shape (N,)
        Time of the last sample plus one sampling interval, so that a sample at t belongs to the event if
        ``onset_s <= t < offset_s`` and a duration is ``offset_s - onset_s``.
    centre : float64 array, shape (N, 2)
        Mean position in `frame`; NaN where there is none (blinks).
    amplitude_deg : float64 array, shape (N,)
        Saccade amplitude in degrees; NaN for other kinds or where unknown.
    method : str
        Who found them: ``"tobii-studio"``, ``"ivt"``, ...
    frame : EventFrame
        Unit and origin of `centre`.
    """

    kind: NDArray[np.str_]
    onset_s: Float[ndarray, " N"]
    offset_s: Float[ndarray, " N"]
    centre: Float[ndarray, "N 2"]
    amplitude_deg: Float[ndarray, " N"]
    method: str
    frame: EventFrame

    def __post_init__(self) -> None:
        num_events = len(self.kind)
        require_shape("onset_s", self.onset_s, (num_events,))
        require_shape("offset_s", self.offset_s, (num_events,))
        require_shape("centre", self.centre, (num_events, 2))
        require_shape("amplitude_deg", self.amplitude_deg, (num_events,))
        unknown = sorted(set(self.kind.tolist()) - set(KINDS))
        require(not unknown, f"unknown kinds of event: {unknown}; known are {KINDS}")
        empty = self.offset_s <= self.onset_s
        if empty.any():
            require(False, f"{int(empty.sum())} events end before they begin, first at {self.onset_s[empty][:1]} s")
        for kind in KINDS:
            chosen = self.kind == kind
            overlap = self.onset_s[chosen][1:] < self.offset_s[chosen][:-1] - 1e-9
            if overlap.any():
                require(
                    False,
                    f"{int(overlap.sum())} events of kind {kind} overlap or are out of order,"
                    f" first at {self.onset_s[chosen][1:][overlap][:1]} s",
                )
        for array in (self.kind, self.onset_s, self.offset_s, self.centre, self.amplitude_deg):
            freeze(array)
