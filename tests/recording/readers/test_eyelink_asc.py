"""EyeLink .asc files: clock, eyes, losses, events of each eye, messages, screen, and what is refused."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recording
from emogap.recording.readers import eyelink_asc
from emogap.types import EyeEvents, GazeSeries, Recording
from tests.recording.readers._examples_eyelink_asc import (
    BOTH_LOST,
    CALIBRATION,
    EVENTS,
    LEFT_LOST,
    PREAMBLE,
    START_MS,
    TRIAL,
    TRIAL_END,
    binocular,
    block,
    gaze_px,
    monocular,
    pupil_au,
)

Read = Callable[[str], Recording]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(text: str) -> Recording:
        path = tmp_path / "made-up.asc"
        path.write_bytes(text.encode())
        return open_recording(path, reader="eyelink_asc")

    return write_and_read


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str], DataError]:
    def write_and_read(text: str) -> DataError:
        path = tmp_path / "made-up.asc"
        path.write_bytes(text.encode())
        with pytest.raises(DataError) as caught:
            eyelink_asc.read(path)
        return caught.value

    return write_and_read


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def pupil_of(recording: Recording) -> np.ndarray:
    pupil = gaze_of(recording).pupil
    assert pupil is not None
    return pupil


def events_of(recording: Recording, eye: str) -> EyeEvents:
    (found,) = (events for events in recording.events if events.method == f"eyelink-{eye}")
    return found


def test_both_eyes_stand_where_the_file_has_them(read: Read) -> None:
    gaze = gaze_of(read(binocular()))
    assert gaze.eyes == ("left", "right")
    assert gaze.frame == "screen_px"
    for eye in (0, 1):
        assert gaze.position[3, eye].tolist() == list(gaze_px(3, eye))


def test_a_lone_point_is_missing_with_its_pupil(read: Read) -> None:
    recording = read(binocular())
    valid, pupil = gaze_of(recording).valid, pupil_of(recording)
    assert valid[LEFT_LOST].tolist() == [False, True]
    assert valid[BOTH_LOST].tolist() == [False, False]
    assert np.isnan(pupil[BOTH_LOST]).all()
    assert pupil[LEFT_LOST, 1] == pupil_au(LEFT_LOST, 1)
    assert gaze_of(recording).pupil_unit == "au"


def test_time_starts_at_the_first_sample_and_the_rate_is_measured(read: Read) -> None:
    recording = read(PREAMBLE + block())
    np.testing.assert_allclose(gaze_of(recording).time_s, 0.002 * np.arange(11))
    assert gaze_of(recording).rate_hz == 500
    assert recording.tracker.rate_hz == 500


def test_columns_after_the_eyes_are_passed_over(read: Read) -> None:
    gaze = gaze_of(read(monocular()))
    assert gaze.eyes == ("left",)
    assert gaze.position[2, 0].tolist() == list(gaze_px(2, 0))


def test_half_milliseconds_are_kept_at_2000_hz(read: Read) -> None:
    gaze = gaze_of(read(monocular()))
    np.testing.assert_allclose(gaze.time_s, 0.0005 * np.arange(9))
    assert gaze.rate_hz == 2000


def test_whole_milliseconds_at_2000_hz_are_told_apart_with_a_doubt(read: Read) -> None:
    recording = read(PREAMBLE + block(num_samples=9, rate_hz=2000, eyes="R", more="\t..."))
    np.testing.assert_allclose(gaze_of(recording).time_s, 0.0005 * np.arange(9))
    assert any("half a ms later" in doubt for doubt in recording.doubts)


@pytest.mark.parametrize("rate_hz", [250, 500, 1000])
def test_every_rate_of_the_tracker_is_measured(read: Read, rate_hz: int) -> None:
    assert gaze_of(read(PREAMBLE + block(rate_hz=rate_hz))).rate_hz == pytest.approx(rate_hz)


def test_the_gap_between_blocks_stays_a_gap_and_does_not_count_for_the_rate(read: Read) -> None:
    gaze = gaze_of(read(binocular()))
    assert len(gaze.time_s) == 18
    assert gaze.time_s[11] == pytest.approx(0.62)
    assert gaze.rate_hz == pytest.approx(500)


def test_an_eye_that_a_block_did_not_record_is_lost_there_with_a_doubt(read: Read) -> None:
    recording = read(binocular())
    assert not gaze_of(recording).valid[11:, 0].any()
    assert gaze_of(recording).valid[11, 1]
    assert any("1 of 2 recording blocks do not hold the left eye" in doubt for doubt in recording.doubts)


def test_a_spliced_file_has_no_rate_and_says_why(read: Read) -> None:
    lines = block(num_samples=11).splitlines(keepends=True)
    spliced = [line for row, line in enumerate(lines) if row not in (7, 9, 11, 12, 14)]
    recording = read(PREAMBLE + "".join(spliced))
    assert np.isnan(gaze_of(recording).rate_hz)
    assert recording.tracker.rate_hz == 500
    assert any(re.search(r"states 500 Hz, but only \d of 5 steps", doubt) for doubt in recording.doubts)


def test_blocks_of_different_rates_have_no_one_rate(read: Read) -> None:
    recording = read(PREAMBLE + block(rate_hz=250) + block(START_MS + 500, rate_hz=1000))
    assert np.isnan(gaze_of(recording).rate_hz)
    assert any("different rates (250, 1000 Hz)" in doubt for doubt in recording.doubts)


def test_a_time_that_goes_back_is_refused_with_its_line(refused: Callable[[str], DataError]) -> None:
    text = PREAMBLE + block() + block(START_MS + 8)
    error = refused(text)
    line = text.splitlines().index(f"START\t{START_MS + 8} \tLEFT\tRIGHT\tSAMPLES\tEVENTS") + 7
    assert error.where is not None
    assert error.where.endswith(f"made-up.asc, line {line}")
    assert "runs backwards" in error.what


def test_events_of_the_two_eyes_stand_side_by_side(read: Read) -> None:
    recording = read(binocular())
    left, right = events_of(recording, "left"), events_of(recording, "right")
    assert left.kind.tolist() == ["fixation", "saccade", "blink"]
    assert right.kind.tolist() == ["fixation", "saccade"]
    assert left.centre[0].tolist() == [120.5, 280.5]
    assert right.amplitude_deg[1] == 0.62


def test_an_event_lasts_one_sampling_interval_beyond_its_last_sample(read: Read) -> None:
    left = events_of(read(binocular()), "left")
    np.testing.assert_allclose(left.onset_s, [0, 0.008, 0.010])
    np.testing.assert_allclose(left.offset_s, [0.008, 0.018, 0.014])


def test_a_saccade_around_a_blink_has_no_amplitude(read: Read) -> None:
    recording = read(binocular())
    assert np.isnan(events_of(recording, "left").amplitude_deg[1])
    assert any("left eye around a blink" in note and note.endswith(": 1") for note in recording.notes)


def test_an_event_that_stands_twice_is_refused_with_its_line(refused: Callable[[str], DataError]) -> None:
    twice = EVENTS.splitlines(keepends=True)[1]
    text = PREAMBLE + block(lines_after=EVENTS + twice)
    error = refused(text)
    assert "this fixation begins" in error.what
    assert (error.where or "").endswith(f"line {text.count(chr(10)) - 1}")


@pytest.mark.parametrize(
    "line", ["EFIX L\n", f"EBLINK L {START_MS + 20}\t{START_MS}\t4\n", f"ESACC X {START_MS}\t{START_MS}\t1\n"]
)
def test_a_damaged_event_is_refused_with_its_line(refused: Callable[[str], DataError], line: str) -> None:
    text = PREAMBLE + block(lines_after=line)
    assert (refused(text).where or "").endswith(f"line {text.count(chr(10)) - 1}")


def test_messages_inputs_and_buttons_are_kept_with_their_times(read: Read) -> None:
    messages = read(binocular()).messages
    assert [message.text for message in messages[3:7]] == ["TRIALID face 7", "SYNCTIME", "INPUT 127", "BUTTON 3 1"]
    np.testing.assert_allclose([message.time_s for message in messages[3:7]], [-0.02, 0.004, 0.006, 0.008])


def test_a_message_that_goes_back_in_time_is_kept_and_doubted(read: Read) -> None:
    text = PREAMBLE + block(lines_after=f"MSG\t{START_MS + 9} late\nMSG\t{START_MS + 3} early\n")
    recording = read(text)
    assert [message.text for message in recording.messages] == ["late", "early"]
    assert any("1 messages have a time before" in doubt for doubt in recording.doubts)


def test_a_trial_with_its_result_is_a_stimulus_from_its_synctime(read: Read) -> None:
    (stimulus,) = read(binocular()).stimuli
    assert stimulus.stimulus_id == "face 7"
    assert (stimulus.onset_s, stimulus.offset_s) == pytest.approx((0.004, 0.9))


def test_trials_without_result_are_no_stimuli(read: Read) -> None:
    recording = read(PREAMBLE + TRIAL + block())
    assert recording.stimuli == ()
    assert any("1 TRIALID and 0 TRIAL_RESULT" in doubt for doubt in recording.doubts)


def test_two_trials_with_the_same_synctimes_begin_with_their_trialid(read: Read) -> None:
    text = PREAMBLE + TRIAL + f"MSG\t{START_MS + 5} SYNCTIME\n" + block() + TRIAL_END
    assert read(text).stimuli[0].onset_s == pytest.approx(-0.02)


def test_the_screen_runs_to_the_last_pixel(read: Read) -> None:
    screen = read(binocular()).screen
    assert screen is not None
    assert screen.size_px == (800, 400)


def test_coordinates_that_read_as_the_size_are_taken_as_it_with_a_doubt(read: Read) -> None:
    recording = read(PREAMBLE + f"MSG\t{START_MS - 1} GAZE_COORDS 0.00 0.00 1680.00 1050.00\n" + block())
    assert recording.screen is not None
    assert recording.screen.size_px == (1680, 1050)
    assert any("reads as the size of the screen" in doubt for doubt in recording.doubts)


def test_a_screen_with_its_corner_elsewhere_moves_the_positions(read: Read) -> None:
    recording = read(PREAMBLE + f"MSG\t{START_MS - 1} GAZE_COORDS -400 -200 399 199\n" + block(lines_after=EVENTS))
    x, y = gaze_px(0, 0)
    assert gaze_of(recording).position[0, 0].tolist() == [x + 400, y + 200]
    assert events_of(recording, "left").centre[0].tolist() == [520.5, 480.5]


def test_a_file_without_screen_says_so(read: Read) -> None:
    recording = read(PREAMBLE + block())
    assert recording.screen is None
    assert any("size of the screen is not in the file" in doubt for doubt in recording.doubts)


@pytest.mark.parametrize("second", ["0 0 1023 767", "0 399 799 0", "0 0 799"])
def test_a_screen_that_contradicts_itself_is_refused(refused: Callable[[str], DataError], second: str) -> None:
    text = PREAMBLE + CALIBRATION + f"MSG\t{START_MS - 1} DISPLAY_COORDS {second}\n" + block()
    assert re.search(r"line 1\d$", refused(text).where or "")


def test_tracker_and_calibration_are_named(read: Read) -> None:
    recording = read(binocular())
    assert recording.tracker.model == "EyeLink 1000 Plus"
    assert "validation of the left eye GOOD: error 0.37 deg on average, 0.92 deg at most" in recording.notes
    assert recording.accuracy_deg["left"] == 0.37
    assert "drift corrections: 1, the largest of 0.25 deg" in recording.notes
    assert any("filter of the samples: extra" in note for note in recording.notes)
    assert not any("made-up.edf" in note for note in recording.notes)


def test_a_tracker_of_an_older_preamble_is_named_by_its_software(read: Read) -> None:
    old = PREAMBLE.replace("v6.14 Mar  6 2020 (EyeLink 1000 Plus)", "v4.56 Aug 18 2010")
    assert read(old + block()).tracker.model == "EYELINK II CL v4.56"


def test_a_compressed_file_reads_as_the_plain_one(read: Read, tmp_path: Path) -> None:
    packed = tmp_path / "packed.asc.gz"
    packed.write_bytes(gzip.compress(binocular().encode()))
    recording = open_recording(packed, reader="eyelink_asc")
    np.testing.assert_array_equal(gaze_of(recording).position, gaze_of(read(binocular())).position)
    assert recording.recording_id == "packed"


@pytest.mark.parametrize("position", ["HREF", "PUPIL"])
def test_positions_that_are_no_gaze_are_refused_with_the_remedy(
    refused: Callable[[str], DataError], position: str
) -> None:
    error = refused(PREAMBLE + block(position=position))
    assert position in error.what
    assert "-sg" in (error.fix or "")


def test_samples_without_a_block_are_refused(refused: Callable[[str], DataError]) -> None:
    lines = block().splitlines(keepends=True)
    assert "outside the blocks" in refused(PREAMBLE + "".join(lines[6:-1])).what


def test_a_file_of_events_only_is_refused(refused: Callable[[str], DataError]) -> None:
    assert "0 samples" in refused(PREAMBLE + block(num_samples=1).replace(f"{START_MS}\t  1", "MSG\t1\t1")).what


@pytest.mark.parametrize("wrong", ["1x1.50", "inf", "9" * 400])
def test_a_sample_that_is_no_number_is_refused_with_its_line(refused: Callable[[str], DataError], wrong: str) -> None:
    text = PREAMBLE + block().replace("  111.50", wrong)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if wrong in one)
    assert (refused(text).where or "").endswith(f"line {line}")


def test_a_sample_with_fewer_values_is_refused_with_its_line(refused: Callable[[str], DataError]) -> None:
    lines = (PREAMBLE + block()).splitlines(keepends=True)
    lines[18] = lines[18].rsplit("\t", 2)[0] + "\n"
    error = refused("".join(lines))
    assert (error.where or "").endswith("line 19")
    assert "6 values in a sample of a block whose samples have 8" in error.what


def test_a_recording_without_end_is_doubted(read: Read) -> None:
    recording = read(PREAMBLE + block().rsplit("END", 1)[0])
    assert any("has no END" in doubt for doubt in recording.doubts)


def test_lines_of_another_kind_are_counted(read: Read) -> None:
    recording = read(PREAMBLE + block(lines_after="second line of a message\n"))
    assert any("1 line inside a recording that is neither sample nor event" in doubt for doubt in recording.doubts)


def test_text_that_is_not_utf_8_is_read_with_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "latin.asc"
    path.write_bytes((PREAMBLE + f"MSG\t{START_MS} caf\u00e9\n" + block()).encode("latin-1"))
    recording = open_recording(path, reader="eyelink_asc")
    assert recording.messages[0].text == "caf\u00e9"
    assert any("Latin-1" in doubt for doubt in recording.doubts)


def test_windows_line_ends_read_the_same(read: Read) -> None:
    plain, windows = gaze_of(read(binocular())), gaze_of(read(binocular().replace("\n", "\r\n")))
    np.testing.assert_array_equal(plain.position, windows.position)


def test_the_real_binocular_file_has_its_rate_eyes_and_losses(shared_data: Path) -> None:
    recording = open_recording(shared_data / "exports/eyelink/eyelink_binocular_example.asc", reader="eyelink_asc")
    gaze = gaze_of(recording)
    assert gaze.rate_hz == pytest.approx(1000, rel=0.01)
    assert gaze.position.shape == (368, 2, 2)
    assert recording.tracker.model == "EyeLink Portable Duo"
    # A blink of the left eye from 1408787 to 1408883 ms and of the right one from 1408793 to 1408872 ms.
    assert (~gaze.valid).sum(axis=0).tolist() == [97, 80]
    assert any("END in line 532" in doubt for doubt in recording.doubts)


def test_samples_are_those_that_pymovements_reads(shared_data: Path) -> None:
    import pymovements

    path = shared_data / "exports/eyelink/eyelink_binocular_example.asc"
    gaze = gaze_of(open_recording(path, reader="eyelink_asc"))
    samples = pymovements.gaze.from_asc(path).samples
    points = np.array(samples["pixel"].to_list(), dtype=float).reshape(-1, 2, 2)
    np.testing.assert_array_equal(gaze.position, points)
    np.testing.assert_allclose(gaze.time_s * 1000, samples["time"].to_numpy() - samples["time"][0])


@pytest.mark.parametrize(("name", "rate_hz"), [("monocular", 1000), ("monocular_2khz", 2000)])
def test_the_real_spliced_files_open_with_an_unknown_rate(shared_data: Path, name: str, rate_hz: int) -> None:
    recording = open_recording(shared_data / f"exports/eyelink/eyelink_{name}_example.asc", reader="eyelink_asc")
    gaze = gaze_of(recording)
    assert np.isnan(gaze.rate_hz)
    assert recording.tracker.rate_hz == rate_hz
    assert (len(gaze.time_s), gaze.eyes) == (16, ("left",))
    assert any("spliced" in doubt for doubt in recording.doubts)
    assert any("messages have a time before" in doubt for doubt in recording.doubts)
    assert sum(message.text.startswith("TRIALID") for message in recording.messages) == 5
