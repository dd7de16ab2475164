"""Any table, explained once: what the mapping says holds, and nothing beyond it is guessed."""

import re
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from typer.testing import CliRunner

from emogap.errors import DataError, UsageError
from emogap.interfaces.cli import build_app
from emogap.recording import open_recordings
from emogap.recording.readers import plain_csv
from emogap.types import GazeSeries, Recording
from tests.recording.readers import _examples_plain_csv as example


def write(folder: Path, *, text: str | None = None, mapping: str = example.MAPPING) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "columns.toml").write_text(mapping)
    (folder / "lab.csv").write_text(example.table() if text is None else text)
    return folder / "lab.csv"


def read_first(folder: Path, *, text: str | None = None, mapping: str = example.MAPPING) -> Recording:
    return plain_csv.read(write(folder, text=text, mapping=mapping))[0]


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def with_position(lines: str) -> str:
    return example.MAPPING.replace('frame = "screen_px"\n', lines)


def test_every_participant_is_a_recording_with_eyes_in_the_order_of_the_mapping(tmp_path: Path) -> None:
    first, second = open_recordings(write(tmp_path))
    assert (first.participant_id, second.participant_id) == ("Ann", "Ben")
    assert (first.recording_id, second.recording_id) == ("lab-Ann", "lab-Ben")
    gaze = gaze_of(first)
    assert (gaze.eyes, gaze.frame, gaze.rate_hz) == (("right", "left"), "screen_px", pytest.approx(50))
    np.testing.assert_array_equal(gaze.position[3], [[130, 279], [140, 269]])
    assert (len(gaze.time_s), len(gaze_of(second).time_s)) == (9, 7)
    assert (first.tracker.model, first.tracker.rate_hz) == ("home-made tracker", 50)
    assert first.screen is not None
    assert first.screen.size_mm == (400, 100)


def test_codes_flags_and_words_for_missing_are_lost(tmp_path: Path) -> None:
    gaze = gaze_of(read_first(tmp_path))
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == [example.LOST_CODE, example.LOST_FLAG]
    assert np.flatnonzero(~gaze.valid[:, 1]).tolist() == [example.LOST_CODE, example.LOST_WORD]


def test_a_code_that_the_mapping_does_not_name_is_a_place(tmp_path: Path) -> None:
    text = "who;clock;film;rx;ry;rv;rp;lx;ly;lp;lo\nAnn;0;;-1;-1;0;3;1;1;4;1\nAnn;20;;5;5;0;3;1;1;4;1\n"
    gaze = gaze_of(read_first(tmp_path, text=text, mapping=example.MAPPING.replace('"-1", ', "")))
    np.testing.assert_array_equal(gaze.position[0, 0], [-1, -1])


def test_pupils_and_lids_stand_with_their_eye(tmp_path: Path) -> None:
    gaze = gaze_of(read_first(tmp_path))
    assert gaze.pupil is not None
    assert gaze.openness is not None
    np.testing.assert_allclose(gaze.pupil[3], [3.3, 4.25])
    np.testing.assert_array_equal(gaze.openness[3], [np.nan, 0.5])
    assert gaze.pupil_unit == "mm"


def test_stimuli_are_the_runs_of_their_column(tmp_path: Path) -> None:
    recording = read_first(tmp_path)
    assert [(one.stimulus_id, one.onset_s, one.offset_s) for one in recording.stimuli] == [
        ("cat", pytest.approx(0.04), pytest.approx(0.10)),
        ("dog", pytest.approx(0.10), pytest.approx(0.18)),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('frame = "screen_px"\norigin = "centre"\n', (400 + 130, 200 - 279)),
        ('frame = "screen_px"\norigin = "bottom-left"\n', (130, 400 - 279)),
        ('frame = "screen_px"\norigin = "top-left"\n', (130, 279)),
        ('frame = "screen_norm"\norigin = "bottom-left"\n', (130, 1 - 279)),
        ('frame = "screen_norm"\norigin = "centre"\n', (130.5, 0.5 - 279)),
        ('frame = "screen_mm"\norigin = "top-left"\n', (130, 100 - 279)),
        ('frame = "screen_mm"\norigin = "centre"\n', (200 + 130, 50 + 279)),
        ('frame = "deg"\n', (130, 279)),
    ],
)
def test_points_are_moved_to_the_origin_of_their_frame(
    tmp_path: Path, lines: str, expected: tuple[float, float]
) -> None:
    gaze = gaze_of(read_first(tmp_path, mapping=with_position(lines)))
    np.testing.assert_allclose(gaze.position[3, 0], expected)


