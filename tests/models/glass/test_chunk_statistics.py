"""Twelve statistics per chunk against a loop in numpy, and what a mask must not let through."""

import numpy as np
import pytest
import torch

from emogap.models.glass.chunk_statistics import attention_pool, chunk_statistics, token_differences

WINDOWS, TOKENS, WIDTH, PER_CHUNK = 2, 7, 4, 3


def tokens(*, missing: tuple[int, ...] = ()) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    token = torch.randn(WINDOWS, TOKENS, WIDTH, generator=generator, dtype=torch.float64)
    mask = torch.ones(WINDOWS, TOKENS, dtype=torch.bool)
    mask[0, list(missing)] = False
    query = torch.randn(3, WIDTH, generator=generator, dtype=torch.float64)
    return token, mask, query


def four_statistics(rows: list[np.ndarray], query: np.ndarray) -> np.ndarray:
    """Of the rows that exist, by their definitions."""
    if not rows:
        return np.zeros(4 * WIDTH)
    values = np.stack(rows)
    weight = np.exp(values @ query / np.sqrt(WIDTH))
    pooled = (weight[:, None] * values).sum(axis=0) / weight.sum()
    return np.concatenate([values.mean(axis=0), values.std(axis=0), values.max(axis=0), pooled])


def loop(token: np.ndarray, mask: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Statistics of one window, chunk by chunk and token by token."""
    first = {n: token[n] - token[n - 1] for n in range(1, TOKENS) if mask[n] and mask[n - 1]}
    second = {n: first[n] - first[n - 1] for n in first if n - 1 in first}
    streams = ({n: token[n] for n in range(TOKENS) if mask[n]}, first, second)
    chunks = []
    for start in range(0, TOKENS, PER_CHUNK):
        inside = range(start, min(start + PER_CHUNK, TOKENS))
        parts = [four_statistics([s[n] for n in inside if n in s], query[i]) for i, s in enumerate(streams)]
        chunks.append(np.concatenate(parts))
    return np.stack(chunks)


@pytest.mark.parametrize("missing", [(), (0,), (2, 3), (3, 4, 5), tuple(range(TOKENS))])
def test_the_statistics_are_those_of_a_loop_over_the_known_tokens(missing: tuple[int, ...]) -> None:
    token, mask, query = tokens(missing=missing)
    found = chunk_statistics(token, mask, query, PER_CHUNK).numpy()
    expected = np.stack([loop(token[b].numpy(), mask[b].numpy(), query.numpy()) for b in range(WINDOWS)])
    assert found.shape == (WINDOWS, 3, 12 * WIDTH)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_token_without_gaze_changes_nothing_and_gets_no_gradient() -> None:
    token, mask, query = tokens(missing=(2, 6))
    other = token.clone()
    other[0, [2, 6]] = 1e6
    other.requires_grad_()
    statistics = chunk_statistics(other, mask, query, PER_CHUNK)
    statistics.square().sum().backward()
    torch.testing.assert_close(statistics.detach(), chunk_statistics(token, mask, query, PER_CHUNK))
    assert other.grad is not None
    assert other.grad[0, [2, 6]].abs().max() == 0
    assert other.grad[0, 1].abs().max() > 0


def test_constant_tokens_have_a_finite_gradient() -> None:
    token = torch.ones(WINDOWS, TOKENS, WIDTH, requires_grad=True)
    mask = torch.ones(WINDOWS, TOKENS, dtype=torch.bool)
    chunk_statistics(token, mask, torch.ones(3, WIDTH), PER_CHUNK).sum().backward()
    assert token.grad is not None
    assert token.grad.isfinite().all()


def test_differences_do_not_cross_a_token_without_gaze() -> None:
    token, mask, _ = tokens(missing=(3,))
    difference, known = token_differences(token, mask)
    assert known[0].tolist() == [False, True, True, False, False, True, True]
    torch.testing.assert_close(difference[0, 5], token[0, 5] - token[0, 4])
    assert difference[0, 3].abs().max() == 0


def test_a_strong_query_picks_the_step_that_agrees_with_it() -> None:
    value = torch.eye(WIDTH).unsqueeze(0)
    query = torch.tensor([0.0, 400.0, 0.0, 0.0])
    pooled = attention_pool(value, query, torch.ones(1, WIDTH, dtype=torch.bool))
    torch.testing.assert_close(pooled, value[:, 1])
