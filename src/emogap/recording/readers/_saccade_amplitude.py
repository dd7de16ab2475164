"""Saccade amplitudes of Tobii Studio, put on the saccade and checked against the fixations they lie between."""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.typing import NDArray

__all__ = ["amplitudes_hold", "fixation_distances_deg", "preceding_amplitudes"]

TOLERANCE_DEG = 0.05
"""Stated amplitudes have two decimals and fixation points whole pixels; together they differ by less than this."""


def preceding_amplitudes(kind: NDArray[np.str_], stated_deg: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    """Amplitude of each saccade, taken from the fixation that follows it; NaN for other events.

    Examples
    --------
    >>> import numpy as np
    >>> kind = np.array(["fixation", "saccade", "fixation"])
    >>> preceding_amplitudes(kind, np.array([0.9, np.nan, 1.8])).tolist()
    [nan, 1.8, nan]
    """
    following = np.append(stated_deg[1:], np.nan)
    leads = (kind == "saccade") & (np.append(kind[1:], "") == "fixation")
    return np.where(leads, following, np.nan)


def fixation_distances_deg(
    is_fixation: Bool[ndarray, " N"], centre_mm: Float[ndarray, "N 2"], distance_mm: float
) -> Float[ndarray, " N"]:
    """Visual angle from the fixation before to each fixation, seen from `distance_mm`; NaN elsewhere."""
    distances = np.full(len(is_fixation), np.nan)
    chosen = np.flatnonzero(is_fixation)
    steps_mm = np.hypot(*np.diff(centre_mm[chosen], axis=0).T)
    distances[chosen[1:]] = np.degrees(np.arctan(steps_mm / distance_mm))
    return distances


def amplitudes_hold(stated_deg: Float[ndarray, " N"], measured_deg: Float[ndarray, " N"]) -> bool | None:
    """Whether stated amplitudes are those of this recording; None if no pair of fixations can tell."""
    differences = np.abs(stated_deg - measured_deg)
    differences = differences[np.isfinite(differences)]
    return bool(np.median(differences) <= TOLERANCE_DEG) if len(differences) else None
