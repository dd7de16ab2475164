"""Light evened out in a picture: dark faces made visible before they are looked for.

``normalise_illumination`` is the way in, with two methods. ``ying`` is what the EMER paper uses; ``clahe`` is the
fast one.
"""

from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray
from scipy import sparse
from scipy.sparse import linalg

__all__ = ["Illumination", "illumination_map", "normalise_illumination"]

Illumination = Literal["none", "clahe", "ying"]

RESPONSE_A, RESPONSE_B = -0.3293, 1.1258
"""The fixed camera response of Ying et al. (2017), fitted there to the curves of 201 real cameras."""

FUSION_POWER = 0.5
"""mu of the fusion weight T^mu."""

SMOOTHNESS, NO_GRADIENT, WINDOW_PX = 1.0, 1e-3, 5
"""lambda and epsilon of the illumination map, and the length of the window in which gradients are summed."""

DARK = 0.5
"""Pixels with less illumination than this decide on the exposure."""

LARGEST_RATIO, NUM_RATIOS = 7.0, 61
"""Exposure ratios that are tried: evenly spaced from 1."""

ENTROPY_SIDE_PX = 50
"""The entropy is measured on the picture reduced to this side, as it hardly depends on the size."""

LONGEST_SIDE_PX = 320
"""The illumination map, smooth by making, is solved for on at most this side and enlarged."""

CLIP_LIMIT, TILES = 2.0, (8, 8)
"""Of CLAHE; 8 x 8 tiles are OpenCV's default, a low limit keeps noise in even skin down."""


def normalise_illumination(frame: UInt8[ndarray, "H W 3"], method: Illumination) -> UInt8[ndarray, "H W 3"]:
    """The picture with its dark parts made lighter, uint8 (H, W, 3), RGB.

    Parameters
    ----------
    frame : uint8 array, shape (H, W, 3)
        RGB.
    method : {"none", "clahe", "ying"}
        ``none``: the picture itself. ``clahe``: contrast-limited adaptive histogram equalisation of the lightness
        (Zuiderveld 1994) in 8 x 8 tiles with clip limit 2; colours stay. ``ying``: the exposure fusion framework of
        Ying et al. (2017); well-lit parts stay, and nothing gets darker.

    Notes
    -----
    With P in [0, 1] the picture, T its illumination map and W = T^mu, the result of ``ying`` is
    ``W P + (1 - W) g(P, k)``. The brightness transform of exposure ratio k is
    ``g(P, k) = exp(b (1 - k^a)) P^(k^a)``; k is the ratio in [1, 7] after which the dark pixels (T < 0.5) have the
    largest entropy. T minimises the sum over pixels of
    ``(T - L)^2 + lambda sum_d M_d (d_d T)^2 / (|d_d L| + epsilon)`` with L the largest of red, green and blue, d_d the
    differences to the next pixel in row and column, and ``M_d = 1 / (|sum of d_d L in the window| + epsilon)``.

    We deviate in three places: ratios are tried on a grid instead of searched for, so that the best is found; T is
    solved for on a picture of at most 320 pixels and enlarged; a picture without dark pixels is left as it is.

    References
    ----------
    Ying, Li, Ren, Wang & Wang (2017), A new image contrast enhancement algorithm using exposure fusion framework,
    doi:10.1007/978-3-319-64698-5_4; mu, lambda, epsilon, window, a and b are theirs. Zuiderveld (1994), Contrast
    limited adaptive histogram equalization, Graphics Gems IV, 474-485.
    """
    if method == "none":
        return frame
    return _equalise(frame) if method == "clahe" else _fuse_exposures(frame)


def _equalise(frame: UInt8[ndarray, "H W 3"]) -> UInt8[ndarray, "H W 3"]:
    lightness = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
    lightness[..., 0] = cv2.createCLAHE(CLIP_LIMIT, TILES).apply(lightness[..., 0])
    equalised: UInt8[ndarray, "H W 3"] = cv2.cvtColor(lightness, cv2.COLOR_LAB2RGB)
    return equalised


def _fuse_exposures(frame: UInt8[ndarray, "H W 3"]) -> UInt8[ndarray, "H W 3"]:
    picture = frame.astype(np.float32) / 255
    illumination = illumination_map(frame)
    ratio = _best_ratio(picture, illumination)
    if ratio == 1:
        return frame
    weight = (illumination**FUSION_POWER)[..., None]
    fused = weight * picture + (1 - weight) * _exposed(picture, ratio)
    result: UInt8[ndarray, "H W 3"] = np.round(255 * np.clip(fused, 0, 1)).astype(np.uint8)
    return result


