"""Labels ask each other and the tokens; they are a set."""

import torch
from torch import nn

from emogap.models.layers.label_decoder import LabelDecoder


def decoder(num_labels: int = 4) -> LabelDecoder:
    torch.manual_seed(0)
    model = LabelDecoder(num_labels, width=6, num_heads=3, depth=2, dropout=0.4).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model


def in_place_of(layer: nn.Module) -> nn.TransformerDecoderLayer:
    """The same layer from torch, with the same weights and no bias in query, key and value."""
    other = nn.TransformerDecoderLayer(6, 3, 6, dropout=0, activation="gelu", batch_first=True)
    for mine, theirs in ((layer.among_labels, other.self_attn), (layer.to_tokens, other.multihead_attn)):
        with torch.no_grad():
            theirs.in_proj_weight.copy_(torch.cat([mine.query.weight, mine.key.weight, mine.value.weight]))
            theirs.in_proj_bias.zero_()
        theirs.out_proj.load_state_dict(mine.output.state_dict())
    for mine, theirs in (
        (layer.norm_labels, other.norm1),
        (layer.norm_tokens, other.norm2),
        (layer.norm_feedforward, other.norm3),
        (layer.feedforward[0], other.linear1),
        (layer.feedforward[2], other.linear2),
    ):
        theirs.load_state_dict(mine.state_dict())
    return other


def test_a_layer_is_torchs_decoder() -> None:
    model, token = decoder(), torch.randn(5, 7, 6)
    mask = torch.rand(5, 7) > 0.4
    mask[:, 2] = True
    expected = model.norm(model.label_LW).expand(5, -1, -1)
    for layer in model.layers:
        expected = in_place_of(layer)(expected, token, memory_key_padding_mask=~mask)
    torch.testing.assert_close(model(token, mask), expected, rtol=1e-4, atol=1e-5)


def test_labels_in_another_order_give_vectors_in_that_order() -> None:
    model, token, mask = decoder(), torch.randn(5, 7, 6), torch.rand(5, 7) > 0.4
    before = model(token, mask)
    order = torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        model.label_LW.copy_(model.label_LW[order].clone())
    torch.testing.assert_close(model(token, mask), before[:, order], rtol=1e-4, atol=1e-5)


def test_labels_know_of_each_other() -> None:
    model, token, mask = decoder(), torch.randn(5, 7, 6), torch.ones(5, 7, dtype=torch.bool)
    before = model(token, mask)
    with torch.no_grad():
        model.label_LW[3].normal_()
    assert not torch.allclose(model(token, mask)[:, 0], before[:, 0], atol=1e-3)


def test_a_clip_without_a_token_is_answered() -> None:
    model, token = decoder(), torch.randn(2, 7, 6, requires_grad=True)
    mask = torch.tensor([[True] * 7, [False] * 7])
    answer = model(token, mask)
    answer.square().sum().backward()
    assert answer.isfinite().all()
    assert token.grad[0].any()
    assert not token.grad[1].any()
