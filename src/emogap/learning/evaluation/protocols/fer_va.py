"""``fer-va``: shown valence and arousal."""

from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "shown valence and arousal"
MEANING = "How pleasant and how aroused observers judged the face to look, in [-1, 1]; not what was felt."
VIEW = LabelView.SHOWN
HEADS = {LabelView.FELT: "er-va", LabelView.SHOWN: "fer-va"}
SPACE: Space | None = None
TARGETS: tuple[Target, ...] = ("valence", "arousal")
