"""A drawn face whose brows, eyes and mouth follow an expression.

Read in this order: ``face_expression`` (which action units an emotion moves), ``face_identity`` (who it is),
``face_geometry`` (where the parts are), ``face_shading`` (what does not move), ``face_paint`` (strokes), this file
(what moves), and ``face_video`` (writing a clip). Nobody real is shown, so pictures of these faces may be published.
"""

from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float, Int16, UInt8
from numpy import ndarray

from emogap.simulation.face_expression import ACTION_UNITS_OF, FaceExpression, action_units, pure_expression
from emogap.simulation.face_geometry import (
    CANVAS_PX,
    CHIN_Y,
    EYE_Y,
    JAW_TOP_Y,
    MIDDLE_X,
    MOUTH_Y,
    NOSE_TIP_Y,
    SIDES,
    Eyelids,
    HeadPose,
    Mouth,
    Side,
    brow,
    curve,
    eye_centre,
    eyelids,
    face_landmarks,
    jaw_drop_px,
    mouth,
    pose_matrix,
)
from emogap.simulation.face_identity import Colour, FaceIdentity, sample_identity
from emogap.simulation.face_paint import SUBPIXEL_BITS, crease, disc, fill, fixed_point, mix, stroke
from emogap.simulation.face_shading import portrait

__all__ = [
    "ACTION_UNITS_OF",
    "FaceExpression",
    "FaceIdentity",
    "HeadPose",
    "action_units",
    "add_camera_noise",
    "draw_face",
    "face_landmarks",
    "pure_expression",
    "sample_identity",
]

Picture = UInt8[ndarray, "H W 3"]
BLACK: Colour = (22, 14, 12)
SCLERA: Colour = (232, 228, 224)
TEETH: Colour = (226, 218, 206)
PALATE: Colour = (70, 22, 26)
ACROSS = np.linspace(-1, 1, 9)
TURN = np.linspace(0, 2 * np.pi, 33)
SQUIRCLE = np.column_stack([np.sign(wave) * np.abs(wave) ** 0.6 for wave in (np.cos(TURN), np.sin(TURN))])
"""Outline of a spectacle lens, between a circle and a square."""
FRAME: Colour = (38, 36, 40)


def draw_face(
    identity: FaceIdentity, expression: FaceExpression, *, pose: HeadPose | None = None, size_px: int = CANVAS_PX
) -> Picture:
    """A picture of one person with one expression, uint8 (size_px, size_px, 3), RGB.

    Parameters
    ----------
    identity : FaceIdentity
    expression : FaceExpression
    pose : HeadPose, optional
        Where the head is; None is upright in the middle.
    size_px : int, default 256
        Side of the square picture in pixels.

    Notes
    -----
    Moving parts follow the action units (:func:`action_units`, :mod:`emogap.simulation.face_geometry`). The face is
    drawn on 256 x 256 and moved or resized afterwards.

    Examples
    --------
    >>> draw_face(FaceIdentity(), pure_expression("surprise"), size_px=128).shape
    (128, 128, 3)
    """
    units = action_units(expression)
    picture = _drop_jaw(_still_layer(identity), jaw_drop_px(units))
    _draw_folds(picture, identity, units)
    _draw_mouth(picture, identity, units)
    _draw_brows(picture, identity, units)
    _soften(picture)
    for side in SIDES:
        _draw_eye(picture, identity, units, side, expression)
    if identity.has_glasses:
        _draw_glasses(picture, identity)
    if pose is None and size_px == CANVAS_PX:
        return picture
    matrix = pose_matrix(pose or HeadPose(), size_px=size_px)
    moved: Picture = cv2.warpAffine(picture, matrix, (size_px, size_px), borderMode=cv2.BORDER_REPLICATE)
    return moved


def add_camera_noise(picture: Picture, rng: np.random.Generator, *, noise_sd: float = 3.0) -> Picture:
    """A copy of a square `picture` with Gaussian noise of `noise_sd` grey levels in each channel.

    The noise is a window at a random place of one fixed sheet, which costs a fifth of drawing fresh noise; frames
    differ, but the sheet is the same for every video.
    """
    size_px = picture.shape[0]
    sheet = _noise_sheet(size_px, noise_sd)
    row, column = rng.integers(size_px, size=2)
    noisy: Picture = cv2.add(picture, sheet[row : row + size_px, column : column + size_px], dtype=cv2.CV_8U)
    return noisy


@lru_cache(maxsize=4)
def _noise_sheet(size_px: int, noise_sd: float) -> Int16[ndarray, "H W 3"]:
    return np.rint(np.random.default_rng(0).normal(0, noise_sd, (2 * size_px, 2 * size_px, 3))).astype(np.int16)


@lru_cache(maxsize=64)
def _still_layer(identity: FaceIdentity) -> Picture:
    layer = portrait(identity)
    layer.flags.writeable = False
    return layer


