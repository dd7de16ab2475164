"""Shares of a clip from its frames, against scipy and numbers by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from emogap.annotation.clip_shares import clip_shares, uncertainty_of
from emogap.errors import DataError

FRAMES = np.random.default_rng(4).dirichlet(np.full(7, 0.4), size=11)


def test_the_mean_is_over_the_frames_with_a_face_only() -> None:
    seen = np.array([True, False, True, True, False, True, True, True, True, False, True])
    clip = clip_shares(np.where(seen[:, None], FRAMES, np.nan))
    assert (clip.num_frames, clip.num_rated) == (11, 8)
    np.testing.assert_allclose(clip.share, sum(FRAMES[seen]) / 8)
    assert clip.label == int(np.argmax(FRAMES[seen].sum(axis=0)))


def test_many_doubtful_frames_do_not_outvote_a_clear_one() -> None:
    clip = clip_shares(np.array([[0.55, 0.45, 0.0]] * 2 + [[0.0, 1.0, 0.0]]))
    assert clip.label == 1
    assert clip.frame_share.tolist() == pytest.approx([2 / 3, 1 / 3, 0])


def test_a_clip_without_a_face_has_no_label() -> None:
    clip = clip_shares(np.full((5, 7), np.nan))
    assert (clip.num_frames, clip.num_rated, clip.label) == (5, 0, None)
    assert np.isnan(clip.share).all()
    assert np.isnan(clip.uncertainty)


@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_uncertainty_is_scipys_entropy_to_the_base_of_the_number_of_classes(seed: int, num_classes: int) -> None:
    share = np.random.default_rng(seed).dirichlet(np.ones(num_classes))
    assert uncertainty_of(share) == pytest.approx(entropy(share, base=num_classes))


def test_one_class_alone_is_certain_and_all_alike_are_not() -> None:
    assert uncertainty_of(np.array([0.0, 1.0, 0.0])) == 0
    assert uncertainty_of(np.full(5, 0.2)) == pytest.approx(1)


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(DataError, match="sum to 1"):
        uncertainty_of(np.array([0.5, 0.2]))
