"""Labels that the distances between features suggest: how Self-MM invents a label for each modality.

Yu et al. (2021), Learning modality-specific representations with self-supervised multi-task learning, AAAI,
arXiv 2102.04830, "Unimodal Label Generation Module", and the released code. A clip lies somewhere between the
centres of the poles (of the classes), in the features of all modalities together and in those of one. Where the two
disagree, the label of the modality is moved by the difference.

Read `pole_distances`, then `shifted_values` (regression) or `shifted_shares` (classes), `blended`.

Shapes: N clips remembered, B clips of a batch, D width of a feature, P poles, K classes or targets.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

__all__ = [
    "blended",
    "on_simplex",
    "pole_distances",
    "relative_offset",
    "shifted_shares",
    "shifted_values",
]

SMALLEST_DISTANCE = 1e-8
"""Added to a distance that is divided by; 1e-8 in the code."""

SMALLEST_OFFSET = 1e-3
"""Least size of the offset that is divided by. The code adds 1e-8, which lets the quotient explode near zero."""


def pole_distances(
    feature_BD: Float[Tensor, "B D"],
    remembered_ND: Float[Tensor, "N D"],
    weight_NP: Float[Tensor, "N P"],
) -> tuple[Float[Tensor, "B P"], Bool[Tensor, " P"]]:
    """Euclidean distance of each clip to the centre of each pole, and which poles have a centre.

    The centre is the mean of the remembered features under the weights of the pole. A pole without any weight has
    none: its distance is that to zero, and means nothing.
    """
    total_P = weight_NP.sum(dim=0)
    is_seen_P = total_P > 0
    centre_PD = weight_NP.t() @ remembered_ND / torch.where(is_seen_P, total_P, 1.0)[:, None]
    return torch.linalg.vector_norm(feature_BD[:, None] - centre_PD, dim=-1), is_seen_P


def relative_offset(distance_BP: Float[Tensor, "B P"]) -> Float[Tensor, "B K"]:
    """How much nearer a clip is to the upper pole of each target than to the lower one, per distance to the upper.

    ``(d_lower - d_upper) / (d_upper + 1e-8)``, the paper's relative distance value. The paper divides both distances by
    the root of the width, which cancels but for the 1e-8; the code does not.

    Examples
    --------
    >>> relative_offset(torch.tensor([[1.0, 3.0], [4.0, 1.0]]))
    tensor([[ 2.0000],
            [-0.7500]])
    """
    upper_BK, lower_BK = distance_BP.chunk(2, dim=1)
    return (lower_BK - upper_BK) / (upper_BK + SMALLEST_DISTANCE)


def shifted_values(
    value_BK: Float[Tensor, "B K"],
    offset_BK: Float[Tensor, "B K"],
    fused_offset_BK: Float[Tensor, "B K"],
    reach_K: Float[Tensor, " K"],
) -> Float[Tensor, "B K"]:
    """The value that a modality suggests, given that of the clip; both count from the centre of the target.

    Parameters
    ----------
    value_BK : Tensor
        y, the value of the clip.
    offset_BK, fused_offset_BK : Tensor
        o_s and o_f, :func:`relative_offset` in the features of the modality, and of all modalities together.
    reach_K : Tensor
        H, the largest distance from the centre; what lies beyond is clipped.

    Notes
    -----
    The mean of a ratio and a difference, ``y o_s / o_f / 2 + (y + o_s - o_f) / 2`` (the paper's shift), written as
    ``y + (o_s - o_f) / 2 * (y + o_f) / o_f``: equal offsets leave the value as it is whatever the divisor, whose size
    is kept at 0.001 or more.

    Examples
    --------
    >>> shifted_values(*torch.tensor([[[0.5]], [[0.6]], [[0.4]]]), torch.ones(1))
    tensor([[0.7250]])
    """
    sign_BK = torch.where(fused_offset_BK < 0, -1.0, 1.0)
    divisor_BK = sign_BK * fused_offset_BK.abs().clamp(min=SMALLEST_OFFSET)
    shifted_BK = value_BK + (offset_BK - fused_offset_BK) / 2 * (value_BK + fused_offset_BK) / divisor_BK
    return shifted_BK.clamp(min=-reach_K, max=reach_K)


def shifted_shares(
    share_BK: Float[Tensor, "B K"],
    distance_BK: Float[Tensor, "B K"],
    fused_distance_BK: Float[Tensor, "B K"],
    is_seen_K: Bool[Tensor, " K"],
) -> Float[Tensor, "B K"]:
    """The vote shares that a modality suggests, given those of the clip.

    Parameters
    ----------
    share_BK : Tensor
        y, the shares of the clip.
    distance_BK, fused_distance_BK : Tensor
        Distance to the centre of each class in the features of the modality and of all modalities together, each
        divided by the root of the features' width.
    is_seen_K : Tensor
        Classes that have a centre in both; the others are moved by nothing.

    Notes
    -----
    ``project(y + softmax(-distance) - softmax(-fused distance))`` onto the simplex. The original knows regression
    only; this keeps the difference of the two positions, without the quotient, which a share of zero has none of.
    """
    near_BK, fused_near_BK = (
        torch.softmax(torch.where(is_seen_K, -distance, torch.finfo(distance.dtype).min), dim=1)
        for distance in (distance_BK, fused_distance_BK)
    )
    return on_simplex(share_BK + near_BK - fused_near_BK)


def on_simplex(point_BK: Float[Tensor, "B K"]) -> Float[Tensor, "B K"]:
    """The nearest shares: non-negative numbers that sum to 1.

    Subtract one number from all and cut off what is negative; Duchi et al. (2008), ICML, figure 1,
    doi:10.1145/1390156.1390191.

    Examples
    --------
    >>> on_simplex(torch.tensor([[0.5, 0.75, -0.25], [0.25, 0.25, 0.5]]))
    tensor([[0.3750, 0.6250, 0.0000],
            [0.2500, 0.2500, 0.5000]])
    """
    falling_BK = point_BK.sort(dim=1, descending=True).values
    excess_BK = falling_BK.cumsum(dim=1) - 1
    number_K = torch.arange(1, point_BK.shape[1] + 1, device=point_BK.device)
    num_positive_B1 = (falling_BK * number_K > excess_BK).sum(dim=1, keepdim=True)
    subtract_B1 = excess_BK.gather(1, num_positive_B1 - 1) / num_positive_B1
    return functional.relu(point_BK - subtract_B1)


def blended(before_BK: Float[Tensor, "B K"], suggested_BK: Float[Tensor, "B K"], *, epoch: int) -> Tensor:
    """A label after `epoch` (from zero): ``(n - 1) / (n + 1)`` of the old, ``2 / (n + 1)`` of the suggested one.

    The paper's momentum, n = epoch + 1: in the second epoch a third of the old label stays; later it moves less.

    Examples
    --------
    >>> blended(torch.tensor([[0.0]]), torch.tensor([[0.9]]), epoch=1)
    tensor([[0.6000]])
    """
    number = epoch + 1
    return (number - 1) / (number + 1) * before_BK + 2 / (number + 1) * suggested_BK
