"""How much the tokens of two streams point the same way. Shapes: B clips, S and T tokens, W width of a token."""

from jaxtyping import Bool, Float
from torch import Tensor

from emogap.models.labelled import mean_where

__all__ = ["token_overlap"]


def token_overlap(
    one_BSW: Float[Tensor, "B S W"], other_BTW: Float[Tensor, "B T W"], counts_B: Bool[Tensor, " B"]
) -> Float[Tensor, ""]:
    """Mean over clips of the sum of the squared scalar products of all tokens of one with all of the other, >= 0.

    Zero if every token of one is orthogonal to every token of the other. It is not normalised: it grows with the
    number of tokens and with the fourth power of their length. A token of zeros adds nothing.

    Parameters
    ----------
    one_BSW, other_BTW : float32 tensor, shape (B, S, W) and (B, T, W)
    counts_B : bool tensor, shape (B,)
        Clips that count; 0 if none does.

    Notes
    -----
    ``mean over b of ||A_b B_b'||^2`` with the Frobenius norm, as the authors of TAILOR compute their orthogonality
    loss. It differs from :func:`emogap.models.subspaces.correlation_loss`, which centres and normalises one vector
    per clip, and compares channels over the clips.

    References
    ----------
    Zhang et al. (2022), Tailor versatile multi-modal learning for multi-label emotion recognition, AAAI,
    arXiv 2201.05834.

    Examples
    --------
    >>> import torch
    >>> token = torch.tensor([[[1.0, 0.0], [3.0, 0.0]]])
    >>> everyone = torch.tensor([True])
    >>> token_overlap(token, token, everyone).item(), token_overlap(token, token.flip(2), everyone).item()
    (100.0, 0.0)
    """
    overlap_B = (one_BSW @ other_BTW.transpose(1, 2)).square().sum(dim=(1, 2))
    return mean_where(overlap_B, counts_B)
