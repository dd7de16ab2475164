"""The files of a session that is recorded: its state, and its tables on the clock of its video."""

from pathlib import Path

import numpy as np
import tomli_w

from emogap.files import write_bytes, write_to_disk
from emogap.interfaces.web.record_camera import CameraClock, NotedFrames, Segment
from emogap.interfaces.web.record_state import SessionState
from emogap.interfaces.web.record_studies import table_bytes
from emogap.recording.session import RECORDER_STATE
from emogap.recording.study import SELF_REPORT_COLUMNS, TRIAL_COLUMNS

__all__ = ["clock_toml", "clock_zero_s", "read_noted_frames", "write_state", "write_tables"]

MARKER_COLUMNS = ("time_s", "clock", "kind")


def clock_zero_s(state: SessionState) -> float:
    """Zero of the session's clock before the video is read: when the browser was told to record."""
    return state.segments[0].started_s if state.segments else 0.0


def read_noted_frames(segment: Segment) -> NotedFrames:
    """What the browser noted of frames of a segment; a line that was cut off is not counted."""
    place = segment.frames_file
    lines = place.read_text(encoding="utf-8").split("\n")[:-1] if place.is_file() else []
    if not lines:
        return NotedFrames(np.empty(0), 0.0)
    noted_s = np.array([line.split("\t") for line in lines], np.float64)
    return NotedFrames(np.unique(noted_s[:, 0]), float((noted_s[:, 1] - noted_s[:, 0]).min()))


def clock_toml(clocks: tuple[CameraClock, ...]) -> bytes:
    """The session's clock is that of its video; the residual says how well the browser's events lie on it."""
    facts: dict[str, object] = {"offset_s": 0.0, "drift_ppm": 0.0}
    residuals_s = [clock.residual_s for clock in clocks if clock.residual_s is not None]
    if len(residuals_s) == len(clocks):
        facts |= {"residual_ms": round(1000 * max(residuals_s), 3), "source": "camera frames noted by the browser"}
    else:
        facts |= {"source": "the browser's call to record"}
    return tomli_w.dumps({**facts, "events": sum(clock.num_frames for clock in clocks)}).encode()


def write_state(folder: Path, state: SessionState) -> None:
    """Write what a browser needs to go on; it is on the disk, and not only on its way, when this returns."""
    write_to_disk(folder / RECORDER_STATE, state.model_dump_json(indent=1).encode())


def write_tables(folder: Path, state: SessionState, zero_s: float) -> None:
    """Trials, answers and markers by time, in s from `zero_s` of the browser's clock."""
    trials = [
        {
            "order": number,
            "stimulus_id": clip.stimulus_id,
            "onset_s": f"{clip.onset_s - zero_s:.4f}",
            "duration_s": f"{clip.offset_s - clip.onset_s:.4f}",
        }
        for number, clip in enumerate(state.shown, 1)
    ]
    answers = [{**each.model_dump(), "answered_s": f"{each.answered_s - zero_s:.3f}"} for each in state.answers]
    clock = "face" if state.has_camera else "session"
    marks = [
        {"time_s": f"{mark.at_s - zero_s:.4f}", "clock": clock, "kind": mark.kind}
        for mark in sorted(state.marks, key=lambda mark: mark.at_s)
    ]
    write_bytes(folder / "trials.tsv", table_bytes(TRIAL_COLUMNS, trials))
    write_bytes(folder / "selfreport.tsv", table_bytes(SELF_REPORT_COLUMNS, answers))
    write_bytes(folder / "markers.tsv", table_bytes(MARKER_COLUMNS, marks))
