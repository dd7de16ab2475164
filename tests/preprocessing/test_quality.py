"""Quality of gaze whose noise and losses are known."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.quality import measure_quality
from tests.preprocessing.planted_gaze import NAN, events, eyes, one_eye, recording, without_rows

WHOLE = events(("fixation", 0.0, 100.0))


def test_precision_and_bcea_of_gaussian_noise_are_those_of_theory() -> None:
    """Noise of s = 0.2 deg on each axis: RMS-S2S = 2 s, BCEA = 2 k pi s^2 with k = 1.146."""
    noise = np.random.default_rng(11).normal(scale=0.2, size=(2, 40_000))
    gaze = one_eye(noise[0].tolist(), y=noise[1].tolist(), rate_hz=1000.0)
    quality = measure_quality(recording(gaze, events=(WHOLE,)))
    assert quality.rms_s2s_deg == pytest.approx(2 * 0.2, rel=0.02)
    assert quality.bcea_deg2 == pytest.approx(2 * 1.1457 * np.pi * 0.2**2, rel=0.02)


def test_loss_rate_and_gap_are_counted() -> None:
    """20 samples at 100 Hz; 3 + 5 lost by both eyes, 2 by one eye only."""
    left = np.zeros(20)
    left[2:5] = left[10:15] = left[17:19] = NAN
    right = np.zeros(20)
    right[2:5] = right[10:15] = NAN
    quality = measure_quality(recording(eyes([left.tolist(), right.tolist()])))
    assert quality.loss_share == pytest.approx(8 / 20)
    assert quality.effective_rate_hz == pytest.approx(12 / 0.2)
    assert quality.longest_gap_s == pytest.approx(0.05)
    assert quality.altered_share == 0.0
    assert np.isnan(quality.pupil_altered_share)


def test_missing_rows_lower_the_effective_rate() -> None:
    quality = measure_quality(recording(without_rows(one_eye([0.0] * 21), slice(5, 10))))
    assert quality.effective_rate_hz == pytest.approx(16 / 0.21)
    assert quality.longest_gap_s == pytest.approx(0.05)
    assert quality.loss_share == 0.0


def test_precision_is_not_measured_across_saccades_or_losses() -> None:
    x = [0.0] * 10 + [9.0] * 10 + [NAN] + [5.0] * 10
    fixations = events(("fixation", 0.0, 0.1), ("fixation", 0.1, 0.31))
    assert measure_quality(recording(one_eye(x), events=(fixations,))).rms_s2s_deg == 0.0


def test_without_fixations_precision_cannot_be_said() -> None:
    quality = measure_quality(recording(one_eye([0.0] * 9)))
    assert np.isnan(quality.rms_s2s_deg)
    assert np.isnan(quality.bcea_deg2)


def test_what_cleaning_altered_is_told_beside_what_was_measured() -> None:
    x = [0.0] * 40
    x[10:14] = [NAN] * 4
    raw = recording(eyes([x, x], pupil=[x, [3.0] * 40]))
    quality = measure_quality(raw, cleaned=clean(raw, "standard"))
    assert quality.loss_share == pytest.approx(0.1)
    assert quality.altered_share == pytest.approx(0.1)
    assert quality.pupil_altered_share == pytest.approx(0.05)


def test_an_interpolated_sample_is_not_a_measured_one() -> None:
    x = [0.0] * 40
    x[10:14] = [NAN] * 4
    assert measure_quality(clean(recording(one_eye(x)), "standard")).loss_share == pytest.approx(0.1)


def test_a_recording_lost_from_end_to_end_gives_no_data_rather_than_a_number() -> None:
    quality = measure_quality(recording(one_eye([NAN] * 9, pupil=[NAN] * 9)))
    assert quality.loss_share == 1.0
    assert quality.effective_rate_hz == 0.0
    assert quality.longest_gap_s == pytest.approx(0.09)
    assert np.isnan(quality.rms_s2s_deg)


def test_a_recording_of_events_alone_has_no_quality() -> None:
    with pytest.raises(UsageError, match="no raw gaze"):
        measure_quality(recording(None))


def test_standard_deviation_of_gaussian_noise_is_that_of_theory() -> None:
    """Noise of s = 0.2 deg on each axis: SD of both together = sqrt(2) s."""
    noise = np.random.default_rng(12).normal(scale=0.2, size=(2, 40_000))
    gaze = one_eye(noise[0].tolist(), y=noise[1].tolist(), rate_hz=1000.0)
    assert measure_quality(recording(gaze, events=(WHOLE,))).sd_deg == pytest.approx(np.sqrt(2) * 0.2, rel=0.02)


def test_rows_missing_at_the_ends_of_a_stimulus_count_where_its_length_is_known() -> None:
    """21 rows at 100 Hz from 0 s; the stimulus was on for 0.5 s, so its last 0.29 s have no row."""
    gaze = recording(one_eye([0.0] * 21))
    assert measure_quality(gaze).longest_gap_s == 0.0
    known = measure_quality(gaze, duration_s=0.5)
    assert known.effective_rate_hz == pytest.approx(21 / 0.5)
    assert known.longest_gap_s == pytest.approx(0.29)


def test_the_first_sample_may_come_up_to_one_interval_after_the_onset() -> None:
    gaze = recording(without_rows(one_eye([0.0] * 21), slice(0, 1)))
    assert measure_quality(gaze, duration_s=0.21).longest_gap_s == 0.0
