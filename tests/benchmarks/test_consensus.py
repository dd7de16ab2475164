"""The votes of the benchmark are what it says they are, and both programs agree on them."""

import numpy as np
import pytest

from benchmarks.consensus import by_crowd_kit, by_emogap, crowd_votes


def test_every_item_has_the_same_number_of_votes() -> None:
    table = crowd_votes(items=83, annotators=11, votes_per_item=4, categories=3)
    assert table.rating.shape == (83, 11)
    assert (np.isfinite(table.rating).sum(axis=1) == 4).all()


def test_both_end_at_the_same_posterior() -> None:
    pytest.importorskip("crowdkit")
    table = crowd_votes(items=211, annotators=13, votes_per_item=5, categories=4)
    np.testing.assert_allclose(by_emogap(table, 9)[0], by_crowd_kit(table, 9)[0], atol=1e-6)
