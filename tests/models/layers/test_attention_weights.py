"""The weights that are told are those that the layer uses."""

import pytest
import torch

from emogap.models.layers.attention_weights import attention_weights, collect
from emogap.models.layers.cross_attention import CrossAttention


def tokens() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    mask = torch.rand(5, 11) > 0.4
    mask[:, 2] = True
    return torch.randn(5, 7, 6), torch.randn(5, 11, 6), torch.randn(5, 11, 6), mask


@pytest.mark.parametrize("head_width", [3, 9], ids=["narrow heads", "wide heads"])
def test_applied_to_the_values_they_give_what_the_layer_gives(head_width: int) -> None:
    torch.manual_seed(0)
    layer = CrossAttention(6, num_heads=4, head_width=head_width).eval()
    asking, key, value, mask = tokens()
    weights = attention_weights(layer, asking, key, mask)
    torch.testing.assert_close(collect(layer, weights, value), layer(asking, key, value, mask))


def test_a_mask_for_each_asking_token_is_kept_too() -> None:
    torch.manual_seed(1)
    layer = CrossAttention(6, num_heads=4, head_width=9).eval()
    asking, key, value, _ = tokens()
    mask = torch.rand(5, 7, 11) > 0.4
    mask[:, :, 3] = True
    weights = attention_weights(layer, asking, key, mask)
    assert (weights[~mask.unsqueeze(1).expand_as(weights)] == 0).all()
    torch.testing.assert_close(collect(layer, weights, value), layer(asking, key, value, mask))


def test_each_row_sums_to_one_over_the_tokens_that_may_answer() -> None:
    torch.manual_seed(2)
    layer = CrossAttention(6, num_heads=4, head_width=3)
    asking, key, _, mask = tokens()
    mask[1] = False
    weights = attention_weights(layer, asking, key, mask)
    assert weights.shape == (5, 4, 7, 11)
    torch.testing.assert_close(weights[0].sum(dim=-1), torch.ones(4, 7))
    assert (weights[1] == 0).all()


def test_two_tokens_share_as_their_scores_say() -> None:
    """By hand: scores ln 3 and 0 give 3/4 and 1/4."""
    layer = CrossAttention(1, num_heads=1, head_width=1)
    with torch.no_grad():
        layer.query.weight.fill_(1.0)
        layer.key.weight.fill_(1.0)
    key = torch.tensor([[[3.0], [1.0]]]).log()
    weights = attention_weights(layer, torch.ones(1, 1, 1), key, torch.ones(1, 2, dtype=torch.bool))
    torch.testing.assert_close(weights.detach(), torch.tensor([[[[0.75, 0.25]]]]))
