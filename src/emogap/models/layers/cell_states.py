"""What an LSTM remembers after every step: its cell, and not its output alone.

Shapes: B clips, T steps of the stream, S steps taken, D channels, H width of the state, G = 4 H its gates in torch's
order (input, forget, candidate, output).
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from emogap.models.layers.length_alignment import repeat_steps

__all__ = ["CellLSTM", "before_each_step"]


class CellLSTM(nn.Module):
    """One LSTM layer that tells hidden states and cells; a masked step leaves both as they were.

    Parameters
    ----------
    num_channels : int
        D.
    width : int
        H. The weights start as torch's do.

    Notes
    -----
    torch's own layer tells no cells, and a loop over torch's LSTM cell records every operation of every step. Here
    what the gates make of the stream comes for all steps at once, and once for steps that are repeated; the rest of
    the loop has its gradient written out by hand. A test compares both with torch's cell, step by step.
    """

    def __init__(self, num_channels: int, *, width: int) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(num_channels, width)

    def forward(
        self, stream_BTD: Float[Tensor, "B T D"], mask_BS: Bool[Tensor, "B S"]
    ) -> tuple[Float[Tensor, "B S H"], Float[Tensor, "B S H"]]:
        """Hidden states and cells after each of S steps; each step of the stream is taken S / T times in a row."""
        bias_G = self.cell.bias_ih + self.cell.bias_hh
        of_stream_BTG = functional.linear(stream_BTD, self.cell.weight_ih, bias_G)
        of_stream_SBG = repeat_steps(of_stream_BTG, mask_BS.shape[1]).transpose(0, 1).contiguous()
        hidden_SBH, cell_SBH = _Steps.apply(  # type: ignore[no-untyped-call]
            of_stream_SBG, mask_BS.t().unsqueeze(-1), self.cell.weight_hh.t()
        )
        return hidden_SBH.transpose(0, 1), cell_SBH.transpose(0, 1)


def before_each_step(state_BTH: Float[Tensor, "B T H"]) -> Float[Tensor, "B T H"]:
    """The state that each step finds: that after the step before it; zero at the first."""
    return functional.pad(state_BTH[:, :-1], (0, 0, 1, 0))


class _Steps(torch.autograd.Function):
    """The loop over time of :class:`CellLSTM`, and its gradient.

    ``i, f, g, o`` are the gates of ``of_stream + h W`` behind sigmoid, sigmoid, tanh, sigmoid; ``c <- f c + i g``,
    ``h <- o tanh(c)``. Hochreiter & Schmidhuber (1997), Neural Computation 9:1735, with the forget gate of Gers et
    al. (2000).
    """

    @staticmethod
    def forward(ctx: Any, of_stream_SBG: Tensor, is_real_SB1: Tensor, W_HG: Tensor) -> tuple[Tensor, Tensor]:
        (num_steps, num_clips, _), width = of_stream_SBG.shape, W_HG.shape[0]
        hidden_UBH, cell_UBH = of_stream_SBG.new_zeros(2, num_steps + 1, num_clips, width)
        gate_SBG, squashed_SBH = torch.empty_like(of_stream_SBG), torch.empty_like(cell_UBH[1:])
        for step in range(num_steps):
            gate_BG = torch.addmm(of_stream_SBG[step], hidden_UBH[step], W_HG, out=gate_SBG[step])
            gate_BG[:, : 2 * width].sigmoid_()
            gate_BG[:, 2 * width : 3 * width].tanh_()
            gate_BG[:, 3 * width :].sigmoid_()
            gain_BH, forget_BH, candidate_BH, output_BH = gate_BG.chunk(4, dim=1)
            new_BH = torch.addcmul(gain_BH * candidate_BH, forget_BH, cell_UBH[step])
            torch.tanh(new_BH, out=squashed_SBH[step])
            torch.where(is_real_SB1[step], new_BH, cell_UBH[step], out=cell_UBH[step + 1])
            torch.where(is_real_SB1[step], output_BH * squashed_SBH[step], hidden_UBH[step], out=hidden_UBH[step + 1])
        ctx.save_for_backward(hidden_UBH, cell_UBH, gate_SBG, squashed_SBH, is_real_SB1, W_HG)
        return hidden_UBH[1:].clone(), cell_UBH[1:].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, Tensor]:
        hidden_UBH, cell_UBH, gate_SBG, squashed_SBH, is_real_SB1, W_HG = ctx.saved_tensors
        gain_SBH, forget_SBH, candidate_SBH, output_SBH = gate_SBG.chunk(4, dim=-1)
        # What a change of the cell (thrice) and of the hidden state means for the gates before they are squashed.
        to_gate_SBG = is_real_SB1 * torch.cat(
            [
                candidate_SBH * gain_SBH * (1 - gain_SBH),
                cell_UBH[:-1] * forget_SBH * (1 - forget_SBH),
                gain_SBH * (1 - candidate_SBH.square()),
                squashed_SBH * output_SBH * (1 - output_SBH),
            ],
            dim=-1,
        )
        cell_from_hidden_SBH = is_real_SB1 * output_SBH * (1 - squashed_SBH.square())
        retained_SBH = torch.where(is_real_SB1, forget_SBH, 1.0)
        skipped_SB1 = is_real_SB1.logical_not().to(gate_SBG.dtype)
        of_hidden_SBH, of_cell_SBH = gradients
        of_gate_SBG = torch.empty_like(gate_SBG)
        hidden_BH, cell_BH = torch.zeros_like(of_hidden_SBH[0]), torch.zeros_like(of_cell_SBH[0])
        for step in reversed(range(len(gate_SBG))):
            hidden_BH = hidden_BH + of_hidden_SBH[step]
            cell_BH = torch.addcmul(cell_BH + of_cell_SBH[step], cell_from_hidden_SBH[step], hidden_BH)
            change_BG = torch.cat([cell_BH, cell_BH, cell_BH, hidden_BH], dim=1)
            torch.mul(change_BG, to_gate_SBG[step], out=of_gate_SBG[step])
            hidden_BH = torch.addmm(skipped_SB1[step] * hidden_BH, of_gate_SBG[step], W_HG.t())
            cell_BH = cell_BH * retained_SBH[step]
        of_W_HG = hidden_UBH[:-1].flatten(0, 1).t() @ of_gate_SBG.flatten(0, 1)
        return of_gate_SBG, None, of_W_HG
