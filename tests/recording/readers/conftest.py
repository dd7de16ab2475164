"""Tiny exports written by the tests, one per format, with losses and events planted at known rows.

No row is copied from a real recording. Writers build a table of texts, which a test may change before it is
written; ``None`` is an empty cell.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.recording.readers import (
    _examples_bids,
    _examples_eye_openness,
    _examples_eyelink_asc,
    _examples_gazepoint,
    _examples_openface,
    _examples_plain_csv,
    _examples_pupil_labs,
    _examples_xdf,
)

Cell = str | None


@dataclass
class Export:
    """A table of texts and how it is to be written."""

    name: str
    rows: list[dict[str, Cell]]
    delimiter: str = ","
    line_end: str = "\n"
    quote: bool = False
    bom: bool = False
    encoding: str = "utf-8"
    heading: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heading = self.heading or list(self.rows[0])

    def line(self, cells: Sequence[Cell]) -> str:
        texts = ["" if cell is None else cell for cell in cells]
        return self.delimiter.join(f'"{text}"' if self.quote and text else text for text in texts) + self.line_end

    def text(self) -> str:
        lines = [self.line(self.heading), *(self.line([row.get(name) for name in self.heading]) for row in self.rows)]
        return ("\ufeff" if self.bom else "") + "".join(lines)

    def write(self, folder: Path, name: str | None = None) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (name or self.name)
        path.write_bytes(self.text().encode(self.encoding))
        return path


PITCH_X_MM, PITCH_Y_MM = 0.5, 0.25
"""Of the examples' screen, 800 x 400 px: 400 x 100 mm, so neither axis can be taken for the other."""


def gaze_px(row: int, eye: int) -> tuple[int, int]:
    return 100 + 37 * row + 6 * eye, 300 - 19 * row - 4 * eye


def studio_3(num_rows: Sequence[int] = (7, 9)) -> Export:
    """Participants 03 and 01 with 7 and 9 rows: row 2 lost, row 4 left eye only, row 5 at x = -1 px."""
    rows = [
        studio_3_row(participant, row, last=row == count - 1)
        for participant, count in zip(("03", "01"), num_rows, strict=True)
        for row in range(count)
    ]
    return Export("scene-9.csv", rows, line_end="\r\n")


