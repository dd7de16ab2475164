"""What an LSTM remembers after every step: its cell, and not its output alone.

Shapes: B clips, T steps, D channels, H width of the state, G = 4 H its gates (torch's
order: input, forget, candidate, output).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.layers.sequence_encoder import Initialisation, MaskedLSTM

__all__ = ["CellGates", "GatedCell", "before_each_step", "held_through_gaps", "linear_recurrence"]


@dataclass(frozen=True, slots=True, eq=False)
class CellGates:
    """What decides the cell c(t) = forget(t) c(t-1) + gain(t) of an LSTM, and its hidden state.

    Attributes
    ----------
    forget, gain, hidden : float32 tensor, shape (B, T, H)
        In a masked step nothing is forgotten, nothing gained, and the hidden state is that of the last real step.
    """

    forget: Tensor
    gain: Tensor
    hidden: Tensor


class GatedCell(nn.Module):
    """One LSTM layer that shows the gates of its cell at every step; masked steps leave its state as it was.

    torch's LSTM tells hidden states and no cells. Once the hidden states are known, all gates follow from two matrix
    products over all steps at once, and the cells from :func:`linear_recurrence`: the same numbers, and the same
    gradients, as from a loop over cells, in fewer operations.

    Parameters
    ----------
    num_channels : int
        D.
    width : int
        H.
    initialisation : "glorot" or "torch"
        As in :class:`~emogap.models.layers.sequence_encoder.MaskedLSTM`.
    """

    def __init__(self, num_channels: int, *, width: int, initialisation: Initialisation) -> None:
        super().__init__()
        self.encoder = MaskedLSTM(num_channels, width=width, num_layers=1, initialisation=initialisation)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> CellGates:
        """The gates of the cell, and the hidden state, at every step."""
        hidden_BTH = held_through_gaps(self.encoder(stream_BTD, mask_BT), mask_BT)
        input_weight, hidden_weight, input_bias, hidden_bias = self.encoder.lstm.parameters()
        gate_BTG = functional.linear(stream_BTD, input_weight, input_bias)
        gate_BTG = gate_BTG + functional.linear(before_each_step(hidden_BTH), hidden_weight, hidden_bias)
        gain_BTH, forget_BTH, candidate_BTH, _ = gate_BTG.chunk(4, dim=-1)
        gain_BTH = gain_BTH.sigmoid() * candidate_BTH.tanh()
        is_real_BT1 = mask_BT.unsqueeze(-1)
        return CellGates(
            forget=torch.where(is_real_BT1, forget_BTH.sigmoid(), 1.0),
            gain=torch.where(is_real_BT1, gain_BTH, 0.0),
            hidden=hidden_BTH,
        )


def linear_recurrence(factor_BTH: Float[Tensor, "B T H"], term_BTH: Float[Tensor, "B T H"]) -> Float[Tensor, "B T H"]:
    """x(t) = factor(t) x(t-1) + term(t) for every step, from x(-1) = 0.

    Examples
    --------
    >>> factor, term = torch.tensor([2.0, 10.0, 0.5]), torch.tensor([1.0, 2.0, 3.0])
    >>> linear_recurrence(factor.view(1, 3, 1), term.view(1, 3, 1)).flatten()
    tensor([ 1., 12.,  9.])
    """
    now_BH = torch.zeros_like(term_BTH[:, 0])
    states = []
    for factor_BH, term_BH in zip(factor_BTH.unbind(1), term_BTH.unbind(1), strict=True):
        now_BH = torch.addcmul(term_BH, factor_BH, now_BH)
        states.append(now_BH)
    return torch.stack(states, dim=1)


def held_through_gaps(value_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
    """At every step the value of the last real step so far; zero before the first.

    Examples
    --------
    >>> value, mask = torch.tensor([7.0, 1.0, 7.0, 3.0]), torch.tensor([False, True, False, True])
    >>> held_through_gaps(value.view(1, 4, 1), mask.view(1, 4)).flatten()
    tensor([0., 1., 1., 3.])
    """
    step_T = torch.arange(1, mask_BT.shape[1] + 1, device=mask_BT.device)
    latest_BT = torch.where(mask_BT, step_T, 0).cummax(dim=1).values
    from_zero_BUD = functional.pad(value_BTD, (0, 0, 1, 0))
    return from_zero_BUD.gather(1, latest_BT.unsqueeze(-1).expand_as(value_BTD))


def before_each_step(state_BTH: Float[Tensor, "B T H"]) -> Float[Tensor, "B T H"]:
    """The state that each step finds: that after the step before it; zero at the first."""
    return functional.pad(state_BTH[:, :-1], (0, 0, 1, 0))
