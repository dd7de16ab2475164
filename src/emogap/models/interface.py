"""What every model promises: a batch in, one set of logits per view out.

A model is either a :class:`GradientModel`, which a loop trains, or a :class:`ClosedFormModel`, which looks at
all training clips once. Both are ``torch.nn.Module``, so that both are saved, loaded and applied in one way.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from emogap.models.batch import Batch
from emogap.models.losses import task_loss
from emogap.types import TaskSpec

__all__ = ["ClosedFormModel", "GradientModel", "Output", "TrainingState", "count_parameters"]


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What a model says of B clips.

    Attributes
    ----------
    logits : mapping from view to float32 tensor, shape (B, head size)
        Classification: softmax gives probabilities. Regression: the values themselves.
    extras : mapping from name to tensor
        Whatever the model's own loss or an analysis needs besides.
    """

    logits: Mapping[str, Tensor]
    extras: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where the training stands: `epoch` of `num_epochs`, and the optimiser `step`, all from zero."""

    epoch: int
    num_epochs: int
    step: int


class GradientModel(nn.Module, ABC):
    """A network that a loop trains by gradient descent."""

    description: ClassVar[str]
    """One sentence for tables and model cards."""

    def __init__(self, task: TaskSpec) -> None:
        super().__init__()
        self.task = task

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """What the model says of `batch`."""

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The scalar to minimise, and its named parts; the default is the task loss alone."""
        return task_loss(output.logits, batch.labels, self.task)


class ClosedFormModel(nn.Module, ABC):
    """A model that is fitted by one look at all training clips; what it learned lives in buffers."""

    description: ClassVar[str]
    """One sentence for tables and model cards."""

    def __init__(self, task: TaskSpec) -> None:
        super().__init__()
        self.task = task

    @abstractmethod
    def fit(self, batch: Batch) -> None:
        """Learn from `batch`, which holds all training clips."""

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """What the model says of `batch`: logarithms of probabilities, or values."""

    def identity(self) -> dict[str, object]:
        """What the model learned that is no number, such as ids, as plain JSON values."""
        return {}

    def restore(self, identity: Mapping[str, object]) -> None:
        """Make room for the buffers of a model whose :meth:`identity` this was, before they are loaded."""


def count_parameters(model: nn.Module) -> int:
    """How many trainable numbers `model` has."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
