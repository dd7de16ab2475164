"""How well a discriminator tells from which modality a vector comes. Shapes: B clips, T steps, M modalities."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from emogap.models.labelled import mean_where

__all__ = ["modality_loss"]


def modality_loss(logits: Mapping[str, Tensor], counts: Mapping[str, Tensor]) -> Float[Tensor, ""]:
    """Sum over the modalities of the mean cross-entropy against the modality's own number, in nats.

    Parameters
    ----------
    logits : mapping from modality to float32 tensor, shape (B, M) or (B, T, M)
        What the discriminator says of a vector per clip, or per step. A modality's number is its place here.
    counts : mapping from modality to bool tensor, shape (B,) or (B, T)
        Which of them count; a modality of which none does adds 0.

    Notes
    -----
    Modalities, not emotions, are the targets: see ``docs/models/emert.md`` on equation 1 of its paper.

    Examples
    --------
    >>> logits = {"face": torch.tensor([[0.0, 0.0], [9.0, 0.0]]), "eye": torch.zeros(2, 2)}
    >>> round(modality_loss(logits, {"face": torch.tensor([True, False]), "eye": torch.tensor([True, True])}).item(), 4)
    1.3863
    """
    losses = []
    for number, (name, logits_BM) in enumerate(logits.items()):
        counts_N = counts[name].flatten()
        target_N = torch.full_like(counts_N, number, dtype=torch.int64)
        loss_N = functional.cross_entropy(logits_BM.flatten(0, -2), target_N, reduction="none")
        losses.append(mean_where(loss_N, counts_N))
    return torch.stack(losses).sum()
