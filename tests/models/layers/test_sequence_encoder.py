"""Masked steps are skipped, wherever they stand."""

import pytest
import torch

from emogap.models.layers.sequence_encoder import Initialisation, MaskedLSTM, StepLinear


@pytest.fixture
def stream() -> torch.Tensor:
    return torch.randn(4, 7, 3, generator=torch.Generator().manual_seed(0))


def test_tokens_are_those_of_an_lstm_over_the_real_steps_alone(stream: torch.Tensor) -> None:
    torch.manual_seed(0)
    encoder = MaskedLSTM(3, width=5, num_layers=2)
    mask_BT = torch.tensor(
        [
            [True, True, True, True, True, True, True],
            [True, True, True, True, False, False, False],
            [False, True, False, False, True, True, False],
            [False, False, False, False, False, False, True],
        ]
    )
    tokens = encoder(stream, mask_BT)
    for clip, mask in enumerate(mask_BT):
        expected, _ = encoder.lstm(stream[clip, mask][None])
        torch.testing.assert_close(tokens[clip, mask], expected[0])
        assert not tokens[clip, ~mask].any()


def test_a_clip_without_a_real_step_gives_zeros_and_no_gradient(stream: torch.Tensor) -> None:
    stream.requires_grad_()
    mask_BT = torch.ones(4, 7, dtype=torch.bool)
    mask_BT[2] = False
    tokens = MaskedLSTM(3, width=5, num_layers=1)(stream, mask_BT)
    tokens.sum().backward()
    assert not tokens[2].any()
    assert not stream.grad[2].any()
    assert stream.grad[1].any()


def test_a_linear_encodes_each_step_for_itself(stream: torch.Tensor) -> None:
    encoder = StepLinear(3, width=5)
    mask_BT = torch.ones(4, 7, dtype=torch.bool)
    mask_BT[1, 3] = False
    tokens = encoder(stream, mask_BT)
    expected = stream[0, 6] @ encoder.linear.weight.T + encoder.linear.bias
    torch.testing.assert_close(tokens[0, 6], expected)
    assert not tokens[1, 3].any()


@pytest.mark.parametrize(("initialisation", "smallest_sd"), [("glorot", 0.1), ("torch", 0.0)])
def test_what_leaves_three_fresh_layers_still_varies_with_what_enters(
    initialisation: Initialisation, smallest_sd: float
) -> None:
    """With torch's own initialisation the tokens of two streams of noise differ by some thousandths."""
    torch.manual_seed(0)
    encoder = MaskedLSTM(20, width=64, num_layers=3, initialisation=initialisation)
    tokens = encoder(torch.randn(50, 16, 20), torch.ones(50, 16, dtype=torch.bool))
    sd = tokens[:, -1].std(dim=0).mean().item()
    assert smallest_sd < sd < smallest_sd + 0.1
