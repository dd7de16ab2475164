"""Both ways of computing attention give the textbook's result."""

import pytest
import torch

from emogap.models.layers.cross_attention import CrossAttention, CrossAttentionLayer


def textbook(
    layer: CrossAttention, asking: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Vaswani et al. (2017), equation 1, head by head and clip by clip."""
    results = []
    for clip in range(len(asking)):
        heads = []
        for head in range(layer.num_heads):
            part = slice(head * layer.head_width, (head + 1) * layer.head_width)
            query_h = asking[clip] @ layer.query.weight[part].T
            key_h = key[clip][mask[clip]] @ layer.key.weight[part].T
            value_h = value[clip][mask[clip]] @ layer.value.weight[part].T
            weights = torch.softmax(query_h @ key_h.T / layer.head_width**0.5, dim=-1)
            heads.append(weights @ value_h)
        results.append(torch.cat(heads, dim=-1) @ layer.output.weight.T + layer.output.bias)
    return torch.stack(results)


@pytest.mark.parametrize("head_width", [3, 6, 9], ids=["narrow heads", "equal", "wide heads"])
def test_attention_is_the_textbooks(head_width: int) -> None:
    torch.manual_seed(0)
    layer = CrossAttention(6, num_heads=4, head_width=head_width).eval()
    asking, key, value = torch.randn(5, 7, 6), torch.randn(5, 11, 6), torch.randn(5, 11, 6)
    mask = torch.rand(5, 11) > 0.4
    mask[:, 2] = True
    torch.testing.assert_close(layer(asking, key, value, mask), textbook(layer, asking, key, value, mask))


@pytest.mark.parametrize("head_width", [3, 9])
def test_gradients_are_the_textbooks(head_width: int) -> None:
    torch.manual_seed(0)
    layer = CrossAttention(6, num_heads=4, head_width=head_width).eval()
    asking, key, value = torch.randn(5, 7, 6), torch.randn(5, 11, 6), torch.randn(5, 11, 6)
    mask = torch.rand(5, 11) > 0.4
    mask[:, 2] = True
    upstream = torch.randn(5, 7, 6)
    parameters = list(layer.parameters())
    found = torch.autograd.grad((layer(asking, key, value, mask) * upstream).sum(), parameters)
    expected = torch.autograd.grad((textbook(layer, asking, key, value, mask) * upstream).sum(), parameters)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_clip_where_nothing_answers_stays_finite() -> None:
    torch.manual_seed(0)
    layer = CrossAttentionLayer(6, num_heads=4, head_width=9).eval()
    asking, answering = torch.randn(2, 7, 6, requires_grad=True), torch.randn(2, 11, 6)
    mask = torch.ones(2, 11, dtype=torch.bool)
    mask[1] = False
    result = layer(asking, answering, mask)
    result.sum().backward()
    assert result.isfinite().all()
    assert asking.grad.isfinite().all()


def test_the_layer_adds_to_what_came_in() -> None:
    torch.manual_seed(0)
    layer = CrossAttentionLayer(6, num_heads=2, head_width=3).eval()
    for linear in (layer.attention.output, layer.feedforward[4]):
        torch.nn.init.zeros_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
    asking = torch.randn(2, 7, 6)
    assert torch.equal(layer(asking, torch.randn(2, 11, 6), torch.ones(2, 11, dtype=torch.bool)), asking)


@pytest.mark.parametrize("head_width", [3, 9], ids=["narrow heads", "wide heads"])
def test_a_mask_of_pairs_decides_for_every_asking_token(head_width: int) -> None:
    """Each asking token by itself, with its own row as the mask of all, is the truth."""
    torch.manual_seed(0)
    layer = CrossAttention(6, num_heads=4, head_width=head_width).eval()
    asking, answering = torch.randn(5, 7, 6), torch.randn(5, 11, 6)
    mask = torch.rand(5, 7, 11) > 0.5
    mask[..., 3] = True
    found = layer(asking, answering, answering, mask)
    for token in range(7):
        alone = layer(asking[:, [token]], answering, answering, mask[:, token])
        torch.testing.assert_close(found[:, [token]], alone)


@pytest.mark.parametrize("head_width", [3, 9], ids=["narrow heads", "wide heads"])
def test_weights_are_dropped_in_training_alone(head_width: int) -> None:
    """What is collected is linear in the weights, so that its mean over many droppings is what none gives."""
    torch.manual_seed(0)
    layer = CrossAttention(6, num_heads=1, head_width=head_width, dropout=0, weight_dropout=0.5)
    plain = CrossAttention(6, num_heads=1, head_width=head_width, dropout=0)
    plain.load_state_dict(layer.state_dict())
    alike = torch.randn(1, 7, 6).expand(2000, -1, -1), torch.randn(1, 11, 6).expand(2000, -1, -1)
    asking, answering, mask = *alike, torch.ones(2000, 11, dtype=torch.bool)
    expected = plain.train()(asking, answering, answering, mask)
    assert torch.equal(layer.eval()(asking, answering, answering, mask), expected)
    dropped = layer.train()(asking, answering, answering, mask)
    assert not torch.allclose(dropped[0], expected[0], atol=0.01)
    torch.testing.assert_close(dropped.mean(0), expected[0], atol=0.05, rtol=0)
