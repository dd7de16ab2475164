"""Planted losses of known length at 100 Hz: one sample is 10 ms."""

import numpy as np
import pytest

from emogap.preprocessing.blinks import BlinkConfig, correct_blinks, detect_blinks
from emogap.types import GazeSeries
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, without_rows


def ramp_losing(first: int, count: int, *, total: int = 100) -> list[float]:
    """Gaze that moves 1 degree per sample, with `count` samples lost from `first` on."""
    x = np.arange(total, dtype=float)
    x[first : first + count] = NAN
    return x.tolist()


def blinks_ms(gaze: GazeSeries, config: BlinkConfig | None = None) -> list[tuple[int, int]]:
    onset_s, offset_s = detect_blinks(gaze, config)
    return [(round(1000 * on), round(1000 * off)) for on, off in zip(onset_s, offset_s, strict=True)]


def test_ten_samples_at_100_hz_are_a_blink_of_100_ms() -> None:
    assert blinks_ms(one_eye(ramp_losing(20, 10))) == [(200, 300)]


@pytest.mark.parametrize(
    ("count", "is_blink"), [(7, False), (8, True), (42, True), (43, False)], ids=["70", "80", "420", "430 ms"]
)
def test_the_paper_counts_75_to_425_ms(count: int, is_blink: bool) -> None:
    assert bool(blinks_ms(one_eye(ramp_losing(20, count)))) is is_blink


@pytest.mark.parametrize(("rate_hz", "count"), [(200.0, 15), (200.0, 85)], ids=["75 ms", "425 ms"])
def test_the_limits_themselves_are_blinks(rate_hz: float, count: int) -> None:
    assert len(blinks_ms(one_eye(ramp_losing(40, count, total=200), rate_hz=rate_hz))) == 1


def test_one_eye_shut_is_no_blink() -> None:
    assert blinks_ms(eyes([ramp_losing(20, 10), ramp_losing(0, 0)])) == []


def test_two_eyes_blink_while_both_are_lost() -> None:
    assert blinks_ms(eyes([ramp_losing(20, 14), ramp_losing(22, 10)])) == [(220, 320)]


def test_a_blink_at_the_edge_is_kept() -> None:
    assert blinks_ms(one_eye(ramp_losing(0, 10))) == [(0, 100)]
    assert blinks_ms(one_eye(ramp_losing(90, 10))) == [(900, 1000)]


def test_a_tracker_that_leaves_lost_rows_out_gives_the_same_blink() -> None:
    assert blinks_ms(without_rows(one_eye(ramp_losing(0, 0)), slice(20, 30))) == [(200, 300)]


def test_padding_widens_a_blink_on_both_sides() -> None:
    assert blinks_ms(one_eye(ramp_losing(20, 10)), BlinkConfig(padding_s=0.03)) == [(170, 330)]


def test_padded_blinks_meet_half_way() -> None:
    x = ramp_losing(20, 10)
    x[34:44] = [NAN] * 10
    assert blinks_ms(one_eye(x), BlinkConfig(padding_s=0.03)) == [(170, 320), (320, 470)]


def test_a_moving_lid_belongs_to_the_blink() -> None:
    """The pupil seems to shrink in the 3 samples before the loss and to grow in the 2 after it."""
    pupil = np.full(100, 3.0) + 0.001 * np.sin(np.arange(100))
    pupil[17:20] = [2.5, 1.9, 1.2]
    pupil[20:30] = NAN
    pupil[30:32] = [1.5, 2.4]
    gaze = one_eye(ramp_losing(20, 10), pupil=pupil.tolist())
    assert blinks_ms(gaze) == [(200, 300)]
    # The change over 20 ms is centred: it is large one sample before the first and one after the last shrunken one.
    assert blinks_ms(gaze, BlinkConfig(edges="pupil_velocity")) == [(160, 330)]


def test_short_and_long_losses_become_lines_and_blinks_stay() -> None:
    """The paper's rule on one ramp: 50 ms and 500 ms are filled, 100 ms is left missing."""
    x = np.arange(120, dtype=float)
    x[10:15] = x[30:40] = x[50:100] = NAN
    corrected = correct_blinks(one_eye(x.tolist()))
    assert corrected.position[10:15, 0, 0] == pytest.approx(range(10, 15))
    assert corrected.position[50:100, 0, 0] == pytest.approx(range(50, 100))
    assert np.flatnonzero(~corrected.valid[:, 0]).tolist() == list(range(30, 40))
    assert np.flatnonzero(corrected.altered[:, 0]).tolist() == [*range(10, 15), *range(50, 100)]


def test_a_longest_fill_leaves_long_losses_missing() -> None:
    corrected = correct_blinks(one_eye(ramp_losing(20, 50)), max_fill_s=0.4)
    assert not corrected.valid[20:70].any()


def test_an_eye_lost_longer_than_the_blink_of_both_is_not_filled_through_it() -> None:
    corrected = correct_blinks(eyes([ramp_losing(20, 50), ramp_losing(30, 10)]))
    assert not corrected.valid[20:70, 0].any()
    assert not corrected.valid[30:40, 1].any()


def test_a_loss_at_the_end_has_nothing_to_be_filled_from() -> None:
    corrected = correct_blinks(one_eye(ramp_losing(95, 5)))
    assert not corrected.valid[95:].any()
    assert not corrected.altered.any()


def test_padding_takes_measured_samples_away_and_says_so() -> None:
    pupil = [3.0] * 100
    corrected = correct_blinks(one_eye(ramp_losing(20, 10), pupil=pupil), BlinkConfig(padding_s=0.02))
    assert np.flatnonzero(~corrected.valid[:, 0]).tolist() == list(range(18, 32))
    assert np.flatnonzero(corrected.altered[:, 0]).tolist() == [18, 19, 30, 31]
    assert corrected.pupil is not None
    assert np.isnan(corrected.pupil[18:32]).all()


def test_the_pupil_is_filled_where_the_blink_is_invalid() -> None:
    pupil = np.linspace(3.0, 4.0, 101)[:100]
    lost = pupil.copy()
    lost[10:15] = lost[30:40] = NAN
    x = np.arange(100, dtype=float)
    x[10:15] = x[30:40] = NAN
    corrected = correct_blinks(one_eye(x.tolist(), pupil=lost.tolist()))
    assert corrected.pupil is not None
    assert corrected.pupil[10:15, 0] == pytest.approx(pupil[10:15])
    assert np.isnan(corrected.pupil[30:40, 0]).all()


def test_a_device_without_gaze_blinks_where_it_loses_the_pupil() -> None:
    """Headsets that give lids and pupils only: no point of gaze in the whole recording is no blink of its length."""
    pupil = np.full(100, 3.0)
    pupil[20:30] = NAN
    lost = one_eye([NAN] * 100, pupil=pupil.tolist())
    assert blinks_ms(lost) == [(200, 300)]
    seen_once = one_eye([NAN] * 99 + [1.0], pupil=pupil.tolist())
    assert blinks_ms(seen_once) == []
