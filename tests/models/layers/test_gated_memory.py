"""The gated memory, against the equations of its paper taken step by step."""

import pytest
import torch

from emogap.models.layers.gated_memory import GatedMemory, HiddenLayer

B, T, X, M = 5, 4, 6, 3
MASK = torch.tensor([[True] * 4, [False, True, True, True], [True, False, False, True], [True, True, False, False],
                     [False] * 4])  # fmt: skip


def memory(dropout: float = 0.0) -> GatedMemory:
    torch.manual_seed(0)
    return GatedMemory(
        X, M, attention=HiddenLayer(7, 0), update=HiddenLayer(8, 0), retain=HiddenLayer(9, 0),
        write=HiddenLayer(10, dropout),
    ).double()  # fmt: skip


@pytest.fixture
def window() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(B, T, X, generator=generator, dtype=torch.float64) * 2


def step_by_step(module: GatedMemory, window_BTX: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
    """u(T), every equation as it is printed."""
    u = torch.zeros(len(window_BTX), M, dtype=torch.float64)
    for step in range(window_BTX.shape[1]):
        c = window_BTX[:, step]
        attended = torch.softmax(module.attention(c), dim=1) * c
        both = torch.cat([attended, u], dim=1)
        retain, write = torch.sigmoid(module.retain(both)), torch.sigmoid(module.write(both))
        new = retain * u + write * torch.tanh(module.update(attended))
        u = torch.where(mask_BT[:, step, None], new, u)
    return u


def set_gate(gate: torch.nn.Module, value: float) -> None:
    """A gate that always says `value`."""
    torch.nn.init.zeros_(gate.output.weight)
    torch.nn.init.constant_(gate.output.bias, torch.logit(torch.tensor(value, dtype=torch.float64)).item())


def test_the_memory_is_that_of_the_equations_taken_step_by_step(window: torch.Tensor) -> None:
    module = memory()
    torch.testing.assert_close(module(window, MASK), step_by_step(module, window, MASK))
    assert module(window, MASK)[:4].abs().min() > 1e-4
    assert not module(window, MASK)[4].any()


def test_the_gradient_written_by_hand_is_that_of_torch(window: torch.Tensor) -> None:
    module = memory()
    inputs = [window.requires_grad_(), *module.parameters()]
    weight = torch.arange(1.0, B * M + 1).view(B, M)
    ours = torch.autograd.grad((module(window, MASK) * weight).sum(), inputs)
    theirs = torch.autograd.grad((step_by_step(module, window, MASK) * weight).sum(), inputs)
    for gradient, expected in zip(ours, theirs, strict=True):
        assert expected.any()
        torch.testing.assert_close(gradient, expected)


def test_dropout_within_a_gate_has_its_part_in_the_gradient(window: torch.Tensor) -> None:
    """Against differences of the memory itself, with the same units dropped each time."""
    module = memory(dropout=0.5)

    def answer(value: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(3)
        return module(value, MASK)

    assert not torch.allclose(answer(window), step_by_step(module.eval(), window, MASK))
    module.train()
    assert torch.autograd.gradcheck(answer, (window.requires_grad_(),))


def test_attention_is_shared_out_over_all_entries_of_a_window(window: torch.Tensor) -> None:
    weight = memory().attend(window)
    assert weight.shape == (B, T, X)
    assert (weight > 0).all()
    torch.testing.assert_close(weight.sum(dim=-1), torch.ones(B, T, dtype=torch.float64))


def test_a_gate_that_keeps_all_and_one_that_writes_nothing_freeze_the_memory(window: torch.Tensor) -> None:
    module = memory()
    set_gate(module.retain, 1.0)
    set_gate(module.write, 0.0)
    assert not module(window, MASK).any()
    set_gate(module.write, 0.25)
    longer = torch.cat([window[:, :1], window], dim=1)
    kept = module(longer, torch.cat([torch.ones(B, 1, dtype=torch.bool), torch.zeros_like(MASK)], dim=1))
    once = module(window[:, :1], torch.ones(B, 1, dtype=torch.bool))
    assert torch.equal(kept, once)
    assert once.abs().min() > 0


def test_a_gate_that_keeps_nothing_leaves_no_memory_of_earlier_steps(window: torch.Tensor) -> None:
    module = memory()
    set_gate(module.retain, 0.0)
    set_gate(module.write, 0.25)
    full = torch.ones(B, T, dtype=torch.bool)
    changed = window.clone()
    changed[:, : T - 1] += 1
    torch.testing.assert_close(module(changed, full), module(window, full))
    set_gate(module.retain, 0.5)
    assert not torch.allclose(module(changed, full), module(window, full), atol=1e-3)
