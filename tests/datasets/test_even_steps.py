"""Means over equal parts, against PyTorch's adaptive average pooling and by hand."""

import numpy as np
import pytest
import torch

from emogap.datasets.even_steps import averaged_to


@pytest.mark.parametrize(("held", "parts"), [(11, 4), (11, 11), (5, 7), (1, 3), (400, 39)])
def test_means_are_those_of_adaptive_pooling(held: int, parts: int) -> None:
    values = np.random.default_rng(0).normal(size=(1, held + 2, 3)).astype(np.float32)
    mask = np.arange(held + 2)[None] < held
    means, known = averaged_to(values, mask, np.array([parts]), num_steps=parts + 1)
    pooled = torch.nn.functional.adaptive_avg_pool1d(torch.from_numpy(values[:, :held]).mT, parts).mT
    np.testing.assert_allclose(means[:, :parts], pooled.numpy(), rtol=1e-4, atol=1e-6)
    assert known[0].tolist() == [True] * parts + [False]


def test_values_that_are_missing_do_not_count_in_a_mean() -> None:
    values = np.array([[[1.0, np.nan], [2.0, 8.0], [4.0, np.nan], [6.0, np.nan]]], np.float32)
    means, known = averaged_to(values, np.ones((1, 4), bool), np.array([2]), num_steps=2)
    np.testing.assert_array_equal(means[0], [[1.5, 8.0], [5.0, np.nan]])
    assert known.all()


def test_a_clip_without_the_stream_or_without_text_stays_without() -> None:
    values = np.ones((2, 4, 3), np.float32)
    mask = np.array([[False] * 4, [True] * 4])
    means, known = averaged_to(values, mask, np.array([2, 0]), num_steps=5)
    assert np.isnan(means).all()
    assert not known.any()
