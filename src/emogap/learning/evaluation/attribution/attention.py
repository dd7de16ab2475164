"""What the tokens of a clip take from each other, for the networks whose tokens are the steps of the streams.

Attention belongs to the network, not to a head: the heads of all views read what the same tokens have collected. What
differs between views is which of that attention an answer rests on: attention times its gradient.

Shapes: B clips, Q tokens that ask, S tokens that answer, N heads of attention.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.explained import Classes, Network
from emogap.models.batch import Batch
from emogap.models.layers.attention_weights import attention_weights, collect
from emogap.models.layers.cross_attention import CrossAttention
from emogap.models.layers.token_transformer import TokenTransformer
from emogap.models.token_model import TokenModel
from emogap.models.zoo import emert

__all__ = ["TokenAttention", "attention_layers", "token_attention", "without_attention"]

Weights = list[Float[Tensor, "B N Q S"]]


@dataclass(frozen=True, slots=True, eq=False)
class TokenAttention:
    """Attention of B clips over the S steps of all streams, in the task's order.

    Attributes
    ----------
    weight : float32 tensor, shape (B, S)
        Share of attention that a step gets, averaged over layers, heads and the asking tokens that are real; rows sum
        to 1.
    relevance : mapping from view to float32 tensor, shape (B, S)
        Share of a step in the attention that speaks for the explained class; rows sum to 1, NaN if none does.
    """

    weight: Float[Tensor, "B S"]
    relevance: Mapping[str, Float[Tensor, "B S"]]


def without_attention(model: Network) -> str:
    """Why the attention of `model` cannot be told over the steps of its streams; empty if it can."""
    if isinstance(model, emert.Model):
        steps = sum(shape[0] for shape in model.task.streams.values())
        if len(model.private_position_SW) != steps:
            tokens = counted(len(model.private_position_SW), "token", "is")
            return f"its {tokens} not the {counted(steps, 'step')} of its streams"
        return ""
    if isinstance(model, TokenModel):
        return ""
    return "it has no attention over the steps of its streams; occlusion says what its answers rest on"


def attention_layers(model: Network) -> tuple[CrossAttention, ...]:
    """The layers of attention over all steps, from first to last.

    Raises
    ------
    UsageError
        If the model has none, or its tokens are not the steps of its streams.
    """
    reason = without_attention(model)
    if reason:
        name = type(model).__module__.rsplit(".", 1)[-1]
        raise UsageError(f"{name}: {reason}", fix="ask for its occlusion alone, or name emert or resnet_transformer")
    layers = model.layers if isinstance(model, emert.Model) else _transformer(model).layers
    return tuple(_attention_of(layer) for layer in layers)


def _transformer(model: Network) -> TokenTransformer:
    assert isinstance(model, TokenModel)
    return model.transformer


def _attention_of(layer: nn.Module) -> CrossAttention:
    assert isinstance(layer.attention, CrossAttention)
    return layer.attention


def token_attention(model: Network, batch: Batch, classes: Classes) -> TokenAttention:
    """Attention of `model` in each clip, and which of it speaks for the explained classes.

    Parameters
    ----------
    model : Network
    batch : Batch
    classes : Classes

    Raises
    ------
    UsageError
        See :func:`attention_layers`.

    Notes
    -----
    ``A_l`` = weights of layer l (B, N, Q, S), ``G_l`` = gradient of the logit of the explained class with respect to
    them, ``R_l`` = mean over heads of the positive part of ``A_l G_l`` (Chefer et al. 2021, equation 5). In EMERT the
    answering tokens stay as they are, so that the relevance is the sum of all ``R_l`` (equation 10); where tokens ask
    each other it is ``R <- R + R_l R`` from the identity (equation 6), less the identity. Then the mean over asking
    tokens, as a share of its sum over steps.

    References
    ----------
    Chefer, Gur & Wolf (2021), arXiv 2103.15679, section 3.
    """
    layers = attention_layers(model)
    with _recorded(layers) as weights, torch.enable_grad():
        logits = model.eval()(batch).logits
        relevance = {view: _relevance(model, weights, logits[view], classes[view], batch) for view in logits}
    asks_BQ = _step_mask(model, batch)
    mean_BQS = torch.stack([weight.detach().mean(dim=1) for weight in weights]).mean(dim=0)
    return TokenAttention(_over_asking(mean_BQS, asks_BQ), relevance)


def _relevance(
    model: Network, weights: Weights, logit_BK: Tensor, class_B: Tensor, batch: Batch
) -> Float[Tensor, "B S"]:
    chosen_B = logit_BK.gather(1, class_B.clamp(min=0).unsqueeze(1)).squeeze(1)
    gradients = torch.autograd.grad(chosen_B.sum(), weights, retain_graph=True)
    parts = [
        (weight * gradient).clamp(min=0).mean(dim=1).detach()
        for weight, gradient in zip(weights, gradients, strict=True)
    ]
    asks_BQ = _step_mask(model, batch)
    total_BS = _over_asking(_sum_of_layers(parts, asks_each_other=_ask_each_other(model)), asks_BQ)
    share_BS = total_BS / total_BS.sum(dim=1, keepdim=True)
    return share_BS.where((class_B >= 0).unsqueeze(1) & share_BS.isfinite(), torch.tensor(torch.nan))


def _sum_of_layers(parts: list[Tensor], *, asks_each_other: bool) -> Float[Tensor, "B Q S"]:
    if not asks_each_other:
        return torch.stack(parts).sum(dim=0)
    identity = torch.eye(parts[0].shape[-1]).expand_as(parts[0])
    relevance = identity
    for part in parts:
        relevance = relevance + part @ relevance
    return relevance - identity


def _ask_each_other(model: Network) -> bool:
    return not isinstance(model, emert.Model) or model.generic_position_SW is None


def _step_mask(model: Network, batch: Batch) -> Bool[Tensor, "B S"]:
    return torch.cat([batch.masks[name] for name in model.task.streams], dim=1)


def _over_asking(value_BQS: Tensor, asks_BQ: Bool[Tensor, "B Q"]) -> Float[Tensor, "B S"]:
    """Mean over the asking tokens that are real; the others are in no answer."""
    mean_BS: Tensor = (value_BQS * asks_BQ.unsqueeze(2)).sum(dim=1) / asks_BQ.sum(dim=1, keepdim=True)
    return mean_BS


@contextmanager
def _recorded(layers: tuple[CrossAttention, ...]) -> Iterator[Weights]:
    """The weights of each layer, in the order in which they are used, as part of the graph while the block lasts."""
    weights: Weights = []

    def use_recorded(layer: nn.Module, given: tuple[Tensor, ...], _: Tensor) -> Tensor:
        assert isinstance(layer, CrossAttention)
        asking_BQD, key_BSD, value_BSD, mask = given
        weights.append(attention_weights(layer, asking_BQD, key_BSD, mask))
        return collect(layer, weights[-1], value_BSD)

    hooks = [layer.register_forward_hook(use_recorded) for layer in layers]
    try:
        yield weights
    finally:
        for hook in hooks:
            hook.remove()
