"""Tiny exports of Pupil Labs written by the tests: Pupil Core, Neon, and the two headings of EDVAM.

No row is copied from a real recording.
"""

from collections.abc import Sequence
from pathlib import Path

ZERO_NS = 1_700_000_000_123_456_789
NEON_STEP_NS = 5_000_001
"""Of no rate with a short decimal, and lost when the times are read as floating-point numbers."""

LOW, ZERO = 3, 5
"""Rows with a confidence of 0.35 and of 0."""

EDVAM_HEADING = (
    "index,time,L_x,L_y,L_z,C_x,C_y,C_z,F_x,F_y,F_z,confidence,gaze_norm_pos_x,gaze_norm_pos_y,norm_pos_x,norm_pos_y,"
    "diameter,ellipse_center_x,ellipse_center_y,ellipse_axis_a,ellipse_axis_b,ellipse_angle,diameter_3d,"
    "model_confidence,model_id,sphere_center_x,sphere_center_y,sphere_center_z,sphere_radius,circle_3d_center_x,"
    "circle_3d_center_y,circle_3d_center_z,circle_3d_normal_x,circle_3d_normal_y,circle_3d_normal_z,circle_3d_radius,"
    "theta,phi,projected_sphere_center_x,projected_sphere_center_y,projected_sphere_axis_a,projected_sphere_axis_b,"
    "index,time"
)
EDVAM_SHIFTED = (
    EDVAM_HEADING.replace("gaze_norm_pos_y,norm_pos_x", "gaze_norm_pos_y,left_gaze,norm_pos_x")
    .replace("norm_pos_y,diameter,ellipse", "norm_pos_y,method,ellipse")
    .replace("circle_3d_radius,theta", "circle_3d_radius\ttheta")
)


def table(heading: str, rows: Sequence[Sequence[object]], line_end: str = "\n") -> str:
    lines = [heading, *(",".join("" if cell is None else str(cell) for cell in row) for row in rows)]
    return "".join(line + line_end for line in lines)


def confidence(row: int) -> float:
    return 0.35 if row == LOW else 0.0 if row == ZERO else 0.9


def point(row: int) -> tuple[float, float]:
    return 0.25 + 0.03125 * row, 0.875 - 0.0625 * row


def edvam(heading: str, times_s: Sequence[float], diameter_3d: float) -> str:
    """Rows in the order of the right heading, whatever the heading says."""
    names = EDVAM_HEADING.split(",")
    rows = []
    for row, time_s in enumerate(times_s):
        cells = {name: f"{100 + place}.5" for place, name in enumerate(names)}
        x, y = point(row)
        cells |= {
            "index": f"{row + 1}",
            "time": f"{time_s}",
            "confidence": f"{confidence(row)}",
            "gaze_norm_pos_x": f"{x}",
            "gaze_norm_pos_y": f"{y}",
            "diameter": f"{60 + row}",
            "diameter_3d": f"{diameter_3d + (row if diameter_3d < 1e-3 else 1) * diameter_3d / 16}",
        }
        rows.append([cells[name] for name in names])
    return table(heading, rows, line_end="\r\n")


EDVAM_TIMES_S = tuple(round(0.032 * row, 3) for row in range(9))
EDVAM_STEPPED_S = (0.0, 0.1, 0.1, 0.1, 0.2, 0.4, 0.4)

GAZE_POSITIONS = "gaze_timestamp,world_index,confidence,norm_pos_x,norm_pos_y,base_data,gaze_point_3d_x"
PUPIL_POSITIONS = "pupil_timestamp,world_index,eye_id,confidence,norm_pos_x,norm_pos_y,diameter,method,diameter_3d"
PUPIL_ZERO_S = 7312.25


def eye_stamp(eye: int, frame: int) -> str:
    """Time of a frame of an eye camera, 125 Hz; the left eye (1) is 3 ms behind the right (0)."""
    return str(PUPIL_ZERO_S + 0.008 * frame + 0.003 * eye)


