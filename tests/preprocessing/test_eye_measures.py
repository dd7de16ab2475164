"""Eye measures of recordings made by hand, against arithmetic on paper."""

import dataclasses
import math

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.eye_measures import measure_eyes
from emogap.preprocessing.pipeline import clean
from emogap.types import EyeEvents
from tests.preprocessing.planted_gaze import NAN, events, eyes, one_eye, recording

RATE_HZ = 100.0

SACCADE = [0.0] * 10 + [1.0, 3.0, 5.0] + [6.0] * 7
"""20 samples: rest at 0, a movement through 1, 3 and 5 to 6 degrees, rest."""


def with_saccade(found: EyeEvents, amplitude_deg: float) -> EyeEvents:
    amplitudes = np.where(found.kind == "saccade", amplitude_deg, NAN)
    return dataclasses.replace(found, amplitude_deg=amplitudes)


def test_only_whole_fixations_count_in_the_duration_but_all_in_rate_and_share() -> None:
    """A clip of 2 s: 0.3 s cut at the onset, 0.2 and 0.4 s within, 0.5 s cut at the end."""
    planted = events(("fixation", 0.0, 0.3), ("fixation", 0.4, 0.6), ("fixation", 0.7, 1.1), ("fixation", 1.5, 2.0))
    measures = measure_eyes(recording(one_eye([0.0] * 200), events=(planted,)), duration_s=2.0)
    assert measures.fixation_duration_s == pytest.approx((0.2 + 0.4) / 2)
    assert measures.fixation_rate_per_s == pytest.approx(4 / 2)
    assert measures.fixation_time_share == pytest.approx((0.3 + 0.2 + 0.4 + 0.5) / 2)


def test_a_fixation_as_long_as_the_clip_has_no_known_duration() -> None:
    measures = measure_eyes(recording(one_eye([0.0] * 200), events=(events(("fixation", 0.0, 2.0)),)), duration_s=2.0)
    assert math.isnan(measures.fixation_duration_s)
    assert measures.fixation_rate_per_s == 0.5


def test_velocity_of_a_saccade_is_the_change_over_two_sampling_intervals() -> None:
    """At 100 Hz the window is one sample on either side: (3 - 0), (5 - 1) and (6 - 3) degrees in 20 ms."""
    planted = with_saccade(events(("saccade", 0.10, 0.13)), 6.0)
    measures = measure_eyes(recording(one_eye(SACCADE), events=(planted,)), duration_s=0.2)
    assert measures.saccade_amplitude_deg == 6.0
    assert measures.saccade_peak_velocity_deg_s == pytest.approx(4 / 0.02)
    assert measures.saccade_mean_velocity_deg_s == pytest.approx((3 + 4 + 3) / 3 / 0.02)


def test_a_saccade_beside_a_loss_may_be_a_lid_and_is_left_out() -> None:
    x = [*SACCADE]
    x[13] = NAN
    planted = with_saccade(events(("saccade", 0.10, 0.13)), 6.0)
    measures = measure_eyes(recording(one_eye(x), events=(planted,)), duration_s=0.2)
    assert math.isnan(measures.saccade_amplitude_deg)
    assert math.isnan(measures.saccade_peak_velocity_deg_s)


def test_below_50_hz_the_amplitude_is_known_and_the_velocity_is_not() -> None:
    planted = with_saccade(events(("saccade", 0.25, 0.325)), 6.0)
    measures = measure_eyes(recording(one_eye(SACCADE, rate_hz=40.0), events=(planted,)), duration_s=0.5)
    assert measures.saccade_amplitude_deg == 6.0
    assert math.isnan(measures.saccade_peak_velocity_deg_s)
    assert math.isnan(measures.saccade_mean_velocity_deg_s)


def test_blinks_are_counted_per_minute() -> None:
    planted = events(("blink", 0.5, 0.7), ("blink", 1.5, 1.6), ("blink", 3.0, 3.2))
    measures = measure_eyes(recording(one_eye([0.0] * 400), events=(planted,)), duration_s=4.0)
    assert measures.blink_rate_per_min == pytest.approx(3 * 60 / 4)


def test_pupils_are_measured_in_each_eye_so_that_a_lost_eye_leaves_no_step() -> None:
    """Both widen by 0.2 mm/s; the left, of 3 mm, is lost in the second half, the right has 5 mm."""
    time_s = np.arange(201) / RATE_HZ
    left, right = 3 + 0.2 * time_s, 5 + 0.2 * time_s
    left[101:] = NAN
    gaze = eyes([[0.0] * 201] * 2, pupil=[left.tolist(), right.tolist()])
    measures = measure_eyes(recording(gaze, events=(events(("fixation", 0.1, 0.2)),)), duration_s=2.01)
    assert measures.pupil_slope_mm_s == pytest.approx(0.2)
    # Over n steps of d, the variance about the mean is d^2 n (n + 1) / 12: here 101 and 201 samples of 0.002 mm.
    variances = [0.002**2 * number * (number + 1) / 12 for number in (101, 201)]
    assert measures.pupil_variance_mm2 == pytest.approx(sum(variances) / 2)
    assert measures.pupil_mean_mm == pytest.approx((3 + 0.2 * 0.5 + 5 + 0.2 * 1.0) / 2)
    assert math.isnan(measures.pupil_mean_au)


