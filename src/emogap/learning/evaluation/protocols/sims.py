"""``sims``: shown valence, counted as CH-SIMS is."""

from emogap.scoring.sims import SIMS_METRICS
from emogap.types import LabelView, Space, Target

__all__ = ["HEADS", "MEANING", "MORE_METRICS", "SPACE", "TARGETS", "TITLE", "VIEW"]

TITLE = "shown valence, counted as on CH-SIMS"
MEANING = "How negative or positive observers judged a clip to be, in [-1, 1]; not what the speaker felt."
VIEW = LabelView.SHOWN
HEADS = {LabelView.SHOWN: "sims"}
SPACE: Space | None = None
TARGETS: tuple[Target, ...] = ("valence",)
MORE_METRICS = tuple(SIMS_METRICS)
