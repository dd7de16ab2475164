"""Noise on some steps of some streams. Shapes: B clips, T steps, D channels."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["with_noise"]


def with_noise(
    stream_BTD: Float[Tensor, "B T D"], chosen_B: Bool[Tensor, " B"], *, share: float, sd: float
) -> Float[Tensor, "B T D"]:
    """The stream with normal noise on randomly drawn steps of the clips that are chosen.

    Parameters
    ----------
    stream_BTD : float32 tensor
        Standardised, so that `sd` is in standard deviations of a channel.
    chosen_B : bool tensor
        Clips that get noise; the others stay as they are, bit by bit.
    share : float
        Probability that a step is drawn, each for itself; all its channels get noise then.
    sd : float
        Standard deviation of the noise.

    Notes
    -----
    Draws come from torch's global generator, the same number of them whichever clips are chosen.
    """
    is_noisy_BT1 = (torch.rand(stream_BTD.shape[:2], device=stream_BTD.device) < share).unsqueeze(-1)
    noise_BTD = torch.randn_like(stream_BTD) * sd
    return torch.where(is_noisy_BT1 & chosen_B[:, None, None], stream_BTD + noise_BTD, stream_BTD)
