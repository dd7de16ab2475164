"""Where the parts of a drawn face are: curves of brows, eyelids and mouth as functions of the action units.

All coordinates are pixels of a picture of 256 x 256, x right, y down, before the head moves. "Right" and "left" are
the person's own, so the right eye is on the left of the picture.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.face_expression import FaceExpression, action_units
from emogap.simulation.face_identity import FaceIdentity

__all__ = [
    "CANVAS_PX",
    "SIDES",
    "Eyelids",
    "HeadPose",
    "Mouth",
    "Side",
    "brow",
    "curve",
    "eye_centre",
    "eyelids",
    "face_landmarks",
    "jaw_drop_px",
    "mouth",
    "pose_matrix",
]

Side = Literal["right", "left"]
SIDES: tuple[Side, Side] = ("right", "left")

CANVAS_PX = 256
MIDDLE_X, EYE_Y, NOSE_TIP_Y, MOUTH_Y, JAW_TOP_Y, CHIN_Y = 128.0, 122.0, 155.0, 183.0, 172.0, 217.0
ALONG = np.linspace(-1, 1, 15)
ARCH = 1 - ALONG**2
CUPIDS_BOW = 1 + 0.16 * np.exp(-(((np.abs(ALONG) - 0.28) / 0.16) ** 2)) - 0.12 * np.exp(-((ALONG / 0.12) ** 2))
ALONG_BROW = np.linspace(0, 1, 13)
BROW_ARCH = -5.0 * np.sin(np.pi * np.clip(ALONG_BROW * 0.78 + 0.05, 0, 1)) + 4.0 * ALONG_BROW**3
BROW_OUTER_PART = np.sin(np.pi * np.clip(ALONG_BROW * 0.62 + 0.12, 0, 1))
BROW_HALF_THICKNESS_PX = 4.6 * (ALONG_BROW + 0.05) ** 0.3 * (1.02 - ALONG_BROW) ** 0.7


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where the head is in the picture.

    Attributes
    ----------
    shift_px : tuple of 2 floats
        Right and down, in pixels of a 256 x 256 picture.
    roll_deg : float
        Tilt in the picture plane in degrees, clockwise as seen.
    scale : float
        Size, 1 = as drawn.
    """

    shift_px: tuple[float, float] = (0.0, 0.0)
    roll_deg: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Eyelids:
    """Edges of one eye: from the right to the left of the person, 15 points (15, 2) each, and the crease above."""

    upper: Float[ndarray, "P 2"]
    lower: Float[ndarray, "P 2"]
    crease: Float[ndarray, "P 2"]


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """Edges of the lips: outer and inner, upper and lower, 15 points (15, 2) each."""

    outer_upper: Float[ndarray, "P 2"]
    inner_upper: Float[ndarray, "P 2"]
    inner_lower: Float[ndarray, "P 2"]
    outer_lower: Float[ndarray, "P 2"]


def curve(x: Float[ndarray, " P"], y: Float[ndarray, " P"]) -> Float[ndarray, "P 2"]:
    """Points from their coordinates; at this size ``np.column_stack`` takes ten times as long."""
    points = np.empty((len(x), 2))
    points[:, 0] = x
    points[:, 1] = y
    return points


def eye_centre(identity: FaceIdentity, side: Side) -> tuple[float, float]:
    """Centre between the corners of one eye, in pixels."""
    offset = 29.5 * identity.eye_spacing
    return MIDDLE_X + (offset if side == "left" else -offset), EYE_Y


def eyelids(identity: FaceIdentity, units: dict[int, float], side: Side, *, opening: float) -> Eyelids:
    """Lid edges of one eye.

    AU 5 raises the upper lid, AU 6 and 7 raise the lower one, AU 4, 7 and 9 lower the upper one; a blink brings the
    upper lid down to the lower one, which moves little (Evinger, Manning & Sibony 1991, Invest Ophthalmol Vis Sci 32).
    """
    centre_x, centre_y = eye_centre(identity, side)
    half_width = 15.0 * identity.eye_size
    upper = 8.0 * identity.eye_size * (1 + 0.45 * units[5] - 0.30 * units[7] - 0.12 * units[4] - 0.20 * units[9])
    upper -= 1.2 * units[6]
    lower = 5.4 * identity.eye_size * (1 - 0.55 * units[6] - 0.40 * units[7] - 0.25 * units[9] + 0.10 * units[5])
    shut = 0.75 * lower
    height = -shut + opening * (upper + shut)
    x = centre_x + half_width * ALONG
    outward = ALONG if side == "left" else -ALONG
    corner_y = centre_y - 1.6 * outward
    crease_height = 3.5 + 0.55 * upper + 0.45 * height + 1.5 * units[1]
    return Eyelids(
        upper=curve(x, corner_y - height * ARCH**0.8),
        lower=curve(x, corner_y + (lower * opening + shut * (1 - opening)) * ARCH),
        crease=curve(centre_x + 1.05 * half_width * ALONG, corner_y - 1.0 - crease_height * ARCH**0.7),
    )


