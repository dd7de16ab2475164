"""Steps stand at the centres of chunks, eye and fixation in step; what was not measured is masked, never zero."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.datasets.samples import (
    SampledStream,
    chunk_centres,
    sample_eye,
    sample_fixation,
    sample_head,
    sample_map,
)
from emogap.types import EyeEvents, GazeSeries, HeadSeries

RATE_HZ = 50.0
NUM_SAMPLES = 100
TIMES_S = chunk_centres(2.0, 5)  # 0.2, 0.6, 1.0, 1.4, 1.8 s = samples 10, 30, 50, 70, 90


def events_of(
    *rows: tuple[str, float, float], centre: tuple[float, float] = (3.0, -4.0), world: bool = False
) -> EyeEvents:
    return EyeEvents(
        kind=np.array([row[0] for row in rows], dtype="<U8"),
        onset_s=np.array([row[1] for row in rows], float),
        offset_s=np.array([row[2] for row in rows], float),
        centre=np.array([centre if row[0] == "fixation" else (np.nan, np.nan) for row in rows]).reshape(-1, 2),
        amplitude_deg=np.full(len(rows), np.nan),
        method="ivt",
        frame="world_deg" if world else "deg",
    )


EVENTS = events_of(("fixation", 0.1, 0.55), ("saccade", 0.55, 0.65), ("fixation", 0.65, 1.3), ("blink", 1.3, 1.5))


def gaze_of(*, lost: slice = slice(0, 0), pupil_lost: slice = slice(0, 0)) -> GazeSeries:
    """Two eyes whose values tell eye, sample and channel; `lost` samples have no position."""
    time_s = np.arange(NUM_SAMPLES) / RATE_HZ
    sample = np.arange(NUM_SAMPLES, dtype=float)
    eye = np.array([0.0, 1000.0])
    position = sample[:, None, None] + eye[:, None] + np.array([0.25, 0.5])
    valid = np.ones((NUM_SAMPLES, 2), bool)
    valid[lost] = False
    position[lost] = np.nan
    pupil = sample[:, None] + eye + 0.125
    pupil[pupil_lost] = np.nan
    return GazeSeries(
        time_s=time_s,
        position=position,
        frame="deg",
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=("left", "right"),
        rate_hz=RATE_HZ,
        pupil=pupil,
        pupil_unit="mm",
        pupil_altered=np.zeros_like(valid),
        direction=sample[:, None, None] + eye[:, None] + np.array([10.0, 20.0, 30.0]),
        origin_mm=sample[:, None, None] + eye[:, None] + np.array([40.0, 50.0, 60.0]),
    )


def eye_of(gaze: GazeSeries, events: EyeEvents = EVENTS) -> tuple[SampledStream, dict[str, np.ndarray]]:
    stream = sample_eye(gaze, TIMES_S, position_deg=gaze.position[:, 0], events=events)
    return stream, {channel.name: stream.values[:, column] for column, channel in enumerate(stream.channels)}


@given(st.floats(0.1, 200), st.integers(1, 40))
def test_chunk_centres_are_even_and_symmetric(duration_s: float, num_chunks: int) -> None:
    centres = chunk_centres(duration_s, num_chunks)
    assert len(centres) == num_chunks
    np.testing.assert_allclose(np.diff(centres), duration_s / num_chunks)
    np.testing.assert_allclose(centres + centres[::-1], duration_s)


def test_channels_stand_in_the_order_of_the_contract() -> None:
    stream, _ = eye_of(gaze_of())
    assert [channel.name for channel in stream.channels] == [
        *("gaze_x_deg", "gaze_y_deg"),
        *("direction_l_x", "direction_l_y", "direction_l_z", "direction_r_x", "direction_r_y", "direction_r_z"),
        *("origin_l_x_mm", "origin_l_y_mm", "origin_l_z_mm", "origin_r_x_mm", "origin_r_y_mm", "origin_r_z_mm"),
        *("pupil_l_mm", "pupil_r_mm", "event_duration_s", "is_fixation", "is_saccade", "is_blink"),
    ]
    assert (stream.values.dtype, stream.values.shape, stream.mask.shape) == (np.float32, (5, 20), (5,))


def test_each_step_is_the_sample_at_its_chunk_centre() -> None:
    _, column = eye_of(gaze_of())
    sample = np.array([10, 30, 50, 70, 90])
    np.testing.assert_array_equal(column["gaze_y_deg"], sample + 0.5)
    np.testing.assert_array_equal(column["direction_r_z"], sample + 1030)
    np.testing.assert_array_equal(column["origin_l_y_mm"], sample + 50)
    np.testing.assert_array_equal(column["pupil_r_mm"], sample + 1000.125)


def test_each_step_knows_its_event() -> None:
    _, column = eye_of(gaze_of())
    np.testing.assert_array_equal(column["is_fixation"], [1, 0, 1, 0, 0])
    np.testing.assert_array_equal(column["is_saccade"], [0, 1, 0, 0, 0])
    np.testing.assert_array_equal(column["is_blink"], [0, 0, 0, 1, 0])
    np.testing.assert_allclose(column["event_duration_s"], [0.45, 0.1, 0.65, 0.2, np.nan], rtol=1e-6)


def test_eye_and_fixation_are_in_step() -> None:
    _, column = eye_of(gaze_of())
    fixation = sample_fixation(EVENTS, TIMES_S)
    np.testing.assert_array_equal(fixation.mask, column["is_fixation"] == 1)
    np.testing.assert_array_equal(fixation.values[[0, 2]], [[3, -4], [3, -4]])
    assert np.isnan(fixation.values[[1, 3, 4]]).all()


def test_a_lost_step_is_masked_unless_the_pupil_was_measured_or_the_lid_closed() -> None:
    lost = slice(65, 100)
    stream, column = eye_of(gaze_of(lost=lost, pupil_lost=slice(65, 80)))
    assert stream.mask.tolist() == [True, True, True, True, True]
    assert np.isnan(column["gaze_x_deg"][3:]).all()
    assert column["is_blink"][3] == 1
    stream, _ = eye_of(gaze_of(lost=lost, pupil_lost=lost))
    assert stream.mask.tolist() == [True, True, True, True, False]
    assert np.isnan(stream.values[4]).all()


def test_a_step_without_a_sample_nearby_is_masked() -> None:
    gaze = gaze_of()
    keep = np.r_[0:40, 60:100]
    names = ("time_s", "position", "valid", "altered", "pupil", "pupil_altered", "direction", "origin_mm")
    gappy = replace(gaze, **{name: getattr(gaze, name)[keep] for name in names})
    stream = sample_eye(gappy, TIMES_S, position_deg=gappy.position[:, 0], events=events_of())
    assert stream.mask.tolist() == [True, True, False, True, True]
    assert np.isnan(stream.values[2]).all()


def test_what_a_device_lacks_is_no_channel() -> None:
    gaze = replace(gaze_of(), pupil=None, pupil_unit=None, pupil_altered=None, direction=None)
    stream, column = eye_of(gaze)
    assert stream.values.shape == (5, 12)
    assert not any(name.startswith(("pupil", "direction")) for name in column)


def test_one_eye_alone_has_the_channels_of_one_eye() -> None:
    gaze = gaze_of()
    names = ("position", "valid", "altered", "pupil", "pupil_altered", "direction", "origin_mm")
    right = replace(gaze, eyes=("right",), **{name: getattr(gaze, name)[:, 1:] for name in names})
    _, column = eye_of(right)
    np.testing.assert_array_equal(column["pupil_r_mm"], np.array([10, 30, 50, 70, 90]) + 1000.125)
    assert not any("_l_" in name for name in column)


def test_a_pupil_in_arbitrary_units_is_not_called_mm() -> None:
    stream, _ = eye_of(replace(gaze_of(), pupil_unit="au"))
    assert [(each.name, each.unit) for each in stream.channels if each.name.startswith("pupil")] == [
        ("pupil_l_au", "arbitrary"),
        ("pupil_r_au", "arbitrary"),
    ]


def test_no_fixation_at_all_is_all_masked() -> None:
    stream = sample_fixation(events_of(), TIMES_S)
    assert stream.values.shape == (5, 2)
    assert not stream.mask.any()


@pytest.mark.parametrize(("first", "second"), [(179.5, -179.5), (-180.0, 180.0)])
def test_directions_across_the_seam_are_close(first: float, second: float) -> None:
    east = sample_fixation(events_of(("fixation", 0, 2), centre=(first, 5.0), world=True), TIMES_S)
    west = sample_fixation(events_of(("fixation", 0, 2), centre=(second, 5.0), world=True), TIMES_S)
    assert east.values.shape == (5, 3)
    assert np.abs(east.values - west.values).max() < 0.02
    np.testing.assert_allclose(east.values[:, 2], 5)


def test_the_head_is_read_where_it_is_known() -> None:
    head = HeadSeries(np.array([0.1, 0.3, 0.5, 0.7]), np.array([[7.0, 90.0, np.nan]] * 3 + [[7.0, -90.0, np.nan]]))
    stream = sample_head(head, TIMES_S, tolerance_s=0.2)
    assert stream.mask.tolist() == [True, True, False, False, False]
    np.testing.assert_allclose(stream.values[0], [1, 0, 7], atol=1e-6)


def test_an_empty_map_is_masked() -> None:
    maps = np.zeros((5, 6))
    maps[2, 4] = 0.5
    stream = sample_map(maps, shape=(2, 3))
    assert stream.mask.tolist() == [False, False, True, False, False]
    assert [stream.channels[4].name, len(stream.channels)] == ["map_row1_column1", 6]
    assert np.isnan(stream.values[0]).all()
