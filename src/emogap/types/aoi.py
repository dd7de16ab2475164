"""Areas of interest: places on a stimulus, fixed or moving, and what is measured in them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape

__all__ = ["OUTSIDE", "AreaMeasures", "AreaOfInterest", "AreaUnit", "Overlap", "Transitions"]

AreaUnit = Literal["px", "norm", "deg", "screen_norm"]
"""``px``: pixels of the stimulus, origin top left, y down. ``norm``: share of the stimulus, the same way. ``deg``:
degrees of visual angle from the centre of the screen, x right, y up. ``screen_norm``: share of the screen, origin top
left, y down."""

Overlap = Literal["first", "all"]
"""Where areas overlap: ``first``: the one that is named first holds the point; ``all``: every one of them does."""

OUTSIDE = "outside"
"""Name of everywhere that no area is."""


@dataclass(frozen=True, slots=True, eq=False)
class AreaOfInterest:
    """A polygon on a stimulus, at one or several times.

    Attributes
    ----------
    name : str
        Areas of one name on one stimulus count as one.
    stimulus_id : str
    time_s : float64 array, shape (K,)
        Times of the keyframes, in seconds from the onset of the stimulus, strictly increasing. With one keyframe the
        area is fixed and always there; with several it moves in straight lines from each to the next, and is there
        from the first to the last.
    vertices : float64 array, shape (K, P, 2)
        Corners in order, in `unit`; a keyframe of NaN says that the area is not in the picture.
    unit : AreaUnit
    """

    name: str
    stimulus_id: str
    time_s: Float[ndarray, " K"]
    vertices: Float[ndarray, "K P 2"]
    unit: AreaUnit

    def __post_init__(self) -> None:
        require(bool(self.name) and self.name != OUTSIDE, f"an area cannot be named '{self.name}'")
        num_frames = len(self.time_s)
        require(num_frames > 0, f"the area '{self.name}' has no keyframe")
        require_shape("time_s", self.time_s, (None,))
        require_shape("vertices", self.vertices, (num_frames, None, 2))
        require(self.vertices.shape[1] >= 3, f"the area '{self.name}' has {self.vertices.shape[1]} corners, not 3")
        require(bool((np.diff(self.time_s) > 0).all()), f"the keyframes of the area '{self.name}' must follow in time")
        known = np.isfinite(self.vertices)
        whole = known.all(axis=(1, 2)) | ~known.any(axis=(1, 2))
        require(bool(whole.all()), f"keyframe {int(whole.argmin())} of the area '{self.name}' lacks corners")
        require(bool(known.any()), f"the area '{self.name}' is never in the picture")
        freeze(self.time_s)
        freeze(self.vertices)


@dataclass(frozen=True, slots=True)
class AreaMeasures:
    """What one participant did with one area of one stimulus; times in s, NaN = never.

    Attributes
    ----------
    area : str
    present_s : float
        How long the area was there while samples were taken.
    valid_s : float
        How long gaze was measured while the stimulus was on.
    dwell_s : float
        How long measured gaze lay in the area, sample by sample.
    dwell_share : float
        `dwell_s` over `valid_s`; NaN if gaze was never measured.
    fixation_dwell_s : float
        Summed duration of the fixations in the area.
    num_fixations : int
    first_fixation_s : float
        Onset of the first fixation in the area, from the onset of the stimulus.
    first_fixation_duration_s : float
    num_visits : int
        Runs of successive fixations in the area, without one elsewhere between: as many as entries.
    """

    area: str
    present_s: float
    valid_s: float
    dwell_s: float
    dwell_share: float
    fixation_dwell_s: float
    num_fixations: int
    first_fixation_s: float
    first_fixation_duration_s: float
    num_visits: int


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """How often a fixation in one area was followed by one in another.

    Attributes
    ----------
    names : tuple of str
        The areas and, last, ``outside``.
    counts : int64 array, shape (A + 1, A + 1)
        From row to column; the diagonal counts steps that stay.
    """

    names: tuple[str, ...]
    counts: Int[ndarray, "A A"]

    def __post_init__(self) -> None:
        require_shape("counts", self.counts, (len(self.names), len(self.names)))
        freeze(self.counts)
