"""The task loss: cross-entropy against vote shares, or Huber; a clip without a label contributes nothing.

Shapes: B clips, K classes or targets.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from emogap.types import TaskSpec

__all__ = ["huber", "share_cross_entropy", "task_loss"]


def share_cross_entropy(logits_BK: Float[Tensor, "B K"], share_BK: Float[Tensor, "B K"]) -> Float[Tensor, ""]:
    """Mean cross-entropy of the softmax of `logits_BK` against vote shares, over the labelled clips, in nats.

    A clip whose row of shares holds NaN is unlabelled: it is left out of the mean, and its gradient is zero.
    Zero if no clip is labelled.

    Examples
    --------
    >>> unlabelled = torch.full((1, 3), torch.nan)
    >>> share = torch.cat([torch.tensor([[0.5, 0.5, 0.0]]), unlabelled])
    >>> round(share_cross_entropy(torch.zeros(2, 3), share).item(), 4)
    1.0986
    """
    is_labelled_B = share_BK.isfinite().all(dim=1)
    known_BK = torch.where(is_labelled_B[:, None], share_BK, torch.zeros_like(share_BK))
    loss_B = functional.cross_entropy(logits_BK, known_BK, reduction="none")
    return loss_B.sum() / is_labelled_B.sum().clamp(min=1)


def huber(value_BK: Float[Tensor, "B K"], label_BK: Float[Tensor, "B K"]) -> Float[Tensor, ""]:
    """Mean Huber loss with delta 1 over the labelled values; NaN labels are left out, zero if there is no other.

    Equal to the smooth L1 loss with beta 1. Huber (1964), doi:10.1214/aoms/1177703732.
    """
    is_labelled_BK = label_BK.isfinite()
    known_BK = torch.where(is_labelled_BK, label_BK, torch.zeros_like(label_BK))
    loss_BK = functional.huber_loss(value_BK, known_BK, reduction="none", delta=1.0) * is_labelled_BK
    return loss_BK.sum() / is_labelled_BK.sum().clamp(min=1)


def task_loss(
    logits: Mapping[str, Tensor], labels: Mapping[str, Tensor], task: TaskSpec
) -> tuple[Tensor, dict[str, Tensor]]:
    """Sum of the losses of all views, each with weight 1, and the loss of each view as ``task/<view>``."""
    loss = share_cross_entropy if task.is_classification else huber
    parts = {f"task/{view}": loss(logits[view], labels[view]) for view in task.views}
    return torch.stack(list(parts.values())).sum(), parts
