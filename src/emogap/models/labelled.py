"""Which clips of a batch may teach, and means over what may. Shapes: B clips, K classes or targets."""

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["labelled_clips", "mean_where"]


def labelled_clips(labels: Mapping[str, Tensor]) -> Bool[Tensor, " B"]:
    """True for a clip that some view labels; an auxiliary loss leaves the others out, as the task loss does.

    Parameters
    ----------
    labels : mapping from view to float32 tensor, shape (B, K)
        As in :attr:`emogap.models.batch.Batch.labels`; NaN = unlabelled.

    Examples
    --------
    >>> nan = torch.nan
    >>> labelled_clips({"felt": torch.tensor([[1.0], [nan], [nan]]), "shown": torch.tensor([[nan], [0.5], [nan]])})
    tensor([ True,  True, False])
    """
    return torch.stack([label.isfinite().any(dim=1) for label in labels.values()]).any(dim=0)


def mean_where(loss: Tensor, counts: Tensor) -> Float[Tensor, ""]:
    """Mean of `loss` over the places where `counts` is True; zero, with a gradient of zero, if there is none.

    Parameters
    ----------
    loss : float32 tensor
    counts : bool tensor, of the same shape

    Examples
    --------
    >>> mean_where(torch.tensor([1.0, 2.0, 6.0]), torch.tensor([True, False, True]))
    tensor(3.5000)
    """
    return (loss * counts).sum() / counts.sum().clamp(min=1)
