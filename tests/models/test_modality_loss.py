"""The loss of a discriminator of modality is a sum over modalities of means over what counts."""

import math

import pytest
import torch
from torch.nn import functional

from emogap.models.modality_loss import modality_loss


def test_a_discriminator_of_zeros_guesses() -> None:
    logits = {name: torch.zeros(5, 4, 3) for name in ("face", "eye", "fixation")}
    counts = {name: torch.rand(5, 4) > 0.5 for name in logits}
    assert modality_loss(logits, counts).item() == pytest.approx(3 * math.log(3), rel=1e-6)


def test_each_modality_has_the_number_of_its_place_and_only_what_counts_is_averaged() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = {"face": torch.randn(5, 4, 2, generator=generator), "eye": torch.randn(5, 7, 2, generator=generator)}
    counts = {name: torch.rand(5, logits[name].shape[1], generator=generator) > 0.5 for name in logits}
    expected = sum(
        functional.cross_entropy(logits[name][counts[name]], torch.full((int(counts[name].sum()),), number))
        for number, name in enumerate(logits)
    )
    torch.testing.assert_close(modality_loss(logits, counts), expected)


def test_a_modality_that_no_clip_has_adds_nothing() -> None:
    logits = {"face": torch.randn(5, 2), "eye": torch.randn(5, 2)}
    counts = {"face": torch.ones(5, dtype=torch.bool), "eye": torch.zeros(5, dtype=torch.bool)}
    expected = functional.cross_entropy(logits["face"], torch.zeros(5, dtype=torch.int64))
    torch.testing.assert_close(modality_loss(logits, counts), expected)
