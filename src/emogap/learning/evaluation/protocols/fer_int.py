"""``fer-int``: intensity of the shown expression."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "intensity of the shown expression"
MEANING = "How strong observers judged the expression to be, from 0 (none) to 3 (strong)."
VIEW = LabelView.SHOWN
HEADS = {LabelView.SHOWN: "fer-int"}
SPACE: Space | None = None
TARGETS: tuple[Target, ...] = ("intensity",)
