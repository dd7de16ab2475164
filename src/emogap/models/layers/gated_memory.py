"""A memory beside several LSTMs, which attends to how their cells change and decides what to keep.

Zadeh et al. (2018), Memory fusion network for multi-view sequential learning, AAAI, arXiv 1802.00927, sections 3.2
and 3.3.

Shapes: B clips, T steps, X width of the window (the cells of two steps), M width of the memory, H hidden widths of
both gates together, G = 2 M both gates together.
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

__all__ = ["GatedMemory", "HiddenLayer", "Perceptron"]


@dataclass(frozen=True, slots=True)
class HiddenLayer:
    """What is between the two linear layers of a :class:`Perceptron`.

    Attributes
    ----------
    width : int
        Its width.
    dropout : float
        Share of it that is dropped in training.
    """

    width: int
    dropout: float


class Perceptron(nn.Module):
    """Linear, ReLU, dropout, Linear."""

    def __init__(self, num_inputs: int, between: HiddenLayer, num_outputs: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(num_inputs, between.width)
        self.dropout = nn.Dropout(between.dropout)
        self.output = nn.Linear(between.width, num_outputs)

    def forward(self, value: Tensor) -> Tensor:
        """What the network makes of the last axis of `value`."""
        result: Tensor = self.output(self.dropout(self.hidden(value).relu()))
        return result


class GatedMemory(nn.Module):
    """A memory u(t) of what several LSTMs do together.

    With c* the window at step t: ``a = softmax(NN1(c*))`` over all its entries, ``s = a c*``, ``v = tanh(NN2(s))``,
    ``g1, g2 = sigmoid(NN([s; u(t-1)]))`` from a network each, ``u(t) = g1 u(t-1) + g2 v``, from u = 0.

    Parameters
    ----------
    window : int
        X.
    width : int
        M.
    attention, update, retain, write : HiddenLayer
        Of NN1, NN2, and the networks of the gates g1 and g2; each is a :class:`Perceptron`.

    Notes
    -----
    Only the gates need the memory of the step before. All else is computed for all steps at once: a, s, v, and what
    the hidden layers of the gates make of s. What remains for the loop over time has its gradient written out by
    hand, so that it runs without a record of every operation; a test compares it with that of torch.
    """

    def __init__(
        self,
        window: int,
        width: int,
        *,
        attention: HiddenLayer,
        update: HiddenLayer,
        retain: HiddenLayer,
        write: HiddenLayer,
    ) -> None:
        super().__init__()
        self.width = width
        self.attention = Perceptron(window, attention, window)
        self.update = Perceptron(window, update, width)
        self.retain = Perceptron(window + width, retain, width)
        self.write = Perceptron(window + width, write, width)

    def attend(self, window_BTX: Float[Tensor, "B T X"]) -> Float[Tensor, "B T X"]:
        """The weight of each entry of each window; those of one window sum to 1."""
        weight_BTX: Tensor = self.attention(window_BTX).softmax(dim=-1)
        return weight_BTX

    def forward(self, window_BTX: Float[Tensor, "B T X"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B M"]:
        """The memory after the last step; a step at which the mask is False leaves it as it was."""
        attended_TBX = (self.attend(window_BTX) * window_BTX).transpose(0, 1)
        gates = (self.retain, self.write)
        weight = torch.cat([gate.hidden.weight for gate in gates])
        of_window, of_memory = torch.split(weight, [window_BTX.shape[-1], self.width], dim=1)
        hidden_TBH = functional.linear(attended_TBX, of_window, torch.cat([gate.hidden.bias for gate in gates]))
        parts = torch.split(hidden_TBH, [gate.hidden.out_features for gate in gates], dim=-1)
        kept = [gate.dropout(torch.ones_like(part)) for gate, part in zip(gates, parts, strict=True)]
        memory_BM: Tensor = _Recall.apply(  # type: ignore[no-untyped-call]
            hidden_TBH,
            torch.cat(kept, dim=-1),
            self._gate_bias(mask_BT),
            self.update(attended_TBX).tanh(),
            of_memory.t(),
            self._gate_weight().t(),
        )
        return memory_BM

    def _gate_weight(self) -> Float[Tensor, "G H"]:
        """The last layers of both gates as one: each reads its own half of the hidden layer."""
        retain, write = self.retain.output, self.write.output
        return torch.cat(
            [
                functional.pad(retain.weight, (0, write.in_features)),
                functional.pad(write.weight, (retain.in_features, 0)),
            ]
        )

    def _gate_bias(self, mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "T B G"]:
        """The biases of both gates; where the mask is False those that keep everything and write nothing."""
        retain, write = self.retain.output.bias, self.write.output.bias
        is_real_TB1 = mask_BT.t().unsqueeze(-1)
        return torch.cat(
            [torch.where(is_real_TB1, retain, torch.inf), torch.where(is_real_TB1, write, -torch.inf)], dim=-1
        )


class _Recall(torch.autograd.Function):
    """The loop over time of :class:`GatedMemory`, and its gradient.

    ``h = relu(base + u W1) kept``, ``[g1, g2] = sigmoid(bias + h W2)``, ``u <- g1 u + g2 v``.
    """

    @staticmethod
    def forward(
        ctx: Any,
        base_TBH: Tensor,
        kept_TBH: Tensor,
        bias_TBG: Tensor,
        proposal_TBM: Tensor,
        W1_MH: Tensor,
        W2_HG: Tensor,
    ) -> Tensor:
        num_steps, num_clips, width = proposal_TBM.shape
        memory_UBM = proposal_TBM.new_zeros(num_steps + 1, num_clips, width)
        hidden_TBH, gate_TBG = torch.empty_like(base_TBH), torch.empty_like(bias_TBG)
        for step in range(num_steps):
            torch.addmm(base_TBH[step], memory_UBM[step], W1_MH, out=hidden_TBH[step]).relu_().mul_(kept_TBH[step])
            torch.addmm(bias_TBG[step], hidden_TBH[step], W2_HG, out=gate_TBG[step]).sigmoid_()
            retain_BM, write_BM = gate_TBG[step].chunk(2, dim=1)
            torch.addcmul(retain_BM * memory_UBM[step], write_BM, proposal_TBM[step], out=memory_UBM[step + 1])
        ctx.save_for_backward(memory_UBM, hidden_TBH, gate_TBG, kept_TBH, proposal_TBM, W1_MH, W2_HG)
        return memory_UBM[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        memory_UBM, hidden_TBH, gate_TBG, kept_TBH, proposal_TBM, W1_MH, W2_HG = ctx.saved_tensors
        before_TBM = memory_UBM[:-1]
        retain_TBM, write_TBM = gate_TBG.chunk(2, dim=-1)
        # What a change of the memory means for both gates before their sigmoid, and for h before its ReLU.
        to_gate_TB2M = (torch.cat([before_TBM, proposal_TBM], dim=-1) * gate_TBG * (1 - gate_TBG)).unflatten(
            -1, (2, -1)
        )
        to_base_TBH = kept_TBH * (hidden_TBH > 0)
        of_memory_TBM, of_gate_TBG, of_base_TBH = (torch.empty_like(of) for of in (proposal_TBM, gate_TBG, hidden_TBH))
        (now_BM,) = gradients
        for step in reversed(range(len(proposal_TBM))):
            of_memory_TBM[step] = now_BM
            of_gate_TBG[step] = (now_BM.unsqueeze(1) * to_gate_TB2M[step]).flatten(1)
            torch.mul(of_gate_TBG[step] @ W2_HG.t(), to_base_TBH[step], out=of_base_TBH[step])
            now_BM = torch.addmm(now_BM * retain_TBM[step], of_base_TBH[step], W1_MH.t())
        of_W1_MH = before_TBM.flatten(0, 1).t() @ of_base_TBH.flatten(0, 1)
        of_W2_HG = hidden_TBH.flatten(0, 1).t() @ of_gate_TBG.flatten(0, 1)
        return of_base_TBH, None, of_gate_TBG, of_memory_TBM * write_TBM, of_W1_MH, of_W2_HG
