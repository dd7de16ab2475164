"""A floor: the mean label of the same participant's clips in training."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from emogap.models.floors import GroupMean
from emogap.types import SampleKey, TaskSpec

__all__ = ["Config", "Model"]


class Config(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(GroupMean):
    """What training holds for the participant; the mean of all training clips for a participant it lacks."""

    description: ClassVar[str] = (
        "floor: the participant's mean training label; where no test participant is in training, as under the split"
        " person, it is the majority"
    )

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        self.config = config

    def group_of(self, key: SampleKey) -> str:
        """The participant."""
        return key.participant_id
