"""A floor: the mean label of the same stimulus in training."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from emogap.models.floors import GroupMean
from emogap.types import SampleKey, TaskSpec

__all__ = ["Config", "Model"]


class Config(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(GroupMean):
    """What training holds for the stimulus; the mean of all training clips for a stimulus it lacks.

    It goes by the stimulus, not by the stimulus group: a group keeps together in a split what resembles each
    other (the same photographed model), and its members may well have different labels.
    """

    description: ClassVar[str] = (
        "floor: the stimulus's mean training label; where no test stimulus is in training, as under the split"
        " person+stimulus, it is the majority"
    )

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        self.config = config

    def group_of(self, key: SampleKey) -> str:
        """The stimulus."""
        return key.stimulus_id
