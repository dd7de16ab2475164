"""Planted fixations and saccades come back where they were put; 100 Hz unless said."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.errors import DataError, UsageError
from emogap.preprocessing.events import EventConfig, detect_events, event_at
from tests.preprocessing.planted_gaze import NAN, events, eyes, of_kind, one_eye

ONE_STEP = EventConfig(window_s=0.02)
"""At 100 Hz: one sample on either side."""


def steps(*levels: tuple[float, int]) -> list[float]:
    """Gaze that rests at each level for so many samples and jumps between."""
    return [level for level, count in levels for _ in range(count)]


def test_a_jump_of_ten_degrees_is_a_saccade_of_the_two_samples_around_it() -> None:
    """Samples 9 and 10 see the jump in their window of +-1: 10 deg in 20 ms = 500 deg/s; all others see none."""
    found = detect_events(one_eye(steps((0, 10), (10, 10))), ONE_STEP)
    assert of_kind(found, "fixation") == [(0, 90), (110, 200)]
    assert of_kind(found, "saccade") == [(90, 110)]
    assert found.amplitude_deg[found.kind == "saccade"] == pytest.approx([10.0])
    assert found.centre[found.kind == "fixation"][:, 0] == pytest.approx([0.0, 10.0])
    assert found.method == "ivt"
    assert found.frame == "deg"


def test_slower_than_the_threshold_is_a_fixation_and_as_fast_is_a_saccade() -> None:
    """A drift of 0.29 deg per sample is 29 deg/s, one of 0.31 is 31 deg/s."""
    slow = detect_events(one_eye([0.29 * i for i in range(20)]))
    fast = detect_events(one_eye([0.31 * i for i in range(20)]))
    assert of_kind(slow, "fixation") == [(0, 200)]
    assert of_kind(fast, "saccade") == [(0, 200)]


def test_neighbours_in_time_and_place_are_one_fixation() -> None:
    """Two samples elsewhere make four fast ones (9 to 12); the halves are 40 ms and 0 deg apart."""
    x = steps((0, 10), (2, 2), (0, 10))
    assert of_kind(detect_events(one_eye(x)), "fixation") == [(0, 220)]
    assert of_kind(detect_events(one_eye(x)), "saccade") == []
    apart = detect_events(one_eye(x), EventConfig(merge_within_s=0.0))
    assert of_kind(apart, "fixation") == [(0, 90), (130, 220)]


def test_neighbours_in_time_but_not_in_place_stay_two() -> None:
    assert len(of_kind(detect_events(one_eye(steps((0, 10), (0.9, 10)))), "fixation")) == 2
    assert len(of_kind(detect_events(one_eye(steps((0, 10), (0.4, 10)))), "fixation")) == 1


def test_a_short_fixation_is_unclassified() -> None:
    x = steps((0, 10), (10, 7), (0, 10))
    found = detect_events(one_eye(x))
    assert of_kind(found, "fixation") == [(0, 90), (180, 270)]
    assert of_kind(found, "saccade") == [(90, 110), (160, 180)]
    longer = detect_events(one_eye(steps((0, 10), (10, 8), (0, 10))))
    assert of_kind(longer, "fixation") == [(0, 90), (110, 170), (190, 280)]


def test_a_short_loss_does_not_end_a_fixation_but_a_blink_does() -> None:
    short = detect_events(one_eye(steps((0, 10), (NAN, 7), (0, 10))))
    assert of_kind(short, "fixation") == [(0, 270)]
    assert of_kind(short, "blink") == []
    blink = detect_events(one_eye(steps((0, 10), (NAN, 10), (0, 10))))
    assert of_kind(blink, "fixation") == [(0, 100), (200, 300)]
    assert of_kind(blink, "blink") == [(100, 200)]


def test_a_sample_belongs_to_one_event_only_on_a_clock_of_whole_milliseconds() -> None:
    time_s = np.cumsum([0, *[3, 3, 4] * 20])[:60] / 1000
    gaze = eyes([steps((0, 30), (10, 30))], time_s=time_s, rate_hz=300.0)
    found = detect_events(gaze)
    owners = np.stack([event_at(found, time_s, kind=kind) >= 0 for kind in ("fixation", "saccade", "blink")])
    assert owners.sum(axis=0).tolist() == [1] * 60


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0, 300.0, 600.0])
def test_two_fixations_are_found_at_every_rate(rate_hz: float) -> None:
    """Half a second each, 8 degrees apart; the jump is found to within the window."""
    count = round(0.5 * rate_hz)
    found = detect_events(one_eye(steps((0, count), (8, count)), rate_hz=rate_hz))
    (first, second) = of_kind(found, "fixation")
    reach_ms = max(1000 / rate_hz, 10) + 1
    assert abs(first[1] - 500) <= reach_ms
    assert abs(second[0] - 500) <= reach_ms


def test_two_eyes_that_saw_the_same_give_what_one_eye_gives() -> None:
    x = steps((0, 10), (10, 10))
    both, one = detect_events(eyes([x, x])), detect_events(one_eye(x))
    assert np.array_equal(both.onset_s, one.onset_s)
    assert np.array_equal(both.kind, one.kind)


def test_gaze_in_pixels_is_refused() -> None:
    with pytest.raises(UsageError, match=r"gaze is in screen_px(.|\n)*to_degrees"):
        detect_events(eyes([[1.0, 2.0]], frame="screen_px"))


def test_a_recording_without_a_valid_sample_has_no_event_but_no_error() -> None:
    for method in ("ivt", "idt", "microsaccades"):
        found = detect_events(one_eye([NAN] * 50), EventConfig(method=method))  # type: ignore[arg-type]
        assert found.kind.size == 0


def test_an_empty_series_has_no_event() -> None:
    assert detect_events(one_eye([])).kind.size == 0


def test_dispersion_finds_the_same_rests() -> None:
    found = detect_events(one_eye(steps((0, 20), (5, 20))), EventConfig(method="idt"))
    (first, second) = of_kind(found, "fixation")
    assert first == (0, 200)
    # pymovements starts the next window one sample after the one that broke the dispersion.
    assert second == (210, 400)
    assert found.method == "idt"


def test_the_adaptive_threshold_finds_a_small_saccade_in_quiet_gaze() -> None:
    """0.5 degrees over 4 samples at 300 Hz, in noise of 0.01 degrees; planted at 0.5 s."""
    noise = np.random.default_rng(7).normal(scale=0.01, size=(2, 300))
    x = np.repeat([0.0, 0.5], 150)
    x[148:152] = [0.1, 0.2, 0.3, 0.4]
    gaze = one_eye((x + noise[0]).tolist(), y=noise[1].tolist(), rate_hz=300.0)
    found = detect_events(gaze, EventConfig(method="microsaccades", shortest_saccade_s=0.012))
    (saccade,) = of_kind(found, "saccade")
    assert 480 <= saccade[0] <= 495
    assert 505 <= saccade[1] <= 520
    assert found.amplitude_deg[found.kind == "saccade"] == pytest.approx([0.5], abs=0.1)
    assert len(of_kind(found, "fixation")) == 2


@pytest.mark.parametrize("x", [[3.0] * 30, steps((0, 30), (9, 30))], ids=["motionless", "one jump"])
def test_gaze_without_noise_has_no_adaptive_threshold(x: list[float]) -> None:
    with pytest.raises(DataError, match=r"no noise to set a velocity threshold by(.|\n)*method='ivt'"):
        detect_events(one_eye(x), EventConfig(method="microsaccades"))


def test_the_event_at_a_time_is_found_with_onset_in_and_offset_out() -> None:
    planted = events(("fixation", 0.0, 0.2), ("blink", 0.1, 0.15), ("fixation", 0.3, 0.4))
    times_s = np.array([0.35, 0.2, 0.0, 0.25, 0.4, -1.0])
    assert event_at(planted, times_s, kind="fixation").tolist() == [2, -1, 0, -1, -1, -1]
    assert event_at(planted, times_s, kind="saccade").tolist() == [-1] * 6


GAZE = st.lists(st.tuples(st.sampled_from([0.0, 4.0, 9.0, NAN]), st.integers(1, 25)), min_size=1, max_size=12).map(
    lambda levels: steps(*levels)
)


@given(x=GAZE, shift=st.integers(-1000, 100000))
@settings(max_examples=40, deadline=None)
def test_events_move_with_time(x: list[float], shift: int) -> None:
    """A shift by a power of two, so that no time stamp is rounded."""
    gaze = one_eye(x, rate_hz=128.0)
    later = dataclasses.replace(gaze, time_s=gaze.time_s + shift / 128)
    here, there = detect_events(gaze), detect_events(later)
    assert np.array_equal(there.kind, here.kind)
    assert np.array_equal(there.onset_s, here.onset_s + shift / 128)
    assert np.array_equal(there.offset_s, here.offset_s + shift / 128)


@given(left=GAZE, right=GAZE)
@settings(max_examples=40, deadline=None)
def test_left_and_right_may_change_places(left: list[float], right: list[float]) -> None:
    shared = min(len(left), len(right))
    one = detect_events(eyes([left[:shared], right[:shared]]))
    other = detect_events(eyes([right[:shared], left[:shared]]))
    assert np.array_equal(one.kind, other.kind)
    assert np.array_equal(one.onset_s, other.onset_s)
    assert one.centre == pytest.approx(other.centre, nan_ok=True)
