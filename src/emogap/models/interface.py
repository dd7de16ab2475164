"""What every model promises: a batch in, one set of logits per view out.

A model is either a :class:`GradientModel`, which a loop trains, or a :class:`ClosedFormModel`, which looks at
all training clips once. Both are ``torch.nn.Module``, so that both are saved, loaded and applied in one way.

What a model's training needs beyond a loss, it says by hooks, never to the loop by name: `stages` (several passes
per epoch, pre-training, parts that stand still), `new_memory` (what is remembered of every training clip),
`training_forward` (a forward pass of the training alone) and `after_step` (what happens after every batch).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from emogap.models.batch import Batch
from emogap.models.losses import task_loss
from emogap.types import TaskSpec

__all__ = [
    "ClosedFormModel",
    "GradientModel",
    "Output",
    "Stage",
    "TrainingState",
    "count_parameters",
    "stage_parameters",
    "training_only",
]


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
class Stage:
    """One kind of pass over the training clips, with an optimiser of its own.

    Attributes
    ----------
    name : str
        What :attr:`TrainingState.stage` says during the pass.
    trains : tuple of str or None
        Beginnings of the names of the parameters it trains, such as ``("encoders.",)``; None = all. The others stand
        still: they get no gradient, and no step.
    share_before : float
        0 = one pass in every epoch. Otherwise the stage is a pre-training: it runs before the first epoch, for this
        share of the number of epochs (at least one pass), and never again.
    """

    name: str
    trains: tuple[str, ...] | None = None
    share_before: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where the training stands; all numbers count from zero.

    Attributes
    ----------
    epoch, num_epochs : int
        Within the stage: a pre-training has epochs of its own.
    step : int
        Batches that this stage has seen before, over all epochs.
    batch : int
        Batches that this stage has seen before in this epoch.
    stage : str
        Name of the stage.
    memory : dict from name to tensor
        What `new_memory` made and `after_step` changes. It belongs to the fit: it is stored with an unfinished fit,
        and not with a finished model.
    """

    epoch: int
    num_epochs: int
    step: int
    batch: int = 0
    stage: str = "fit"
    memory: dict[str, Tensor] = field(default_factory=dict)


class GradientModel(nn.Module, ABC):
    """A network that a loop trains by gradient descent.

    In each pass of a stage, and for each batch of it, the loop calls `training_forward`, `loss`, makes a step with the
    optimiser of the stage (or sums the gradients for one), and calls `after_step`. Most models define `forward`, and
    some `loss`; nothing else.
    """

    description: ClassVar[str]
    """One sentence for tables and model cards."""

    def __init__(self, task: TaskSpec) -> None:
        super().__init__()
        self.task = task

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """What the model says of `batch`."""

    def stages(self) -> tuple[Stage, ...]:
        """The passes of the training in their order; the last one is the one that fits the labels."""
        return (Stage("fit"),)

    def new_memory(self, train: Batch) -> dict[str, Tensor]:
        """What is to be remembered between steps, for the training clips `train`; a clip's row is its ``index``."""
        return {}

    def training_forward(self, batch: Batch, state: TrainingState) -> Output:
        """What `loss` is given in training; the forward pass, unless the training has one of its own."""
        output: Output = self(batch)
        return output

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The scalar to minimise, and its named parts; the default is the task loss alone."""
        return task_loss(output.logits, batch.labels, self.task)

    def after_step(self, output: Output, batch: Batch, state: TrainingState) -> None:
        """Change ``state.memory``; called without gradients after every batch, also where gradients are only summed."""


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


def stage_parameters(model: GradientModel, stage: Stage) -> dict[str, nn.Parameter]:
    """The parameters that `stage` trains, by name."""
    return {
        name: parameter
        for name, parameter in model.named_parameters()
        if stage.trains is None or name.startswith(stage.trains)
    }


@contextmanager
def training_only(model: GradientModel, stage: Stage) -> Iterator[None]:
    """Within the block only what `stage` trains asks for a gradient; afterwards every parameter does."""
    trained = stage_parameters(model, stage)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in trained)
    try:
        yield
    finally:
        model.requires_grad_(True)
