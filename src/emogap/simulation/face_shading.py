"""The part of a drawn face that does not move: shaded head, nose, ears, hair, neck and shoulders.

Drawn once per person at twice the canvas and reduced, so that every edge is smooth. The shading is that of a matt
(Lambertian) egg lit from above and to the right of the person, with soft patches for eye sockets, nose, cheeks and
chin: the dark eye region between brighter forehead and cheeks is what a Haar cascade looks for (Viola & Jones 2004,
doi:10.1023/B:VISI.0000013087.49260.fb, figure 5).
"""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from emogap.simulation.face_geometry import CANVAS_PX, EYE_Y, MIDDLE_X, MOUTH_Y, NOSE_TIP_Y, SIDES, eye_centre
from emogap.simulation.face_identity import Colour, FaceIdentity

__all__ = ["portrait"]

OVERSAMPLING = 2
HEAD_Y, HEAD_HALF_WIDTH, HEAD_HALF_HEIGHT = 130.0, 66.0, 88.0
LIGHT = np.array([-0.38, -0.50, 0.78]) / np.linalg.norm([-0.38, -0.50, 0.78])

Plane = Float32[ndarray, "H W"]
Layer = Float32[ndarray, "H W 3"]


def portrait(identity: FaceIdentity) -> UInt8[ndarray, "256 256 3"]:
    """The still layer of one person, without brows, eyes and mouth."""
    x, y = _grid()
    layer = _backdrop(identity, x, y)
    head = _soft(_head_mask(identity, x, y))
    if identity.hair_style == "long":
        layer = _blend(layer, _hair_colour(identity, x, y, 0.72), _soft(_long_hair(identity, x, y)))
    layer = _blend(layer, _cloth(identity, x, y), _soft(_shoulders(x, y)))
    layer = _blend(layer, _neck_colour(identity, x, y), _soft(_neck(x, y)))
    if identity.hair_style != "long":
        layer = _blend(layer, _flat(identity.skin, 0.74, x), _soft(_ears(identity, x, y)))
    layer = _blend(layer, _skin(identity, x, y), head)
    layer = _nostrils(identity, layer, x, y)
    layer = _blend(layer, _hair_colour(identity, x, y, 1.0), _soft(_hair_cap(identity, x, y)))
    small = cv2.resize(layer, (CANVAS_PX, CANVAS_PX), interpolation=cv2.INTER_AREA)
    still: UInt8[ndarray, "256 256 3"] = np.clip(small, 0, 255).astype(np.uint8)
    return still


def _grid() -> tuple[Plane, Plane]:
    centres = ((np.arange(CANVAS_PX * OVERSAMPLING) + 0.5) / OVERSAMPLING - 0.5).astype(np.float32)
    x, y = np.meshgrid(centres, centres)
    return x, y


def _spot(x: Plane, y: Plane, at: tuple[float, float], spread: tuple[float, float]) -> Plane:
    """A Gaussian patch of height 1."""
    patch: Plane = np.exp(-(((x - at[0]) / spread[0]) ** 2) - ((y - at[1]) / spread[1]) ** 2)
    return patch


def _soft(inside: Plane) -> Plane:
    """Coverage 0..1 of a region given by a function that is positive inside, in pixels."""
    coverage: Plane = np.clip(inside + 0.5, 0, 1).astype(np.float32)
    return coverage


def _blend(below: Layer, above: Layer, coverage: Plane) -> Layer:
    mixed: Layer = below + (above - below) * coverage[..., None]
    return mixed


def _flat(colour: Colour, brightness: float, x: Plane) -> Layer:
    return np.broadcast_to(np.asarray(colour, np.float32) * brightness, (*x.shape, 3))


def _head_half_width(identity: FaceIdentity, y: Plane) -> Plane:
    """Half the width of the head at each height: an egg with a jaw."""
    v = np.clip((y - HEAD_Y) / HEAD_HALF_HEIGHT, -1, 1)
    power = np.where(v > 0, 2.35, 2.1)
    width = HEAD_HALF_WIDTH * identity.face_width * (1 - np.abs(v) ** power) ** (1 / 2.0)
    return (width * (1 - 0.13 * np.clip(v, 0, 1) ** 1.5)).astype(np.float32)


