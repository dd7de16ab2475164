"""The layer is the identity forwards and minus lambda backwards."""

import pytest
import torch

from emogap.models.layers.gradient_reversal import GradientReversal


@pytest.mark.parametrize("coefficient", [0.0, 0.25, 1.0])
def test_the_value_is_kept_and_its_gradient_turned(coefficient: float) -> None:
    value = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    upstream = torch.arange(15.0).view(5, 3)
    result = GradientReversal(coefficient)(value)
    assert torch.equal(result, value)
    result.backward(upstream)
    assert torch.equal(value.grad, -coefficient * upstream)
