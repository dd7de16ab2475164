"""Cells and hidden states, against a loop over torch's LSTM cell."""

import torch
from torch import nn

from emogap.models.layers.cell_states import CellLSTM, before_each_step

MASK = torch.tensor(
    [
        [True, True, True, True, True, True],
        [False, False, True, True, False, True],
        [True, False, True, False, False, False],
        [False, False, False, False, False, False],
    ]
)


def looped(cell: nn.LSTMCell, stream_BTD: torch.Tensor, mask_BT: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states and cells after every step, one step at a time; a masked step leaves both."""
    hidden, memory = torch.zeros(2, len(stream_BTD), cell.hidden_size)
    states = []
    for step in range(stream_BTD.shape[1]):
        new_hidden, new_memory = cell(stream_BTD[:, step], (hidden, memory))
        is_real = mask_BT[:, step, None]
        hidden, memory = torch.where(is_real, new_hidden, hidden), torch.where(is_real, new_memory, memory)
        states.append((hidden, memory))
    return torch.stack([state[0] for state in states], 1), torch.stack([state[1] for state in states], 1)


def test_cells_and_hidden_states_are_those_of_a_loop_over_cells() -> None:
    torch.manual_seed(0)
    module, stream_BTD = CellLSTM(3, width=5), torch.randn(4, 6, 3)
    found = module(stream_BTD, MASK)
    expected = looped(module.cell, stream_BTD, MASK)
    torch.testing.assert_close(found, expected)
    assert expected[1][2, -1].any()
    assert not expected[1][3].any()


def test_gradients_are_those_of_a_loop_over_cells() -> None:
    torch.manual_seed(0)
    module = CellLSTM(3, width=5)
    stream_BTD, weight_BTH = torch.randn(4, 6, 3, requires_grad=True), torch.randn(2, 4, 6, 5)
    inputs = [stream_BTD, *module.parameters()]

    def gradients(states: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad((weight_BTH[0] * states[0] + weight_BTH[1] * states[1]).sum(), inputs)

    expected = gradients(looped(module.cell, stream_BTD, MASK))
    for ours, theirs in zip(gradients(module(stream_BTD, MASK)), expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_stream_of_fewer_steps_is_taken_as_if_each_step_were_repeated() -> None:
    torch.manual_seed(0)
    module, stream_BTD = CellLSTM(3, width=5), torch.randn(4, 2, 3)
    torch.testing.assert_close(module(stream_BTD, MASK), module(stream_BTD.repeat_interleave(3, dim=1), MASK))


def test_the_state_before_a_step_is_that_after_the_step_before() -> None:
    state_BTH = torch.arange(24.0).view(2, 3, 4) + 1
    before_BTH = before_each_step(state_BTH)
    assert not before_BTH[:, 0].any()
    assert torch.equal(before_BTH[:, 1:], state_BTH[:, :2])
