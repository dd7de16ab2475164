"""A narrow exchange between encoders that stand still.

Shapes: S sequences of one modality, N tokens each, W width of a token, L width of the bottleneck.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["FusionBottleneck"]


class FusionBottleneck(nn.Module):
    """What one modality sends to the others, and what it takes from them.

    ``z = LN(down(x))``; to the others goes a mean of z; with the sum e of what they sent,
    ``x <- x + tanh(g) GELU(up(z + e))``. The gate g starts at 0: at first the encoders work as if alone, but the
    gradient of g is not 0. Chumachenko, Iosifidis & Gabbouj (2024), MMA-DFER, arXiv 2404.09010, section 3.

    Parameters
    ----------
    width : int
        W.
    bottleneck_width : int
        L.
    """

    def __init__(self, width: int, *, bottleneck_width: int) -> None:
        super().__init__()
        self.down = nn.Linear(width, bottleneck_width)
        self.norm = nn.LayerNorm(bottleneck_width)
        self.up = nn.Linear(bottleneck_width, width)
        self.gate = nn.Parameter(torch.zeros(()))

    def narrow(self, token_SNW: Float[Tensor, "S N W"]) -> Float[Tensor, "S N L"]:
        """z of every token."""
        narrow_SNL: Tensor = self.norm(self.down(token_SNW))
        return narrow_SNL

    def widen(
        self,
        token_SNW: Float[Tensor, "S N W"],
        narrow_SNL: Float[Tensor, "S N L"],
        received_SL: Float[Tensor, "S L"],
    ) -> Float[Tensor, "S N W"]:
        """The tokens after they have taken what the others sent to their sequence."""
        received_SNW = functional.gelu(self.up(narrow_SNL + received_SL.unsqueeze(1)))
        return token_SNW + torch.tanh(self.gate) * received_SNW
