"""A stream asks another as in the multimodal transformer: low-level answers, and none from the future."""

import pytest
import torch
from torch import nn

from emogap.models.layers.directional_encoder import DirectionalEncoder, steps_in_reach
from emogap.models.layers.sinusoid import sinusoid


def encoder(width: int = 6, *, num_layers: int = 2, num_heads: int = 3, **options: object) -> DirectionalEncoder:
    """An encoder without dropout for streams of up to 9 steps."""
    torch.manual_seed(0)
    arguments = {
        "num_steps": 9,
        "embedding_dropout": 0.0,
        "weight_dropout": 0.0,
        "inner_dropout": 0.0,
        "dropout": 0.0,
        "causal": True,
    }
    return DirectionalEncoder(width, num_layers=num_layers, num_heads=num_heads, **(arguments | options))


def everything(num_clips: int, num_steps: int) -> torch.Tensor:
    return torch.ones(num_clips, num_steps, dtype=torch.bool)


def in_place_of(layer: nn.Module, width: int, num_heads: int) -> nn.TransformerEncoderLayer:
    """The same layer from torch, with the same weights and no bias in query, key and value."""
    other = nn.TransformerEncoderLayer(width, num_heads, 4 * width, dropout=0, batch_first=True, norm_first=True)
    attention = layer.attention
    with torch.no_grad():
        other.self_attn.in_proj_weight.copy_(
            torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
        )
        other.self_attn.in_proj_bias.zero_()
    other.self_attn.out_proj.load_state_dict(attention.output.state_dict())
    for mine, theirs in (
        (layer.feedforward[0], other.linear1),
        (layer.feedforward[3], other.linear2),
        (layer.norm_attention, other.norm1),
        (layer.norm_feedforward, other.norm2),
    ):
        theirs.load_state_dict(mine.state_dict())
    return other


def test_a_stream_that_asks_itself_is_torchs_transformer_with_a_causal_mask() -> None:
    model = encoder().eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    token = torch.randn(5, 7, 6)
    expected = 6**0.5 * token + sinusoid(7, 6)
    future = torch.ones(7, 7, dtype=torch.bool).triu(1)
    for layer in model.layers:
        expected = in_place_of(layer, 6, 3)(expected, src_mask=future)
    torch.testing.assert_close(model(token, None, everything(5, 7)), model.norm(expected), rtol=1e-4, atol=1e-5)


def test_the_reach_is_the_offset_between_the_lengths() -> None:
    """Specification of the authors' code: of 32 eye steps, face query 0 of 8 sees the first 25, the last sees all."""
    reach = steps_in_reach(8, 32)
    assert reach.sum(dim=1).tolist() == [25, 26, 27, 28, 29, 30, 31, 32]
    assert reach[0, :25].all()
    assert steps_in_reach(32, 8).all()
    assert torch.equal(steps_in_reach(5, 5), torch.ones(5, 5, dtype=torch.bool).tril())


def test_with_equal_lengths_nothing_is_known_of_the_future() -> None:
    model = encoder().eval()
    asking, answering, mask = torch.randn(5, 7, 6), torch.randn(5, 7, 6), everything(5, 7)
    later_asking, later_answering = asking.clone(), answering.clone()
    later_asking[:, 4] += torch.randn(5, 6)
    later_answering[:, 4] += torch.randn(5, 6)
    before, after = model(asking, answering, mask), model(later_asking, later_answering, mask)
    torch.testing.assert_close(after[:, :4], before[:, :4])
    assert (after[:, 4:] - before[:, 4:]).abs().amax(dim=(0, 2)).min() > 1e-4
    model.causal = False
    before, after = model(asking, answering, mask), model(later_asking, later_answering, mask)
    assert (after[:, :4] - before[:, :4]).abs().amax(dim=(0, 2)).min() > 1e-4


def test_the_answers_of_every_layer_are_a_function_of_the_other_stream_alone() -> None:
    model = encoder(num_layers=3).eval()
    keys: list[torch.Tensor] = []
    model.layers[1].attention.key.register_forward_hook(lambda _module, _given, key: keys.append(key))
    asking, answering, mask = torch.randn(5, 4, 6), torch.randn(5, 7, 6), everything(5, 7)
    before = model(asking, answering, mask)
    after = model(asking + torch.randn(5, 4, 6), answering, mask)
    model(asking, answering + torch.randn(5, 7, 6), mask)
    assert not torch.allclose(after, before, atol=1e-2)
    assert torch.equal(keys[1], keys[0])
    assert not torch.allclose(keys[2], keys[0], atol=1e-2)


def test_a_stream_that_asks_itself_answers_as_it_is_after_the_layer_before() -> None:
    model = encoder(num_layers=2).eval()
    keys: list[torch.Tensor] = []
    model.layers[1].attention.key.register_forward_hook(lambda _module, _given, key: keys.append(key))
    token = torch.randn(5, 7, 6)
    model(token, None, everything(5, 7))
    with torch.no_grad():
        model.layers[0].attention.output.weight.mul_(-2)
    model(token, None, everything(5, 7))
    assert not torch.allclose(keys[1], keys[0], atol=1e-2)


@pytest.mark.parametrize(("num_asking", "num_answering"), [(3, 8), (8, 3)])
@pytest.mark.parametrize("causal", [True, False])
def test_masked_steps_answer_nothing(num_asking: int, num_answering: int, causal: bool) -> None:
    model = encoder(causal=causal).eval()
    asking, answering = torch.randn(5, num_asking, 6), torch.randn(5, num_answering, 6)
    mask = torch.rand(5, num_answering) > 0.4
    other = torch.where(mask.unsqueeze(-1), answering, torch.full_like(answering, 1e3))
    torch.testing.assert_close(model(asking, other, mask), model(asking, answering, mask))


def test_a_clip_that_lacks_the_other_stream_stays_finite() -> None:
    model = encoder()
    asking = torch.randn(2, 7, 6, requires_grad=True)
    mask = everything(2, 4)
    mask[1] = False
    result = model(asking, torch.randn(2, 4, 6), mask)
    result.square().sum().backward()
    assert result.isfinite().all()
    assert asking.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("place", ["embedding_dropout", "weight_dropout", "inner_dropout", "dropout"])
def test_each_dropout_acts_in_training_only(place: str) -> None:
    model = encoder(**{place: 0.5})
    asking, answering, mask = torch.randn(5, 7, 6), torch.randn(5, 4, 6), everything(5, 4)
    assert not torch.equal(model(asking, answering, mask), model(asking, answering, mask))
    model.eval()
    assert torch.equal(model(asking, answering, mask), model(asking, answering, mask))


def test_the_weights_of_query_key_and_value_start_as_parts_of_one_matrix() -> None:
    """Glorot & Bengio (2010) for 3 W x W: uniform up to sqrt(6 / (W + 3 W))."""
    layer = encoder(60, num_layers=1).layers[0]
    for part in (layer.attention.query, layer.attention.key, layer.attention.value):
        assert part.weight.abs().max().item() == pytest.approx((6 / 240) ** 0.5, rel=0.01)
    assert layer.feedforward[0].weight.abs().max().item() == pytest.approx((6 / 300) ** 0.5, rel=0.01)
    assert not layer.feedforward[0].bias.any()
