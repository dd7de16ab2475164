"""The answer that is explained: one class for each view and clip, and how probable a model finds it."""

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import ClosedFormModel, GradientModel
from emogap.types import TaskSpec

__all__ = ["Classes", "Network", "class_probability", "labelled_classes", "predicted_classes", "require_classes"]

Network = GradientModel | ClosedFormModel

Classes = Mapping[str, Int[Tensor, " B"]]
"""By view, the position of the explained class of each clip in the vocabulary; -1 = none."""


def require_classes(task: TaskSpec) -> None:
    """Raise unless the answers of `task` are classes.

    Raises
    ------
    UsageError
        If they are values, of which no probability can rise or fall.
    """
    if not task.is_classification:
        raise UsageError(
            f"attribution explains the probability of a class, and the task asks for {', '.join(task.targets)}",
            fix="explain a protocol of classes, such as er3",
        )


def class_probability(model: Network, batch: Batch, classes: Classes) -> dict[str, Float[Tensor, " B"]]:
    """By view, the probability of the explained class of each clip, float32 in [0, 1]; NaN where there is none."""
    probability = {view: logits.softmax(dim=1) for view, logits in model.eval()(batch).logits.items()}
    return {
        view: said.gather(1, classes[view].clamp(min=0).unsqueeze(1))
        .squeeze(1)
        .where(classes[view] >= 0, torch.tensor(torch.nan))
        for view, said in probability.items()
    }


@torch.no_grad()
def predicted_classes(model: Network, batch: Batch) -> dict[str, Int[Tensor, " B"]]:
    """By view, the class that the model finds most probable."""
    return {view: logits.argmax(dim=1) for view, logits in model.eval()(batch).logits.items()}


def labelled_classes(batch: Batch) -> dict[str, Int[Tensor, " B"]]:
    """By view, the class with the most votes, the first of equals; -1 = unlabelled."""
    return {
        view: share.nan_to_num().argmax(dim=1).where(share.isfinite().all(dim=1), torch.tensor(-1))
        for view, share in batch.labels.items()
    }
