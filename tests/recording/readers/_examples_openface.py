"""Tiny exports of OpenFace written by the tests: the old layout with blanks, and the new one with two faces.

No row is copied from a real recording.
"""

import math
from collections.abc import Sequence
from pathlib import Path

LOST = 4
"""The frame with success 0, in which OpenFace writes values all the same."""
GAZE_DEG = ((7.0, -4.0), (-3.0, -5.0))
"""Right and up, as the person sees it, of the left and of the right eye in the first frame; 0.5 deg further right
in each frame."""


def gaze_deg(frame: int) -> tuple[tuple[float, float], tuple[float, float]]:
    (left_x, left_y), (right_x, right_y) = GAZE_DEG
    return (left_x + 0.5 * frame, left_y), (right_x + 0.5 * frame, right_y)


def camera_vector(right_deg: float, up_deg: float) -> tuple[float, float, float]:
    """The unit vector in the camera's axes (x right in the picture, y down, z away) of one direction."""
    x, y = -math.tan(math.radians(right_deg)), -math.tan(math.radians(up_deg))
    length = math.sqrt(x * x + y * y + 1)
    return x / length, y / length, -1 / length


def old_layout(num_frames: int = 7, *, flag: str = "{:d}") -> str:
    """Names with blanks, an index column, no face_id: 25 frames per second, frame 4 lost."""
    names = ["", "frame", "timestamp", "confidence", "success"]
    names += [f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"]
    names += ["pose_Tx", "pose_Ty", "pose_Tz", "pose_Rx", "pose_Ry", "pose_Rz", "x_0", "X_0"]
    names += ["AU01_r", "AU12_r", "AU12_c", "AU28_c"]
    lines = [", ".join(names)]
    for frame in range(num_frames):
        left, right = gaze_deg(frame)
        success = frame != LOST
        cells = [str(frame), str(frame + 1), f"{0.04 * frame:.3f}", "0.98" if success else "0.02", f"{success:d}"]
        cells += [f"{value:.6f}" for eye in (right, left) for value in camera_vector(*eye)]
        cells += ["12.5", "40.0", "600.0", f"{0.1 + 0.01 * frame:.4f}", "-0.2000", "0.0300", "311.2", "9.1"]
        cells += [f"{0.25 * frame:.2f}", "1.50", flag.format(frame % 2), flag.format(1)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def two_faces(frames: Sequence[int] = (1, 2, 3, 4, 5)) -> str:
    """The new layout: face 0 in all frames, face 2 from the second frame on, angles of both eyes, no units."""
    names = ["frame", " face_id", " timestamp", " confidence", " success"]
    names += [f" gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"] + [" gaze_angle_x", " gaze_angle_y"]
    lines = [",".join([*names, " pose_Rx", " pose_Ry", " pose_Rz"])]
    for frame in frames:
        for face in (0, 2) if frame > frames[0] else (0,):
            left, right = gaze_deg(frame + face)
            cells = [str(frame), str(face), f"{(frame - 1) / 30:.3f}", "0.88", "1"]
            cells += [f"{value:.6f}" for eye in (right, left) for value in camera_vector(*eye)]
            cells += [f"{-math.radians((left[axis] + right[axis]) / 2):.3f}" for axis in (0, 1)]
            lines.append(", ".join([*cells, "0.100", "0.200", f"0.{frame}00"]))
    return "\n".join(lines) + "\n"


def write_examples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"old.csv": old_layout(), "new flags.csv": old_layout(flag="{:.2f}"), "two faces.csv": two_faces()}
    for name, text in contents.items():
        (folder / name).write_text(text)
    return [folder / name for name in contents]
