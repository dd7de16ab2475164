"""What a forecast is trained on: Huber losses of the frames and of their differences, over what was measured."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from emogap.models.losses import huber

__all__ = ["DIFFERENCE_WEIGHT", "forecast_loss"]

DIFFERENCE_WEIGHT = 0.2
"""Weight of the first differences; arXiv 2601.12534, and the authors' code."""


def forecast_loss(
    predicted_BFD: Float[Tensor, "B F D"],
    future_BFD: Float[Tensor, "B F D"],
    valid_BF: Bool[Tensor, "B F"],
) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
    """The scalar to minimise, and its parts ``coordinates`` and ``differences``.

    Parameters
    ----------
    predicted_BFD, future_BFD : float tensor, shape (B, F, D)
        Standardised gaze; what stands in `future_BFD` at an invalid frame is not read.
    valid_BF : bool tensor, shape (B, F)
        True = measured.

    Returns
    -------
    tuple of scalar and dict from name to scalar
        In squared standard deviations where errors are below 1. Zero if nothing was measured.

    Notes
    -----
    ``L = mean huber(p - y) + 0.2 mean huber((p[f+1] - p[f]) - (y[f+1] - y[f]))``, huber with delta 1. The first mean
    is over the channels of all valid frames of the batch, the second over pairs of frames that are both valid: a
    difference across an invalid frame does not count. An invalid frame has a gradient of exactly zero.

    Examples
    --------
    >>> future = torch.tensor([[[0.0], [1.0], [2.0]]])
    >>> loss, parts = forecast_loss(torch.zeros(1, 3, 1), future, torch.tensor([[True, True, False]]))
    >>> parts["coordinates"].item(), parts["differences"].item(), round(loss.item(), 4)
    (0.25, 0.5, 0.35)
    """
    known_BFD = torch.where(valid_BF.unsqueeze(-1), future_BFD, torch.full_like(future_BFD, torch.nan))
    predicted_BFD = predicted_BFD.to(future_BFD.dtype)
    coordinates = huber(predicted_BFD.flatten(1), known_BFD.flatten(1))
    differences = huber(predicted_BFD.diff(dim=1).flatten(1), known_BFD.diff(dim=1).flatten(1))
    parts = {"coordinates": coordinates, "differences": differences}
    return coordinates + DIFFERENCE_WEIGHT * differences, parts