def _drop_jaw(layer: Picture, drop_px: float) -> Picture:
    """A writable copy of the still layer with the chin lower by `drop_px`: the jaw stretched, the neck squeezed."""
    drop = round(drop_px)
    if drop == 0:
        return layer.copy()
    top, chin = int(JAW_TOP_Y), int(CHIN_Y)
    picture = np.empty_like(layer)
    picture[:top] = layer[:top]
    picture[top : chin + drop] = cv2.resize(layer[top:chin], (CANVAS_PX, chin + drop - top))
    picture[chin + drop :] = cv2.resize(layer[chin:], (CANVAS_PX, CANVAS_PX - chin - drop))
    return picture


def _mirrored(points: Float[ndarray, "P 2"]) -> tuple[Float[ndarray, "P 2"], Float[ndarray, "P 2"]]:
    """A line on the person's left and its mirror image on the right."""
    return points, curve(2 * MIDDLE_X - points[:, 0], points[:, 1])


def _draw_folds(picture: Picture, identity: FaceIdentity, units: dict[int, float]) -> None:
    """Wrinkles of forehead (AU 1, 2), glabella (4, 9), nose (9), eye corners (6), cheeks (9, 10, 12, 15), chin (17)."""
    for height in (87.0, 93.0):
        rise = 4.0 * (1 - ACROSS**2) * (0.4 + units[1] - 0.6 * units[2])
        forehead = curve(MIDDLE_X + 30 * ACROSS, height - rise)
        crease(picture, forehead, depth=0.16 * max(units[1], units[2]))
    frown = np.array([(MIDDLE_X + 4.5, 114.0), (MIDDLE_X + 3.8, 108.0), (MIDDLE_X + 5.0, 101.0)])
    for line in _mirrored(frown):
        crease(picture, line, depth=min(0.30 * units[4] + 0.20 * units[9], 0.4), thickness=2)
    for height in (124.0, 130.0):
        across = curve(MIDDLE_X + 8 * ACROSS, height + 3 * ACROSS**2)
        crease(picture, across, depth=0.26 * units[9])
    mouth_corner = mouth(identity, units).inner_upper[-1]
    ala = np.array([MIDDLE_X + 17 * identity.nose_width, NOSE_TIP_Y + 1 - 3 * units[9]])
    bulge = np.array([MIDDLE_X + 31 + 5 * units[12] + 3 * units[10], NOSE_TIP_Y + 13.0])
    end = mouth_corner + np.array([7.0, -1.0 + 5 * units[15]])
    share = (ACROSS[:, None] + 1) / 2
    fold = (1 - share) ** 2 * ala + 2 * share * (1 - share) * bulge + share**2 * end
    depth = 0.05 + 0.22 * units[12] + 0.20 * units[10] + 0.14 * units[9] + 0.10 * units[15]
    for line in _mirrored(fold):
        crease(picture, line, depth=min(depth, 0.34), thickness=2)
    _draw_crows_feet(picture, identity, units[6])
    dimple = curve(MIDDLE_X + 9 * ACROSS, MOUTH_Y + 24 - 3 * (1 - ACROSS**2) + jaw_drop_px(units))
    crease(picture, dimple, depth=0.26 * units[17], thickness=2)


def _draw_crows_feet(picture: Picture, identity: FaceIdentity, cheek_raise: float) -> None:
    eye_x, eye_y = eye_centre(identity, "left")
    outer_x = eye_x + 15 * identity.eye_size
    for tilt in (-0.45, 0.0, 0.45):
        foot = np.array([(outer_x + reach, eye_y + reach * tilt) for reach in (3.5, 6.0, 8.5)])
        for line in _mirrored(foot):
            crease(picture, line, depth=0.22 * cheek_raise)
    pouch = np.array([(eye_x - 11, eye_y + 9), (eye_x, eye_y + 11.5), (eye_x + 11, eye_y + 9.0)])
    for line in _mirrored(pouch):
        crease(picture, line, depth=0.06 + 0.12 * cheek_raise)


def _draw_brows(picture: Picture, identity: FaceIdentity, units: dict[int, float]) -> None:
    colour = mix(identity.hair, mix(identity.skin, BLACK, 0.75), 0.5)
    for side in SIDES:
        line, half_thickness = brow(identity, units, side)
        offset = curve(np.zeros_like(half_thickness), half_thickness)
        fill(picture, np.vstack([line - offset, (line + offset)[::-1]]), colour)


def _draw_mouth(picture: Picture, identity: FaceIdentity, units: dict[int, float]) -> None:
    lips = mouth(identity, units)
    colour = mix(identity.skin, (168, 62, 66), 0.52)
    shade = 0.86
    lower_red, lower_green, lower_blue = colour
    fill(picture, np.vstack([lips.inner_lower, lips.outer_lower[::-1]]), colour)
    upper_colour = (lower_red * shade, lower_green * shade, lower_blue * shade)
    fill(picture, np.vstack([lips.outer_upper, lips.inner_upper[::-1]]), upper_colour)
    gloss = 0.55 * lips.inner_lower[5:10] + 0.45 * lips.outer_lower[5:10]
    stroke(picture, gloss, mix(colour, (255, 240, 235), 0.22), 2)
    _draw_opening(picture, lips)
    stroke(picture, lips.inner_upper, mix(upper_colour, PALATE, 0.75))
    for corner in (lips.inner_upper[:2], lips.inner_upper[-2:]):
        stroke(picture, corner, mix(upper_colour, PALATE, 0.6), 2)


