"""A tiny Eye-Tracking-BIDS recording as another program might write it: required fields only, time in ms."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

STEM = "sub-07_task-film"
NUM_ROWS = 9

PHYSIO: dict[str, object] = {
    "SamplingFrequency": 100,
    "StartTime": 0.25,
    "Columns": ["timestamp", "x_coordinate", "y_coordinate"],
    "PhysioType": "eyetrack",
    "RecordedEye": "left",
    "SampleCoordinateSystem": "gaze-on-screen",
    "timestamp": {"Units": "ms"},
    "x_coordinate": {"Units": "pixel"},
    "y_coordinate": {"Units": "pixel"},
}
EVENTS: dict[str, object] = {
    "StimulusPresentation": {
        "ScreenDistance": 0.6,
        "ScreenOrigin": ["top", "left"],
        "ScreenResolution": [800, 400],
        "ScreenSize": [0.4, 0.1],
    }
}


def rows(eye: int = 0) -> list[str]:
    """Nine samples every 10 ms from 5,000 ms; sample 4 lost."""
    return [
        f"{5000 + 10 * row}\t" + ("n/a\tn/a" if row == 4 else f"{100 + 20 * row + eye}\t{300 - 10 * row}")
        for row in range(NUM_ROWS)
    ]


def write_table(path: Path, lines: Sequence[str], sidecar: Mapping[str, object] | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    if sidecar is not None:
        (path.parent / f"{path.name.split('.')[0]}.json").write_text(json.dumps(sidecar))
    return path


def write_eye(folder: Path, lines: Sequence[str] | None = None, *, eye: int = 1, **changes: object) -> Path:
    """One eye; `changes` to the sidecar, where None removes a field."""
    sidecar = {name: value for name, value in {**PHYSIO, **changes}.items() if value is not None}
    path = folder / f"{STEM}_recording-eye{eye}_physio.tsv.gz"
    return write_table(path, rows() if lines is None else lines, sidecar)


def write_events(folder: Path, **presentation: object) -> None:
    """The events: one film of 0.05 s that begins 0.02 s after the first sample."""
    folder.mkdir(parents=True, exist_ok=True)
    stated = {**EVENTS["StimulusPresentation"], **presentation}  # type: ignore[dict-item]
    stated = {name: value for name, value in stated.items() if value is not None}
    (folder / f"{STEM}_events.json").write_text(json.dumps({"StimulusPresentation": stated}))
    table = "onset\tduration\ttrial_type\tstim_file\n0.27\t0.05\tfilm\tfear-3.mp4\n0.3\t0\tkey\tn/a\n"
    (folder / f"{STEM}_events.tsv").write_text(table)


def write_examples(folder: Path) -> list[Path]:
    """The path of the one eye."""
    write_events(folder)
    return [write_eye(folder)]
