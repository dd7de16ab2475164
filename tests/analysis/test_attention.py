"""Averages of maps, and the control that they must pass."""

import numpy as np
import pytest

from emogap.analysis.attention import band_means, cell_map, check_control, mean_importance, mean_map


def test_a_clip_without_a_step_does_not_count_there() -> None:
    maps = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    np.testing.assert_array_equal(mean_map(maps), [2.0, 5.0, np.nan])


def test_a_mean_has_an_interval_over_people_around_it() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal([0.0, 2.0, -1.0], 0.1, (60, 3))
    values[::7, 1] = np.nan
    intervals = mean_importance(values, np.repeat(np.arange(12), 5))
    for column, interval in enumerate(intervals):
        assert interval.estimate == pytest.approx(np.nanmean(values[:, column]))
        assert interval.low < interval.estimate < interval.high
        assert interval.high - interval.low < 0.2


def test_a_cell_gets_the_mean_of_the_patches_over_it() -> None:
    """By brute force, over a face of 5 x 5 cells and patches of 2 x 2."""
    places = np.random.default_rng(1).normal(size=(3, 4, 4))
    cells = cell_map(places, patch_px=16, stride_px=8)
    assert cells.shape == (3, 5, 5)
    for row in range(5):
        for column in range(5):
            over = [places[:, i, j] for i in range(4) for j in range(4) if i <= row < i + 2 and j <= column < j + 2]
            np.testing.assert_allclose(cells[:, row, column], np.mean(over, axis=0))


def test_importance_of_the_mouth_is_found_in_the_band_of_the_mouth() -> None:
    cells = np.zeros((2, 14, 14))
    cells[:, 11, 6:8] = 7.0
    assert np.flatnonzero(band_means(cells, cell_px=8)[0]).tolist() == [3]


def test_a_map_like_that_of_random_networks_is_named() -> None:
    trained = np.arange(12.0)
    noise = np.random.default_rng(2).normal(size=(3, 12))
    check = check_control(np.vstack([trained, trained + 0.1 * noise]))
    assert check.correlation > 0.9
    assert "hardly changes" in check.verdict
    unlike = check_control(np.vstack([trained, noise]))
    assert unlike.verdict == ""
    assert unlike.least <= unlike.correlation <= unlike.most < 0.7


def test_a_constant_map_is_named() -> None:
    check = check_control(np.vstack([np.full(9, 0.1), np.arange(9.0)]))
    assert check.verdict == "the map is the same everywhere"
    assert np.isnan(check.correlation)


def test_a_map_against_controls_that_are_reversed_correlates_negatively() -> None:
    check = check_control(np.vstack([np.arange(9.0), -np.arange(9.0), np.arange(9.0)[::-1]]))
    assert check.correlation == pytest.approx(-1.0)
