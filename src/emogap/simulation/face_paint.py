"""Smooth strokes and surfaces on a picture, in fractions of a pixel; each changes the picture it is given."""

import cv2
import numpy as np
from jaxtyping import Float, Int32, UInt8
from numpy import ndarray

from emogap.simulation.face_geometry import CANVAS_PX
from emogap.simulation.face_identity import Colour

__all__ = ["SUBPIXEL_BITS", "crease", "disc", "fill", "fixed_point", "mix", "stroke"]

Picture = UInt8[ndarray, "H W 3"]
SUBPIXEL_BITS = 4


def fixed_point(points: Float[ndarray, "P 2"]) -> Int32[ndarray, "P 2"]:
    """Points in sixteenths of a pixel, as OpenCV takes them."""
    scaled: Int32[ndarray, "P 2"] = np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    return scaled


def fill(picture: Picture, points: Float[ndarray, "P 2"], colour: Colour) -> None:
    """Fill a polygon."""
    cv2.fillPoly(picture, [fixed_point(points)], colour, cv2.LINE_AA, SUBPIXEL_BITS)


def stroke(picture: Picture, points: Float[ndarray, "P 2"], colour: Colour, thickness: int = 1) -> None:
    """Draw an open line."""
    cv2.polylines(picture, [fixed_point(points)], False, colour, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def disc(picture: Picture, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    """Draw a full circle."""
    scale = 1 << SUBPIXEL_BITS
    place = (round(centre[0] * scale), round(centre[1] * scale))
    cv2.circle(picture, place, round(radius * scale), colour, -1, cv2.LINE_AA, SUBPIXEL_BITS)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour at `share` of the way from `first` to `second`."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def crease(picture: Picture, points: Float[ndarray, "P 2"], *, depth: float, thickness: int = 1) -> None:
    """A wrinkle: the skin where it runs, darker by `depth` in [0, 1]; nothing where the depth is 0."""
    if depth < 0.02:
        return
    column, row = (min(max(round(float(place)), 0), CANVAS_PX - 1) for place in points[len(points) // 2])
    red, green, blue = (float(value) for value in picture[row, column])
    stroke(picture, points, (red * (1 - 0.75 * depth), green * (1 - depth), blue * (1 - depth)), thickness)
