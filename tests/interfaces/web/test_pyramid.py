"""A picture of a signal shows its highest and lowest samples at every zoom."""

import numpy as np
import pytest

from emogap.interfaces.web.pyramid import Pyramid

RATE_HZ = 50.0


def walk(num_samples: int) -> tuple[np.ndarray, np.ndarray]:
    values = np.random.default_rng(0).normal(size=num_samples).cumsum().astype(np.float32)
    return 3.0 + np.arange(num_samples) / RATE_HZ, values.astype(float)


@pytest.mark.parametrize("cells", [7, 40, 333, 5000])
def test_every_cell_holds_the_extremes_of_its_samples(cells: int) -> None:
    time_s, values = walk(2_000)
    window = Pyramid(time_s, values, RATE_HZ).window(8.0, 31.0, cells=cells)
    assert len(window.low) <= max(cells, 64) + 2
    for index, (low, high) in enumerate(zip(window.low, window.high, strict=True)):
        begin_s = window.start_s + index * window.step_s
        inside = values[(time_s >= begin_s - 1e-6) & (time_s < begin_s + window.step_s - 1e-6)]
        assert (low, high) == (inside.min(), inside.max())


def test_a_spike_of_one_sample_is_seen_from_afar() -> None:
    time_s, values = np.arange(100_000) / RATE_HZ, np.zeros(100_000)
    values[77_777] = 5.0
    window = Pyramid(time_s, values, RATE_HZ).window(0.0, 2_000.0, cells=300)
    cell = int((77_777 / RATE_HZ - window.start_s) / window.step_s)
    assert window.high[cell] == 5.0
    assert (window.high > 0).sum() == 1


def test_what_was_not_measured_is_a_hole() -> None:
    time_s, values = walk(1_000)
    values[200:700] = np.nan
    window = Pyramid(time_s, values, RATE_HZ).window(time_s[0], time_s[-1], cells=60)
    times_s = window.start_s + window.step_s * np.arange(len(window.low))
    hole = (times_s >= time_s[200]) & (times_s + window.step_s < time_s[700])
    assert hole.sum() > 10
    assert np.isnan(window.low[hole]).all()
    assert np.isfinite(window.low[times_s < time_s[200] - window.step_s]).all()


def test_rows_that_the_file_lacks_are_a_hole_too() -> None:
    time_s, values = walk(1_000)
    kept = (np.arange(1_000) < 300) | (np.arange(1_000) >= 600)
    window = Pyramid(time_s[kept], values[kept], RATE_HZ).window(time_s[0], time_s[-1], cells=2_000)
    assert np.isnan(window.low[300:600]).all()
    np.testing.assert_array_equal(window.low[600:999], values[600:999].astype(np.float32))


def test_a_window_beside_the_recording_is_empty() -> None:
    pyramid = Pyramid(*walk(100), RATE_HZ)
    assert len(pyramid.window(-9.0, -5.0, cells=10).low) == 0
    assert len(pyramid.window(900.0, 905.0, cells=10).low) == 0


def test_the_cost_of_a_window_does_not_grow_with_the_recording() -> None:
    """As many cells of an hour as of a minute; the levels take a third more than the samples."""
    pyramid = Pyramid(*walk(180_000), RATE_HZ)
    assert len(pyramid.window(3.0, 3_603.0, cells=500).low) <= 502
    assert sum(len(low) for low, _ in pyramid.levels) < 1.35 * 180_000


def test_a_signal_without_a_value_has_no_limits() -> None:
    time_s, values = walk(100)
    assert Pyramid(time_s, np.full(100, np.nan), RATE_HZ).limits is None
    assert Pyramid(time_s, values, RATE_HZ).limits == (values.min(), values.max())