def _exposed(picture: Float[ndarray, "*shape"], ratio: float) -> Float[ndarray, "*shape"]:
    """The picture as a camera would have taken it with `ratio` times the exposure."""
    gamma = ratio**RESPONSE_A
    exposed: Float[ndarray, "*shape"] = np.exp(RESPONSE_B * (1 - gamma)) * picture**gamma
    return exposed


def _best_ratio(picture: Float[ndarray, "H W 3"], illumination: Float[ndarray, "H W"]) -> float:
    """The exposure ratio after which the dark pixels have the largest entropy; 1 if none is dark."""
    size = (ENTROPY_SIDE_PX, ENTROPY_SIDE_PX)
    small = np.clip(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 0, 1)
    dark = cv2.resize(illumination, size, interpolation=cv2.INTER_AREA) < DARK
    if not dark.any():
        return 1.0
    brightness = np.cbrt(small[dark].prod(axis=1))
    ratios = np.linspace(1, LARGEST_RATIO, NUM_RATIOS)
    return float(max(ratios, key=lambda ratio: _entropy(_exposed(brightness, ratio))))


def _entropy(values: Float[ndarray, " N"]) -> float:
    """Shannon entropy in bits of the histogram of 256 grey values."""
    counts = np.bincount(np.round(255 * np.clip(values, 0, 1)).astype(np.int64), minlength=256)
    share = counts[counts > 0] / len(values)
    return float(-(share * np.log2(share)).sum())


def illumination_map(frame: UInt8[ndarray, "H W 3"]) -> Float[ndarray, "H W"]:
    """How much light falls on each pixel, float32 (H, W) in [0, 1]: smooth but for the edges of things.

    The T of :func:`normalise_illumination`, where its equation stands.
    """
    height, width = frame.shape[:2]
    largest = frame.max(axis=2).astype(np.float32) / 255
    reduction = min(1.0, LONGEST_SIDE_PX / max(height, width))
    if reduction < 1:
        size = (max(1, round(reduction * width)), max(1, round(reduction * height)))
        largest = cv2.resize(largest, size, interpolation=cv2.INTER_AREA)
    solved = _smoothed(largest.astype(np.float64))
    enlarged = cv2.resize(np.clip(solved, 0, 1).astype(np.float32), (width, height))
    return np.asarray(enlarged)


def _smoothed(lightness: Float[ndarray, "h w"]) -> Float[ndarray, "h w"]:
    """The minimiser T of the sum in :func:`normalise_illumination`: one sparse linear system."""
    number = np.arange(lightness.size).reshape(lightness.shape)
    system = sparse.identity(lightness.size, format="csc")
    for axis in (0, 1):
        if lightness.shape[axis] < 2:
            continue
        gradient = np.diff(lightness, axis=axis)
        summed = cv2.boxFilter(gradient, -1, _window(axis), normalize=False, borderType=cv2.BORDER_CONSTANT)
        weight = 1 / ((np.abs(summed) + NO_GRADIENT) * (np.abs(gradient) + NO_GRADIENT))
        here = number.take(range(gradient.shape[axis]), axis=axis).ravel()
        there = number.take(range(1, lightness.shape[axis]), axis=axis).ravel()
        system = system + SMOOTHNESS * _differences(here, there, weight.ravel(), lightness.size)
    solution = linalg.spsolve(system.tocsc(), lightness.ravel(), permc_spec="MMD_AT_PLUS_A")
    solved: Float[ndarray, "h w"] = solution.reshape(lightness.shape)
    return solved


def _window(axis: int) -> tuple[int, int]:
    """Width and height of the window that lies along `axis`."""
    return (1, WINDOW_PX) if axis == 0 else (WINDOW_PX, 1)


def _differences(here: ndarray, there: ndarray, weight: Float[ndarray, " E"], size: int) -> sparse.csc_matrix:
    """The matrix of the quadratic form ``sum weight (T[there] - T[here])^2``."""
    rows = np.concatenate([here, there, here, there])
    columns = np.concatenate([here, there, there, here])
    values = np.concatenate([weight, weight, -weight, -weight])
    return sparse.csc_matrix((values, (rows, columns)), shape=(size, size))