def gaze_positions(num_rows: int = 8) -> str:
    """125 Hz, each point from both eyes, the last from the right one only."""
    rows = []
    for row in range(num_rows):
        x, y = point(row)
        both = f"{eye_stamp(0, row)}-0" + (f" {eye_stamp(1, row)}-1" if row < num_rows - 1 else "")
        rows.append((PUPIL_ZERO_S + 0.008 * row + 0.0015, row // 4, confidence(row), x, y, both, None))
    return table(GAZE_POSITIONS, rows)


def pupil_positions(num_frames: int = 7) -> str:
    """Both eyes, each frame by the 2D and by the 3D detector; the left pupil is 0.5 mm wider."""
    rows: list[tuple[object, ...]] = []
    for frame in range(num_frames):
        for eye in (0, 1):
            common = (eye_stamp(eye, frame), frame // 4, eye, confidence(frame), 0.5, 0.5, 50 + frame + 10 * eye)
            rows += [(*common, "2d c++", None), (*common, "pye3d 0.3.0 real-time", 3.0 + 0.01 * frame + 0.5 * eye)]
    return table(PUPIL_POSITIONS, rows)


GAZE_NS = (
    "section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],"
    "elevation [deg]"
)
NOT_WORN, NO_POINT = 2, 6


def neon_gaze(recordings: Sequence[tuple[str, int]] = (("rec-a", 13),)) -> str:
    """Row 2 not worn, row 6 without a point."""
    rows = []
    for name, num_rows in recordings:
        for row in range(num_rows):
            x, y = (None, None) if row == NO_POINT else (800.5 + 10 * row, 600.25 - 7 * row)
            stamp = ZERO_NS + row * NEON_STEP_NS
            rows.append(("sec", name, stamp, x, y, 0.0 if row == NOT_WORN else 1.0, None, None, 1.5, -0.5))
    return table(GAZE_NS, rows)


def write_neon_folder(folder: Path) -> Path:
    """A ``gaze.csv`` with all that Pupil Cloud puts beside it."""

    def at(row: float) -> int:
        return ZERO_NS + int(row * NEON_STEP_NS)

    spans = "section id,recording id,{} id,start timestamp [ns],end timestamp [ns],duration [ms]"
    states = "section id,recording id,timestamp [ns],pupil diameter left [mm],pupil diameter right [mm]"
    contents = {
        "gaze.csv": neon_gaze(),
        "3d_eye_states.csv": table(states, [("sec", "rec-a", at(r), 3 + r / 100, 4 + r / 100) for r in range(12)]),
        "fixations.csv": table(
            spans.format("fixation") + ",fixation x [px],fixation y [px]",
            [("sec", "rec-a", 1, at(0), at(4), 20, 811.5, 590.5), ("sec", "rec-b", 2, at(1), at(3), 10, 1, 1)],
        ),
        "saccades.csv": table(
            spans.format("saccade") + ",amplitude [px],amplitude [deg]",
            [("sec", "rec-a", 1, at(4), at(6), 10, 99, 2.25)],
        ),
        "blinks.csv": table(spans.format("blink"), [("sec", "rec-a", 1, at(7), at(10.5), 17)]),
        "events.csv": table(
            "recording id,timestamp [ns],name,type", [("rec-a", at(-1), "recording.begin", "recording")]
        ),
        "info.json": '{"module_serial_number": "1", "wearer_id": "w-17", "app_version": "2.8.25-prod"}\n',
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode())
    return folder / "gaze.csv"


def write_core_folder(folder: Path) -> Path:
    """An export of Pupil Player with both files; the path is that of the points of gaze."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gaze_positions.csv").write_bytes(gaze_positions().encode())
    (folder / "pupil_positions.csv").write_bytes(pupil_positions().encode())
    return folder / "gaze_positions.csv"


def write_examples(folder: Path) -> list[Path]:
    """The examples of the reader ``pupil_labs``."""
    core = write_core_folder(folder / "000")
    edvam_paths = [folder / "5.csv", folder / "35.csv"]
    edvam_paths[0].write_bytes(edvam(EDVAM_HEADING, EDVAM_TIMES_S, 5e-8).encode())
    edvam_paths[1].write_bytes(edvam(EDVAM_SHIFTED, EDVAM_STEPPED_S, 2.5).encode())
    return [write_neon_folder(folder / "neon"), core, core.with_name("pupil_positions.csv"), *edvam_paths]