def test_a_pupil_that_is_mostly_lost_is_not_known() -> None:
    pupil = [3.0] * 9 + [NAN] * 11
    measures = measure_eyes(recording(one_eye([0.0] * 20, pupil=pupil), events=(events(),)), duration_s=0.2)
    assert math.isnan(measures.pupil_mean_mm)


def test_the_papers_change_per_sample_is_not_taken_for_a_diameter() -> None:
    pupil = (3 + np.arange(200) / 1000).tolist()
    raw = recording(one_eye([0.0] * 200, pupil=pupil))
    cleaned = clean(raw, "emer")
    assert cleaned.gaze is not None
    assert cleaned.gaze.pupil_unit == "mm_change"
    measures = measure_eyes(raw, cleaned=cleaned, duration_s=2.0)
    assert measures.pupil_mean_mm == pytest.approx(3 + 0.0995)
    assert measures.pupil_slope_mm_s == pytest.approx(0.1)


def test_a_pupil_that_cleaning_corrected_is_taken_from_there() -> None:
    raw = recording(one_eye([0.0] * 20, pupil=[3.0] * 20), events=(events(),))
    assert raw.gaze is not None
    corrected = dataclasses.replace(raw, gaze=dataclasses.replace(raw.gaze, pupil=np.full((20, 1), 4.0)))
    assert measure_eyes(raw, cleaned=corrected, duration_s=0.2).pupil_mean_mm == 4.0


def test_what_cleaning_does_to_gaze_speaks_in_no_measure() -> None:
    """The presets differ in what they fill and flatten; events and samples as recorded do not."""
    rng = np.random.default_rng(5)
    x = np.concatenate([np.full(60, place) for place in (0.0, 7.0, -4.0, 9.0)]) + rng.normal(scale=0.05, size=240)
    x[100:103] = NAN
    raw = recording(one_eye(x.tolist(), y=(x / 2).tolist()))
    found = [
        dataclasses.astuple(measure_eyes(raw, cleaned=clean(raw, preset), duration_s=2.4))
        for preset in ("emer", "standard")
    ]
    np.testing.assert_array_equal(*found)
    assert found[0][0] > 0.3


def test_dispersion_is_measured_from_the_median() -> None:
    """x = 0, 0, 3, 3, 3 and y = 0, 0, 4, 4, 4: the median is (3, 4), two samples lie 5 degrees from it."""
    gaze = one_eye([0.0, 0.0, 3.0, 3.0, 3.0], y=[0.0, 0.0, 4.0, 4.0, 4.0])
    measures = measure_eyes(recording(gaze, events=(events(),)), duration_s=0.05)
    assert measures.gaze_dispersion_deg == pytest.approx(math.sqrt(2 * 25 / 5))
    assert math.isnan(measures.fixation_dispersion_deg)


def test_a_long_fixation_weighs_more_in_their_dispersion() -> None:
    """0.3 s at x = 0 and 0.1 s at x = 8: the mean is 2, the distances 2 and 6."""
    planted = events(("fixation", 0.1, 0.4), ("fixation", 0.5, 0.6), centre=[(0, 0), (8, 0)])
    measures = measure_eyes(recording(one_eye([0.0] * 100), events=(planted,)), duration_s=1.0)
    assert measures.fixation_dispersion_deg == pytest.approx(math.sqrt((0.3 * 4 + 0.1 * 36) / 0.4))


def test_directions_that_straddle_180_degrees_are_near_each_other() -> None:
    """Yaw 170 and -170 are 20 degrees apart, 10 from their mean; there is no gaze, so the rest is not known."""
    planted = dataclasses.replace(
        events(("fixation", 1.0, 1.5), ("fixation", 2.0, 2.5), centre=[(170, 0), (-170, 0)]), frame="world_deg"
    )
    measures = measure_eyes(recording(None, events=(planted,)), duration_s=10.0)
    assert measures.fixation_dispersion_deg == pytest.approx(10.0)
    assert measures.fixation_rate_per_s == pytest.approx(0.2)
    known = {"fixation_duration_s", "fixation_rate_per_s", "fixation_time_share", "fixation_dispersion_deg"}
    assert {name for name, value in dataclasses.asdict(measures).items() if not math.isnan(value)} == known


def test_half_of_a_clip_must_be_measured_to_speak_of_the_whole() -> None:
    planted = (events(("fixation", 0.01, 0.05), ("blink", 0.1, 0.19)),)
    enough = measure_eyes(recording(one_eye([0.0] * 10 + [NAN] * 10), events=planted), duration_s=0.2)
    too_little = measure_eyes(recording(one_eye([0.0] * 9 + [NAN] * 11), events=planted), duration_s=0.2)
    assert enough.blink_rate_per_min == pytest.approx(300)
    assert too_little.loss_share == pytest.approx(11 / 20)
    for name in ("blink_rate_per_min", "fixation_rate_per_s", "fixation_time_share", "gaze_dispersion_deg"):
        assert math.isnan(getattr(too_little, name)), name


def test_a_recording_without_events_is_refused() -> None:
    with pytest.raises(UsageError, match=r"preprocessing\.clean"):
        measure_eyes(recording(one_eye([0.0] * 9)), duration_s=0.09)
