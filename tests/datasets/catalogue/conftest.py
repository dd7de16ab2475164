"""Small sources with raw gaze, written by hand in the formats of the devices."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

FGD_COLUMNS = (
    "ParticipantName,RecordingDate,RecordingDuration,RecordingResolution,MediaPosX(ADCSpx),MediaPosY(ADCSpx),"
    "MediaWidth,MediaHeight,RecordingTimestamp,FixationIndex,SaccadeIndex,GazeEventType,GazeEventDuration,"
    "FixationPointX(MCSpx),FixationPointY(MCSpx),SaccadicAmplitude,AbsoluteSaccadicDirection,"
    "RelativeSaccadicDirection,GazePointIndex,GazePointLeftX(ADCSpx),GazePointLeftY(ADCSpx),"
    "GazePointRightX(ADCSpx),GazePointRightY(ADCSpx),GazePointX(ADCSpx),GazePointY(ADCSpx),GazePointX(MCSpx),"
    "GazePointY(MCSpx),GazePointLeftX(ADCSmm),GazePointLeftY(ADCSmm),GazePointRightX(ADCSmm),"
    "GazePointRightY(ADCSmm),StrictAverageGazePointX(ADCSmm),StrictAverageGazePointY(ADCSmm),EyePosLeftX(ADCSmm),"
    "EyePosLeftY(ADCSmm),EyePosLeftZ(ADCSmm),EyePosRightX(ADCSmm),EyePosRightY(ADCSmm),EyePosRightZ(ADCSmm),"
    "PupilLeft,PupilRight,ParticipantGender"
)

FGD_SAMPLES = 300
"""One second at 300 Hz, in steps of 3, 3 and 4 ms."""

PRO_LAB_COLUMNS = (
    "Recording timestamp [us]",
    "Participant name",
    "Recording name",
    "Sensor",
    "Recording resolution width [px]",
    "Recording resolution height [px]",
    "Gaze point left X [DACS px]",
    "Gaze point left Y [DACS px]",
    "Gaze point right X [DACS px]",
    "Gaze point right Y [DACS px]",
    "Pupil diameter left [mm]",
    "Pupil diameter right [mm]",
    "Validity left",
    "Validity right",
)


def jumps_px(num_samples: int, centre: tuple[float, float]) -> np.ndarray:
    """Gaze in px that rests on the centre, then 200 px right and 100 px above it, with a tremor of one pixel."""
    step = np.arange(num_samples)
    x = centre[0] + np.where(step < num_samples // 2, 0, 200) + step % 2
    y = centre[1] - np.where(step < num_samples // 2, 0, 100) + step // 2 % 2
    return np.stack([x, y], axis=1)


def fgd_lines(person: str, *, lost: bool) -> Iterator[str]:
    """One participant's block of an Uniss-FGD file; 1280 x 1024 px are 1040 x 580 mm."""
    time_ms = 20_000 + np.cumsum(np.resize([3, 3, 4], FGD_SAMPLES))
    for number, (stamp, (x, y)) in enumerate(zip(time_ms, jumps_px(FGD_SAMPLES, (640, 512)), strict=True), start=1):
        head = f"{person},30/05/2022,1397477,1280x1024,359,131,562,762,{stamp},"
        if lost:
            yield head + f",,Unclassified,173,,,,,,{number}" + "," * 18 + ",83.61,,,,F"
            continue
        mm = f"{0.8125 * x:.2f},{580 - 0.56640625 * y:.2f}"
        px = f"{x:.0f},{y:.0f}"
        yield (
            head + f"1,,Fixation,500,{x - 359:.0f},{y - 131:.0f},,,,{number},{px},{px},{px},"
            f"{x - 359:.0f},{y - 131:.0f},{mm},{mm},{mm},490.0,290.0,1350.0,550.0,290.0,1350.0,3.50,3.60,F"
        )


@pytest.fixture
def fgd_folder(tmp_path: Path) -> Path:
    """Two images that are not in the public subset, seen by three people; one of them was never tracked."""
    folder = tmp_path / "fgd-source"
    (folder / "fgd").mkdir(parents=True)
    (folder / "StimuliMap.csv").write_text("ID, FileName\n137,BF21HAS.JPG\n9,AM03SUHL.JPG\n")
    for stem in ("137", "009"):
        people = {"77": False, "02": False, "31": stem == "009"}
        lines = [line for person, lost in people.items() for line in fgd_lines(person, lost=lost)]
        (folder / "fgd" / f"{stem}.csv").write_bytes("\r\n".join([FGD_COLUMNS, *lines, ""]).encode())
    return folder


def pro_lab_lines(person: str, seconds: float) -> Iterator[str]:
    """One session at 120 Hz; the first 0.2 s of every whole second rest elsewhere."""
    yield "\t".join(PRO_LAB_COLUMNS)
    for number in range(round(seconds * 120)):
        stamp_us = 1_000_000 + round(number * 1e6 / 120)
        x = 960 + (300 if number % 120 < 24 else 0) + number % 2
        cells = (
            stamp_us,
            person,
            "session",
            "Eye Tracker",
            1920,
            1080,
            x,
            540,
            x + 2,
            540,
            3.25,
            3.5,
            "Valid",
            "Valid",
        )
        yield "\t".join(map(str, cells))


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """Two people, three stimuli in two groups, two trials each; three experts and a machine."""
    folder = tmp_path / "study"
    tables = {
        "study.toml": (
            'schema = 1\nname = "hand-made"\nintended_use = "research"\nsam_points = 9\n'
            "[screen]\nsize_px = [1920, 1080]\nsize_mm = [520.0, 290.0]\ndistance_mm = 650.0\n"
            '[tracker]\nmodel = "Tobii Pro Fusion"\nrate_hz = 120\n'
        ),
        "participants.tsv": (
            "participant_id\tsex\tage\tglasses\tconsent\twithdraw_until\np1\tf\t24\tno\tlab\t\np2\t\t\t\tlab\t\n"
        ),
        "stimuli.tsv": (
            "stimulus_id\tstimulus_group\ttarget_emotion7\ttarget_emotion3\tduration_s\tfile\n"
            "s1\tg1\thappiness\tpositive\t2\t\ns2\tg1\tfear\tnegative\t2\t\ns3\tg2\tsurprise\t\t2\t\n"
        ),
        "ratings/experts.csv": (
            "item,annotator,question,rating,round,answered_at\n"
            "p1/s1,e1,emotion7,happiness,1,\np1/s1,e2,emotion7,neutral,1,\n"
            "p1/s1,machine-simulated,emotion7,anger,1,\np1/s1,e1,intensity,2,1,\np1/s1,e2,intensity,1,1,\n"
        ),
    }
    for person in ("p1", "p2"):
        session = f"sessions/{person}"
        tables |= {
            f"{session}/gaze.tsv": "\n".join(pro_lab_lines(person, 5.5)) + "\n",
            f"{session}/trials.tsv": "order\tstimulus_id\tonset_s\tduration_s\n1\ts2\t0.5\t2\n2\ts1\t3\t2\n",
            f"{session}/selfreport.tsv": (
                "stimulus_id\tpleasure\tarousal\tdominance\temotion7\temotion3\tanswered_s\n"
                "s2\t2\t8\t5\tfear\tnegative\t2.9\ns1\t7\t5\t\thappiness\t\t5.5\n"
            ),
        }
    for name, content in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder
