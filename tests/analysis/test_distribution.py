"""Shares and bins, against counting."""

import numpy as np
import pytest

from emogap.analysis.distribution import BIN_CENTRES, binned, joint_shares, mean_shares


def test_the_interval_over_people_is_wide_where_people_differ() -> None:
    """Ten people who always give the same answer: 40 clips tell no more than ten."""
    answers = np.eye(3)[np.repeat([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], 4)]
    of_people = mean_shares(answers, people=np.repeat(np.arange(10), 4), draws=400)
    as_if_apart = mean_shares(answers, people=np.arange(40), draws=400)
    assert of_people[0].estimate == as_if_apart[0].estimate == pytest.approx(0.4)
    assert of_people[0].high - of_people[0].low > 1.7 * (as_if_apart[0].high - as_if_apart[0].low)


def test_unlabelled_clips_are_left_out() -> None:
    shares = np.array([[1.0, 0.0], [np.nan, np.nan], [0.0, 1.0], [1.0, 0.0]])
    found = mean_shares(shares, people=["a", "b", "b", "c"], draws=120)
    assert found[0].estimate == pytest.approx(2 / 3)


def test_every_answer_of_a_nine_point_manikin_has_a_bin_of_its_own() -> None:
    answers = (np.arange(1, 10) - 5) / 4
    np.testing.assert_array_equal(binned(answers), np.eye(9))
    assert tuple(answers) == BIN_CENTRES


def test_bins_hold_all_clips_and_unknown_ones_none() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, 50)
    values[7] = np.nan
    shares = binned(values)
    assert np.isnan(shares[7]).all()
    np.testing.assert_allclose(np.delete(shares, 7, axis=0).sum(axis=1), 1)


def test_the_joint_shares_have_both_views_at_their_margins() -> None:
    rng = np.random.default_rng(1)
    felt, votes = rng.integers(0, 4, 30), rng.dirichlet(np.ones(4), 30)
    joint = joint_shares(felt, votes)
    np.testing.assert_allclose(joint.sum(axis=1), np.bincount(felt, minlength=4) / 30)
    np.testing.assert_allclose(joint.sum(axis=0), votes.mean(axis=0))
