"""Attention that is told is the attention that is used, and belongs to real tokens alone."""

from dataclasses import replace

import pytest
import torch

from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.attention import attention_layers, token_attention
from emogap.learning.evaluation.attribution.explained import predicted_classes
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import GradientModel
from emogap.models.layers.attention_weights import attention_weights, collect
from emogap.models.layers.cross_attention import CrossAttention
from emogap.models.zoo import emert, new_model
from emogap.types import LabelView, TaskSpec
from tests.learning.evaluation.attribution.test_occlusion import TASK, batch

SMALL = emert.Config(encoder_width=6, encoder_layers=1, mlp_width=5, width=4, num_heads=2, head_width=3)


def network(name: str = "emert", config: emert.Config | None = SMALL) -> GradientModel:
    torch.manual_seed(3)
    model = new_model(name, TASK, config=config)
    assert isinstance(model, GradientModel)
    return model.eval()


@pytest.mark.parametrize("name", ["emert", "resnet_transformer"])
def test_each_clip_shares_one_whole_among_its_real_steps(name: str) -> None:
    model, given = network(name, SMALL if name == "emert" else None), batch()
    found = token_attention(model, given, predicted_classes(model, given))
    mask = torch.cat([given.masks[stream] for stream in TASK.streams], dim=1)
    torch.testing.assert_close(found.weight.sum(dim=1), torch.ones(6))
    assert (found.weight[~mask] == 0).all()
    for share in found.relevance.values():
        assert (share[~mask].nan_to_num() == 0).all()
        known = share.isfinite().all(dim=1)
        torch.testing.assert_close(share[known].sum(dim=1), torch.ones(int(known.sum())))


def test_looking_does_not_change_the_answer() -> None:
    model, given = network(), batch()
    before = model(given).logits["felt"]
    token_attention(model, given, predicted_classes(model, given))
    torch.testing.assert_close(model(given).logits["felt"], before, rtol=0, atol=0)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_token_that_every_query_must_ask_gets_all_attention() -> None:
    """With one real step left, each row of attention is 1 there, by hand."""
    model, given = network(), batch()
    for mask in given.masks.values():
        mask[:] = False
    given.masks["eye"][:, 2] = True
    found = token_attention(model, given, predicted_classes(model, given))
    expected = torch.zeros(6, 10)
    expected[:, 3 + 2] = 1
    torch.testing.assert_close(found.weight, expected)


def test_views_differ_in_relevance_and_not_in_attention() -> None:
    model, given = network(), batch()
    found = token_attention(model, given, predicted_classes(model, given))
    assert not torch.allclose(found.relevance["felt"].nan_to_num(), found.relevance["shown"].nan_to_num())


def test_relevance_is_the_positive_gradient_times_attention() -> None:
    """For one layer, against finite differences of the logit along each weight of attention."""
    torch.manual_seed(3)
    config = SMALL.model_copy(update={"depth": 1, "num_heads": 1})
    model, given = new_model("emert", TASK, config=config).double().eval(), select_rows(batch(), torch.tensor([1]))
    assert isinstance(model, GradientModel)
    given = replace(given, streams={name: stream.double() for name, stream in given.streams.items()})
    classes = predicted_classes(model, given)
    found = token_attention(model, given, classes).relevance["felt"][0]
    (layer,) = attention_layers(model)
    expected = torch.stack([_slope(model, layer, given, int(classes["felt"]), step) for step in range(10)])
    torch.testing.assert_close(found, expected / expected.sum(), rtol=1e-4, atol=1e-6)


def _slope(model: GradientModel, layer: CrossAttention, given: Batch, chosen: int, step: int) -> torch.Tensor:
    """Mean over asking tokens of the positive part of weight times slope, by central differences."""
    total, size = torch.zeros((), dtype=torch.float64), 1e-5
    for asking in range(10):
        weight, above = _nudged(model, layer, given, chosen, (asking, step), size)
        _, below = _nudged(model, layer, given, chosen, (asking, step), -size)
        total += ((above - below) / (2 * size) * weight).clamp(min=0)
    return total / 10


def _nudged(
    model: GradientModel, layer: CrossAttention, given: Batch, chosen: int, at: tuple[int, int], change: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """One weight of attention, and the logit if it were larger by `change`."""
    seen = []

    def use_nudged(module: CrossAttention, inputs: tuple[torch.Tensor, ...], _: torch.Tensor) -> torch.Tensor:
        weights = attention_weights(module, inputs[0], inputs[1], inputs[3])
        seen.append(weights[0, 0, *at].clone())
        weights[0, 0, *at] += change
        return collect(module, weights, inputs[2])

    hook = layer.register_forward_hook(use_nudged)
    with torch.no_grad():
        logit = model(given).logits["felt"][0, chosen]
    hook.remove()
    return seen[0], logit


def test_a_model_without_attention_is_refused_in_words() -> None:
    model = new_model("resnet_lstm", TASK)
    with pytest.raises(UsageError, match="resnet_lstm: it has no attention over the steps"):
        token_attention(model, batch(), {})


def test_a_task_of_one_view_has_one_relevance() -> None:
    torch.manual_seed(0)
    task = TaskSpec((LabelView.SHOWN,), ("class",), "emotion3", {"eye": (7, 4)})
    model = new_model("emert", task, config=SMALL)
    found = token_attention(model, batch(), predicted_classes(model, batch()))
    assert list(found.relevance) == ["shown"]
    assert found.weight.shape == (6, 7)
