"""Opinions that know how sure they are, and their fusion: over classes (Dirichlet) and over values.

An opinion over K classes is evidence e >= 0 for each: the Dirichlet distribution with alpha = e + 1. In the words of
subjective logic its beliefs are e / S and its uncertainty is K / S, with S = sum(e) + K; they sum to 1. An opinion
about a value is a normal-inverse-gamma distribution. Read :func:`fuse_evidence` first.

Shapes: B clips, O opinions, K classes or targets.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

__all__ = [
    "NormalInverseGamma",
    "divergence_from_ignorance",
    "expected_cross_entropy",
    "fuse_evidence",
    "fuse_values",
    "student_t_loss",
    "surplus_evidence",
    "uncertainty",
]

SMALLEST = 1e-6
"""Added to what must be positive: a softplus of a very negative number is 0 in float32."""


def fuse_evidence(evidence_BOK: Float[Tensor, "B O K"]) -> Float[Tensor, "B K"]:
    """Evidence of all opinions together, by the reduced Dempster rule.

    Notes
    -----
    For two opinions with beliefs b, b' and uncertainties u, u' the rule is ``b'' = (b b' + b u' + b' u) / (1 - c)``
    and ``u'' = u u' / (1 - c)``, where c is the belief that the two put on different classes. In evidence this is
    ``e'' = e e' / K + e + e'``, that is ``1 + e''/K = (1 + e/K) (1 + e'/K)``: the order does not matter, and an
    opinion without evidence changes nothing.

    References
    ----------
    Han et al. (2021), Trusted multi-view classification, ICLR, arXiv 2102.02051, section 3.2; Josang (2016),
    Subjective logic, doi:10.1007/978-3-319-42337-1.

    Examples
    --------
    >>> fuse_evidence(torch.tensor([[[2.0, 0.0], [1.0, 4.0]]]))
    tensor([[4., 4.]])
    """
    num_classes = evidence_BOK.shape[-1]
    return num_classes * torch.expm1(torch.log1p(evidence_BOK / num_classes).sum(dim=1))


def uncertainty(evidence_BK: Float[Tensor, "B K"]) -> Float[Tensor, " B"]:
    """K / S, in (0, 1]: 1 without any evidence."""
    num_classes = evidence_BK.shape[-1]
    return num_classes / (evidence_BK.sum(dim=-1) + num_classes)


def expected_cross_entropy(
    evidence_BOK: Float[Tensor, "B O K"], share_BOK: Float[Tensor, "B O K"]
) -> Float[Tensor, "B O"]:
    """Cross-entropy against vote shares, in nats, averaged over the class probabilities that an opinion holds possible.

    ``sum_k y_k (psi(S) - psi(alpha_k))``, psi the digamma function. Han et al. (2021), section 3.3.
    """
    alpha_BOK = evidence_BOK + 1
    expected_BOK = torch.digamma(alpha_BOK.sum(dim=-1, keepdim=True)) - torch.digamma(alpha_BOK)
    return (share_BOK * expected_BOK).sum(dim=-1)


def divergence_from_ignorance(
    evidence_BOK: Float[Tensor, "B O K"], share_BOK: Float[Tensor, "B O K"]
) -> Float[Tensor, "B O"]:
    """Kullback-Leibler divergence, in nats, of the evidence for the wrong classes from no evidence at all.

    Notes
    -----
    ``KL(Dir(a) || Dir(1)) = lnG(sum a) - sum lnG(a_k) - lnG(K) + sum (a_k - 1) (psi(a_k) - psi(sum a))`` with
    ``a = 1 + (1 - y) e``: evidence for the voted class is left out. Zero if there is none for the others.

    References
    ----------
    Sensoy, Kaplan & Kandemir (2018), Evidential deep learning, NeurIPS, arXiv 1806.01768, section 4.
    """
    wrong_BOK = (1 - share_BOK) * evidence_BOK
    alpha_BOK = 1 + wrong_BOK
    total_BO1 = alpha_BOK.sum(dim=-1, keepdim=True)
    normaliser_BO = torch.lgamma(total_BO1.squeeze(-1)) - torch.lgamma(alpha_BOK).sum(dim=-1)
    mean_BO = (wrong_BOK * (torch.digamma(alpha_BOK) - torch.digamma(total_BO1))).sum(dim=-1)
    return normaliser_BO - math.lgamma(alpha_BOK.shape[-1]) + mean_BO


@dataclass(frozen=True, slots=True, eq=False)
class NormalInverseGamma:
    """An opinion about a value: what it is, how sure that is, and how much the value itself varies.

    Attributes
    ----------
    mean : float32 tensor
        Expected value m, in the unit of the label.
    count : float32 tensor
        Observations nu > 0 that the mean is worth.
    shape, scale : float32 tensor
        Of the inverse gamma distribution of the variance: a > 1 without unit, b > 0 in squared units of the label.
    """

    mean: Tensor
    count: Tensor
    shape: Tensor
    scale: Tensor

    @classmethod
    def from_outputs(cls, output_BOKP: Float[Tensor, "B O K 4"]) -> "NormalInverseGamma":
        """The opinion that four unbounded outputs of a network stand for: m, then nu, a, b through softplus."""
        mean, count, shape, scale = output_BOKP.unbind(dim=-1)
        return cls(
            mean,
            functional.softplus(count) + SMALLEST,
            functional.softplus(shape) + 1 + SMALLEST,
            functional.softplus(scale) + SMALLEST,
        )

    @property
    def uncertainty(self) -> Tensor:
        """Variance of the mean, ``b / (nu (a - 1))``, in squared units of the label."""
        return self.scale / (self.count * (self.shape - 1))


def fuse_values(opinion: NormalInverseGamma, is_heard_BO: Bool[Tensor, "B O"]) -> NormalInverseGamma:
    """One opinion (B, K) from the opinions (B, O, K) that are heard; each clip needs at least one.

    Notes
    -----
    ``nu = sum nu_i``, ``m = sum nu_i m_i / nu``, ``a = sum a_i + (O - 1) / 2`` and
    ``b = sum b_i + 1/2 sum nu_i (m_i - m)^2``: where the opinions differ, the variance grows.

    References
    ----------
    Ma et al. (2021), Trustworthy multimodal regression with mixture of normal-inverse gamma distributions, NeurIPS,
    arXiv 2111.08456, section 4: the sum of two such distributions, taken O - 1 times; the order does not matter.
    """
    heard_BO1 = is_heard_BO.unsqueeze(-1).to(opinion.mean.dtype)
    count_BOK = opinion.count * heard_BO1
    total_BK = count_BOK.sum(dim=1)
    mean_BK = (count_BOK * opinion.mean).sum(dim=1) / total_BK
    spread_BK = (count_BOK * (opinion.mean - mean_BK.unsqueeze(1)).square()).sum(dim=1)
    return NormalInverseGamma(
        mean=mean_BK,
        count=total_BK,
        shape=(opinion.shape * heard_BO1).sum(dim=1) + (heard_BO1.sum(dim=1) - 1) / 2,
        scale=(opinion.scale * heard_BO1).sum(dim=1) + spread_BK / 2,
    )


def student_t_loss(opinion: NormalInverseGamma, label: Tensor) -> Tensor:
    """Negative log density of `label` under the opinion, in nats, element by element; the labels are finite.

    Notes
    -----
    A Student t distribution with 2a degrees of freedom, location m and squared scale ``b (1 + nu) / (nu a)``:
    ``ln(pi / nu) / 2 - a ln w + (a + 1/2) ln((y - m)^2 nu + w) + lnG(a) - lnG(a + 1/2)``, ``w = 2 b (1 + nu)``.

    References
    ----------
    Amini et al. (2020), Deep evidential regression, NeurIPS, arXiv 1910.02600, section 3.3.
    """
    nu, a = opinion.count, opinion.shape
    w = 2 * opinion.scale * (1 + nu)
    misfit = (label - opinion.mean).square() * nu
    normaliser = 0.5 * (torch.pi / nu).log() + torch.lgamma(a) - torch.lgamma(a + 0.5)
    return normaliser - a * w.log() + (a + 0.5) * (misfit + w).log()


def surplus_evidence(opinion: NormalInverseGamma, label: Tensor) -> Tensor:
    """Error times evidence, ``|y - m| (2 nu + a)``, element by element. Amini et al. (2020), section 3.3."""
    return (label - opinion.mean).abs() * (2 * opinion.count + opinion.shape)
