"""The road of raw gaze, clip by clip: covered, trimmed, cleaned, measured; altered is told for each channel."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from emogap.datasets.clip_quality import measure_clip
from emogap.datasets.cutting import cut_gaze
from emogap.datasets.plan import BuildConfig, Clip, LeftOut
from emogap.errors import DataError
from emogap.types import EyeTracker, GazeSeries, Recording, SampleKey, Screen, StimulusInterval

RATE_HZ = 100.0
KEY = SampleKey("hand", "p1", "p1", "s1", "g1", 1.0, 3.0)
INTERVAL = StimulusInterval("s1", 1.0, 3.0)


def recording_of(*, lost_left: slice = slice(0, 0), lost_both: slice = slice(0, 0)) -> Recording:
    """Four seconds at rest on the centre of a screen seen from 600 mm; pupils of 3 and 4 mm."""
    num_samples = 400
    valid = np.ones((num_samples, 2), bool)
    valid[lost_left, 0] = False
    valid[lost_both] = False
    position = np.where(valid[..., None], [500.0, 400.0], np.nan)
    pupil = np.where(valid, [3.0, 4.0], np.nan)
    gaze = GazeSeries(
        time_s=np.arange(num_samples) / RATE_HZ,
        position=position,
        frame="screen_px",
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=("left", "right"),
        rate_hz=RATE_HZ,
        pupil=pupil,
        pupil_unit="mm",
        pupil_altered=np.zeros_like(valid),
    )
    screen = Screen((1000, 800), (500.0, 400.0), 600.0)
    return Recording("p1", "hand", "hand", EyeTracker("hand"), screen=screen, gaze=gaze)


def cut(recording: Recording, config: BuildConfig | None = None) -> Clip:
    piece = cut_gaze(recording, INTERVAL, KEY, config or BuildConfig())
    assert isinstance(piece, Clip)
    return piece


def test_a_clip_knows_every_step_that_was_taken() -> None:
    steps = [step["name"] for step in json.loads(str(cut(recording_of()).quality["steps"]))]
    assert steps[:2] == ["trim", "to_degrees"]
    assert "detect_events" in steps


def test_what_was_interpolated_in_one_eye_is_altered_in_that_eye_only() -> None:
    """A loss of 50 ms (5 of the clip's 200 samples) is too short for a blink and is filled."""
    quality = cut(recording_of(lost_left=slice(200, 205)), BuildConfig(cleaning="standard")).quality
    assert quality["pupil_l_mm_altered"] == pytest.approx(5 / 200)
    assert quality["pupil_r_mm_altered"] == 0
    assert quality["gaze_x_deg_altered"] == 0


def test_what_was_interpolated_in_both_eyes_alters_the_merged_gaze() -> None:
    quality = cut(recording_of(lost_both=slice(200, 205))).quality
    assert quality["gaze_x_deg_altered"] == pytest.approx(5 / 200)


def test_every_channel_of_the_eye_has_its_altered_share() -> None:
    clip = cut(recording_of())
    assert {f"{channel.name}_altered" for channel in clip.streams["eye"].channels} <= set(clip.quality)


def test_a_data_set_and_its_study_give_one_rate_and_one_longest_gap_for_one_clip() -> None:
    """The rows of the last 100 ms of 2 s are missing: 190 samples are 95 per second of the stimulus, and not 100."""
    whole = recording_of()
    assert whole.gaze is not None
    rows = np.r_[:290, 300:400]
    recording = replace(whole, gaze=rows_of(whole.gaze, rows))
    quality, of_study = cut(recording).quality, measure_clip(recording, INTERVAL)
    assert quality["effective_rate_hz"] == pytest.approx(95.0)
    assert quality["longest_gap_s"] == pytest.approx(0.1)
    for name in ("effective_rate_hz", "longest_gap_s", "rms_s2s_deg", "sd_deg", "bcea_deg2"):
        assert quality[name] == getattr(of_study, name), name
    assert quality["loss_share"] == 1 - of_study.valid_share


def rows_of(gaze: GazeSeries, rows: np.ndarray) -> GazeSeries:
    arrays = {field.name: getattr(gaze, field.name) for field in fields(gaze)}
    taken = {name: value[rows] for name, value in arrays.items() if isinstance(value, np.ndarray)}
    return replace(gaze, **taken)


def test_a_blink_is_a_step_that_counts() -> None:
    """Both eyes are lost for 200 ms around 0.53 s of the clip, the centre of chunk 8 of 32."""
    clip = cut(recording_of(lost_both=slice(143, 163)))
    names = [channel.name for channel in clip.streams["eye"].channels]
    step = clip.streams["eye"].values[8]
    assert clip.streams["eye"].mask[8]
    assert step[names.index("is_blink")] == 1
    assert np.isnan(step[names.index("gaze_x_deg")])


def test_a_clip_without_gaze_is_left_out_at_the_stage_gaze() -> None:
    piece = cut_gaze(recording_of(lost_both=slice(90, 310)), INTERVAL, KEY, BuildConfig())
    assert isinstance(piece, LeftOut)
    assert (piece.stage, piece.recording_id, piece.start_s) == ("gaze", "p1", 1.0)


@pytest.mark.parametrize(("onset_s", "offset_s"), [(-1.0, 1.0), (3.0, 5.0), (7.0, 9.0)])
def test_an_interval_beyond_the_recording_is_refused_with_both_times(onset_s: float, offset_s: float) -> None:
    with pytest.raises(DataError, match=rf"from {onset_s:.3f} to {offset_s:.3f} s, .* from 0\.000 to 3\.990 s"):
        cut_gaze(recording_of(), StimulusInterval("s1", onset_s, offset_s), KEY, BuildConfig())
