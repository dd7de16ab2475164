"""Cells and hidden states, against a loop over torch's LSTM cell."""

import torch
from torch import nn

from emogap.models.layers.cell_states import GatedCell, before_each_step, linear_recurrence

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


def same_cell(module: GatedCell) -> nn.LSTMCell:
    cell = nn.LSTMCell(3, 5)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in module.encoder.lstm.state_dict().items()})
    return cell


def test_cells_and_hidden_states_are_those_of_a_loop_over_cells() -> None:
    torch.manual_seed(0)
    module, stream_BTD = GatedCell(3, width=5, initialisation="torch"), torch.randn(4, 6, 3)
    gates = module(stream_BTD, MASK)
    hidden, memory = looped(same_cell(module), stream_BTD, MASK)
    torch.testing.assert_close(linear_recurrence(gates.forget, gates.gain), memory)
    torch.testing.assert_close(gates.hidden, hidden)
    assert memory[2, -1].any()
    assert not memory[3].any()


def test_gradients_are_those_of_a_loop_over_cells() -> None:
    """Each cell is computed twice, by torch's layer and from its gates; the gradient must count it once."""
    torch.manual_seed(0)
    module = GatedCell(3, width=5, initialisation="torch")
    cell = same_cell(module)
    stream_BTD, weight_BTH = torch.randn(4, 6, 3), torch.randn(2, 4, 6, 5)
    gates = module(stream_BTD, MASK)
    (weight_BTH[0] * gates.hidden + weight_BTH[1] * linear_recurrence(gates.forget, gates.gain)).sum().backward()
    hidden, memory = looped(cell, stream_BTD, MASK)
    (weight_BTH[0] * hidden + weight_BTH[1] * memory).sum().backward()
    for ours, theirs in zip(module.parameters(), cell.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)


def test_the_state_before_a_step_is_that_after_the_step_before() -> None:
    state_BTH = torch.arange(24.0).view(2, 3, 4) + 1
    before_BTH = before_each_step(state_BTH)
    assert not before_BTH[:, 0].any()
    assert torch.equal(before_BTH[:, 1:], state_BTH[:, :2])
