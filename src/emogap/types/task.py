"""What a model is asked: views, label space or targets, and the streams it gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emogap.types._check import require
from emogap.types.labels import LabelView, vocabulary

__all__ = ["Target", "TaskSpec"]

Target = Literal["class", "valence", "arousal", "intensity"]


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """The problem a model solves; it travels with the checkpoint. One head per view.

    Attributes
    ----------
    views : tuple of LabelView
        One head each, in this order.
    targets : tuple of Target
        ``("class",)``, or one or several of valence, arousal, intensity (regression).
    space : str or None
        Label space of a classification task; None for regression.
    streams : mapping from modality name to shape
        Shape of one sample without the batch axis: ``{"eye": (32, 20), "face": (8, 324)}``.
    """

    views: tuple[LabelView, ...]
    targets: tuple[Target, ...]
    space: str | None
    streams: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        require(bool(self.views), "a task needs at least one view")
        require(bool(self.targets), "a task needs at least one target")
        require(bool(self.streams), "a task needs at least one modality")
        classes = "class" in self.targets
        require(not classes or self.targets == ("class",), f"class stands alone, got targets {self.targets}")
        require(
            classes == (self.space is not None),
            "a label space belongs to a classification task, and only there",
        )
        require(
            "intensity" not in self.targets or self.views == (LabelView.SHOWN,),
            f"intensity is a target of the view shown alone, got views {tuple(map(str, self.views))}",
        )
        if self.space is not None:
            vocabulary(self.space)

    @property
    def is_classification(self) -> bool:
        """Whether the heads give class scores rather than values."""
        return self.space is not None

    @property
    def head_size(self) -> int:
        """Outputs per head: number of classes, or number of targets."""
        return len(vocabulary(self.space)) if self.space is not None else len(self.targets)
