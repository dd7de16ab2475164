"""Maps of many clips averaged: what the answers of a view rest on, with intervals over people, and the control.

Plain arrays; where a clip has no such step or frame the map is NaN, and the clip does not count there.

Shapes: B clips, X places of any map (steps, streams or a grid), N networks (the trained one, then random controls),
G places of a patch along a side of the face, K cells along a side.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike
from scipy.stats import spearmanr

from emogap.analysis.weightings import draw_weightings
from emogap.scoring import Interval

__all__ = [
    "FACE_BANDS",
    "UNCHANGED",
    "ControlCheck",
    "band_means",
    "cell_map",
    "check_control",
    "mean_importance",
    "mean_map",
]

UNCHANGED = 0.7
"""Rank correlation with the maps of random networks from which a map is said not to change; ours, as Adebayo et al.
(2018) give none. Half of the ranks' variance is then that of a network that has learned nothing."""

FACE_BANDS = {
    "forehead": (0.0, 34.0),
    "eyes and brows": (34.0, 62.0),
    "nose and cheeks": (62.0, 82.0),
    "mouth and chin": (82.0, 112.0),
}
"""Rows of the aligned face of 112 px, between the template's eyes (52), tip of the nose (72) and corners of the mouth
(92): the template of ArcFace, Deng et al. (2019), doi:10.1109/CVPR.2019.00482."""

BLOCK = 500
"""Draws scored at once, which bounds memory."""


@dataclass(frozen=True, slots=True)
class ControlCheck:
    """Whether a map differs from that of the same network with random weights.

    Attributes
    ----------
    correlation : float
        Spearman's, of the average map with that of each control, averaged; NaN if one of them is constant.
    least, most : float
        Over the controls.
    verdict : str
        Empty if the map changes; otherwise what is wrong with it, in words.
    """

    correlation: float
    least: float
    most: float
    verdict: str


def mean_map(maps_BX: Float[ndarray, "B ..."]) -> Float[ndarray, "..."]:
    """Mean over the clips that have each place; NaN where none has."""
    count = np.isfinite(maps_BX).sum(axis=0)
    total = np.nansum(np.asarray(maps_BX, np.float64), axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def mean_importance(
    values_BX: Float[ndarray, "B X"], people: ArrayLike, *, draws: int = 2_000, seed: int = 0
) -> tuple[Interval, ...]:
    """Mean of each column over clips, with a 95 % interval over people; percentiles, tails widened for few people.

    Parameters
    ----------
    values_BX : float array, shape (B, X)
        NaN = the clip does not count in this column.
    people : array, shape (B,)
    draws, seed : int

    Raises
    ------
    UsageError
        If there are fewer than two people.
    """
    known = np.isfinite(values_BX).astype(np.float64)
    filled = np.nan_to_num(np.asarray(values_BX, np.float64))

    def score(weights_DB: Float[ndarray, "D B"]) -> Float[ndarray, "D X"]:
        count = weights_DB @ known
        return np.asarray(np.divide(weights_DB @ filled, count, out=np.full(count.shape, np.nan), where=count > 0))

    return draw_weightings(people, draws=draws, seed=seed).intervals(score, block=BLOCK, method="percentile")


def cell_map(places_GG: Float[ndarray, "*B G G"], *, patch_px: int, stride_px: int) -> Float[ndarray, "*B K K"]:
    """Importance of each cell of the face: the mean over all places of the patch that cover it.

    Parameters
    ----------
    places_GG : float array, shape (..., G, G)
        Importance of each place of a patch, counted from the upper left corner.
    patch_px, stride_px : int
        Side of the patch, and of a cell; the first is a multiple of the second.

    Examples
    --------
    >>> cell_map(np.array([[4.0, 0.0], [0.0, 0.0]]), patch_px=2, stride_px=1).tolist()
    [[4.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    across = patch_px // stride_px
    side = places_GG.shape[-1]
    covers = np.zeros((side + across - 1, side))
    for place in range(side):
        covers[place : place + across, place] = 1
    covers /= covers.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("kg,...gh,lh->...kl", covers, places_GG, covers))


def band_means(cells_BKK: Float[ndarray, "B K K"], *, cell_px: int) -> Float[ndarray, "B bands"]:
    """Mean importance of the cells in each of :data:`FACE_BANDS`, a cell being where its centre is."""
    centre_px = (np.arange(cells_BKK.shape[-1]) + 0.5) * cell_px
    rows = [(centre_px >= top) & (centre_px < bottom) for top, bottom in FACE_BANDS.values()]
    return np.stack([cells_BKK[:, band].mean(axis=(1, 2)) for band in rows], axis=1)


def check_control(maps_NX: Float[ndarray, "N ..."]) -> ControlCheck:
    """How alike the average map of the trained network and those of the random controls are.

    Parameters
    ----------
    maps_NX : float array, shape (N, ...)
        Average maps, the trained network's first; NaN = no such place.

    References
    ----------
    Adebayo et al. (2018), arXiv 1810.03292, section 3: rank correlation after the randomisation of all weights.
    """
    flat = np.asarray(maps_NX, np.float64).reshape(len(maps_NX), -1)
    flat = flat[:, np.isfinite(flat).all(axis=0)]
    nothing = ControlCheck(np.nan, np.nan, np.nan, "")
    if len(flat) < 2 or flat.shape[1] < 3:
        return nothing
    is_constant = np.ptp(flat, axis=1) <= 1e-12 * np.abs(flat).max(axis=1)
    if is_constant[0]:
        return ControlCheck(np.nan, np.nan, np.nan, "the map is the same everywhere")
    if is_constant[1:].any():
        return nothing
    alike = np.array([float(spearmanr(flat[0], control).statistic) for control in flat[1:]])
    verdict = "hardly changes with random weights: not learned"
    return ControlCheck(
        float(alike.mean()),
        float(alike.min()),
        float(alike.max()),
        verdict if alike.mean() >= UNCHANGED else "",
    )
