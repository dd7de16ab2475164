"""``target3``: intended emotion, three classes."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "intended emotion, three classes"
MEANING = "What the stimulus shows or was meant to elicit: a property of the stimulus, nobody's feeling."
VIEW = LabelView.TARGET
HEADS = {LabelView.TARGET: "target3"}
SPACE: Space | None = "emotion3"
TARGETS: tuple[Target, ...] = ("class",)
