"""The columns of a physio file of one eye: which there are, in which order, and what the sidecar says of them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.recording.bids.frames import FRAME_TERMS
from emogap.types import GazeSeries

__all__ = ["BLOCK", "FLAGS", "REQUIRED", "SHARES", "TRIPLES", "describe_columns", "eye_columns", "triple_columns"]

BLOCK = "Emogap"
"""Key of a sidecar under which stands what BIDS has no field for."""

REQUIRED = ("timestamp", "x_coordinate", "y_coordinate")
"""The first columns of every file, in this order (BIDS 1.11)."""

TRIPLES = ("direction", "origin_mm")
"""Fields of a gaze series that are three columns each: ``direction_x`` ..., ``origin_x`` ..."""

SHARES = ("confidence", "openness")
FLAGS = ("valid", "altered", "pupil_altered")

PUPIL_UNITS = {
    "mm": ("mm", "Pupil size as diameter."),
    "au": ("arbitrary", "Pupil size, diameter or area (the device does not say), in the device's own unit."),
    "mm_change": ("mm", "Pupil size as diameter, minus that of the sample before."),
    "au_change": ("arbitrary", "Pupil size, diameter or area, minus that of the sample before."),
}


def eye_columns(gaze: GazeSeries, eye: int) -> dict[str, Float[ndarray, " T"]]:
    """Every column of eye number `eye`, by name, in the order of the file; NaN = missing, flags are 0 and 1."""
    columns = {
        "timestamp": gaze.time_s,
        "x_coordinate": gaze.position[:, eye, 0],
        "y_coordinate": gaze.position[:, eye, 1],
    }
    if gaze.pupil is not None:
        columns["pupil_size"] = gaze.pupil[:, eye]
    for name in FLAGS:
        flags = getattr(gaze, name)
        if flags is not None:
            columns[name] = flags[:, eye].astype(np.int8)
    for name in TRIPLES:
        vectors = getattr(gaze, name)
        if vectors is not None:
            columns |= {column: vectors[:, eye, axis] for axis, column in enumerate(triple_columns(name))}
    for name in SHARES:
        share = getattr(gaze, name)
        if share is not None:
            columns[name] = share[:, eye]
    return columns


def triple_columns(field: str) -> tuple[str, str, str]:
    """The names of the three columns of a field that holds vectors.

    Examples
    --------
    >>> triple_columns("origin_mm")
    ('origin_x', 'origin_y', 'origin_z')
    """
    stem = field.removesuffix("_mm")
    return f"{stem}_x", f"{stem}_y", f"{stem}_z"


def describe_columns(gaze: GazeSeries, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Unit and meaning of each column, for the sidecar."""
    terms = FRAME_TERMS[gaze.frame]
    units, pupil = PUPIL_UNITS[gaze.pupil_unit or "mm"]
    axes = "x to the right, y upwards, z from the screen to the viewer"
    descriptions = {
        "timestamp": {"Description": "Time on the clock of the recording.", "Units": "s"},
        "x_coordinate": {"Description": terms.x, "Units": terms.units},
        "y_coordinate": {"Description": terms.y, "Units": terms.units},
        "pupil_size": {"Description": pupil, "Units": units},
        "valid": {"Description": "1: there is a point of gaze; 0: lost, both coordinates are n/a."},
        "altered": {"Description": "1: the point of gaze was interpolated or smoothed; 0: as measured."},
        "pupil_altered": {"Description": "1: the pupil size was interpolated or smoothed; 0: as measured."},
        "confidence": {"Description": "Confidence of the device in the sample, 0 to 1.", "Units": "1"},
        "openness": {"Description": "Opening of the eyelid, 0 (closed) to 1.", "Units": "1"},
    }
    for axis, name in zip("xyz", triple_columns("direction"), strict=True):
        text = f"Component {axis} of the unit vector from the eye to the point of gaze; {axes}."
        descriptions[name] = {"Description": text, "Units": "1"}
    for axis, name in zip("xyz", triple_columns("origin_mm"), strict=True):
        text = f"Position {axis} of the eye, from the lower left corner of the screen; {axes}."
        descriptions[name] = {"Description": text, "Units": "mm"}
    return {name: descriptions[name] for name in names}
