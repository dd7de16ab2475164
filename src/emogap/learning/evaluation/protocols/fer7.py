"""``fer7``: shown emotion, seven classes."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "shown emotion, seven classes"
MEANING = "What observers judged the face to express, in seven classes; not what was felt."
VIEW = LabelView.SHOWN
HEADS = {LabelView.FELT: "er7", LabelView.SHOWN: "fer7"}
SPACE: Space | None = "emotion7"
TARGETS: tuple[Target, ...] = ("class",)
