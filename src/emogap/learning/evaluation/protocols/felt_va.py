"""``felt-va``: felt valence and arousal, whole scale."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "felt valence and arousal, whole scale"
MEANING = "How pleasant and how aroused the participants said they felt, mapped to [-1, 1]; every trial kept."
VIEW = LabelView.FELT
HEADS = {LabelView.FELT: "felt-va"}
SPACE: Space | None = None
TARGETS: tuple[Target, ...] = ("valence", "arousal")
