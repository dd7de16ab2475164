"""Bounds and estimates of mutual information and entropy, as losses of a training.

The three terms of MMIM: Han, Chen & Poria (2021), Improving multimodal fusion with hierarchical mutual information
maximization for multimodal sentiment analysis, EMNLP, arXiv 2109.00412.

Shapes: B clips of a batch, N clips, D width, G groups.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

__all__ = ["contrastive_loss", "gaussian_log_likelihood", "grouped_entropy"]


def gaussian_log_likelihood(
    value_BD: Float[Tensor, "B D"],
    mean_BD: Float[Tensor, "B D"],
    log_variance_BD: Float[Tensor, "B D"],
    *,
    with_log_variance: bool = True,
) -> Float[Tensor, " B"]:
    """Logarithm of the density of each clip under a normal distribution with a diagonal covariance, in nats.

    Its mean over the clips plus the entropy of the value bounds their mutual information with what mean and variance
    were computed from (Barber & Agakov 2003).

    Parameters
    ----------
    with_log_variance : bool
        False = the quadratic term alone, as in the authors' code: a larger variance is then better whatever the
        value.

    Examples
    --------
    >>> zero = torch.zeros(1, 2)
    >>> gaussian_log_likelihood(zero, zero, zero)
    tensor([-1.8379])
    """
    quadratic_BD = (value_BD - mean_BD).square() * torch.exp(-log_variance_BD)
    if with_log_variance:
        quadratic_BD = quadratic_BD + log_variance_BD + math.log(2 * math.pi)
    return -quadratic_BD.sum(dim=1) / 2


def contrastive_loss(
    value_BD: Float[Tensor, "B D"], predicted_BD: Float[Tensor, "B D"], counts_B: Bool[Tensor, " B"]
) -> Float[Tensor, ""]:
    """How badly a clip's value can be told by the predictions of all clips, in nats: noise-contrastive estimation.

    ``-mean_i (s_ii - logsumexp_j s_ij)`` with the cosine ``s_ij`` of value i and prediction j, over the clips that
    count; zero if none does. Van den Oord et al. (2018), arXiv 1807.03748, equation 4, at temperature 1.

    Examples
    --------
    >>> same = torch.ones(4, 2)
    >>> contrastive_loss(same, same, torch.tensor([True, True, True, False])).item() - math.log(3) < 1e-6
    True
    """
    score_BB = functional.normalize(value_BD, dim=1) @ functional.normalize(predicted_BD, dim=1).t()
    among_BB = score_BB.masked_fill(~counts_B, torch.finfo(score_BB.dtype).min)
    loss_B = among_BB.logsumexp(dim=1) - score_BB.diagonal()
    return torch.where(counts_B, loss_B, 0.0).sum() / counts_B.sum().clamp(min=1)


def grouped_entropy(
    value_ND: Float[Tensor, "N D"], weight_NG: Float[Tensor, "N G"], *, jitter: float
) -> Float[Tensor, ""]:
    """Entropy of values that are normal within each group, in nats and without its constant.

    ``1 / (2 G) sum_g logdet(cov_g + jitter I)``: the mean over the groups of a normal distribution's entropy, less
    ``D / 2 ln(2 pi e)``. A group that holds no more than D clips has no full covariance and is left out.

    Parameters
    ----------
    value_ND : Tensor
    weight_NG : Tensor
        How much each clip belongs to each group, in [0, 1]; a row of zeros leaves the clip out.
    jitter : float
        Added to each variance.

    Examples
    --------
    >>> corners = torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    >>> round(grouped_entropy(corners, torch.ones(4, 1), jitter=0).item(), 4)  # covariance I / 2
    -0.6931
    """
    width = value_ND.shape[1]
    total_G = weight_NG.sum(dim=0)
    is_full_G = total_G > width
    share_GN = (weight_NG / total_G.clamp(min=1)).t()
    deviation_GND = value_ND - (share_GN @ value_ND)[:, None]
    covariance_GDD = (share_GN[..., None] * deviation_GND).transpose(1, 2) @ deviation_GND
    identity_DD = torch.eye(width, device=value_ND.device)
    # The identity, whose logarithm is 0, stands for a group that is left out: its gradient stays finite.
    known_GDD = torch.where(is_full_G[:, None, None], covariance_GDD + jitter * identity_DD, identity_DD)
    return torch.logdet(known_GDD).sum() / (2 * weight_NG.shape[1])
