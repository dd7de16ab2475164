"""Which clips of a batch may teach: those that at least one view labels. Shapes: B clips, K classes or targets."""

from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor

__all__ = ["labelled_clips"]


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
