"""A token sees what was before it, and the cache remembers what one pass computes."""

import pytest
import torch

from emogap.models.glass.config import GlassConfig, Rope
from emogap.models.glass.decoder import GlassDecoder

NUM_WINDOWS, NUM_PAST, NUM_FUTURE, WIDTH = 3, 5, 7, 16


def new_decoder(rope: Rope = "rotary") -> GlassDecoder:
    torch.manual_seed(0)
    config = GlassConfig(
        num_channels=2, patch_frames=4, width=WIDTH, num_heads=2, decoder_layers=2, dropout=0.0, rope=rope
    )
    return GlassDecoder(config).double()


def noise(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


TOKEN = noise(NUM_WINDOWS, NUM_FUTURE, WIDTH, seed=1)
ENCODED = noise(NUM_WINDOWS, NUM_PAST, WIDTH, seed=2)
ENCODED_MASK = torch.tensor([[True] * 5, [True, False, True, True, False], [False, True, True, True, True]])
ALLOWED = torch.tensor([[True] * 7, [True, False, True, True, False, True, True], [True] * 6 + [False]])


@pytest.mark.parametrize("changed", range(NUM_FUTURE))
def test_a_changed_token_changes_nothing_before_it(changed: int) -> None:
    decoder = new_decoder()
    everyone = torch.ones_like(ALLOWED)
    found = decoder(TOKEN, everyone, ENCODED, ENCODED_MASK)
    other = TOKEN.clone()
    other[:, changed] *= -1
    again = decoder(other, everyone, ENCODED, ENCODED_MASK)
    assert torch.equal(again[:, :changed], found[:, :changed])
    assert (again[:, changed:] - found[:, changed:]).abs().amin(dim=(0, 2)).min() > 0


def test_a_token_that_may_not_be_asked_changes_nothing_behind_it() -> None:
    decoder = new_decoder()
    found = decoder(TOKEN, ALLOWED, ENCODED, ENCODED_MASK)
    other = TOKEN.clone()
    other[1, 4] *= -1
    again = decoder(other, ALLOWED, ENCODED, ENCODED_MASK)
    behind = [5, 6]
    assert torch.equal(again[1, behind], found[1, behind])
    assert not torch.equal(again[1, 4], found[1, 4])


def test_a_past_token_that_may_not_be_asked_changes_nothing() -> None:
    decoder = new_decoder()
    other = ENCODED.clone()
    other[~ENCODED_MASK] *= -1
    found = decoder(TOKEN, ALLOWED, ENCODED, ENCODED_MASK)
    assert torch.equal(decoder(TOKEN, ALLOWED, other, ENCODED_MASK), found)


@pytest.mark.parametrize("rope", ["rotary", "authors"])
def test_decoding_with_a_cache_equals_one_pass(rope: Rope) -> None:
    decoder = new_decoder(rope)
    with torch.no_grad():
        cache = decoder.new_cache(ENCODED, ENCODED_MASK, NUM_FUTURE)
        steps = [decoder.step(TOKEN[:, [patch]], ALLOWED, cache) for patch in range(NUM_FUTURE)]
        at_once = decoder(TOKEN, ALLOWED, ENCODED, ENCODED_MASK)
    torch.testing.assert_close(torch.cat(steps, dim=1), at_once, rtol=1e-11, atol=1e-11)
    assert cache.num_decoded == NUM_FUTURE
