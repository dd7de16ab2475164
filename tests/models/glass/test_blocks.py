"""Blocks are torch's own transformer layers, with positions where the form puts them."""

import torch
from torch import nn

from emogap.models.glass.blocks import CrossAttentionBlock, SelfAttentionBlock
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.rotary import RotaryTable, rotary_table

CONFIG = GlassConfig(num_channels=3, width=12, num_heads=3, feedforward_ratio=2, dropout=0.0)
AUTHORS = CONFIG.model_copy(update={"rope": "authors"})
ANYONE = torch.ones(1, 1, 1, dtype=torch.bool)


def torch_attention(block: SelfAttentionBlock | CrossAttentionBlock) -> nn.MultiheadAttention:
    """torch's attention with the weights of `block`."""
    first, second = (
        (block.query_key, block.value) if isinstance(block, SelfAttentionBlock) else (block.query, block.key_value)
    )
    attention = nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.cat([first.weight, second.weight]))
        attention.in_proj_bias.copy_(torch.cat([first.bias, second.bias]))
    attention.out_proj.load_state_dict(block.output.state_dict())
    return attention


def tokens(num_tokens: int) -> torch.Tensor:
    return torch.randn(5, num_tokens, 12, generator=torch.Generator().manual_seed(num_tokens))


def test_a_self_attention_block_without_positions_is_torchs_layer() -> None:
    torch.manual_seed(0)
    block = SelfAttentionBlock(CONFIG)
    layer = nn.TransformerEncoderLayer(12, 3, 24, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    attention = torch_attention(block)
    layer.self_attn.load_state_dict(attention.state_dict())
    for theirs, ours in (
        (layer.norm1, block.norm_attention), (layer.norm2, block.feedforward[0]),
        (layer.linear1, block.feedforward[1]), (layer.linear2, block.feedforward[4]),
    ):  # fmt: skip
        theirs.load_state_dict(ours.state_dict())
    is_real = torch.rand(5, 7, generator=torch.Generator().manual_seed(2)) > 0.3
    is_real[:, 2] = True
    nowhere = RotaryTable(torch.ones(7, 1, 4), torch.zeros(7, 1, 4), "rotary")
    found = block(tokens(7), nowhere, mask=is_real[:, None, None])
    torch.testing.assert_close(found, layer(tokens(7), src_key_padding_mask=~is_real))


def test_the_authors_form_turns_tokens_and_leaves_values() -> None:
    """Their attention is torch's, given turned tokens as query and key, and tokens as they are as value."""
    torch.manual_seed(0)
    block = SelfAttentionBlock(AUTHORS)
    nn.init.zeros_(block.feedforward[4].weight)
    nn.init.zeros_(block.feedforward[4].bias)
    token = tokens(7)
    table = rotary_table(7, 4, "authors", like=token)
    normed = block.norm_attention(token)
    turned = table.rotate(normed.view(5, 7, 3, 4)).flatten(2)
    collected, _ = torch_attention(block)(turned, turned, normed)
    torch.testing.assert_close(block(token, table, mask=ANYONE.expand(5, 1, 1, 7)), token + collected)


def test_a_cross_attention_block_is_torchs_attention() -> None:
    torch.manual_seed(0)
    block = CrossAttentionBlock(CONFIG)
    nn.init.zeros_(block.feedforward[4].weight)
    nn.init.zeros_(block.feedforward[4].bias)
    asking, answering = tokens(7), tokens(4)
    is_real = torch.tensor([[True, False, True, True]]).expand(5, 4)
    collected, _ = torch_attention(block)(block.norm_attention(asking), answering, answering, key_padding_mask=~is_real)
    found = block(asking, *block.answers(answering), is_real[:, None, None])
    torch.testing.assert_close(found, asking + collected)
