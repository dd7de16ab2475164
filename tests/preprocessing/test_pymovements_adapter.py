"""What we rely on in pymovements, so that a new version that differs is noticed here."""

import subprocess
import sys

import numpy as np
import pytest

from emogap.preprocessing._pymovements import blinks, idt_fixations, ivt_fixations, microsaccades, smooth_velocity


def test_a_missing_velocity_ends_a_run() -> None:
    velocity = np.array([[1, 0], [1, 0], [40, 0], [1, 0], [np.nan, np.nan], [1, 1]], float)
    start, stop = ivt_fixations(velocity, threshold_deg_s=30.0)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == [(0, 2), (3, 4), (5, 6)]


def test_the_threshold_itself_is_no_fixation_and_both_axes_count() -> None:
    start, _ = ivt_fixations(np.array([[18.0, 24.0], [18.0, 23.9]]), threshold_deg_s=30.0)
    assert start.tolist() == [1]


def test_an_interval_ends_before_the_sample_that_broke_it_or_with_the_data() -> None:
    position = np.zeros((20, 2))
    position[10:] = [5.0, 3.0]
    for count, expected in ((20, [(0, 10), (11, 20)]), (11, [(0, 10)]), (10, [(0, 10)])):
        start, stop = idt_fixations(position[:count], dispersion_deg=1.0, shortest=4)
        assert list(zip(start.tolist(), stop.tolist(), strict=True)) == expected


def test_too_few_samples_for_a_window_are_no_fixation() -> None:
    assert idt_fixations(np.zeros((3, 2)), dispersion_deg=1.0, shortest=4)[0].size == 0


def test_the_smooth_velocity_is_that_of_engbert_and_kliegl() -> None:
    """v_n = (x_{n+2} + x_{n+1} - x_{n-1} - x_{n-2}) * rate / 6: their equation 1."""
    x = np.array([0.0, 1.0, 4.0, 9.0, 16.0, 25.0, 36.0])
    velocity = smooth_velocity(np.stack([x, -x], axis=1), 100.0)
    assert velocity[3] == pytest.approx([(25 + 16 - 4 - 1) * 100 / 6, -(25 + 16 - 4 - 1) * 100 / 6])


def test_the_shortest_saccade_counts_samples() -> None:
    noise = np.random.default_rng(3).normal(size=(200, 2))
    noise[50:53] = 100.0
    noise[90:94] = 100.0
    start, stop = microsaccades(noise, threshold_factor=6.0, shortest=4)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == [(90, 94)]


def test_a_blink_is_a_loss_or_a_jump_of_the_pupil_from_50_to_500_ms() -> None:
    """At 100 Hz pymovements' duration is from the first to the last sample: six lost samples are 50 ms."""
    time_s = 3.0 + np.arange(300) / 100
    pupil = 4.0 + 0.01 * np.sin(np.arange(300))
    for first, count in ((20, 5), (40, 6), (100, 51), (200, 52)):
        pupil[first : first + count] = np.nan
    start, stop = blinks(pupil, time_s)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == [(40, 46), (100, 151)]


def test_pymovements_and_matplotlib_are_not_loaded_with_the_room_but_when_asked_for() -> None:
    code = (
        "import emogap.preprocessing as room, sys; assert not {'pymovements', 'matplotlib'} & set(sys.modules);"
        "room.load_detectors(); assert 'pymovements.events' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
