"""Encoder and decoder together, and the training by scheduled sampling in two passes.

Scheduled sampling (Bengio et al. 2015, arXiv 1506.03099) feeds the decoder, patch by patch, either what was measured or
what it predicted itself. Read naively that is a loop which decodes all patches so far again at every step, each time
with a gradient. As a prediction that is fed back carries no gradient, two passes give the same one: a rollout with a
cache and without a gradient that finds out what is fed, and one parallel pass over that.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.errors import UsageError
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.decoder import GlassDecoder
from emogap.models.glass.encoder import GlassEncoder, patches_with_gaze
from emogap.models.glass.losses import forecast_loss

__all__ = ["Glass", "draw_truth"]


def draw_truth(
    num_windows: int, num_patches: int, truth_probability: float, generator: torch.Generator
) -> Bool[Tensor, "B M"]:
    """Which patches are fed as they were measured: one draw per window and patch, on the device of `generator`.

    Parameters
    ----------
    num_windows, num_patches : int
        B and M.
    truth_probability : float
        In [0, 1]; 1 feeds nothing but what was measured, 0 nothing but predictions.
    generator : torch.Generator
    """
    draw_BM = torch.rand(num_windows, num_patches, generator=generator, device=generator.device)
    return draw_BM < truth_probability


class Glass(nn.Module):
    """The network that forecasts gaze from gaze.

    Parameters
    ----------
    config : GlassConfig

    Attributes
    ----------
    encoder : GlassEncoder
        What is kept when the network is fine-tuned; it owns the patch embedding that the decoder shares.
    decoder : GlassDecoder

    Notes
    -----
    All gaze is standardised, shape (B, T, D) or (B, F, D), T and F multiples of the patch; a frame is read only where
    its mask is True. A patch without any valid frame is asked by no later token, in the past and in a future that is
    fed; a prediction that is fed always may be. The first token of the decoder is zero.

    In ``train()`` dropout is at work in both passes of the scheduled sampling, as it is in the authors' loop; a
    forecast to be evaluated wants ``eval()`` first.
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = GlassEncoder(config)
        self.decoder = GlassDecoder(config)

    def teacher_forced(
        self,
        past_BTD: Float[Tensor, "B T D"],
        past_valid_BT: Bool[Tensor, "B T"],
        future_BFD: Float[Tensor, "B F D"],
        future_valid_BF: Bool[Tensor, "B F"],
    ) -> Float[Tensor, "B F D"]:
        """The forecast of each patch from the past and the measured patches before it; one pass, with gradient."""
        num_patches = future_BFD.shape[1] // self.config.patch_frames
        truth_BM = future_valid_BF.new_ones(len(future_valid_BF), num_patches)
        return self.scheduled_forecast(past_BTD, past_valid_BT, future_BFD, future_valid_BF, truth_BM)

    @torch.no_grad()
    def rollout(
        self, past_BTD: Float[Tensor, "B T D"], past_valid_BT: Bool[Tensor, "B T"], num_frames: int
    ) -> Float[Tensor, "B F D"]:
        """The forecast of the next `num_frames` frames from the past alone, without gradient.

        Raises
        ------
        UsageError
            If `num_frames` is no whole number of patches.
        MismatchError
            If the gaze does not fit the network.
        """
        num_patches, rest = divmod(num_frames, self.config.patch_frames)
        if rest or num_patches < 1:
            raise UsageError(
                f"a forecast of {num_frames} frames is no whole number of patches of {self.config.patch_frames}",
                fix=f"ask for a multiple of {self.config.patch_frames}",
            )
        encoded_BNW, mask_BN = self._encode(past_BTD, past_valid_BT)
        allowed_BM = mask_BN.new_ones(len(mask_BN), num_patches)
        predicted_BMX = self._roll(encoded_BNW, mask_BN, allowed_BM, None)
        # A tensor of inference mode could not enter a computation with gradients; a copy can.
        return self.encoder.embedding.frames(predicted_BMX.clone())

    def scheduled_forecast(
        self,
        past_BTD: Float[Tensor, "B T D"],
        past_valid_BT: Bool[Tensor, "B T"],
        future_BFD: Float[Tensor, "B F D"],
        future_valid_BF: Bool[Tensor, "B F"],
        truth_BM: Bool[Tensor, "B M"],
    ) -> Float[Tensor, "B F D"]:
        """The forecast of each patch when the patches before it were fed as `truth_BM` says; with gradient.

        Parameters
        ----------
        past_BTD, past_valid_BT, future_BFD, future_valid_BF
            Standardised gaze, and where it was measured.
        truth_BM : bool tensor, shape (B, M)
            True = patch m is fed as it was measured, False = as it was predicted. Nothing follows the last patch, so
            that its column is not read.

        Raises
        ------
        MismatchError
            If the gaze does not fit the network.
        """
        encoded_BNW, mask_BN = self._encode(past_BTD, past_valid_BT)
        # Nothing follows the last patch: L = M - 1 patches are fed.
        future_BLX = self.encoder.embedding.patches(future_BFD, future_valid_BF)[:, :-1]
        truth_BL = truth_BM[:, :-1]
        can_feed_BL = patches_with_gaze(future_valid_BF, self.config.patch_frames)[:, :-1] | ~truth_BL
        allowed_BM = torch.cat([torch.ones_like(truth_BM[:, :1]), can_feed_BL], dim=1)
        fed_BLX = future_BLX
        if not truth_BL.all():
            with torch.no_grad():
                predicted_BLX = self._roll(encoded_BNW, mask_BN, allowed_BM[:, :-1], (future_BLX, truth_BL))
                fed_BLX = torch.where(truth_BL.unsqueeze(-1), future_BLX, predicted_BLX)
        token_BLW = self.encoder.embedding(fed_BLX)
        start_B1W = token_BLW.new_zeros(len(token_BLW), 1, self.config.width)
        token_BMW = torch.cat([start_B1W, token_BLW], dim=1)
        return self.encoder.embedding.frames(self.decoder(token_BMW, allowed_BM, encoded_BNW, mask_BN))

    def scheduled_loss(
        self,
        past_BTD: Float[Tensor, "B T D"],
        past_valid_BT: Bool[Tensor, "B T"],
        future_BFD: Float[Tensor, "B F D"],
        future_valid_BF: Bool[Tensor, "B F"],
        truth_probability: float,
        generator: torch.Generator,
    ) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """The loss of a scheduled forecast, and its parts, see :func:`~emogap.models.glass.losses.forecast_loss`.

        Parameters
        ----------
        past_BTD, past_valid_BT, future_BFD, future_valid_BF
            Standardised gaze, and where it was measured.
        truth_probability : float
            Probability in [0, 1] that a patch is fed as it was measured.
        generator : torch.Generator
            Of the processor or of the network's device.
        """
        num_patches = future_BFD.shape[1] // self.config.patch_frames
        truth_BM = draw_truth(len(future_BFD), num_patches, truth_probability, generator).to(future_BFD.device)
        predicted_BFD = self.scheduled_forecast(past_BTD, past_valid_BT, future_BFD, future_valid_BF, truth_BM)
        return forecast_loss(predicted_BFD, future_BFD, future_valid_BF)

    def _encode(self, past_BTD: Tensor, past_valid_BT: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder(past_BTD, past_valid_BT), patches_with_gaze(past_valid_BT, self.config.patch_frames)

    @torch.inference_mode()
    def _roll(
        self, encoded_BNW: Tensor, mask_BN: Tensor, allowed_BM: Tensor, truth: tuple[Tensor, Tensor] | None
    ) -> Float[Tensor, "B M X"]:
        """What is predicted patch by patch, each prediction fed to the next unless `truth` holds the patch to feed.

        Without the bookkeeping of gradients, which costs a seventh of what the many small steps take beside their sums.
        """
        num_windows, num_patches = allowed_BM.shape
        cache = self.decoder.new_cache(encoded_BNW, mask_BN, num_patches)
        token_B1W = encoded_BNW.new_zeros(num_windows, 1, self.config.width)
        predicted = []
        for patch in range(num_patches):
            predicted_B1X = self.decoder.step(token_B1W, allowed_BM, cache)
            predicted.append(predicted_B1X)
            fed_B1X = predicted_B1X
            if truth is not None:
                future_BMX, truth_BM = (value[:, patch : patch + 1] for value in truth)
                fed_B1X = torch.where(truth_BM.unsqueeze(-1), future_BMX, predicted_B1X)
            token_B1W = self.encoder.embedding(fed_B1X)
        # Autocast keeps the weights that it cast here without gradient; a later pass with gradient must not reuse them.
        torch.clear_autocast_cache()
        return torch.cat(predicted, dim=1)
