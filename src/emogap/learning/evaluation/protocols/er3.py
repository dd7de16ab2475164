"""``er3``: felt emotion, three classes."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "felt emotion, three classes"
MEANING = "What the participants said they felt, in three classes that they were asked for."
VIEW = LabelView.FELT
HEADS = {LabelView.FELT: "er3", LabelView.SHOWN: "fer3"}
SPACE: Space | None = "emotion3"
TARGETS: tuple[Target, ...] = ("class",)
