"""What a drawn face does: emotion weights, eyelids and gaze, and the action units that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from emogap.errors import DataError, UnknownNameError
from emogap.types import vocabulary

__all__ = ["ACTION_UNITS_OF", "FaceExpression", "action_units", "pure_expression"]

ACTION_UNITS_OF: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {
        "happiness": {6: 1.0, 12: 1.0, 25: 0.6},
        "sadness": {1: 1.0, 4: 0.6, 15: 1.0, 17: 0.5},
        "fear": {1: 1.0, 2: 0.7, 4: 0.7, 5: 1.0, 20: 1.0, 25: 0.8, 26: 0.2},
        "surprise": {1: 1.0, 2: 1.0, 5: 0.7, 25: 0.5, 26: 1.0},
        "disgust": {4: 0.3, 7: 0.5, 9: 1.0, 10: 0.9, 15: 0.4, 17: 0.6},
        "anger": {4: 1.0, 5: 0.4, 7: 0.8, 17: 0.3, 23: 1.0},
        "neutral": {},
    }
)
"""Action units of each emotion with their strength in [0, 1] at full intensity.

The units are those of EMFACS (Friesen & Ekman 1983, EMFACS-7, unpublished manual) and of the prototypes in Ekman,
Friesen & Hager (2002), FACS Investigator's Guide, Table 10-1; AU 25 in happiness and fear, AU 10 and 17 in disgust
and AU 17 in anger and sadness are among the units that Du, Tao & Martinez (2014), doi:10.1073/pnas.1322355111,
Table 1, observed in more than half, or a part, of posed faces. The strengths are drawing choices, not measurements.

1 inner and 2 outer brow raiser, 4 brow lowerer, 5 upper lid raiser, 6 cheek raiser, 7 lid tightener, 9 nose wrinkler,
10 upper lip raiser, 12 lip corner puller, 15 lip corner depressor, 17 chin raiser, 20 lip stretcher, 23 lip tightener,
25 lips part, 26 jaw drop.
"""

EMOTIONS = vocabulary("emotion7")


@dataclass(frozen=True, slots=True)
class FaceExpression:
    """One moment of a drawn face.

    Attributes
    ----------
    weights : tuple of 7 floats
        Mixture over ``vocabulary("emotion7")``: each in [0, 1], with a sum of at most 1; what is left to 1 is neutral.
    intensity : float
        Strength of the whole expression in [0, 1]; 0 is a neutral face whatever the weights.
    eyelid_opening : float
        In [0, 1]; 1 is as open as the expression has it, 0 is closed (the middle of a blink).
    gaze_xy : tuple of 2 floats
        Where the eyes point, each in [-1, 1]: x to the right of the picture, y up; (0, 0) is into the camera.
    """

    weights: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    intensity: float = 1.0
    eyelid_opening: float = 1.0
    gaze_xy: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if len(self.weights) != len(EMOTIONS) or min(self.weights) < 0 or sum(self.weights) > 1 + 1e-9:
            raise DataError(
                f"expression weights must be {len(EMOTIONS)} non-negative numbers with a sum of at most 1, "
                f"got {self.weights}",
                fix=f"give one weight for each of {', '.join(EMOTIONS)}",
            )
        for name, value, low in (
            ("intensity", self.intensity, 0),
            ("eyelid_opening", self.eyelid_opening, 0),
            ("gaze x", self.gaze_xy[0], -1),
            ("gaze y", self.gaze_xy[1], -1),
        ):
            if not low <= value <= 1:
                raise DataError(f"{name} of a drawn face must lie in [{low}, 1], got {value}")


def pure_expression(
    emotion: str, *, intensity: float = 1.0, eyelid_opening: float = 1.0, gaze_xy: tuple[float, float] = (0.0, 0.0)
) -> FaceExpression:
    """The expression of one emotion alone.

    Examples
    --------
    >>> pure_expression("fear", intensity=0.5).weights
    (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    """
    if emotion not in EMOTIONS:
        raise UnknownNameError("emotion", emotion, EMOTIONS)
    weights = tuple(float(name == emotion) for name in EMOTIONS)
    return FaceExpression(weights, intensity=intensity, eyelid_opening=eyelid_opening, gaze_xy=gaze_xy)


def action_units(expression: FaceExpression) -> dict[int, float]:
    """Activation in [0, 1] of every action unit that :data:`ACTION_UNITS_OF` names; 0 where at rest.

    Notes
    -----
    The activation of unit j is ``intensity * sum_k weights_k * strength_kj``: expressions blend linearly, so that a
    mixture lies between its parts.

    Examples
    --------
    >>> action_units(pure_expression("happiness", intensity=0.5))[12]
    0.5
    """
    activation = dict.fromkeys(sorted({unit for units in ACTION_UNITS_OF.values() for unit in units}), 0.0)
    for emotion, weight in zip(EMOTIONS, expression.weights, strict=True):
        for unit, strength in ACTION_UNITS_OF[emotion].items():
            activation[unit] += weight * expression.intensity * strength
    return {unit: float(np.minimum(value, 1.0)) for unit, value in activation.items()}
