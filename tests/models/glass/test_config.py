"""Sizes are those of the paper, and impossible ones are refused."""

import pytest
import torch
from pydantic import ValidationError

from emogap.errors import UnknownNameError
from emogap.models.glass.config import PRESETS, GlassConfig, preset
from emogap.models.glass.model import Glass
from emogap.models.interface import count_parameters


def test_small_has_the_parameters_of_the_authors_network() -> None:
    """11.07 million, as counted in the authors' network."""
    assert count_parameters(Glass(preset("small", 6))) == pytest.approx(11.07e6, abs=0.005e6)


def test_a_preset_takes_the_channels_it_is_given() -> None:
    assert preset("base", 3).num_channels == 3
    assert preset("base", 3).width == PRESETS["base"].width


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_built(name: str) -> None:
    with torch.device("meta"):
        model = Glass(preset(name, 6))
    assert len(model.encoder.layers) == PRESETS[name].encoder_layers
    assert len(model.decoder.self_blocks) == PRESETS[name].decoder_layers


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'small'"):
        preset("smal", 6)


@pytest.mark.parametrize("width", [30, 36])
def test_heads_that_cannot_turn_pairs_are_refused(width: int) -> None:
    """30 is no multiple of 4 heads; 36 is, but leaves heads of 9 numbers, which do not come in pairs."""
    with pytest.raises(ValidationError, match="divisible by 8"):
        GlassConfig(num_channels=6, width=width, num_heads=4)
