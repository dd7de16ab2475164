"""The floor of every table: the mean label of the training clips, whatever the clip."""

from typing import ClassVar

import torch
from pydantic import BaseModel, ConfigDict

from emogap.models.batch import Batch
from emogap.models.floors import mean_label, to_logits
from emogap.models.interface import ClosedFormModel, Output
from emogap.types import TaskSpec

__all__ = ["Config", "Model"]


class Config(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(ClosedFormModel):
    """Class probabilities are the mean vote shares of training, so the most probable class is its majority.

    In regression the prediction is the mean of the training labels.
    """

    description: ClassVar[str] = "floor: the mean training label, so the majority class"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        self.config = config
        for view in task.views:
            self.register_buffer(f"{view}_mean_K", torch.zeros(task.head_size))

    def fit(self, batch: Batch) -> None:
        """Store the mean label of each view.

        Raises
        ------
        DataError
            If no clip is labelled in one of the views.
        """
        for view in self.task.views:
            setattr(self, f"{view}_mean_K", mean_label(batch.labels[view], view=view))

    def forward(self, batch: Batch) -> Output:
        """The same for every clip."""
        means = {view.value: self.get_buffer(f"{view}_mean_K").expand(batch.num_clips, -1) for view in self.task.views}
        return Output({view: to_logits(mean_BK, self.task) for view, mean_BK in means.items()})
