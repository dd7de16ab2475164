"""Shares, entropy and majority of counted votes."""

import numpy as np
import pytest
from scipy.stats import entropy

from emogap.annotation.agreement import AGREEMENT
from emogap.annotation.consensus import CONSENSUS
from emogap.annotation.votes import (
    VoteCounts,
    plurality,
    refuse_without_raters,
    vote_entropy,
    vote_shares_of,
    winner_share,
)
from emogap.annotation.votes.counts import NEEDS_RATERS
from emogap.errors import DataError, UsageError

COUNT = np.array([[3, 1, 0], [0, 5, 5], [0, 0, 0], [2, 2, 2]])
VOTES = VoteCounts(("a", "b", "c", "d"), ("anger", "fear", "neutral"), COUNT)


def test_shares_add_up_to_one_where_somebody_voted() -> None:
    share = vote_shares_of(VOTES)
    assert share[[0, 1, 3]].sum(axis=1).tolist() == [1, 1, 1]
    assert np.isnan(share[2]).all()


def test_the_share_of_the_winner_is_that_of_each_of_several_that_tie() -> None:
    assert winner_share(VOTES)[[0, 1, 3]] == pytest.approx([3 / 4, 5 / 10, 2 / 6])
    assert np.isnan(winner_share(VOTES)[2])


def test_entropy_is_that_of_scipy() -> None:
    ours = vote_entropy(VOTES, corrected=False)
    assert ours[[0, 1, 3]] == pytest.approx(entropy(COUNT[[0, 1, 3]], base=2, axis=1))
    assert np.isnan(ours[2])


def test_millers_term_takes_more_than_half_of_the_bias_of_ten_votes() -> None:
    share = np.array([0.5, 0.2, 0.2, 0.1])
    draws = np.random.default_rng(3).multinomial(10, share, size=4000)
    votes = VoteCounts(tuple(map(str, range(4000))), tuple("wxyz"), draws)
    truth = entropy(share, base=2)
    plain, corrected = (vote_entropy(votes, corrected=flag).mean() for flag in (False, True))
    assert truth - plain > 0.15
    assert abs(truth - corrected) < (truth - plain) / 2


def test_all_categories_that_tie_are_kept() -> None:
    assert plurality(VOTES) == (("anger",), ("fear", "neutral"), (), ("anger", "fear", "neutral"))


def test_a_sentinel_is_refused_with_the_item() -> None:
    with pytest.raises(DataError, match="item b: -1 votes for neutral"):
        VoteCounts(("a", "b"), ("anger", "fear", "neutral"), np.array([[1, 1, 0], [2, 0, -1]]))


def test_an_item_that_stands_twice_is_refused() -> None:
    with pytest.raises(DataError, match="clip7 stands twice"):
        VoteCounts(("clip7", "clip7"), ("anger", "fear", "neutral"), np.ones((2, 3), int))


def test_shares_given_as_counts_are_refused() -> None:
    with pytest.raises(DataError, match="float64"):
        VoteCounts(("a",), ("anger", "fear"), np.array([[0.5, 0.5]]))


def test_votes_among_some_categories_drop_the_others() -> None:
    assert VOTES.among(("neutral", "anger")).count.tolist() == [[0, 3], [5, 0], [0, 0], [2, 2]]


@pytest.mark.parametrize("method", ["dawid_skene", "cohen_kappa"])
def test_what_needs_raters_is_refused_with_the_reason(method: str) -> None:
    with pytest.raises(UsageError, match=f"{method} .*rater.*not who cast them"):
        refuse_without_raters(method, where="votes.csv")


def test_every_method_that_is_refused_is_on_a_shelf() -> None:
    assert set(NEEDS_RATERS) <= {*AGREEMENT.names(), *CONSENSUS.names()}
