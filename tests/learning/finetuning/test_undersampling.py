"""Unusual windows are all kept, usual ones only as many as their share asks for."""

import numpy as np
import pytest

from emogap.learning.finetuning.undersampling import undersampled


def labels() -> np.ndarray:
    """400 windows near the middle, 12 far from it."""
    rng = np.random.default_rng(6)
    return np.concatenate([0.5 + rng.uniform(-0.05, 0.05, (400, 3)), np.full((12, 3), 0.95)])


@pytest.mark.parametrize("share", [1 / 3, 0.5])
def test_unusual_windows_are_all_kept_and_have_their_share(share: float) -> None:
    kept = undersampled(labels(), share, np.random.default_rng(0))
    assert set(range(400, 412)) <= set(kept.tolist())
    assert 12 / len(kept) == pytest.approx(share, abs=0.01)
    assert len(np.unique(kept)) == len(kept)


def test_usual_windows_are_drawn_evenly_over_their_distance() -> None:
    """Nine in ten are at one distance, the others at another: half of those drawn are of each."""
    values = np.concatenate([np.full(450, 0.5), np.full(50, 0.6), np.full(10, 1.0)])[:, None]
    kept = undersampled(values, 0.2, np.random.default_rng(1))
    assert (kept < 450).sum() == (kept[kept >= 450] < 500).sum() == 20


def test_nothing_is_left_out_where_nothing_is_unusual() -> None:
    assert len(undersampled(np.full((9, 3), 0.4), 1 / 3, np.random.default_rng(0))) == 9