def test_a_decimal_comma_is_read_where_the_mapping_says_so_and_refused_where_not(tmp_path: Path) -> None:
    text = example.table().replace("4.25", "4,25").replace("0.5", "0,5")
    text = "\n".join(line.replace(".", ",") for line in text.splitlines()) + "\n"
    comma = example.MAPPING.replace("schema = 1", 'schema = 1\ndecimal = ","\ndelimiter = ";"')
    expected = gaze_of(read_first(tmp_path / "point"))
    np.testing.assert_array_equal(
        gaze_of(read_first(tmp_path / "comma", text=text, mapping=comma)).pupil, expected.pupil
    )
    with pytest.raises(DataError, match=r"line 4: '-1,0' in the column 'ry' is not a number with '\.' as decimal mark"):
        read_first(tmp_path / "wrong", text=text)


PUPIL_ONLY = """\
schema = 1
pupil_unit = "au"
decimal = "DECIMAL"
[time]
column = "clock"
unit = "s"
[[eye]]
eye = "cyclopean"
pupil = "size"
"""


@pytest.mark.parametrize(
    ("decimal", "number"),
    [(".", "1,130"), (",", "1.130"), (".", "1,130.5"), (",", "1.130,5"), (".", "1 130"), (".", "1'130")],
)
def test_a_thousands_sign_is_no_decimal_mark(tmp_path: Path, decimal: str, number: str) -> None:
    text = f"clock;size\n1;900\n2;{number}\n3;901\n"
    with pytest.raises(DataError, match=r"line 3: .* in the column 'size' is not a number with"):
        read_first(tmp_path, text=text, mapping=PUPIL_ONLY.replace("DECIMAL", decimal))


def test_a_device_without_points_needs_no_position(tmp_path: Path) -> None:
    text = "clock;size\n" + "".join(f"{row / 10:.1f};{500 + row}\n" for row in range(5))
    gaze = gaze_of(read_first(tmp_path, text=text, mapping=PUPIL_ONLY.replace("DECIMAL", ".")))
    assert not gaze.valid.any()
    assert (gaze.frame, gaze.pupil_unit, gaze.rate_hz) == ("deg", "au", pytest.approx(10))


def test_a_rate_that_the_clock_does_not_bear_out_is_doubted(tmp_path: Path) -> None:
    recording = read_first(tmp_path, mapping=example.MAPPING.replace("rate_hz = 50", "rate_hz = 60"))
    assert any("states 60 Hz, and the clock gives 50.0 Hz" in doubt for doubt in recording.doubts)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = 2", r"columns\.toml, line 2: schema: input should be 1"),
        ('unit = "ms"', 'unit = "minutes"', r"columns\.toml, line 13: time, unit: input should be"),
        ('x = "rx"\n', "", r"x and y come together"),
        ('pupil_unit = "mm"\n', "", r"pupil columns need pupil_unit"),
        ('frame = "screen_px"', 'frame = "deg"\norigin = "centre"', r"points in deg have no other origin"),
        ("[screen]\nsize_px = [800, 400]\nsize_mm = [400, 100]\n", "", None),
        ("device = ", "devise = ", r"devise: is not known here"),
        ('eye = "left"', 'eye = "right"', r"an eye is named twice"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_line(tmp_path: Path, old: str, new: str, message: str | None) -> None:
    assert old in example.MAPPING
    path = write(tmp_path, mapping=example.MAPPING.replace(old, new))
    if message is None:
        assert plain_csv.read(path)[0].screen is None
        return
    with pytest.raises(DataError, match=message):
        open_recordings(path)


def test_a_column_that_the_table_lacks_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, mapping=example.MAPPING.replace('"lo"', '"lid"'))
    with pytest.raises(DataError, match="names columns that the table does not have: lid"):
        plain_csv.read(path)
    with pytest.raises(DataError, match="no reader knows this file"):
        open_recordings(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Ann;1040;", "Ann;1020;", r"line 4: the timestamp 1\.020000 s follows 1\.020000 s"),
        ("Ann;1040;", ";1040;", r"line 4: 'who' names no participant"),
        ("Ann;1040;", "Ann;;", r"line 4: the timestamp is missing"),
        (";0.5;", ";1.5;", r"line 2: lo is 1\.5, outside 0 to 1 \(9 such cells\)"),
        ("Ann;1040;", "Ann;nan;", r"line 4: 'nan' in the column 'clock' is not a number"),
    ],
)
def test_a_table_that_contradicts_its_mapping_is_refused_by_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_first(tmp_path, text=example.table().replace(old, new))


