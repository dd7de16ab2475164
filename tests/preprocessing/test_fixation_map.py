"""Densities against Monte Carlo, coarse against fine, and what is left out."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.fixation_map import fixation_centres, fixation_map, frame_maps, low_resolution
from tests.preprocessing.planted_gaze import events

TWO = events(
    ("fixation", 0.0, 0.3), ("saccade", 0.3, 0.34), ("fixation", 0.34, 0.44), centre=[(-6, 3), (0, 0), (5, -2)]
)
EXTENT = (20.0, 12.0)


def test_the_map_is_the_histogram_of_gaussian_gaze() -> None:
    """300 ms at one place and 100 ms at the other: three quarters and one quarter of the points."""
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.normal((-6, 3), 1.5, (300_000, 2)), rng.normal((5, -2), 1.5, (100_000, 2))])
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=(6, 10), range=[[-6, 6], [-10, 10]])
    expected = counts[::-1] / counts.sum()
    density = fixation_map(TWO, from_s=0, to_s=1, extent_deg=EXTENT, shape=(6, 10), sigma_deg=1.5).density
    assert density == pytest.approx(expected, abs=2e-3)
    assert density.dtype == np.float32


def test_the_top_row_is_up_and_the_first_column_left() -> None:
    density = fixation_map(TWO, from_s=0, to_s=0.3, extent_deg=EXTENT, shape=(12, 20), sigma_deg=0.1).density
    row, column = np.unravel_index(density.argmax(), density.shape)
    assert row in (2, 3)
    assert column in (3, 4)


def test_a_coarse_map_is_the_sum_of_a_fine_one() -> None:
    fine = fixation_map(TWO, from_s=0, to_s=1, extent_deg=EXTENT, shape=(24, 40)).density
    coarse = fixation_map(TWO, from_s=0, to_s=1, extent_deg=EXTENT, shape=(8, 8)).density
    assert coarse == pytest.approx(fine.reshape(8, 3, 8, 5).sum(axis=(1, 3)), abs=1e-5)


def test_only_the_time_inside_the_window_counts() -> None:
    early = fixation_map(TWO, from_s=0.29, to_s=0.35, extent_deg=EXTENT, shape=(2, 2), sigma_deg=0.5).density
    assert early == pytest.approx(np.array([[0.5, 0.0], [0.0, 0.5]]), abs=1e-4)


def test_a_window_without_a_fixation_is_all_zero() -> None:
    assert fixation_map(TWO, from_s=0.31, to_s=0.33, extent_deg=EXTENT, shape=(3, 5)).density.sum() == 0


def test_a_fixation_off_the_map_is_left_out() -> None:
    away = events(("fixation", 0.0, 0.3), centre=[(30.0, 0.0)])
    assert fixation_map(away, from_s=0, to_s=1, extent_deg=EXTENT, shape=(3, 5)).density.sum() == 0


def test_each_frame_has_the_map_of_its_own_time() -> None:
    frames = frame_maps(TWO, np.array([0.0, 0.2, 0.34]), last_frame_s=0.1, extent_deg=EXTENT, shape=(4, 6))
    assert frames.shape == (3, 4, 6)
    single = fixation_map(TWO, from_s=0.2, to_s=0.34, extent_deg=EXTENT, shape=(4, 6))
    assert frames[1] == pytest.approx(single.density)


def test_the_stream_has_one_row_of_64_per_time() -> None:
    stream = low_resolution(TWO, np.array([0.05, 0.15, 0.25, 0.35, 0.95]))
    assert stream.shape == (5, 64)
    assert stream.dtype == np.float32
    assert stream.sum(axis=1) == pytest.approx([1, 1, 1, 1, 0], abs=1e-5)


def test_one_time_alone_needs_a_window() -> None:
    with pytest.raises(UsageError, match="give window_s"):
        low_resolution(TWO, np.array([0.05]))


def test_the_centre_of_the_fixation_at_each_time() -> None:
    centres = fixation_centres(TWO, np.array([0.0, 0.32, 0.4, 0.44]))
    assert centres == pytest.approx(np.array([[-6, 3], [np.nan, np.nan], [5, -2], [np.nan, np.nan]]), nan_ok=True)


def test_events_in_pixels_are_refused() -> None:
    pixels = dataclasses.replace(TWO, frame="screen_px")
    with pytest.raises(UsageError, match="are in screen_px"):
        fixation_map(pixels, from_s=0, to_s=1, extent_deg=EXTENT, shape=(3, 5))
