import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.preprocessing.shared_events import flash_onsets, lid_dips

RATE_HZ = 25


def seconds(num_s: float) -> np.ndarray:
    return np.arange(round(num_s * RATE_HZ)) / RATE_HZ


def with_blinks(time_s: np.ndarray, middle_s: list[float], *, half_s: float = 0.1, depth: float = 0.4) -> np.ndarray:
    """Edges near 0.8 with noise, and triangular dips of full width 4 * half_s around each time."""
    edges = 0.8 + np.random.default_rng(0).normal(0, 0.01, len(time_s))
    for each_s in middle_s:
        edges -= depth * np.clip(1.0 - np.abs(time_s - each_s) / (2 * half_s), 0, 1)
    return edges


def test_a_flash_begins_between_the_last_dark_and_the_first_lit_frame() -> None:
    time_s = seconds(20)
    luminance = 0.4 + np.random.default_rng(1).normal(0, 1e-4, len(time_s))
    luminance[200:203] += 0.05
    luminance[400:402] += 0.05
    assert flash_onsets(luminance, time_s) == pytest.approx([7.98, 15.98])


def test_a_scene_that_gets_brighter_and_stays_so_is_no_flash() -> None:
    time_s = seconds(20)
    luminance = np.where(time_s > 9, 0.5, 0.4)
    assert len(flash_onsets(luminance, time_s)) == 0


def test_a_flash_that_is_on_from_the_first_frame_has_no_onset() -> None:
    luminance = np.full(300, 0.4)
    luminance[:3] = 0.6
    assert len(flash_onsets(luminance, seconds(12))) == 0
    assert len(flash_onsets(luminance[:2], seconds(12)[:2])) == 0


@settings(deadline=None, max_examples=20)
@given(first_s=st.floats(2, 8), gap_s=st.floats(1, 20), shift_s=st.floats(-100, 100))
def test_a_dip_is_found_between_frames(first_s: float, gap_s: float, shift_s: float) -> None:
    """Crossing times by straight lines: a triangle between frames is placed to a few milliseconds."""
    time_s = seconds(40)
    truth_s = [first_s, first_s + gap_s]
    onset_s, offset_s = lid_dips(with_blinks(time_s, truth_s), time_s + shift_s)
    assert (onset_s + offset_s) / 2 - shift_s == pytest.approx(truth_s, abs=0.012)
    # A peak in the middle between two frames is seen a tenth too low, which widens the dip by 0.028 s; the noise of
    # 0.01 moves each edge, of slope 2 per second, by 0.005 s.
    assert offset_s - onset_s == pytest.approx([0.12, 0.12], abs=0.028 + 3 * 0.005 * np.sqrt(2))


def test_glances_that_change_the_eyes_less_than_a_lid_are_no_dips() -> None:
    time_s = seconds(60)
    edges = with_blinks(time_s, [11.03, 33.51, 50.2])
    edges[300:308] -= 0.12
    onset_s, _ = lid_dips(edges, time_s)
    assert len(onset_s) == 3


def test_eyes_that_stay_shut_are_no_blink() -> None:
    time_s = seconds(60)
    edges = with_blinks(time_s, [11.03, 33.51])
    edges[1000:1030] -= 0.4
    assert len(lid_dips(edges, time_s)[0]) == 2


def test_a_dip_beside_a_frame_without_a_face_is_left_out() -> None:
    time_s = seconds(40)
    edges = with_blinks(time_s, [10.0, 20.0, 30.0])
    edges[499] = np.nan
    onset_s, _ = lid_dips(edges, time_s)
    assert onset_s == pytest.approx([9.94, 29.94], abs=0.02)
    assert len(lid_dips(np.full(1000, np.nan), time_s)[0]) == 0


def test_a_dip_at_either_end_is_left_out() -> None:
    time_s = seconds(40)
    onset_s, _ = lid_dips(with_blinks(time_s, [0.0, 20.0, 39.96]), time_s)
    assert onset_s == pytest.approx([19.94], abs=0.02)


def test_a_dip_with_two_bottoms_is_one_blink() -> None:
    time_s = seconds(40)
    edges = with_blinks(time_s, [10.0, 20.0, 29.9, 30.1])
    edges[time_s == 30.0] += 0.1
    onset_s, offset_s = lid_dips(edges, time_s)
    assert len(onset_s) == 3
    assert (onset_s[1:] > offset_s[:-1]).all()
