"""What each emotion means: its place on valence, arousal and dominance, its mark on the eyes, how it is masked.

The eye cues are few on purpose: everything that the streams carry about a feeling passes through these five
numbers, so that the best possible score can be computed (:mod:`emogap.simulation.ceiling`).
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.types import vocabulary

__all__ = [
    "AROUSAL",
    "DOMINANCE",
    "EMOTIONS",
    "EXPRESSIONS",
    "EYE_CUES",
    "EYE_FROM_AFFECT",
    "EYE_FROM_EMOTION",
    "NEUTRAL",
    "SURPRISE",
    "VALENCE",
    "mask_probability",
    "target_tone",
]

EMOTIONS = vocabulary("emotion7")
NEUTRAL = EMOTIONS.index("neutral")
SURPRISE = EMOTIONS.index("surprise")
EXPRESSIONS = tuple(name for name in EMOTIONS if name != "neutral")
"""Names of the six face cues, in their order: how strongly each expression is drawn."""

VALENCE = np.array([0.81, -0.63, -0.64, 0.0, -0.60, -0.51, 0.0])
"""Mean valence of each felt emotion: Russell & Mehrabian (1977), doi:10.1016/0092-6566(77)90037-X, who rated 151 terms
(happy, sad, fearful, disgusted, angry). Surprise is set to 0 (they: 0.40) because it may be pleasant or unpleasant."""

AROUSAL = np.array([0.51, -0.27, 0.60, 0.67, 0.35, 0.59, -0.10])
"""Mean arousal, same source; neutral slightly below 0 is our choice."""

DOMINANCE = np.array([0.46, -0.33, -0.43, -0.13, 0.11, 0.25, 0.0])
"""Mean dominance, same source."""

EYE_CUES = ("pupil", "blink_rate", "fixation_duration", "scan_breadth", "gaze_height")

EYE_FROM_AFFECT = np.array([[0.0, 1.6], [0.0, -0.8], [0.0, -0.7], [1.0, 0.4], [1.2, 0.0]])
"""Shift of each eye cue (rows, in clip SD) per unit of felt valence and arousal (columns).

Pupil and arousal: Bradley et al. (2008), doi:10.1111/j.1469-8986.2008.00654.x. Fewer blinks under attention: Stern et
al. (1984), doi:10.1111/j.1469-8986.1984.tb02312.x. Shorter fixations and wider scanning of emotional pictures: Bradley
et al. (2011), doi:10.1111/j.1469-8986.2011.01223.x. Wider scanning in pleasant mood: Wadlinger & Isaacowitz (2006),
doi:10.1007/s11031-006-9021-1. The directions are theirs, all sizes are choices."""

EYE_FROM_EMOTION = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.5, 0.3, 0.0, -0.9],
        [0.0, 0.0, -0.6, 0.7, 0.0],
        [0.0, -0.5, 0.7, 0.0, 0.0],
        [0.0, 0.3, 0.0, -1.0, 0.3],
        [0.0, 0.0, 0.6, -0.3, 0.5],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
"""What each emotion (rows) adds to the eye cues (columns, in clip SD) beyond its valence and arousal.

Lowered gaze in sadness after Adams & Kleck (2005), doi:10.1037/1528-3542.5.1.3; scanning in threat after Eysenck et
al. (2007), doi:10.1037/1528-3542.7.2.336; turning away from the disgusting after Armstrong et al. (2010),
doi:10.1016/j.brat.2010.01.002. The rest, and all sizes, are choices that make seven classes differ."""


def mask_probability(display_rules: float) -> Float[ndarray, "7 7"]:
    """Probability of each shown emotion (columns) given the felt one (rows); the diagonal is 1 - `display_rules`.

    Notes
    -----
    When a display rule holds, a feeling is neutralised (0.6), masked by a smile (0.3), or replaced by one of the
    other expressions; who feels neutral smiles (0.7). The four ways of Ekman & Friesen (1969),
    doi:10.1515/semi.1969.1.1.49, are neutralising and masking here; weakening and exaggerating are left to the
    strength of the expression.

    Examples
    --------
    >>> mask_probability(0.25).diagonal().tolist()
    [0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75]
    """
    happiness = EMOTIONS.index("happiness")
    rule = np.full((len(EMOTIONS), len(EMOTIONS)), 0.0)
    for felt in range(len(EMOTIONS)):
        favoured = {happiness: 0.7} if felt == NEUTRAL else {NEUTRAL: 0.6, happiness: 0.3}
        favoured.pop(felt, None)
        others = [shown for shown in range(len(EMOTIONS)) if shown != felt and shown not in favoured]
        rule[felt, others] = (1 - sum(favoured.values())) / len(others)
        for shown, share in favoured.items():
            rule[felt, shown] = share
    result: Float[ndarray, "7 7"] = (1 - display_rules) * np.eye(len(EMOTIONS)) + display_rules * rule
    return result


def target_tone(target: int, stimulus_valence: float) -> str:
    """Target of a stimulus in three classes as its organiser states it; surprise by the tone of the stimulus."""
    valence = stimulus_valence if target == SURPRISE else VALENCE[target]
    if target == NEUTRAL:
        return "neutral"
    return "positive" if valence >= 0 else "negative"