def brow(
    identity: FaceIdentity, units: dict[int, float], side: Side
) -> tuple[Float[ndarray, "P 2"], Float[ndarray, " P"]]:
    """Middle line of one brow from its inner to its outer end, and half its thickness along it, in pixels.

    AU 1 raises the inner end, AU 2 the outer part, AU 4 (and 9) lowers the whole and draws the inner ends together.
    """
    sign = 1.0 if side == "left" else -1.0
    inner_x = 12.5 * identity.eye_spacing - 3.5 * units[4] - 1.5 * units[9]
    outer_x = 49.0 * identity.eye_spacing
    x = inner_x + (outer_x - inner_x) * ALONG_BROW
    raised = -9.0 * units[1] * (1 - ALONG_BROW) ** 1.3 - 8.5 * units[2] * BROW_OUTER_PART
    lowered = (6.5 * (1 - ALONG_BROW) ** 0.8 + 2.0) * units[4] + (5.0 * (1 - ALONG_BROW) + 1.5) * units[9]
    y = EYE_Y - 17.5 * identity.brow_height + BROW_ARCH + raised + lowered
    half_thickness = identity.brow_weight * BROW_HALF_THICKNESS_PX
    return curve(MIDDLE_X + sign * x, y), half_thickness


def jaw_drop_px(units: dict[int, float]) -> float:
    """How far the chin moves down, in pixels; negative when AU 17 pushes it up."""
    return 9.0 * units[26] - 1.5 * units[17]


def mouth(identity: FaceIdentity, units: dict[int, float]) -> Mouth:
    """Edges of the lips.

    AU 12 pulls the corners out and up, 15 down, 20 sideways, 23 tightens and narrows the lips, 10 and 9 raise the upper
    lip, 17 pushes the lower lip up, 25 parts the lips and 26 drops the jaw.
    """
    half_width = 22.5 * identity.mouth_width + 6.0 * units[12] + 6.0 * units[20] - 4.0 * units[23] - 4.5 * units[26]
    half_width -= 1.5 * units[15] + 1.5 * units[17]
    corner_y = MOUTH_Y - 7.5 * units[12] + 6.5 * units[15] + 2.0 * units[20] + 6.0 * units[26] + 1.5 * units[10]
    lip_raise = 4.5 * units[10] + 3.0 * units[9]
    centre_y = MOUTH_Y + 1.5 * units[12] - 3.0 * units[17] - 0.9 * lip_raise
    gap_up = 2.0 * units[25] + 3.5 * units[26]
    gap_down = 4.5 * units[25] + 11.0 * units[26] + 1.5 * units[25] * units[12]
    thin = 1 - 0.55 * units[23] - 0.22 * units[12] - 0.15 * units[20]
    upper_px = 5.6 * identity.lip_fullness * (thin + 0.15 * units[10])
    lower_px = 8.0 * identity.lip_fullness * (thin + 0.12 * units[17])
    x = MIDDLE_X + half_width * ALONG
    shape = ARCH ** (0.9 - 0.35 * units[26])
    line = corner_y + (centre_y - corner_y) * shape
    return Mouth(
        outer_upper=curve(x, line - (gap_up + upper_px * CUPIDS_BOW) * shape),
        inner_upper=curve(x, line - gap_up * shape),
        inner_lower=curve(x, line + gap_down * shape),
        outer_lower=curve(x, line + (gap_down + lower_px) * ARCH ** (0.75 - 0.2 * units[26])),
    )


def pose_matrix(pose: HeadPose, *, size_px: int) -> Float[ndarray, "2 3"]:
    """The affine matrix that takes canvas coordinates to a picture of `size_px` with the head at `pose`."""
    angle = np.deg2rad(pose.roll_deg)
    pivot = np.array([MIDDLE_X, CHIN_Y])
    turn = pose.scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = pivot + np.asarray(pose.shift_px) - turn @ pivot
    return np.column_stack([turn, shift]) * (size_px / CANVAS_PX)


def face_landmarks(
    identity: FaceIdentity, expression: FaceExpression, *, pose: HeadPose | None = None, size_px: int = CANVAS_PX
) -> Float[ndarray, "5 2"]:
    """True positions of the five landmarks of a drawn face, float64 (5, 2), x and y in pixels.

    The order is that of ``FaceTrack``: right eye, left eye, nose tip, right and left corner of the mouth.
    """
    corners = mouth(identity, action_units(expression)).inner_upper[[0, -1]]
    eyes = [eye_centre(identity, "right"), eye_centre(identity, "left")]
    points = np.vstack([eyes, [(MIDDLE_X, NOSE_TIP_Y)], corners])
    matrix = pose_matrix(pose or HeadPose(), size_px=size_px)
    placed: Float[ndarray, "5 2"] = points @ matrix[:, :2].T + matrix[:, 2]
    return placed
