"""Two losses between sets of vectors: one keeps them apart, one draws their distributions together.

Shapes: B clips, D width of a vector, E width of another. Every loss takes the clips that count as a mask (B,).
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["BANDWIDTH_FACTORS", "correlation_loss", "mean_discrepancy"]

BANDWIDTH_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Widths of the five kernels, in mean squared distances; Long et al. (2015), arXiv 1502.02791, in their code."""


def correlation_loss(
    one_BD: Float[Tensor, "B D"], other_BE: Float[Tensor, "B E"], counts_B: Bool[Tensor, " B"]
) -> Float[Tensor, ""]:
    """Mean squared entry of X'Y, where X and Y are the centred vectors at unit length; 0 if they share no direction.

    Notes
    -----
    ``X = centre(one)``, each row divided by its length, which takes part in no gradient; Y likewise from `other_BE`;
    ``loss = mean over (d, e) of (sum over clips b of X[b, d] Y[b, e])^2``. Centred is over the clips that count.

    References
    ----------
    Bousmalis et al. (2016), Domain separation networks, arXiv 1608.06019, equation 5, and its authors' code (centre,
    unit length).

    Examples
    --------
    >>> x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    >>> everyone = torch.tensor([True, True])
    >>> [round(correlation_loss(x, other, everyone).item(), 4) for other in (x, torch.ones(2, 3))]
    [1.0, 0.0]
    """
    product_DE = _unit_rows(one_BD, counts_B).transpose(0, 1) @ _unit_rows(other_BE, counts_B)
    return product_DE.square().mean()


def mean_discrepancy(
    one_BD: Float[Tensor, "B D"], other_BD: Float[Tensor, "B D"], counts_B: Bool[Tensor, " B"]
) -> Float[Tensor, ""]:
    """Squared maximum mean discrepancy between two samples, under a sum of five Gaussian kernels; at least 0.

    Notes
    -----
    ``mean k(x, x') + mean k(y, y') - 2 mean k(x, y)`` over all pairs, each with itself included, with
    ``k(x, y) = sum over f of exp(-|x - y|^2 / (f s))``, f in :data:`BANDWIDTH_FACTORS`. s is the mean squared distance
    of different vectors of both samples together, and takes part in no gradient. 0 if no clip counts.

    References
    ----------
    Gretton et al. (2012), JMLR 13:723, equation 5; kernels of Long et al. (2015), arXiv 1502.02791.

    Examples
    --------
    >>> x = torch.tensor([[0.0], [1.0], [4.0]])
    >>> mean_discrepancy(x, x, torch.ones(3, dtype=torch.bool)).item()
    0.0
    """
    weight_B = counts_B.to(one_BD.dtype) / counts_B.sum().clamp(min=1)
    both_ND = torch.cat([one_BD, other_BD])
    distance_NN = (both_ND.unsqueeze(1) - both_ND.unsqueeze(0)).square().sum(dim=-1)
    kernel_NN = _sum_of_kernels(distance_NN, counts_B.repeat(2))
    sign_N = torch.cat([weight_B, -weight_B])
    return (sign_N @ kernel_NN @ sign_N).clamp(min=0)


def _sum_of_kernels(distance_NN: Tensor, counts_N: Bool[Tensor, " N"]) -> Float[Tensor, "N N"]:
    num_counted = counts_N.sum()
    counted_NN = counts_N.unsqueeze(1) & counts_N.unsqueeze(0)
    scale = (distance_NN.detach() * counted_NN).sum() / (num_counted.square() - num_counted).clamp(min=1)
    # Vectors that are all alike have no scale: their kernel is 1, whatever divides a distance of 0.
    scale = scale.clamp(min=torch.finfo(distance_NN.dtype).tiny / BANDWIDTH_FACTORS[0])
    kernels_FNN = torch.stack([torch.exp(-distance_NN / (factor * scale)) for factor in BANDWIDTH_FACTORS])
    return kernels_FNN.sum(dim=0)


def _unit_rows(value_BD: Tensor, counts_B: Bool[Tensor, " B"]) -> Float[Tensor, "B D"]:
    """Centred over the clips that count, at unit length; zero for the clips that do not."""
    weight_B1 = counts_B.unsqueeze(1).to(value_BD.dtype)
    mean_1D = (value_BD * weight_B1).sum(dim=0, keepdim=True) / weight_B1.sum().clamp(min=1)
    centred_BD = (value_BD - mean_1D) * weight_B1
    unit_BD: Tensor = centred_BD / (centred_BD.detach().norm(dim=1, keepdim=True) + 1e-6)
    return unit_BD
