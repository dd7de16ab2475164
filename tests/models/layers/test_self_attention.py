"""The layer is the textbook's, here torch's own, and masked tokens have no say."""

import pytest
import torch
from torch import nn

from emogap.models.layers.self_attention import NormOrder, SelfAttentionLayer

WIDTH, NUM_HEADS, HEAD_WIDTH, FEEDFORWARD_WIDTH = 12, 4, 3, 17


def new_layer(norm: NormOrder = "pre", *, dropout: float = 0.0) -> SelfAttentionLayer:
    torch.manual_seed(0)
    return SelfAttentionLayer(
        WIDTH, num_heads=NUM_HEADS, head_width=HEAD_WIDTH, feedforward_width=FEEDFORWARD_WIDTH,
        dropout=dropout, norm=norm,
    )  # fmt: skip


def torch_layer(layer: SelfAttentionLayer) -> nn.TransformerEncoderLayer:
    """torch's encoder layer with the weights of `layer`."""
    other = nn.TransformerEncoderLayer(
        WIDTH, NUM_HEADS, FEEDFORWARD_WIDTH, dropout=0.0, activation="gelu", batch_first=True,
        norm_first=layer.is_pre_norm,
    )  # fmt: skip
    attention = layer.attention
    projections = torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
    with torch.no_grad():
        other.self_attn.in_proj_weight.copy_(projections)
        other.self_attn.in_proj_bias.zero_()
    for theirs, ours in (
        (other.self_attn.out_proj, attention.output),
        (other.norm1, layer.norm_attention),
        (other.norm2, layer.norm_feedforward),
        (other.linear1, layer.feedforward[0]),
        (other.linear2, layer.feedforward[3]),
    ):
        theirs.load_state_dict(ours.state_dict())
    return other


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randn(5, 7, WIDTH, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def mask() -> torch.Tensor:
    mask = torch.rand(5, 7, generator=torch.Generator().manual_seed(2)) > 0.4
    mask[:, 3] = True
    return mask


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_real_tokens_leave_as_from_torchs_encoder_layer(
    norm: NormOrder, tokens: torch.Tensor, mask: torch.Tensor
) -> None:
    layer = new_layer(norm)
    # In training mode torch takes the textbook's path; without dropout the mode changes nothing else.
    expected = torch_layer(layer).train()(tokens, src_key_padding_mask=~mask)
    torch.testing.assert_close(layer(tokens, mask)[mask], expected[mask], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_what_stands_in_a_masked_token_reaches_no_other(
    norm: NormOrder, tokens: torch.Tensor, mask: torch.Tensor
) -> None:
    layer = new_layer(norm)
    dirty = torch.where(mask[..., None], tokens, torch.full_like(tokens, 1e3))
    torch.testing.assert_close(layer(dirty, mask)[mask], layer(tokens, mask)[mask])


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_clip_of_masked_tokens_alone_stays_finite(norm: NormOrder, tokens: torch.Tensor, mask: torch.Tensor) -> None:
    mask[2] = False
    tokens.requires_grad_()
    layer = new_layer(norm)
    result = layer(tokens, mask)
    result.square().sum().backward()
    assert result.isfinite().all()
    assert tokens.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in layer.parameters())


def test_dropout_acts_in_training_only(tokens: torch.Tensor, mask: torch.Tensor) -> None:
    layer = new_layer(dropout=0.5)
    assert not torch.equal(layer(tokens, mask), layer(tokens, mask))
    layer.eval()
    assert torch.equal(layer(tokens, mask), layer(tokens, mask))