def test_a_session_of_a_study_finds_the_mapping_of_the_study(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text(example.MAPPING)
    session = tmp_path / "sessions" / "p01"
    session.mkdir(parents=True)
    (session / "gaze.csv").write_text(example.table((("Ann", 5),)))
    (recording,) = open_recordings(session / "gaze.csv")
    assert recording.recording_id == "gaze"


def test_without_a_mapping_no_table_is_known(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(example.table())
    assert not plain_csv.can_read(path)
    with pytest.raises(DataError, match=r"no columns\.toml beside it"):
        plain_csv.read(path)


def look(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["look", *arguments])
    return result.exit_code, str(result.exception or "") + result.output


def test_the_command_reads_with_a_mapping_and_leaves_the_folder_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "study" / "lab.csv"
    path.parent.mkdir()
    path.write_text(example.table())
    mapping = tmp_path / "lab.toml"
    mapping.write_text(example.MAPPING)
    code, text = look(str(path), "--mapping", str(mapping))
    assert code == 0
    assert "home-made tracker" in text
    assert [file.name for file in path.parent.iterdir()] == ["lab.csv"]


def test_the_command_remembers_a_mapping_with_the_data_and_overwrites_no_other(tmp_path: Path) -> None:
    path = tmp_path / "study" / "lab.csv"
    path.parent.mkdir()
    path.write_text(example.table())
    before = path.read_bytes()
    mapping = tmp_path / "lab.toml"
    mapping.write_text(example.MAPPING)
    assert look(str(path), "--mapping", str(mapping), "--remember")[0] == 0
    assert look(str(path))[0] == 0
    assert path.read_bytes() == before
    mapping.write_text(example.MAPPING.replace("home-made", "another"))
    code, text = look(str(path), "--mapping", str(mapping), "--remember")
    assert code != 0
    assert "another mapping stands there already" in text
    assert (path.parent / "columns.toml").read_text() == example.MAPPING


def test_remembering_without_a_mapping_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["look", str(write(tmp_path)), "--remember"])
    assert isinstance(result.exception, UsageError)


def test_the_mapping_in_the_documentation_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reading.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(schema = 1\n.*?)```", page, re.DOTALL)
    path = tmp_path / "columns.toml"
    path.write_text(block)
    assert plain_csv.read_mapping(path).columns == ("clock", "who", "film", "lx", "ly", "lv", "lp")


def test_a_spreadsheet_is_read_as_the_text(tmp_path: Path) -> None:

    path = write(tmp_path).with_suffix(".xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(example.table().splitlines()):
            for column, cell in enumerate(line.split(";")):
                sheet.write(row, column, f" {cell} " if row == 0 else cell)
    for text, cells in zip(open_recordings(tmp_path / "lab.csv"), open_recordings(path), strict=True):
        np.testing.assert_array_equal(gaze_of(text).position, gaze_of(cells).position)
        np.testing.assert_array_equal(gaze_of(text).pupil, gaze_of(cells).pupil)
