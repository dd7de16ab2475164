"""``er-va``: felt valence and arousal."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "felt valence and arousal"
MEANING = "How pleasant and how aroused the participants said they felt, mapped to [-1, 1]."
VIEW = LabelView.FELT
HEADS = {LabelView.FELT: "er-va", LabelView.SHOWN: "fer-va"}
SPACE: Space | None = None
TARGETS: tuple[Target, ...] = ("valence", "arousal")
