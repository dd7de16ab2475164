"""Thinned gaze is what a slower tracker would have recorded: recorded samples, and fewer of them."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.events import detect_events
from emogap.preprocessing.thinning import kept_samples, thin
from emogap.types import GazeSeries
from tests.preprocessing.planted_gaze import NAN, events, eyes, recording


def numbered(num_samples: int, *, rate_hz: float, time_s: np.ndarray | None = None) -> GazeSeries:
    """Both eyes; x is the number of the sample, the pupil a hundredth of it."""
    x = np.arange(float(num_samples))
    return eyes([x.tolist(), (-x).tolist()], rate_hz=rate_hz, time_s=time_s, pupil=[x / 100 + 3, x / 100 + 4])


def thinned(gaze: GazeSeries, rate_hz: float) -> GazeSeries:
    slower = thin(recording(gaze), rate_hz=rate_hz).gaze
    assert slower is not None
    return slower


def test_of_120_hz_every_fourth_sample_is_what_30_hz_record() -> None:
    gaze = numbered(121, rate_hz=120)
    slower = thinned(gaze, 30)
    assert slower.position[:, 0, 0].tolist() == list(range(0, 121, 4))
    assert slower.rate_hz == 30
    for field in dataclasses.fields(gaze):
        array = getattr(gaze, field.name)
        if isinstance(array, np.ndarray):
            assert np.array_equal(getattr(slower, field.name), array[::4], equal_nan=array.dtype.kind == "f")


def test_time_stamps_in_whole_milliseconds_change_nothing() -> None:
    """8.33 ms are written as 8 or 9 ms: the nearest sample to each tick is still every fourth."""
    time_s = np.round(np.arange(481) / 120, 3)
    kept = kept_samples(time_s, recorded_hz=120, rate_hz=30)
    assert kept.tolist() == list(range(0, 481, 4))


def test_on_an_irregular_clock_the_sample_nearest_each_tick_is_kept() -> None:
    """Ticks at 0, 100, 200, 300 and 400 ms; the 10 samples come at uneven times."""
    time_s = np.array([0.0, 0.045, 0.085, 0.13, 0.19, 0.225, 0.27, 0.32, 0.36, 0.395])
    assert kept_samples(time_s, recorded_hz=25, rate_hz=10).tolist() == [0, 2, 4, 7, 9]


def test_a_clock_that_runs_a_little_slow_slips_by_one_sample() -> None:
    """119.5 samples a second: after 2 s of ticks of 30 Hz the recording is one sample behind."""
    kept = kept_samples(np.arange(479) / 119.5, recorded_hz=119.5, rate_hz=30)
    assert set(np.diff(kept).tolist()) == {3, 4}
    assert np.abs(kept / 119.5 - np.arange(len(kept)) / 30).max() <= 0.5 / 119.5 + 1e-12


def test_a_tick_at_which_rows_are_missing_has_no_sample() -> None:
    """Rows of 30 to 90 ms are not in the file: the ticks at 40 and 80 ms have nothing, that at 120 ms has its own."""
    time_s = np.array([0, 10, 20, 100, 110, 120, 130, 140, 150, 160]) / 1000
    assert (time_s[kept_samples(time_s, recorded_hz=100, rate_hz=25)] * 1000).tolist() == [0, 120, 160]


def test_eyes_that_were_lost_at_a_tick_are_lost_and_not_taken_from_beside() -> None:
    x = np.arange(9.0)
    x[4] = NAN
    slower = thinned(eyes([x.tolist(), np.arange(9.0).tolist()], rate_hz=120), 30)
    assert slower.valid.tolist() == [[True, True], [False, True], [True, True]]
    assert not slower.altered.any()


def test_three_recorded_samples_in_two_steps_are_told() -> None:
    gaze = numbered(50, rate_hz=50)
    slower = thin(recording(gaze), rate_hz=20)
    assert slower.gaze is not None
    assert set(np.diff(slower.gaze.position[:, 0, 0]).tolist()) == {2.0, 3.0}
    assert slower.doubts[-1].endswith("; what is kept lies 2 or 3 recorded samples apart")


def test_what_was_done_is_a_step_and_a_doubt_and_events_of_the_file_are_gone() -> None:
    whole = recording(numbered(24, rate_hz=120), events=(events(("fixation", 0.0, 0.1)),))
    slower = thin(whole, rate_hz=30)
    assert (slower.steps[-1].name, dict(slower.steps[-1].parameters)) == ("thin", {"rate_hz": 30, "recorded_hz": 120})
    assert slower.doubts[-1] == "gaze was recorded at 120 Hz and thinned to 30 Hz before cleaning"
    assert slower.events == ()
    assert whole.gaze is not None
    assert len(whole.gaze.time_s) == 24


def test_a_recording_of_this_rate_keeps_every_sample() -> None:
    gaze = numbered(13, rate_hz=59.8)
    same = thin(recording(gaze), rate_hz=60)
    assert same.gaze is gaze
    assert same.doubts == ()
    assert same.steps[-1].name == "thin"


@pytest.mark.parametrize(
    ("rate_hz", "says"),
    [
        (120.0, r"recorded at 60 Hz, and 120 Hz are more(.|\n)*at most 60 Hz"),
        (50.0, r"50 Hz cannot be made of 60 Hz without interpolation(.|\n)*30 Hz or another whole part"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(rate_hz: float, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        thin(recording(numbered(9, rate_hz=60)), rate_hz=rate_hz)


def test_a_recording_without_a_clock_is_refused() -> None:
    gaze = dataclasses.replace(numbered(9, rate_hz=60), rate_hz=NAN)
    with pytest.raises(UsageError, match="the sampling rate is unknown"):
        thin(recording(gaze), rate_hz=30)


@pytest.mark.parametrize("ratio", [4 / 3, 1.5, 1.9, 2.0, 2.1, 2.5, 3.7, 4.0])
def test_no_step_of_what_is_kept_looks_like_a_loss(ratio: float) -> None:
    """Rows more than 1.5 intervals apart do not follow each other: thinning alone must not bring this about."""
    kept = kept_samples(np.arange(900) / 120, recorded_hz=120, rate_hz=120 / ratio)
    assert np.diff(kept).max() / 120 <= 1.5 * ratio / 120 + 1e-9
    assert len(kept) == pytest.approx(900 / ratio, abs=1.01)


@pytest.mark.parametrize(
    ("rate_hz", "seen_deg"),
    [(120.0, [0.75, 1.5, 2.5]), (60.0, [1.5, 2.5]), (30.0, [2.5])],
)
def test_the_slower_the_tracker_the_larger_the_smallest_saccade_that_is_seen(
    rate_hz: float, seen_deg: list[float]
) -> None:
    """The velocity spans one interval on either side: 30 deg/s over 2/30 s are 2 degrees, over 2/60 s 1 degree."""
    x = np.repeat([0.0, 0.75, 2.25, 4.75], 120)
    events_found = detect_events(thinned(eyes([x.tolist()], rate_hz=120), rate_hz))
    amplitude_deg = events_found.amplitude_deg[events_found.kind == "saccade"]
    assert amplitude_deg.tolist() == pytest.approx(seen_deg)