def studio_3_row(participant: str, row: int, *, last: bool) -> dict[str, Cell]:
    eyes = {0: row != 2, 1: row not in (2, 4)}
    point = {eye: (-1, 211) if row == 5 else gaze_px(row, eye) for eye in (0, 1)}
    kind, fixation, saccade = [("Fixation", "1", None), ("Saccade", None, "1"), ("Fixation", "2", None)][
        min(row // 2, 2)
    ]
    if row == 2:
        kind, saccade = "Unclassified", None
    on_medium = {"1": ("40", "150"), "2": ("160", "90")}.get(fixation or "", (None, None))

    def per_eye(eye: int, value: object) -> Cell:
        return str(value) if eyes[eye] else None

    return {
        "ParticipantName": participant,
        "RecordingDate": "30/05/2022" if participant == "03" else "01/06/2022",
        "RecordingDuration": "99000",
        "RecordingResolution": "800x400",
        "MediaPosX(ADCSpx)": "50",
        "MediaPosY(ADCSpx)": "20",
        "MediaWidth": "600",
        "MediaHeight": "300",
        "RecordingTimestamp": str(20010 + (10 * row + 2) // 3),
        "FixationIndex": fixation,
        "SaccadeIndex": saccade,
        "GazeEventType": kind,
        "GazeEventDuration": "1730",
        "FixationPointX(MCSpx)": on_medium[0],
        "FixationPointY(MCSpx)": on_medium[1],
        "SaccadicAmplitude": {"1": "0.90", "2": "5.72" if participant == "03" else "8.88"}.get(fixation or ""),
        "AbsoluteSaccadicDirection": "29.94" if fixation else None,
        "RelativeSaccadicDirection": None,
        "GazePointIndex": str(row + 1),
        **{
            f"GazePoint{name}{axis}(ADCSpx)": per_eye(eye, point[eye]["XY".index(axis)])
            for eye, name in enumerate(("Left", "Right"))
            for axis in "XY"
        },
        "GazePointX(ADCSpx)": per_eye(0, point[0][0]),
        "GazePointY(ADCSpx)": per_eye(0, point[0][1]),
        "GazePointX(MCSpx)": None,
        "GazePointY(MCSpx)": None,
        **{
            f"GazePoint{name}{axis}(ADCSmm)": per_eye(
                eye, point[eye][0] * PITCH_X_MM if axis == "X" else 100 - point[eye][1] * PITCH_Y_MM
            )
            for eye, name in enumerate(("Left", "Right"))
            for axis in "XY"
        },
        "StrictAverageGazePointX(ADCSmm)": None,
        "StrictAverageGazePointY(ADCSmm)": None,
        "EyePosLeftX(ADCSmm)": per_eye(0, 170.0),
        "EyePosLeftY(ADCSmm)": per_eye(0, 60.5),
        "EyePosLeftZ(ADCSmm)": per_eye(0, 620.0),
        "EyePosRightX(ADCSmm)": per_eye(1, 232.0),
        "EyePosRightY(ADCSmm)": "61.25" if eyes[1] else "83.61",
        "EyePosRightZ(ADCSmm)": per_eye(1, 610.0),
        "PupilLeft": per_eye(0, f"{3 + row / 100:.2f}"),
        "PupilRight": per_eye(1, f"{3.5 + row / 100:.2f}"),
        "ParticipantGender": "F",
    }


def studio_2() -> Export:
    """11 samples and one event row between the fifth and the sixth: row 3 lost, row 6 right eye lost."""
    rows: list[dict[str, Cell]] = []
    for row in range(11):
        if row == 5:
            rows.append({"Timestamp": "1093", "Event": "ImageStart", "EventKey": "8", "Descriptor": "cat.bmp"})
        rows.append(studio_2_row(row))
    heading = [*studio_2_row(0), "Event", "EventKey", "Descriptor", ""]
    return Export("all-data.csv", rows, delimiter="\t", heading=heading)


def studio_2_row(row: int) -> dict[str, Cell]:
    eyes = {"Left": row != 3, "Right": row not in (3, 6)}
    gaze = {}
    for eye, (name, found) in enumerate(eyes.items()):
        x, y = gaze_px(row, eye) if found else (-640, -480)
        gaze[f"GazePointX{name}"], gaze[f"GazePointY{name}"] = f"{x},25", f"{y},5"
        gaze[f"Distance{name}"] = f"{610 + eye},5" if found else "-1"
        gaze[f"Pupil{name}"] = f"3,{eye}{row:02d}" if found else "-1"
        gaze[f"Validity{name}"] = "0" if found else "4"
    medium = ("No media", "640", "480", "0", "0") if row < 5 else ("cat.bmp", "300", "200", "30", "40")
    return {
        "Timestamp": str(1000 + 20 * row),
        "Number": str(50 + row),
        **gaze,
        "FixationIndex": None if row in (3, 4) else "1" if row < 3 else "2",
        "GazePointX": "0" if row == 3 else "111",
        "GazePointY": "0" if row == 3 else "112",
        "StimuliName": medium[0],
        "MediaWidth": medium[1],
        "MediaHeight": medium[2],
        "MediaPosX": medium[3],
        "MediaPosY": medium[4],
        "MappedFixationPointX": None if row in (3, 4) else "70",
        "MappedFixationPointY": None if row in (3, 4) else "80",
        "MicroSecondTimestamp": str(1000138 + 19930 * row),
    }


def pro_lab(*, decimal: str = ".") -> Export:
    """13 samples at 100 Hz and two event rows: row 4 lost, row 8 left eye lost; mm grow downwards."""
    rows: list[dict[str, Cell]] = [pro_lab_event(0, "RecordingStart")]
    for row in range(13):
        if row == 6:
            rows.append(pro_lab_event(row, "KeyboardEvent"))
        rows.append(pro_lab_row(row))
    if decimal != ".":
        keep = {"Recording date", "Presented Stimulus name"}
        rows = [{k: v.replace(".", decimal) if v and k not in keep else v for k, v in row.items()} for row in rows]
    return Export("gaze.tsv", rows, delimiter="\t", heading=list(pro_lab_row(0)))


def pro_lab_event(row: int, event: str) -> dict[str, Cell]:
    common = pro_lab_row(row)
    kept = ("Recording timestamp [\u03bcs]", "Participant name", "Recording name", "Recording date")
    return {**dict.fromkeys(common), **{name: common[name] for name in kept}, "Event": event}


def pro_lab_row(row: int) -> dict[str, Cell]:
    eyes = {"left": row not in (4, 8), "right": row != 4}
    point = {name: gaze_px(row, eye) for eye, name in enumerate(eyes)}
    kind = "EyesNotFound" if row == 4 else "Saccade" if row in (5, 6) else "Fixation"

    def per_eye(name: str, value: object) -> Cell:
        return str(value) if eyes[name] else None

    cells: dict[str, Cell] = {
        "Recording timestamp [\u03bcs]": str(500_000 + 10_000 * row),
        "Sensor": "Eye Tracker",
        "Participant name": "P07",
        "Recording name": "Recording3",
        "Recording date": "21.11.2026",
        "Recording start time": "14:05:06.250",
        "Recording duration [ms]": "640",
        "Recording resolution height [px]": "400",
        "Recording resolution width [px]": "800",
        "Event": None,
    }
    for name, origin_x in (("left", "170.5"), ("right", "232.5")):
        x, y = point[name]
        cells |= {
            f"Gaze point {name} X [DACS px]": per_eye(name, x),
            f"Gaze point {name} Y [DACS px]": per_eye(name, y),
            f"Gaze point {name} X [DACS mm]": per_eye(name, x * PITCH_X_MM),
            f"Gaze point {name} Y [DACS mm]": per_eye(name, y * PITCH_Y_MM),
            f"Eye position {name} X [DACS mm]": per_eye(name, origin_x),
            f"Eye position {name} Y [DACS mm]": per_eye(name, "39.5"),
            f"Eye position {name} Z [DACS mm]": per_eye(name, "650.0"),
            f"Pupil diameter {name} [mm]": per_eye(name, f"{3 + row / 100:.2f}"),
            f"Validity {name}": "Valid" if eyes[name] else "Invalid",
        }
    cells |= {
        "Presented Stimulus name": "clip-2" if 3 <= row < 10 else None,
        "Eye movement type": kind,
        "Gaze event duration [ms]": "90",
        "Eye movement type index": "2" if row > 6 else "1",
        "Fixation point X [DACS px]": "200.5" if kind == "Fixation" else None,
        "Fixation point Y [DACS px]": "100.25" if kind == "Fixation" else None,
        "AOI hit [face, left - clip-2]": "0",
    }
    return cells


def write_spreadsheet(export: Export, path: Path) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        for column, name in enumerate(export.heading):
            sheet.write_string(0, column, name)
            for number, row in enumerate(export.rows, start=1):
                cell = row.get(name)
                if cell is None:
                    continue
                try:
                    sheet.write_number(number, column, float(cell))
                except ValueError:
                    sheet.write_string(number, column, cell)
    return path


TEXT_EXAMPLES: dict[str, tuple[Callable[[], Export], ...]] = {
    "tobii_studio": (studio_3, studio_2),
    "tobii_pro_lab": (pro_lab, lambda: pro_lab(decimal=",")),
}


def write_ceap360vr(folder: Path) -> Path:
    """One participant of CEAP-360VR with one film of 20 frames per second, in the folders of the data set."""
    fixation = {"StartFrame": 3, "EndFrame": 17, "Pitch": -4.5, "Yaw": 120.25}
    contents = {
        "1_Stimuli/VideoInfo.json": {"VideoInfo": [{"VideoID": "V5", "VideoDuration": 60, "FrameRate": 20}]},
        "4_BehaviorData/EM_Fixation/P3_Behavior_FixationData.json": {
            "Behavior_FixationData": [
                {"ParticipantID": "P3", "Video_Behavior_FixationData": [{"VideoID": "V5", "Fixation": [fixation]}]}
            ]
        },
        "4_BehaviorData/HM_ScanPath/P3_Behavior_HeadScanPathData.json": {
            "Behavior_HeadScanPath_Data": [
                {
                    "ParticipantID": "P3",
                    "Video_Behavior_ScanPath_Data": [
                        {"VideoID": "V5", "ID_Pitch_Yaw": [{"ID": 1, "Pitch": 2.0, "Yaw": -3.0}]}
                    ],
                }
            ]
        },
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=4))
    return folder / "4_BehaviorData" / "EM_Fixation" / "P3_Behavior_FixationData.json"


@pytest.fixture
def example_studio_3() -> Export:
    return studio_3()


@pytest.fixture
def example_studio_2() -> Export:
    return studio_2()


@pytest.fixture
def example_pro_lab() -> Export:
    return pro_lab()


@pytest.fixture
def text_examples() -> dict[str, tuple[Callable[[], Export], ...]]:
    """Tables of the readers of text exports."""
    return TEXT_EXAMPLES


@pytest.fixture
def examples(tmp_path: Path) -> dict[str, list[Path]]:
    """Tiny files for each reader on the shelf; whoever puts a reader on it adds some here."""
    files = {
        name: [export().write(tmp_path / f"{name}-{number}") for number, export in enumerate(exports)]
        for name, exports in TEXT_EXAMPLES.items()
    }
    spreadsheet_path = write_spreadsheet(pro_lab(), tmp_path / "gaze.xlsx")
    files["tobii_pro_lab"].append(spreadsheet_path)
    files["eyelink_asc"] = _examples_eyelink_asc.write_examples(tmp_path / "eyelink_asc")
    files["pupil_labs"] = _examples_pupil_labs.write_examples(tmp_path / "pupil_labs")
    files["eye_openness"] = _examples_eye_openness.write_examples(tmp_path / "eye_openness")
    files["gazepoint"] = _examples_gazepoint.write_examples(tmp_path / "gazepoint")
    files["openface"] = _examples_openface.write_examples(tmp_path / "openface")
    files["plain_csv"] = _examples_plain_csv.write_examples(tmp_path / "plain_csv")
    files["xdf"] = _examples_xdf.write_examples(tmp_path / "xdf")
    files["bids"] = _examples_bids.write_examples(tmp_path / "bids")
    files["ceap360vr"] = [write_ceap360vr(tmp_path / "ceap360vr")]
    return files


@pytest.fixture
def spreadsheet() -> Callable[[Export, Path], Path]:
    return write_spreadsheet
