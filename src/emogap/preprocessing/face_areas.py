"""Eyes, nose and mouth of a face as areas of interest, from its five landmarks."""

from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["FACE_PARTS", "RADIUS", "FacePart", "face_parts"]

FacePart = Literal["eyes", "nose", "mouth"]

FACE_PARTS: tuple[FacePart, ...] = ("eyes", "nose", "mouth")

RADIUS = 0.8
"""In distances between the eyes. Ours: large enough for the areas of an upright face to meet, since large areas are
less sensitive to noise (Hessels et al. 2016)."""

NUM_RAYS = 48


def face_parts(
    landmarks_px: Float[ndarray, "K 5 2"], *, radius: float = RADIUS
) -> dict[FacePart, tuple[Float[ndarray, "K P 2"], ...]]:
    """Polygons around eyes, nose and mouth: every place belongs to the nearest, if it is near enough.

    Parameters
    ----------
    landmarks_px : float64 array, shape (K, 5, 2)
        Right eye, left eye, tip of the nose, right and left corner of the mouth, in pixels, in each of K frames; NaN
        where no face was found.
    radius : float
        Farthest that an area reaches from its centre, in distances between the eyes.

    Returns
    -------
    mapping from part to polygons
        float64 arrays, shape (K, 48, 2), in pixels: two for the eyes, one each for nose and mouth. NaN where the
        landmarks are, or where both eyes are at one place.

    Notes
    -----
    Limited-radius Voronoi tessellation: the cell of a centre is what lies nearer to it than to the other centres, cut
    off at the radius r. A cell is seen whole from its centre, so it is drawn by 48 rays, each as long as
    ``min(r, |d_k|^2 / (2 u . d_k))`` over the other centres, with u the direction of the ray and d_k the way to centre
    k. The centre of the mouth lies halfway between its corners.

    References
    ----------
    Hessels, Kemner, van den Boomen and Hooge (2016), doi:10.3758/s13428-015-0676-y (the tessellation, and large areas
    as robust to noise). Hessels, Benjamins, Cornelissen and Hooge (2018), doi:10.3389/fpsyg.2018.01367 (from landmarks,
    in video). Vehlen, Standard and Domes (2022), doi:10.1371/journal.pone.0263594 (size against accuracy).
    """
    mouth = landmarks_px[:, 3:5].mean(axis=1, keepdims=True)
    centres = np.concatenate([landmarks_px[:, :3], mouth], axis=1)
    between_eyes = np.linalg.norm(landmarks_px[:, 1] - landmarks_px[:, 0], axis=1)
    reach = np.where(between_eyes > 0, radius * between_eyes, np.nan)
    cells = [_cell(centres, which, reach) for which in range(4)]
    return {"eyes": (cells[0], cells[1]), "nose": (cells[2],), "mouth": (cells[3],)}


def _cell(centres: Float[ndarray, "K C 2"], which: int, reach: Float[ndarray, " K"]) -> Float[ndarray, "K P 2"]:
    """Outline of the cell of one centre."""
    angle = np.arange(NUM_RAYS) * 2 * np.pi / NUM_RAYS
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centre = centres[:, which]
    length = np.repeat(reach[:, None], NUM_RAYS, axis=1)
    for other in range(centres.shape[1]):
        if other != which:
            way = centres[:, other] - centre
            towards = way @ ray.T
            half = (way**2).sum(axis=1, keepdims=True) / 2
            length = np.where(towards > 0, np.minimum(length, half / np.where(towards > 0, towards, 1.0)), length)
    outline: Float[ndarray, "K P 2"] = centre[:, None] + length[..., None] * ray
    # A keyframe is whole or absent.
    return np.where(np.isfinite(outline).all(axis=(1, 2), keepdims=True), outline, np.nan)
