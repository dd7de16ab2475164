"""Events with a planted line between two clocks; some are missed, some are of one clock alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.errors import DataError, MismatchError
from emogap.preprocessing.synchronise import ClockEstimate, SynchroniseConfig, estimate_clock

LENGTH_S = 180.0


def planted(
    seed: int,
    *,
    offset_s: float,
    drift_ppm: float,
    num_events: int = 31,
    sd_s: float = 0.01,
    num_extra: tuple[int, int] = (3, 5),
    share_seen: float = 0.85,
) -> tuple[np.ndarray, np.ndarray]:
    """Times on the reference clock and on the other one, shuffled; each sees most events, and some of its own."""
    rng = np.random.default_rng(seed)
    true_s = rng.uniform(0, LENGTH_S, num_events)
    sides = []
    for number, times_s in enumerate((true_s, (true_s - offset_s) / (1 + drift_ppm * 1e-6))):
        seen = (times_s + rng.normal(0, sd_s, num_events))[rng.random(num_events) < share_seen]
        own = rng.uniform(times_s.min(), times_s.max(), num_extra[number])
        sides.append(rng.permutation(np.concatenate([seen, own])))
    return sides[0], sides[1]


def worst_error_ms(found: ClockEstimate, *, offset_s: float, drift_ppm: float) -> float:
    """Largest difference of the found line from the planted one over the whole length."""
    ends_s = (np.array([0.0, LENGTH_S]) - offset_s) / (1 + drift_ppm * 1e-6)
    return 1000 * float(np.abs(found.to_reference_s(ends_s) - np.array([0.0, LENGTH_S])).max())


@pytest.mark.parametrize(("offset_s", "drift_ppm"), [(0.75, 200.0), (-2.3, 200.0), (-41.0, -350.0), (0.0, 0.0)])
def test_a_planted_line_is_found_to_a_few_milliseconds(offset_s: float, drift_ppm: float) -> None:
    found = estimate_clock(*planted(1, offset_s=offset_s, drift_ppm=drift_ppm))
    assert worst_error_ms(found, offset_s=offset_s, drift_ppm=drift_ppm) < 12
    assert 18 <= found.num_events <= 31
    assert found.num_events + len(found.reference_alone_s) <= 31 + 3
    assert found.chance < 1e-6


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    offset_s=st.floats(-50, 50),
    drift_ppm=st.floats(-900, 900),
    shift_s=st.floats(-500, 500),
)
def test_shifting_one_clock_shifts_the_offset_and_nothing_else(
    seed: int, offset_s: float, drift_ppm: float, shift_s: float
) -> None:
    reference_s, other_s = planted(seed, offset_s=offset_s, drift_ppm=drift_ppm)
    config = SynchroniseConfig(search_s=700)
    one, moved = (estimate_clock(times_s, other_s, config=config) for times_s in (reference_s, reference_s + shift_s))
    assert moved.offset_s - one.offset_s == pytest.approx(shift_s, abs=1e-6)
    assert moved.drift_ppm == pytest.approx(one.drift_ppm, abs=1e-2)
    assert moved.rms_ms == pytest.approx(one.rms_ms, abs=1e-4)


def test_the_intervals_hold_the_truth_about_95_times_in_100() -> None:
    """200 draws: 190 are expected, 180 or fewer have probability 0.002 at a true coverage of 0.95."""
    inside = np.zeros(3, int)
    for seed in range(200):
        found = estimate_clock(*planted(seed, offset_s=3.0, drift_ppm=80.0, share_seen=1.0))
        low, high = found.offset_interval_s
        slow, fast = found.drift_interval_ppm
        end_s = np.array([LENGTH_S])
        error_ms = 1000 * abs(float(found.to_reference_s(end_s)[0]) - 3.0 - LENGTH_S * (1 + 80e-6))
        inside += [low < 3.0 < high, slow < 80.0 < fast, error_ms < found.half_width_ms(end_s)[0]]
    assert (inside > 180).all()


def test_events_far_off_move_the_line_less_than_least_squares() -> None:
    """Three of forty are 60 to 90 ms late: half open lids, a hand before the camera. The middle is 5.6 ms late then."""
    rng = np.random.default_rng(4)
    true_s = np.sort(rng.uniform(0, LENGTH_S, 40))
    other_s = true_s + 1.5 + rng.normal(0, 4e-3, 40)
    late_s = other_s.copy()
    late_s[[5, 19, 36]] += [0.06, 0.09, 0.075]
    clean, found = (estimate_clock(true_s, times_s) for times_s in (other_s, late_s))
    plain = np.polyfit(late_s, true_s - late_s, 1)
    grid_s = np.linspace(0, LENGTH_S, 7)
    moved_ms = 1000 * np.abs(found.to_reference_s(grid_s) - clean.to_reference_s(grid_s))
    assert moved_ms.max() < 1.5
    assert 1000 * np.abs(grid_s + np.polyval(plain, grid_s) - clean.to_reference_s(grid_s)).max() > 4
    assert np.sort(np.abs(found.residual_ms))[-3:].min() > 50


def test_an_hour_with_drift_is_followed() -> None:
    rng = np.random.default_rng(8)
    true_s = np.sort(rng.uniform(0, 3600, 500))
    found = estimate_clock(true_s, (true_s + 20.0) / (1 + 600e-6) + rng.normal(0, 0.01, 500))
    assert (found.offset_s, found.drift_ppm) == pytest.approx((-20.0, 600.0), rel=2e-3)
    assert found.num_events > 480


def test_kinds_tell_evenly_spaced_events_apart() -> None:
    times_s = np.arange(6) * 10.0
    names = [f"onset of s{number}" for number in range(6)]
    found = estimate_clock(times_s, times_s[2:] - 7.0, reference_kinds=names, other_kinds=names[2:])
    assert found.num_events == 4
    assert found.offset_s == pytest.approx(7.0)


def test_evenly_spaced_events_without_kinds_are_refused_for_fitting_elsewhere() -> None:
    times_s = np.arange(8) * 10.0
    with pytest.raises(MismatchError, match="two offsets fit"):
        estimate_clock(times_s, times_s - 7.0)
    assert estimate_clock(times_s, times_s - 2.0, config=SynchroniseConfig(search_s=4)).offset_s == pytest.approx(2.0)


def test_unrelated_events_are_refused() -> None:
    rng = np.random.default_rng(9)
    for _ in range(40):
        with pytest.raises(MismatchError, match="do not fit"):
            estimate_clock(rng.uniform(0, 60, 13), rng.uniform(0, 60, 17))


@pytest.mark.parametrize(("first", "second"), [(2, 9), (9, 2), (0, 5)])
def test_too_few_events_are_refused_with_their_numbers(first: int, second: int) -> None:
    with pytest.raises(DataError, match=f"{first} events on one clock and {second} on the other"):
        estimate_clock(np.arange(first, dtype=float), np.arange(second, dtype=float))


def test_a_residual_above_the_limit_is_refused() -> None:
    events = planted(2, offset_s=0.4, drift_ppm=0, sd_s=0.02)
    assert estimate_clock(*events).rms_ms > 15
    with pytest.raises(MismatchError, match=r"scatter by .* the limit is 15 ms"):
        estimate_clock(*events, limit_ms=15)


def test_events_from_the_beginning_alone_do_not_vouch_for_the_end() -> None:
    reference_s, other_s = planted(6, offset_s=0.4, drift_ppm=0, share_seen=1)
    early = reference_s < 70, other_s < 70
    estimate_clock(reference_s[early[0]], other_s[early[1]], limit_ms=30)
    with pytest.raises(MismatchError, match="uncertain by"):
        estimate_clock(reference_s[early[0]], other_s[early[1]], span_s=(0.0, 1800.0), limit_ms=30)
