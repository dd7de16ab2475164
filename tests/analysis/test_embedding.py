"""Features in the plane, and what their neighbourhoods know."""

import numpy as np
import pytest

from emogap.analysis.embedding import neighbour_excess, tsne
from emogap.errors import UsageError


def three_groups() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], [14, 20, 26])
    centres = rng.normal(size=(3, 7)) * 6
    return centres[groups] + rng.normal(size=(60, 7)), groups


def test_groups_that_are_apart_stay_together_in_the_plane() -> None:
    features, groups = three_groups()
    places, divergence = tsne(features, perplexity=8, seed=0)
    assert places.shape == (60, 2)
    assert 0 < divergence < 2
    assert (neighbour_excess(places, groups, neighbours=1) > 0).all()


def test_the_picture_is_the_same_twice() -> None:
    features, _ = three_groups()
    np.testing.assert_array_equal(tsne(features, perplexity=8, seed=0)[0], tsne(features, perplexity=8, seed=0)[0])


def test_too_few_clips_for_the_perplexity_are_refused() -> None:
    with pytest.raises(UsageError, match="60 clips are too few for a perplexity of 20"):
        tsne(three_groups()[0], perplexity=20, seed=0)


def test_groups_that_are_apart_have_no_other_neighbours() -> None:
    """By hand: all neighbours are of the own group, less (n_c - 1) / 59 of chance."""
    features, groups = three_groups()
    expected = 1 - np.array([13, 19, 25])[groups] / 59
    np.testing.assert_allclose(neighbour_excess(features, groups), expected)


def test_features_that_know_nothing_have_no_excess_on_average() -> None:
    rng = np.random.default_rng(1)
    excess = [neighbour_excess(rng.normal(size=(60, 7)), rng.integers(0, 3, 60)).mean() for _ in range(40)]
    assert abs(np.mean(excess)) < 0.02


def test_a_constant_channel_and_the_unit_of_a_channel_do_not_matter() -> None:
    features, groups = three_groups()
    wide = np.column_stack([features * np.array([1000, 1, 1, 1, 1, 1, 1]), np.full(60, 0.3)])
    np.testing.assert_allclose(neighbour_excess(wide, groups), neighbour_excess(features, groups))
