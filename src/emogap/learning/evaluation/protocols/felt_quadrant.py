"""``felt-quadrant``: felt quadrant of the valence-arousal plane."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "felt quadrant of the valence-arousal plane"
MEANING = (
    "The quadrant of the participant's own valence and arousal; trials on a midline belong to none and are left out."
)
VIEW = LabelView.FELT
HEADS = {LabelView.FELT: "felt-quadrant"}
SPACE: Space | None = "quadrant"
TARGETS: tuple[Target, ...] = ("class",)
