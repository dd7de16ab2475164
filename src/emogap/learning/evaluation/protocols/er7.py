"""``er7``: felt emotion, seven classes."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "felt emotion, seven classes"
MEANING = "What the participants said they felt, in seven classes that they were asked for."
VIEW = LabelView.FELT
HEADS = {LabelView.FELT: "er7", LabelView.SHOWN: "fer7"}
SPACE: Space | None = "emotion7"
TARGETS: tuple[Target, ...] = ("class",)
