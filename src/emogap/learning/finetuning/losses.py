"""What a fine-tuning minimises. Shapes: B windows, O outputs."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from emogap.learning.finetuning.config import LossName
from emogap.learning.finetuning.question import Question
from emogap.models.losses import share_cross_entropy

__all__ = ["R_WEIGHT", "label_loss", "mean_ccc", "mean_pearson_r"]

R_WEIGHT = 0.1
"""What the mean Pearson r is weighted by; as in the authors' code (arXiv 2601.12534)."""

SMALLEST = 1e-8
"""Added to variances, so that a constant has r = 0 and a finite gradient."""


def mean_pearson_r(output_BO: Float[Tensor, "B O"], aim_BO: Float[Tensor, "B O"]) -> Float[Tensor, ""]:
    """Mean over the outputs of Pearson's r over the windows; a constant counts as 0.

    Examples
    --------
    >>> import torch
    >>> aim = torch.tensor([[0.0, 1.0], [0.5, 1.0], [1.0, 1.0]])
    >>> round(mean_pearson_r(2 * aim + 1, aim).item(), 4)
    0.5
    """
    covariance_O, output_O, aim_O = _moments(output_BO, aim_BO)
    return (covariance_O / ((output_O + SMALLEST) * (aim_O + SMALLEST)).sqrt()).mean()


def mean_ccc(output_BO: Float[Tensor, "B O"], aim_BO: Float[Tensor, "B O"]) -> Float[Tensor, ""]:
    """Mean over the outputs of the concordance correlation coefficient (Lin 1989, doi:10.2307/2532051, equation 1).

    Examples
    --------
    >>> import torch
    >>> aim = torch.tensor([[1.0], [2.0], [3.0]])
    >>> round(mean_ccc(aim + 1, aim).item(), 4)
    0.5714
    """
    covariance_O, output_O, aim_O = _moments(output_BO, aim_BO)
    shift_O = output_BO.mean(dim=0) - aim_BO.mean(dim=0)
    return (2 * covariance_O / (output_O + aim_O + shift_O**2 + SMALLEST)).mean()


def label_loss(
    output_BO: Float[Tensor, "B O"], aim_BO: Float[Tensor, "B O"], question: Question, loss: LossName
) -> Float[Tensor, ""]:
    """The scalar to minimise.

    Parameters
    ----------
    output_BO : float tensor, shape (B, O)
        Logits, or values as a share of the scale.
    aim_BO : float tensor, shape (B, O)
        Vote shares, or values as a share of the scale; finite.
    question : Question
        Classes have the cross-entropy in nats, whatever `loss` says.
    loss : LossName
        ``mse-r``: mean squared error minus :data:`R_WEIGHT` times the mean r over this batch; ``ccc``: 1 - mean CCC.
    """
    if question.kind == "classes":
        return share_cross_entropy(output_BO, aim_BO)
    if loss == "ccc":
        return 1 - mean_ccc(output_BO, aim_BO)
    return functional.mse_loss(output_BO, aim_BO) - R_WEIGHT * mean_pearson_r(output_BO, aim_BO)


def _moments(output_BO: Tensor, aim_BO: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Covariance and the two variances of each output, divided by B."""
    output_BO, aim_BO = output_BO - output_BO.mean(dim=0), aim_BO - aim_BO.mean(dim=0)
    return (output_BO * aim_BO).mean(dim=0), output_BO.square().mean(dim=0), aim_BO.square().mean(dim=0)
