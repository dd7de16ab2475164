"""Fusion by products: every channel of one modality with every channel of the others.

A 1 in front of each vector keeps the products of fewer modalities, and the modalities by themselves, among them.
Zadeh et al. (2017), arXiv 1707.07250, equation 2; in low rank, Liu et al. (2018), arXiv 1806.00064, section 3.

Shapes: B clips, D and E widths of vectors, M modalities, R rank, O outputs.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["LowRankFusion", "outer_product", "with_one"]


def with_one(vector_BD: Float[Tensor, "B D"]) -> Float[Tensor, "B D+1"]:
    """Each vector with a 1 in front of it.

    Examples
    --------
    >>> with_one(torch.tensor([[5.0, 6.0]]))
    tensor([[1., 5., 6.]])
    """
    return torch.cat([torch.ones_like(vector_BD[:, :1]), vector_BD], dim=1)


def outer_product(vectors: Sequence[Tensor]) -> Tensor:
    """The tensor of all products of one entry of each vector.

    Parameters
    ----------
    vectors : sequence of float32 tensor, shapes (B, D_1), ..., (B, D_M)
        One or more.

    Returns
    -------
    float32 tensor, shape (B, D_1, ..., D_M)

    Examples
    --------
    >>> outer_product([torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 10.0, 20.0]])])
    tensor([[[ 1., 10., 20.],
             [ 2., 20., 40.]]])
    """
    product, *others = vectors
    for vector_BD in others:
        flat_BP = product.flatten(1)
        product = (flat_BP.unsqueeze(2) * vector_BD.unsqueeze(1)).view(*product.shape, vector_BD.shape[1])
    return product


class LowRankFusion(nn.Module):
    """A linear layer on the outer product of all vectors with their 1, whose weights are a tensor of low rank.

    ``o = sum_r w_r prod_m (z_m' F_m[r]) + b`` with ``z_m = [1; h_m]`` and the product taken entry by entry. It is
    ``W`` contracted with ``z_1 x ... x z_M``, where ``W = sum_r w_r F_1[r] x ... x F_M[r]``; neither is ever formed.
    Liu et al. (2018), arXiv 1806.00064, equations 6 and 8.

    Parameters
    ----------
    widths : mapping from modality to int
        Width D of each vector, without its 1.
    num_outputs : int
        O.
    rank : int
        R.

    Notes
    -----
    The factors of a modality are one parameter of shape (D + 1, R, O), so that one matrix product serves all ranks.
    Each factor starts as a matrix of its own, normal with variance 2 / (D + 1 + O) (Glorot & Bengio 2010), as do the
    weights of the ranks; the authors' call gives the three axes at once to a function made for two, and so a smaller
    variance.
    """

    def __init__(self, widths: Mapping[str, int], num_outputs: int, *, rank: int) -> None:
        super().__init__()
        self.rank = rank
        self.factors = nn.ParameterDict(
            {name: torch.empty(width + 1, rank, num_outputs) for name, width in widths.items()}
        )
        self.rank_weight = nn.Parameter(torch.empty(1, rank))
        self.bias = nn.Parameter(torch.zeros(num_outputs))
        for factor in self.factors.values():
            nn.init.normal_(factor, std=(2 / (factor.shape[0] + num_outputs)) ** 0.5)
        nn.init.xavier_normal_(self.rank_weight)

    def forward(self, vectors: Mapping[str, Float[Tensor, "B D"]]) -> Float[Tensor, "B O"]:
        """The fused vector of each clip, from one vector per modality."""
        product_BRO = torch.ones((), device=self.bias.device)
        for name, factor in self.factors.items():
            projected_BX = with_one(vectors[name]) @ factor.flatten(1)
            product_BRO = product_BRO * projected_BX.unflatten(1, (self.rank, -1))
        return (self.rank_weight @ product_BRO).squeeze(1) + self.bias