def _head_mask(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    inside: Plane = _head_half_width(identity, y) - np.abs(x - MIDDLE_X)
    return np.where(np.abs(y - HEAD_Y) < HEAD_HALF_HEIGHT, inside, -1).astype(np.float32)


def _lambert(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    """Brightness of the egg: ambient 0.5 plus 0.55 times the cosine between surface normal and light."""
    u = (x - MIDDLE_X) / (HEAD_HALF_WIDTH * identity.face_width * 1.12)
    v = (y - HEAD_Y) / (HEAD_HALF_HEIGHT * 1.2)
    depth = np.sqrt(np.clip(1 - u**2 - v**2, 0.02, 1))
    cosine = (u * LIGHT[0] + v * LIGHT[1] + depth * LIGHT[2]) / np.sqrt(u**2 + v**2 + depth**2)
    brightness: Plane = 0.50 + 0.55 * np.clip(cosine, 0, 1)
    return brightness


def _skin(identity: FaceIdentity, x: Plane, y: Plane) -> Layer:
    """Skin colour of the head with the relief of forehead, sockets, nose, cheeks, lips and chin."""
    relief = _lambert(identity, x, y)
    for side in SIDES:
        eye_x, _ = eye_centre(identity, side)
        inward = MIDDLE_X - eye_x
        relief -= 0.22 * _spot(x, y, (eye_x + 0.10 * inward, EYE_Y - 3), (19, 10.5))
        relief -= 0.12 * _spot(x, y, (eye_x + 0.55 * inward, EYE_Y - 1), (8, 11))
        relief -= 0.05 * _spot(x, y, (eye_x, EYE_Y + 13), (15, 4))
        relief += 0.09 * _spot(x, y, (eye_x - 0.05 * inward, EYE_Y + 28), (17, 13))
        relief -= 0.08 * _spot(x, y, (eye_x - 0.55 * inward, MOUTH_Y - 2), (12, 22))
    relief += _nose_relief(identity, x, y)
    relief -= 0.10 * _spot(x, y, (MIDDLE_X, MOUTH_Y + 15), (17, 4.5))
    relief += 0.07 * _spot(x, y, (MIDDLE_X, MOUTH_Y + 24), (13, 8))
    relief -= 0.05 * _spot(x, y, (MIDDLE_X, MOUTH_Y - 14), (4, 6))
    relief += 0.06 * _spot(x, y, (MIDDLE_X - 8, 80), (38, 16))
    blush = sum(_spot(x, y, (MIDDLE_X + offset, EYE_Y + 33), (17, 13)) for offset in (-36, 36))
    blush += 0.8 * _spot(x, y, (MIDDLE_X, NOSE_TIP_Y), (11, 9))
    warmth = np.stack([1 + 0.03 * blush, 1 - 0.05 * blush, 1 - 0.05 * blush], axis=-1)
    # Shadow on skin is redder than light: blood under the skin scatters the long wavelengths.
    tone = relief[..., None] ** np.array([0.86, 1.04, 1.14], np.float32)
    gloss = _gloss(identity, x, y)[..., None] * np.array([1.0, 0.94, 0.86], np.float32)
    skin: Layer = (np.asarray(identity.skin, np.float32) * tone * warmth + gloss).astype(np.float32)
    return skin


def _gloss(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    """Light thrown back by the surface of forehead, nose and cheekbones, which shows most on dark skin."""
    strength = 46 * (1 - np.mean(identity.skin) / 255)
    gloss: Plane = strength * _spot(x, y, (MIDDLE_X - 10, 84), (34, 15))
    gloss += 1.2 * strength * _spot(x, y, (MIDDLE_X - 2, NOSE_TIP_Y - 4), (5, 6))
    gloss += 0.7 * strength * _spot(x, y, (MIDDLE_X - 1.5, 134), (3.5, 16))
    for offset in (-38, 36):
        gloss += 0.9 * strength * _spot(x, y, (MIDDLE_X + offset, EYE_Y + 24), (13, 9))
    return gloss


def _nose_relief(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    """Bridge and tip lit from one side, the shadow on the other side and under the tip."""
    width = identity.nose_width
    bridge = np.exp(-(((y - 138) / 24) ** 4))
    relief = 0.15 * np.exp(-(((x - MIDDLE_X + 1.5) / (4.5 * width)) ** 2)) * bridge
    relief -= 0.12 * np.exp(-(((x - MIDDLE_X - 10 * width) / (5.5 * width)) ** 2)) * bridge
    relief -= 0.06 * np.exp(-(((x - MIDDLE_X + 11 * width) / (4.5 * width)) ** 2)) * bridge
    relief += 0.14 * _spot(x, y, (MIDDLE_X - 2, NOSE_TIP_Y - 2), (7.5 * width, 6.5))
    relief -= 0.24 * _spot(x, y, (MIDDLE_X + 1.5, NOSE_TIP_Y + 9), (13 * width, 3.6))
    relief -= 0.10 * _spot(x, y, (MIDDLE_X + 15.5 * width, NOSE_TIP_Y + 2), (3.2, 7))
    relief -= 0.08 * _spot(x, y, (MIDDLE_X - 15.5 * width, NOSE_TIP_Y + 2), (2.8, 6.5))
    total: Plane = relief
    return total


def _nostrils(identity: FaceIdentity, layer: Layer, x: Plane, y: Plane) -> Layer:
    dark = _flat(identity.skin, 0.30, x)
    for offset in (-6.5 * identity.nose_width, 6.5 * identity.nose_width):
        layer = _blend(
            layer, dark, 0.85 * np.clip(1.6 * _spot(x, y, (MIDDLE_X + offset, NOSE_TIP_Y + 7), (4, 1.9)), 0, 1)
        )
    return layer


def _backdrop(identity: FaceIdentity, x: Plane, y: Plane) -> Layer:
    light = 1.06 - 0.0011 * y - 0.10 * (((x - MIDDLE_X) / 128) ** 2)
    return (np.asarray(identity.backdrop, np.float32) * light[..., None]).astype(np.float32)


def _shoulders(x: Plane, y: Plane) -> Plane:
    inside: Plane = y - (226 + 0.0018 * (x - MIDDLE_X) ** 2)
    return inside


def _cloth(identity: FaceIdentity, x: Plane, y: Plane) -> Layer:
    light = 0.95 - 0.0022 * (x - MIDDLE_X) - 0.16 * _spot(x, y, (MIDDLE_X, 226), (46, 12))
    return (np.asarray(identity.cloth, np.float32) * light[..., None]).astype(np.float32)


def _neck(x: Plane, y: Plane) -> Plane:
    inside = 34 + 0.004 * np.clip(y - 200, 0, None) ** 2 - np.abs(x - MIDDLE_X)
    collar = 236 - 0.006 * (x - MIDDLE_X) ** 2 - y
    return np.where(y > 150, np.minimum(inside, collar), -1).astype(np.float32)


def _neck_colour(identity: FaceIdentity, x: Plane, y: Plane) -> Layer:
    light = 0.66 + 0.10 * np.clip((y - 214) / 24, 0, 1) - 0.0022 * (x - MIDDLE_X)
    return (np.asarray(identity.skin, np.float32) * light[..., None]).astype(np.float32)


def _ears(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    offset = np.abs(x - MIDDLE_X) - (HEAD_HALF_WIDTH * identity.face_width)
    inside: Plane = 7 * (1 - np.sqrt((offset / 7.5) ** 2 + ((y - 136) / 17) ** 2))
    return inside


def _hairline(identity: FaceIdentity, x: Plane) -> Plane:
    """Lower edge of the hair on forehead and temples."""
    u = np.abs(x - MIDDLE_X) / (HEAD_HALF_WIDTH * identity.face_width)
    if identity.hair_style == "fringe":
        edge = 78 + 2.5 * np.sin((x - MIDDLE_X) / 7.0) + 34 * np.clip((u - 0.72) / 0.2, 0, None) ** 1.2
    elif identity.hair_style == "long":
        edge = 66 + 14 * u**2 + 110 * np.clip((u - 0.84) / 0.2, 0, None) ** 1.3
    else:
        edge = 67 + 8 * u**2 + 4 * ((x - MIDDLE_X) / 60) + 30 * np.clip((u - 0.70) / 0.2, 0, None) ** 1.2
    line: Plane = edge.astype(np.float32)
    return line


def _hair_cap(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    """The hair in front: the crown down to the hairline, a little larger than the head."""
    half_width = (HEAD_HALF_WIDTH + 5.5) * identity.face_width
    v = (y - 118) / 88
    crown = half_width * np.sqrt(np.clip(1 - np.abs(v) ** 2.3, 0, 1)) - np.abs(x - MIDDLE_X)
    return np.where(np.abs(v) < 1, np.minimum(crown, _hairline(identity, x) - y), -1).astype(np.float32)


def _long_hair(identity: FaceIdentity, x: Plane, y: Plane) -> Plane:
    half_width = (HEAD_HALF_WIDTH + 13) * identity.face_width + 4 * np.sin(y / 17)
    top = half_width * np.sqrt(np.clip(1 - np.clip((122 - y) / 94, 0, 1) ** 2.2, 0, 1))
    inside: Plane = np.minimum(top - np.abs(x - MIDDLE_X), np.minimum(y - 28, 244 - y))
    return inside


def _hair_colour(identity: FaceIdentity, x: Plane, y: Plane, brightness: float) -> Layer:
    """Strands running outward from the parting, with one band of gloss."""
    angle = np.arctan2(x - MIDDLE_X + 14, np.clip(150 - y, 20, None))
    strands = 0.5 * np.sin(angle * 62) + 0.3 * np.sin(angle * 141 + 1.3) + 0.2 * np.sin(angle * 37 + y / 23)
    distance = np.hypot(x - MIDDLE_X, (y - 128) / 1.25)
    gloss = np.exp(-(((distance - 59) / 9) ** 2)) * np.exp(-(((x - MIDDLE_X + 22) / 46) ** 2))
    light = brightness * (0.92 + 0.13 * strands + 0.55 * gloss - 0.0016 * (x - MIDDLE_X))
    hair: Layer = (np.asarray(identity.hair, np.float32) * light[..., None]).astype(np.float32)
    return hair
