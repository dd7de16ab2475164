"""The four heads, and encoder and head together: every parameter learns, and what is frozen stands still."""

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.heads import GlassHead, HeadConfig, HeadKind, LabelledGlass, tokens_per_chunk

KINDS: tuple[HeadKind, ...] = ("mlp", "tcn", "gru", "transformer")
WINDOWS, TOKENS, WIDTH, OUTPUTS = 6, 11, 8, 3
SMALL = GlassConfig(num_channels=2, patch_frames=5, width=WIDTH, num_heads=2, encoder_layers=4, decoder_layers=1)


def head(kind: HeadKind) -> GlassHead:
    torch.manual_seed(3)
    config = HeadConfig(kind=kind, width=16, hidden=20)
    return GlassHead(config, token_width=WIDTH, num_tokens=TOKENS, tokens_per_chunk=3, num_outputs=OUTPUTS)


def labelled() -> LabelledGlass:
    torch.manual_seed(4)
    return LabelledGlass(SMALL, HeadConfig(width=16, hidden=20), num_frames=55, rate_hz=10, num_outputs=OUTPUTS)


def tokens() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    mask = torch.ones(WINDOWS, TOKENS, dtype=torch.bool)
    mask[1, 3:6] = False
    return torch.randn(WINDOWS, TOKENS, WIDTH, generator=generator), mask


def gaze() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    valid = torch.ones(WINDOWS, 55, dtype=torch.bool)
    valid[0, 12:31] = False
    return torch.randn(WINDOWS, 55, 2, generator=generator), valid


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_of_a_head_changes_after_one_step(kind: HeadKind) -> None:
    """The authors' code builds its head after the optimiser, so that none of it is ever trained."""
    network = head(kind)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    token, mask = tokens()
    (network(token, mask) - 1).square().mean().backward()
    optimizer.step()
    same = [name for name, parameter in network.named_parameters() if torch.equal(parameter, before[name])]
    assert not same


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_gives_one_row_per_window_that_no_other_window_decides(kind: HeadKind) -> None:
    network = head(kind).eval()
    token, mask = tokens()
    together = network(token, mask)
    assert together.shape == (WINDOWS, OUTPUTS)
    torch.testing.assert_close(network(token[2:3], mask[2:3]), together[2:3])


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_without_gaze_changes_no_output(kind: HeadKind) -> None:
    network = head(kind).eval()
    token, mask = tokens()
    other = token.clone()
    other[1, 3:6] = 1e4
    torch.testing.assert_close(network(other, mask), network(token, mask))


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_without_any_gaze_gives_finite_numbers(kind: HeadKind) -> None:
    token, mask = tokens()
    mask[4] = False
    assert head(kind)(token, mask).isfinite().all()


@pytest.mark.parametrize("kind", ["tcn", "gru"])
def test_the_order_of_the_chunks_matters(kind: HeadKind) -> None:
    network = head(kind).eval()
    token, mask = tokens()
    turned = token.flip(1)
    assert not torch.allclose(network(token, mask)[0], network(turned, mask)[0], atol=1e-4)


def test_the_default_head_has_the_sizes_of_the_paper() -> None:
    """Two convolutions of 128 channels over 12 x 256 numbers, a query, and 512 inner numbers."""
    network = GlassHead(HeadConfig(), token_width=256, num_tokens=30, tokens_per_chunk=6, num_outputs=3)
    convolutions = 12 * 256 * 128 * 3 + 128 + 128 * 128 * 3 + 128
    linear = 128 * 512 + 512 + 512 * 3 + 3
    queries = 3 * 256 + 128
    assert sum(parameter.numel() for parameter in network.parameters()) == convolutions + linear + queries


@pytest.mark.parametrize(("chunk_s", "expected"), [(0.5, 3), (1.0, 6), (2.0, 12), (4.0, 24)])
def test_chunks_hold_the_tokens_of_their_seconds(chunk_s: float, expected: int) -> None:
    config = HeadConfig(chunk_s=chunk_s)
    assert tokens_per_chunk(config, num_frames=150, patch_frames=5, rate_hz=30) == expected


@pytest.mark.parametrize(("chunk_s", "rate_hz", "num_frames"), [(0.5, 5.0, 25), (2.0, 30.0, 45)])
def test_a_chunk_shorter_than_a_token_or_longer_than_the_window_is_refused(
    chunk_s: float, rate_hz: float, num_frames: int
) -> None:
    with pytest.raises(UsageError, match=f"a chunk of {chunk_s:g} s does not fit"):
        tokens_per_chunk(HeadConfig(chunk_s=chunk_s), num_frames=num_frames, patch_frames=5, rate_hz=rate_hz)


def test_a_head_that_cannot_share_its_width_is_refused() -> None:
    with pytest.raises(UsageError, match="3 heads cannot share a width of 16"):
        GlassHead(
            HeadConfig(kind="transformer", width=16, num_heads=3),
            token_width=WIDTH,
            num_tokens=TOKENS,
            tokens_per_chunk=3,
            num_outputs=1,
        )


@pytest.mark.parametrize(
    ("share", "free_layers", "embedding", "norm"),
    [(0.0, [], False, False), (0.5, ["2", "3"], False, True), (1.0, ["0", "1", "2", "3"], True, True)],
)
def test_only_the_freed_share_of_the_encoder_learns(
    share: float, free_layers: list[str], embedding: bool, norm: bool
) -> None:
    network = labelled()
    network.unfreeze(share)
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.5)
    network.train()
    (network(*gaze()) - 1).square().mean().backward()
    optimizer.step()
    changed = {name for name, parameter in network.named_parameters() if not torch.equal(parameter, before[name])}
    assert {name.split(".")[2] for name in changed if name.startswith("encoder.layers")} == set(free_layers)
    assert any(name.startswith("encoder.embedding") for name in changed) == embedding
    assert any(name.startswith("encoder.norm") for name in changed) == norm
    assert {name for name in before if name.startswith("head.")} <= changed


def test_a_frozen_encoder_does_not_drop_out() -> None:
    network = labelled()
    network.unfreeze(0.0)
    network.train()
    window = gaze()
    assert torch.equal(network.encoder(*window), network.encoder(*window))
    network.unfreeze(1.0)
    network.train()
    assert not torch.equal(network.encoder(*window), network.encoder(*window))


def test_frames_without_gaze_change_no_output() -> None:
    network = labelled().eval()
    window, valid = gaze()
    other = window.clone()
    other[0, 12:31] = torch.nan
    torch.testing.assert_close(network(other, valid), network(window, valid))
