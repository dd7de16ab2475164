"""The exchange follows its formula, and its gate is shut but not stuck at first."""

import math

import torch

from emogap.models.layers.fusion_bottleneck import FusionBottleneck


def bottleneck() -> FusionBottleneck:
    torch.manual_seed(0)
    return FusionBottleneck(6, bottleneck_width=4)


def test_it_follows_its_formula_token_by_token() -> None:
    model = bottleneck()
    torch.nn.init.constant_(model.gate, 0.7)
    tokens, received = torch.randn(3, 5, 6), torch.randn(3, 4)
    found = model.widen(tokens, model.narrow(tokens), received)
    for sequence in range(3):
        for token in range(5):
            x = tokens[sequence, token].double()
            z = model.down.weight.double() @ x + model.down.bias.double()
            z = (z - z.mean()) / (z.var(correction=0) + 1e-5).sqrt() * model.norm.weight + model.norm.bias
            wide = model.up.weight.double() @ (z + received[sequence]) + model.up.bias.double()
            gelu = 0.5 * wide * (1 + torch.erf(wide / math.sqrt(2)))
            expected = x + math.tanh(0.7) * gelu
            torch.testing.assert_close(found[sequence, token].double(), expected, rtol=1e-4, atol=1e-5)


def test_the_gate_is_shut_at_first_and_has_a_gradient() -> None:
    model = bottleneck()
    tokens = torch.randn(3, 5, 6)
    found = model.widen(tokens, model.narrow(tokens), torch.randn(3, 4))
    assert torch.equal(found, tokens)
    found.sum().backward()
    assert model.gate.grad.abs() > 1e-3
