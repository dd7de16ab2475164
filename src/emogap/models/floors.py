"""Predictions that look at no stream: the mean label of the training clips, overall or of a group.

Shapes: B clips, G groups, K classes or targets.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.models.batch import Batch
from emogap.models.interface import ClosedFormModel, Output
from emogap.types import SampleKey, TaskSpec

__all__ = ["SMALLEST_PROBABILITY", "GroupMean", "mean_label", "to_logits"]

SMALLEST_PROBABILITY = 1e-6
"""What a class that training never held is given, so that its logarithm is finite."""


def mean_label(label_BK: Float[Tensor, "B K"], *, view: str) -> Float[Tensor, " K"]:
    """Mean over the labelled clips.

    Raises
    ------
    DataError
        If no clip is labelled.
    """
    known = label_BK[label_BK.isfinite().all(dim=1)]
    if not len(known):
        raise DataError(
            f"none of {counted(len(label_BK), 'training clip')} has a label of the view {view}",
            fix="choose a protocol that the data set has labels for",
        )
    return known.mean(dim=0)


def to_logits(mean_BK: Float[Tensor, "B K"], task: TaskSpec) -> Float[Tensor, "B K"]:
    """Logarithms of the mean vote shares of a classification task; the mean values of a regression task."""
    return mean_BK.clamp(min=SMALLEST_PROBABILITY).log() if task.is_classification else mean_BK


class GroupMean(ClosedFormModel):
    """The mean training label of a clip's group, or of all training clips if training never held the group."""

    def __init__(self, task: TaskSpec) -> None:
        super().__init__(task)
        self.groups: dict[str, tuple[str, ...]] = {view.value: () for view in task.views}
        for view in task.views:
            self.register_buffer(f"{view}_overall_K", torch.zeros(task.head_size))
            self.register_buffer(f"{view}_group_GK", torch.zeros(0, task.head_size))

    @abstractmethod
    def group_of(self, key: SampleKey) -> str:
        """The group that a clip belongs to."""

    def fit(self, batch: Batch) -> None:
        """Store the mean label of each group that has a labelled clip, and of all.

        Raises
        ------
        DataError
            If no clip is labelled in one of the views.
        """
        group_of_clip = [self.group_of(key) for key in batch.keys]
        for view in self.groups:
            label_BK = batch.labels[view]
            setattr(self, f"{view}_overall_K", mean_label(label_BK, view=view))
            is_known_B = label_BK.isfinite().all(dim=1)
            groups = sorted({group for group, known in zip(group_of_clip, is_known_B.tolist(), strict=True) if known})
            members = torch.tensor([[group == own for own in group_of_clip] for group in groups]) & is_known_B.cpu()
            means = [label_BK[member.to(label_BK.device)].mean(dim=0) for member in members]
            setattr(self, f"{view}_group_GK", torch.stack(means))
            self.groups[view] = tuple(groups)

    def forward(self, batch: Batch) -> Output:
        """The mean of each clip's group, or the overall mean."""
        logits = {}
        for view, groups in self.groups.items():
            row_of = {group: row for row, group in enumerate(groups)}
            means_GK = torch.cat([self._buffer(f"{view}_group_GK"), self._buffer(f"{view}_overall_K")[None]])
            rows = [row_of.get(self.group_of(key), len(groups)) for key in batch.keys]
            logits[view] = to_logits(means_GK[torch.tensor(rows, device=means_GK.device)], self.task)
        return Output(logits)

    def identity(self) -> dict[str, object]:
        """The groups of each view, in the order of their means."""
        return {"groups": {view: list(groups) for view, groups in self.groups.items()}}

    def restore(self, identity: Mapping[str, object]) -> None:
        """Make room for the means of the stored groups."""
        for view, groups in cast(Mapping[str, list[str]], identity["groups"]).items():
            self.groups[view] = tuple(groups)
            setattr(self, f"{view}_group_GK", torch.zeros(len(groups), self.task.head_size))

    def _buffer(self, name: str) -> Tensor:
        return self.get_buffer(name)
