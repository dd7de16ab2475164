"""``fer3``: shown emotion, three classes."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "shown emotion, three classes"
MEANING = "What observers judged the face to express, in three classes; not what was felt."
VIEW = LabelView.SHOWN
HEADS = {LabelView.FELT: "er3", LabelView.SHOWN: "fer3"}
SPACE: Space | None = "emotion3"
TARGETS: tuple[Target, ...] = ("class",)
