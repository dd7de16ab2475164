"""Who a drawn face is: colours and proportions that stay the same through a session."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["Colour", "FaceIdentity", "HairStyle", "sample_identity"]

Colour = tuple[float, float, float]
"""Red, green, blue in 0..255."""

HairStyle = Literal["short", "fringe", "long"]

SKIN_TONES: tuple[Colour, ...] = (
    (246, 214, 190),
    (236, 198, 168),
    (224, 180, 146),
    (206, 158, 122),
    (184, 134, 100),
    (156, 110, 80),
    (132, 92, 68),
)
HAIR_TONES: tuple[Colour, ...] = (
    (32, 27, 25),
    (58, 40, 30),
    (92, 62, 40),
    (142, 98, 58),
    (120, 60, 36),
    (140, 138, 136),
)
DARK_HAIR_TONES = (*HAIR_TONES[:3], HAIR_TONES[-1])
IRIS_TONES: tuple[Colour, ...] = ((78, 52, 34), (104, 72, 44), (96, 112, 70), (82, 118, 150), (110, 124, 134))
CLOTH_TONES: tuple[Colour, ...] = ((60, 78, 110), (110, 58, 62), (72, 96, 78), (96, 92, 104), (150, 130, 100))
BACKDROP_TONES: tuple[Colour, ...] = ((176, 182, 186), (160, 174, 180), (186, 180, 170), (168, 176, 164))


@dataclass(frozen=True, slots=True)
class FaceIdentity:
    """The lasting look of one drawn person; proportions are factors around 1.

    Attributes
    ----------
    skin, hair, iris, cloth, backdrop : tuple of 3 floats
        Colours, red, green, blue in 0..255.
    hair_style : {"short", "fringe", "long"}
    has_glasses : bool
    face_width, eye_spacing, eye_size, brow_weight, brow_height, nose_width, mouth_width, lip_fullness : float
        Factors on the average proportion.
    """

    skin: Colour = SKIN_TONES[2]
    hair: Colour = HAIR_TONES[1]
    iris: Colour = IRIS_TONES[1]
    cloth: Colour = CLOTH_TONES[0]
    backdrop: Colour = BACKDROP_TONES[0]
    hair_style: HairStyle = "short"
    has_glasses: bool = False
    face_width: float = 1.0
    eye_spacing: float = 1.0
    eye_size: float = 1.0
    brow_weight: float = 1.0
    brow_height: float = 1.0
    nose_width: float = 1.0
    mouth_width: float = 1.0
    lip_fullness: float = 1.0


def sample_identity(rng: np.random.Generator, *, has_glasses: bool | None = None) -> FaceIdentity:
    """A person drawn at random.

    Parameters
    ----------
    rng : numpy Generator
    has_glasses : bool, optional
        Whether the person wears glasses; None draws it (one in five).

    Examples
    --------
    >>> sample_identity(np.random.default_rng(1)) == sample_identity(np.random.default_rng(1))
    True
    """
    skin = _tint(rng, SKIN_TONES)
    hair = _tint(rng, HAIR_TONES if sum(skin) > sum(SKIN_TONES[4]) else DARK_HAIR_TONES)
    iris = _tint(rng, IRIS_TONES)
    cloth, backdrop = (_tint(rng, tones) for tones in (CLOTH_TONES, BACKDROP_TONES))
    styles: tuple[HairStyle, ...] = ("short", "fringe", "long")
    style = styles[int(rng.integers(len(styles)))]
    wears_glasses = bool(rng.random() < 0.2)
    width, spacing, eye, brow, brow_height, nose, mouth, lips = np.clip(rng.normal(size=8), -2, 2)
    return FaceIdentity(
        skin=skin,
        hair=hair,
        iris=iris,
        cloth=cloth,
        backdrop=backdrop,
        hair_style=style,
        has_glasses=wears_glasses if has_glasses is None else has_glasses,
        face_width=float(1 + 0.035 * width),
        eye_spacing=float(1 + 0.03 * spacing),
        eye_size=float(1 + 0.05 * eye),
        brow_weight=float(1 + 0.15 * brow),
        brow_height=float(1 + 0.04 * brow_height),
        nose_width=float(1 + 0.07 * nose),
        mouth_width=float(1 + 0.05 * mouth),
        lip_fullness=float(1 + 0.13 * lips),
    )


def _tint(rng: np.random.Generator, tones: tuple[Colour, ...]) -> Colour:
    """One of `tones`, a little off."""
    red, green, blue = np.clip(np.asarray(tones[int(rng.integers(len(tones)))]) + rng.normal(0, 4, size=3), 0, 255)
    return float(red), float(green), float(blue)
