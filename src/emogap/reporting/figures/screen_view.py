"""The screen as a figure shows it: what stood on it or an empty ground, its border, and degrees along two edges."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import OutputError
from emogap.reporting.figures.gaze_on_stimulus import to_picture_px
from emogap.reporting.figures.svg import label, line, picture, polyline, rectangle

__all__ = ["GREY", "LEFT", "TOP", "ScreenView", "encode_png"]

LEFT, TOP, WIDTH, BELOW = 46.0, 52.0, 720.0, 40.0
GREY, GRID, GROUND = "#5b6875", "#d5dbe1", "#f3f5f7"
MOST_TICKS = 8
SHARPNESS = 2
"""Pixels of the picture per unit of the figure, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class ScreenView:
    """A flat screen seen from straight before its centre.

    Attributes
    ----------
    extent_deg : (float, float)
        Its width and height in degrees of visual angle.
    picture : uint8 array, shape (H, W, 3), or None
        What stood on it, RGB, stretched to the whole screen.
    """

    extent_deg: tuple[float, float]
    picture: UInt8[ndarray, "H W 3"] | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the screen in units of the figure."""
        half = np.tan(np.radians(np.asarray(self.extent_deg) / 2))
        return WIDTH, float(WIDTH * half[1] / half[0])

    @property
    def bottom(self) -> float:
        """Where what stands below the screen and its degrees may begin."""
        return TOP + self.size[1] + BELOW

    def place(self, position_deg: Float[ndarray, "*N 2"]) -> Float[ndarray, "*N 2"]:
        """Degrees from the centre of the screen (x right, y up) as a place in the figure."""
        width, height = self.size
        on_screen = to_picture_px(position_deg, size_px=(1, 1), extent_deg=self.extent_deg)
        where: Float[ndarray, "*N 2"] = np.array([LEFT, TOP]) + on_screen * np.array([width, height])
        return where

    def ground(self) -> Iterator[str]:
        """Everything below the eye: picture or grid, border and degrees."""
        width, height = self.size
        if self.picture is None:
            yield rectangle(LEFT, TOP, width, height, colour=GROUND)
        else:
            yield picture(LEFT, TOP, width, height, encode_png(_shrunk(self.picture)))
        for axis in (0, 1):
            for tick in _ticks(self.extent_deg[axis]):
                yield from self._tick(axis, tick)
        right, bottom = LEFT + width, TOP + height
        yield polyline([(LEFT, TOP), (right, TOP), (right, bottom), (LEFT, bottom), (LEFT, TOP)], colour=GREY)
        yield label(LEFT + width / 2, bottom + 33, "degrees from the centre of the screen", anchor="middle", size=10.5)

    def _tick(self, axis: int, tick: int) -> Iterator[str]:
        width, height = self.size
        x, y = self.place(np.array([tick, 0.0] if axis == 0 else [0.0, tick])).tolist()
        bottom = TOP + height
        if axis == 0:
            if self.picture is None:
                yield line((x, TOP), (x, bottom), colour=GRID)
            yield line((x, bottom), (x, bottom + 4), colour=GREY)
            yield label(x, bottom + 16, f"{tick}", anchor="middle", size=10.5)
            return
        if self.picture is None:
            yield line((LEFT, y), (LEFT + width, y), colour=GRID)
        yield line((LEFT - 4, y), (LEFT, y), colour=GREY)
        yield label(LEFT - 7, y + 4, f"{tick}", anchor="end", size=10.5)


def _ticks(extent_deg: float) -> range:
    """Whole degrees to be written along an axis, zero among them."""
    step = next(step for step in (1, 2, 5, 10, 20, 30, 60, 180) if extent_deg / step <= MOST_TICKS)
    most = int(extent_deg / 2 / step) * step
    return range(-most, most + 1, step)


def _shrunk(image: UInt8[ndarray, "H W 3"]) -> UInt8[ndarray, "h w 3"]:
    widest = int(WIDTH * SHARPNESS)
    if image.shape[1] <= widest:
        return image
    height = round(image.shape[0] * widest / image.shape[1])
    return np.asarray(cv2.resize(image, (widest, height), interpolation=cv2.INTER_AREA), np.uint8)


def encode_png(image: UInt8[ndarray, "H W 3"]) -> bytes:
    """The picture (RGB) as a PNG file.

    Raises
    ------
    OutputError
        If it cannot be encoded.
    """
    is_done, content = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))
    if not is_done:
        raise OutputError("a picture could not be encoded as PNG", fix="install opencv with PNG support")
    return content.tobytes()