def _draw_opening(picture: Picture, lips: Mouth) -> None:
    """The dark inside of an open mouth with the upper teeth and the tongue."""
    gap_px = float((lips.inner_lower - lips.inner_upper)[:, 1].max())
    if gap_px < 1:
        return
    fill(picture, np.vstack([lips.inner_upper, lips.inner_lower[::-1]]), PALATE)
    teeth_px = 0.62 * gap_px if gap_px < 9 else 4.0
    edge = lips.inner_upper.copy()
    edge[:, 1] = np.minimum(lips.inner_lower[:, 1], edge[:, 1] + teeth_px)
    inner = slice(1, -1)
    fill(picture, np.vstack([lips.inner_upper[inner], edge[inner][::-1]]), TEETH)
    if gap_px > 10:
        tongue = lips.inner_lower[4:11].copy()
        tongue[:, 1] -= 0.30 * gap_px * np.sin(np.linspace(0, np.pi, len(tongue)))
        fill(picture, np.vstack([tongue, lips.inner_lower[4:11][::-1]]), (150, 70, 74))


def _soften(picture: Picture) -> None:
    """Take the edge off brows, wrinkles and lips; the eyes are drawn afterwards and stay sharp."""
    region = picture[76:228, 64:192]
    region[...] = cv2.GaussianBlur(region, (3, 3), 0.8)


def _draw_eye(
    picture: Picture, identity: FaceIdentity, units: dict[int, float], side: Side, expression: FaceExpression
) -> None:
    lids = eyelids(identity, units, side, opening=expression.eyelid_opening)
    centre_x, centre_y = eye_centre(identity, side)
    left, top = int(centre_x) - 20, int(centre_y) - 18
    origin = np.array([left, top], np.float64)
    window = picture[top : top + 34, left : left + 41]
    gaze_x, gaze_y = expression.gaze_xy
    iris_at = (centre_x - left + 5.5 * gaze_x, centre_y - top - 1.3 - 3.6 * gaze_y)
    eyeball = _eyeball(window.shape[:2], identity, iris_at, lids.upper - origin)
    coverage = np.zeros(window.shape[:2], np.uint8)
    opening = np.vstack([lids.upper, lids.lower[::-1]]) - origin
    if float((lids.lower - lids.upper)[:, 1].max()) > 0.8:
        cv2.fillPoly(coverage, [fixed_point(opening)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    share = coverage[..., None].astype(np.float32) / 255
    window[...] = (window + (eyeball - window.astype(np.float32)) * share).astype(np.uint8)
    _draw_lids(picture, identity, lids)


def _eyeball(
    shape: tuple[int, int], identity: FaceIdentity, iris_at: tuple[float, float], upper: Float[ndarray, "P 2"]
) -> Picture:
    """Sclera, iris, pupil, the shadow of the upper lid and the reflection of the light."""
    eyeball = np.empty((*shape, 3), np.uint8)
    eyeball[...] = SCLERA
    disc(eyeball, iris_at, 7.6 * identity.eye_size, mix(identity.iris, BLACK, 0.65))
    disc(eyeball, iris_at, 6.6 * identity.eye_size, identity.iris)
    disc(eyeball, iris_at, 3.1, BLACK)
    stroke(eyeball, upper + np.array([0.0, 1.5]), mix(SCLERA, (90, 70, 70), 0.55), 2)
    disc(eyeball, (iris_at[0] - 2.2, iris_at[1] - 2.4), 1.4, (255, 255, 255))
    return eyeball


def _draw_lids(picture: Picture, identity: FaceIdentity, lids: Eyelids) -> None:
    shadow = mix(identity.skin, BLACK, 0.55)
    stroke(picture, lids.crease[2:-2], shadow)
    stroke(picture, lids.lower, mix(identity.skin, BLACK, 0.48))
    stroke(picture, lids.upper, mix(BLACK, identity.hair, 0.3), 2)


def _draw_glasses(picture: Picture, identity: FaceIdentity) -> None:
    for side in SIDES:
        centre_x, centre_y = eye_centre(identity, side)
        stroke(picture, np.array([centre_x, centre_y + 1.5]) + SQUIRCLE * np.array([21.5, 16.0]), FRAME)
    right_x, left_x = (eye_centre(identity, side)[0] for side in SIDES)
    stroke(
        picture, np.array([(right_x + 21.5, EYE_Y - 1), (MIDDLE_X, EYE_Y - 4), (left_x - 21.5, EYE_Y - 1)]), FRAME, 2
    )
