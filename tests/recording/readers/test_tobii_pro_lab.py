"""Tobii Pro Lab: units in the heading or inferred, both decimal marks, event rows, several recordings."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import READERS, open_recording, open_recordings
from emogap.types import GazeSeries, Recording

TIME = "Recording timestamp [\u03bcs]"


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def rename(export: Any, change: Callable[[str], str]) -> Any:
    export.rows = [{change(name): cell for name, cell in row.items()} for row in export.rows]
    export.heading = [change(name) for name in export.heading]
    return export


def drop(export: Any, pattern: str) -> Any:
    export.heading = [name for name in export.heading if not re.search(pattern, name)]
    return export


@pytest.fixture
def recording(example_pro_lab: Any, tmp_path: Path) -> Recording:
    return open_recording(example_pro_lab.write(tmp_path))


def test_event_rows_are_no_samples_and_microseconds_become_seconds(recording: Recording) -> None:
    np.testing.assert_allclose(gaze_of(recording).time_s, np.arange(13) / 100)
    assert gaze_of(recording).rate_hz == pytest.approx(100)


def test_ids_come_from_the_columns(recording: Recording) -> None:
    assert (recording.recording_id, recording.participant_id) == ("Recording3", "P07")
    assert recording.stimulus_id is None


def test_mm_that_grow_downwards_are_turned_to_the_bottom_left(recording: Recording) -> None:
    gaze = gaze_of(recording)
    assert gaze.frame == "screen_mm"
    assert gaze.position[3, 1].tolist() == [(100 + 37 * 3 + 6) * 0.5, 100 - (300 - 19 * 3 - 4) * 0.25]
    assert gaze.origin_mm is not None
    assert gaze.origin_mm[3, 1].tolist() == [232.5, 60.5, 650.0]


def test_mm_that_grow_upwards_are_taken_as_they_are(example_pro_lab: Any, tmp_path: Path, recording: Recording) -> None:
    """Which way they grow is read off the px beside them, not off the name of the frame."""
    for row in example_pro_lab.rows:
        for name in row:
            if re.search(r"Y \[DACS mm\]", name) and row[name] is not None:
                row[name] = str(100 - float(row[name]))
    again = open_recording(example_pro_lab.write(tmp_path))
    np.testing.assert_allclose(gaze_of(again).position, gaze_of(recording).position)
    assert gaze_of(again).origin_mm is not None
    np.testing.assert_allclose(gaze_of(again).origin_mm, gaze_of(recording).origin_mm)


def test_the_screen_comes_from_the_resolution_and_the_fit(recording: Recording) -> None:
    assert recording.screen is not None
    assert (recording.screen.size_px, recording.screen.size_mm) == ((800, 400), (400.0, 100.0))
    assert recording.screen.distance_mm == 650.0


def test_a_lost_eye_is_lost(recording: Recording) -> None:
    assert gaze_of(recording).valid[[4, 8]].tolist() == [[False, False], [False, True]]


def test_an_invalid_eye_with_values_is_lost(example_pro_lab: Any, tmp_path: Path) -> None:
    example_pro_lab.rows[3]["Validity left"] = "Invalid"
    gaze = gaze_of(open_recording(example_pro_lab.write(tmp_path)))
    assert gaze.valid[2].tolist() == [False, True]
    assert np.isnan(gaze.position[2, 0]).all()


def test_the_stimulus_has_its_interval(recording: Recording) -> None:
    (interval,) = recording.stimuli
    assert interval.stimulus_id == "clip-2"
    assert (interval.onset_s, interval.offset_s) == pytest.approx((0.03, 0.10))


def test_the_vendors_events_are_runs_of_type_and_index(recording: Recording) -> None:
    events = recording.events[0]
    assert events.method == "tobii-pro-lab"
    assert events.kind.tolist() == ["fixation", "saccade", "fixation"]
    np.testing.assert_allclose(events.onset_s, [0.0, 0.05, 0.07])
    np.testing.assert_allclose(events.offset_s, [0.04, 0.07, 0.13])
    np.testing.assert_allclose(events.centre[0], [200.5 * 0.5, 100 - 100.25 * 0.25])


def test_the_absolute_start_is_date_time_and_first_timestamp(recording: Recording) -> None:
    expected = datetime(2026, 11, 21, 14, 5, 6, 750_000, tzinfo=UTC)
    assert recording.start_ns == int(expected.timestamp() * 1000) * 1_000_000
    assert any("unknown zone" in doubt for doubt in recording.doubts)


def test_an_ambiguous_date_is_left_out_and_named(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        row["Recording date"] = "01/06/2022"
    recording = open_recording(example_pro_lab.write(tmp_path))
    assert recording.start_ns is None
    assert any("without guessing" in doubt for doubt in recording.doubts)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt"])
@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
def test_delimiter_bom_and_line_end_make_no_difference(
    delimiter: str, ending: str, example_pro_lab: Any, tmp_path: Path, recording: Recording
) -> None:
    example_pro_lab = drop(example_pro_lab, "AOI")
    example_pro_lab.delimiter, example_pro_lab.bom, example_pro_lab.line_end = delimiter, True, "\r\n"
    again = open_recording(example_pro_lab.write(tmp_path, f"gaze{ending}"))
    np.testing.assert_array_equal(gaze_of(again).position, gaze_of(recording).position)


def test_a_decimal_comma_reads_as_a_point(
    text_examples: dict[str, tuple[Callable[[], Any], ...]], tmp_path: Path, recording: Recording
) -> None:
    again = open_recording(text_examples["tobii_pro_lab"][1]().write(tmp_path))
    np.testing.assert_array_equal(gaze_of(again).position, gaze_of(recording).position)
    np.testing.assert_array_equal(gaze_of(again).pupil, gaze_of(recording).pupil)


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_spreadsheet_reads_as_the_text(
    decimal: str,
    text_examples: dict[str, tuple[Callable[[], Any], ...]],
    spreadsheet: Callable[[Any, Path], Path],
    tmp_path: Path,
    recording: Recording,
) -> None:
    path = spreadsheet(text_examples["tobii_pro_lab"][0 if decimal == "." else 1](), tmp_path / "gaze.xlsx")
    again = open_recording(path)
    assert again.reader == "tobii_pro_lab"
    np.testing.assert_allclose(gaze_of(again).position, gaze_of(recording).position)
    assert again.events[0].kind.tolist() == recording.events[0].kind.tolist()
    assert again.stimuli == recording.stimuli


def test_a_spreadsheet_cut_anywhere_is_refused(
    example_pro_lab: Any, spreadsheet: Callable[[Any, Path], Path], tmp_path: Path
) -> None:
    content = spreadsheet(example_pro_lab, tmp_path / "whole.xlsx").read_bytes()
    path = tmp_path / "cut.xlsx"
    for cut in range(1, len(content), 211):
        path.write_bytes(content[:cut])
        with pytest.raises(DataError, match=r"cut\.xlsx, line 1"):
            READERS.open("tobii_pro_lab").read(path)
        with pytest.raises(DataError, match=r"cut\.xlsx"):
            open_recordings(path)


def test_a_bad_cell_of_a_spreadsheet_is_named_by_its_row(
    example_pro_lab: Any, spreadsheet: Callable[[Any, Path], Path], tmp_path: Path
) -> None:
    example_pro_lab.rows[5]["Pupil diameter left [mm]"] = "wide"
    with pytest.raises(DataError, match=r"gaze\.xlsx, row 7: 'wide' in the column 'Pupil diameter left \[mm\]'"):
        open_recordings(spreadsheet(example_pro_lab, tmp_path / "gaze.xlsx"))


@pytest.mark.parametrize("unit", ["[us]", "[\u00b5s]", "(\u03bcs)"], ids=["us", "micro sign", "parentheses"])
def test_microseconds_are_known_in_every_spelling(
    unit: str, example_pro_lab: Any, tmp_path: Path, recording: Recording
) -> None:
    export = rename(example_pro_lab, lambda name: name.replace("[\u03bcs]", unit))
    again = open_recording(export.write(tmp_path))
    np.testing.assert_array_equal(gaze_of(again).time_s, gaze_of(recording).time_s)


def test_milliseconds_are_known(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        row[TIME] = str(int(row[TIME]) // 1000)
    export = rename(example_pro_lab, lambda name: name.replace("[\u03bcs]", "[ms]"))
    assert gaze_of(open_recording(export.write(tmp_path))).rate_hz == pytest.approx(100)


@pytest.mark.parametrize(("divisor", "unit"), [(1, "us"), (1000, "ms")])
def test_a_time_unit_that_is_not_stated_is_inferred_from_the_steps_and_doubted(
    divisor: int, unit: str, example_pro_lab: Any, tmp_path: Path
) -> None:
    for row in example_pro_lab.rows:
        row[TIME] = str(int(row[TIME]) // divisor)
    export = rename(example_pro_lab, lambda name: name.replace(" [\u03bcs]", ""))
    recording = open_recording(export.write(tmp_path))
    assert gaze_of(recording).rate_hz == pytest.approx(100)
    assert any(doubt.endswith(f"fit {unit} only") for doubt in recording.doubts)


def test_a_time_unit_that_nothing_tells_is_refused(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        row[TIME] = str(int(row[TIME]) / 1e6)
    export = rename(example_pro_lab, lambda name: name.replace(" [\u03bcs]", ""))
    with pytest.raises(DataError, match="states no unit of 'Recording timestamp'"):
        open_recording(export.write(tmp_path))


def test_names_of_older_exports_without_units_are_px_and_mm_with_a_doubt(example_pro_lab: Any, tmp_path: Path) -> None:
    export = drop(example_pro_lab, r"DACS mm|resolution")
    export = rename(export, lambda name: name if "timestamp" in name else re.sub(r" \[(DACS px|mm|ms)\]", "", name))
    recording = open_recording(export.write(tmp_path))
    assert gaze_of(recording).frame == "screen_px"
    assert gaze_of(recording).position[3, 0].tolist() == [100 + 37 * 3, 300 - 19 * 3]
    assert recording.screen is None
    for subject in ("unit of the gaze points", "unit of the pupil", "size of the screen"):
        assert any(subject in doubt for doubt in recording.doubts)


def test_names_in_parentheses_are_those_in_brackets(example_pro_lab: Any, tmp_path: Path, recording: Recording) -> None:
    export = rename(example_pro_lab, lambda name: re.sub(r"\[DACS (px|mm)\]", r"(DACS\1)", name))
    again = open_recording(export.write(tmp_path))
    np.testing.assert_array_equal(gaze_of(again).position, gaze_of(recording).position)


def test_shares_of_the_screen_are_kept_as_shares(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        for name in row:
            if "[DACS px]" in name and row[name] is not None:
                row[name] = str(float(row[name]) / 1000)
    export = drop(example_pro_lab, r"Fixation point|DACS mm")
    export = rename(export, lambda name: name.replace("[DACS px]", "[DACS norm]"))
    assert gaze_of(open_recording(export.write(tmp_path))).frame == "screen_norm"


def test_small_numbers_without_a_unit_are_refused(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        for name in row:
            if "[DACS px]" in name and row[name] is not None:
                row[name] = str(float(row[name]) / 1000)
    export = rename(drop(example_pro_lab, r"DACS mm"), lambda name: name.replace(" [DACS px]", ""))
    with pytest.raises(DataError, match="may be shares of the screen as well as px"):
        open_recording(export.write(tmp_path))


def on_medium(export: Any, *, shown_width: str) -> Any:
    for row in export.rows:
        row |= {"Presented Media position X [DACS px]": "30", "Presented Media position Y [DACS px]": "50"}
        row |= {"Presented Media width [px]": shown_width, "Original Media width [px]": "600"}
    export.heading = [*drop(export, r"DACS mm|Fixation point").heading, *list(export.rows[0])[-4:]]
    return rename(export, lambda name: re.sub(r"^(Gaze point .*)\[DACS px\]", r"\1[MCS px]", name))


def test_px_of_the_medium_are_placed_on_the_screen(example_pro_lab: Any, tmp_path: Path) -> None:
    recording = open_recording(on_medium(example_pro_lab, shown_width="600").write(tmp_path))
    assert gaze_of(recording).frame == "screen_px"
    assert gaze_of(recording).position[3, 0].tolist() == [100 + 37 * 3 + 30, 300 - 19 * 3 + 50]


def test_px_of_a_scaled_medium_are_refused(example_pro_lab: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="px of a scaled medium are no px of the screen"):
        open_recording(on_medium(example_pro_lab, shown_width="300").write(tmp_path))


def test_px_of_a_medium_that_is_nowhere_are_refused(example_pro_lab: Any, tmp_path: Path) -> None:
    export = drop(on_medium(example_pro_lab, shown_width="600"), "Media position")
    with pytest.raises(DataError, match="its place on the screen is not in the file"):
        open_recording(export.write(tmp_path))


def test_mm_without_px_are_refused_with_what_to_export(example_pro_lab: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="do not tell where the screen ends"):
        open_recording(drop(example_pro_lab, "DACS px").write(tmp_path))


def test_a_combined_point_of_gaze_is_cyclopean(example_pro_lab: Any, tmp_path: Path) -> None:
    export = drop(example_pro_lab, r"DACS mm|right|Pupil|Validity|Fixation point")
    export = rename(export, lambda name: name.replace("Gaze point left", "Gaze point"))
    gaze = gaze_of(open_recording(export.write(tmp_path)))
    assert gaze.eyes == ("cyclopean",)
    assert gaze.position.shape == (13, 1, 2)


def test_two_recordings_that_alternate_are_told_apart(example_pro_lab: Any, tmp_path: Path) -> None:
    second = [{**row, "Participant name": "P02", "Recording name": "Recording4"} for row in example_pro_lab.rows[:9]]
    pairs = zip(example_pro_lab.rows, [*second, *[None] * 6], strict=True)
    example_pro_lab.rows = [row for pair in pairs for row in pair if row is not None]
    recordings = open_recordings(example_pro_lab.write(tmp_path))
    assert [recording.recording_id for recording in recordings] == ["Recording3", "Recording4"]
    assert [len(gaze_of(recording).time_s) for recording in recordings] == [13, 7]


def test_recordings_of_the_same_name_are_told_apart_by_participant(example_pro_lab: Any, tmp_path: Path) -> None:
    example_pro_lab.rows += [{**row, "Participant name": "P02"} for row in example_pro_lab.rows]
    recordings = open_recordings(example_pro_lab.write(tmp_path))
    assert [recording.recording_id for recording in recordings] == ["P07-Recording3", "P02-Recording3"]


def test_rows_of_other_sensors_are_left_out(example_pro_lab: Any, tmp_path: Path) -> None:
    mouse = {**dict.fromkeys(example_pro_lab.heading), TIME: "503000", "Sensor": "Mouse", "Participant name": "P07"}
    example_pro_lab.rows.insert(2, {**mouse, "Recording name": "Recording3"})
    assert len(gaze_of(open_recording(example_pro_lab.write(tmp_path))).time_s) == 13


def test_gaze_that_ends_long_before_the_stated_duration_is_doubted(example_pro_lab: Any, tmp_path: Path) -> None:
    assert not any("may have been cut" in doubt for doubt in open_recording(example_pro_lab.write(tmp_path)).doubts)
    for row in example_pro_lab.rows:
        row["Recording duration [ms]"] = "8000"
    recording = open_recording(example_pro_lab.write(tmp_path))
    assert any("gaze ends at 0.62 s of a recording of 8.00 s" in doubt for doubt in recording.doubts)


def test_time_running_backwards_is_named_by_its_line(example_pro_lab: Any, tmp_path: Path) -> None:
    example_pro_lab.rows[9][TIME] = "501000"
    with pytest.raises(DataError, match=r"gaze\.tsv, line 11: the timestamp 0\.501000 s follows 0\.560000 s"):
        open_recording(example_pro_lab.write(tmp_path))


def test_a_missing_timestamp_is_named_by_its_line(example_pro_lab: Any, tmp_path: Path) -> None:
    example_pro_lab.rows[9][TIME] = None
    with pytest.raises(DataError, match=r"gaze\.tsv, line 11: the timestamp is missing"):
        open_recording(example_pro_lab.write(tmp_path))


def test_pupils_that_cannot_be_mm_are_kept_in_the_devices_unit(example_pro_lab: Any, tmp_path: Path) -> None:
    for row in example_pro_lab.rows:
        for eye in ("left", "right"):
            row[f"Pupil diameter {eye} [mm]"] = row[f"Pupil diameter {eye} [mm]"] and "41.5"
    recording = open_recording(example_pro_lab.write(tmp_path))
    assert gaze_of(recording).pupil_unit == "au"
    assert any("the median pupil, 41.5, cannot be a diameter in mm" in doubt for doubt in recording.doubts)


def test_blanks_in_a_cell_are_a_missing_value(example_pro_lab: Any, tmp_path: Path) -> None:
    example_pro_lab.rows[2]["Pupil diameter left [mm]"] = "  "
    pupil = gaze_of(open_recording(example_pro_lab.write(tmp_path))).pupil
    assert pupil is not None
    assert np.isnan(pupil[1]).tolist() == [True, False]


def test_brackets_that_hold_no_unit_belong_to_the_name(example_pro_lab: Any, tmp_path: Path) -> None:
    assert "AOI hit [face, left - clip-2]" in example_pro_lab.heading
    assert READERS.open("tobii_pro_lab").can_read(example_pro_lab.write(tmp_path))


def test_the_real_export_has_the_losses_that_another_parser_counts(shared_data: Path) -> None:
    path = shared_data / "exports" / "tobii_prolab" / "transition test Data Export.tsv"
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    recording = open_recording(path)
    gaze = gaze_of(recording)
    assert len(gaze.time_s) == len(rows) == 1106
    for eye, name in enumerate(("left", "right")):
        assert int((~gaze.valid[:, eye]).sum()) == sum(row[f"Gaze point {name} X"] == "" for row in rows)
    assert gaze.pupil is not None
    assert gaze.pupil[0].tolist() == [3.58, 3.73]
    assert gaze.rate_hz == pytest.approx(60, abs=0.1)
    runs = {(row["Eye movement type"], row["Eye movement type index"]) for row in rows}
    for kind in ("Fixation", "Saccade"):
        assert recording.events[0].kind.tolist().count(kind.lower()) == sum(run[0] == kind for run in runs)
