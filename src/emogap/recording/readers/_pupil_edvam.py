"""The data set EDVAM (eye data in a virtual museum): Pupil Labs add-on cameras in a headset, one CSV per person.

What is particular to these files:

- The last two columns repeat ``index`` and ``time``; rows in which they differ from the first two are damaged.
- Most source files have a wrong heading: a tab glues ``circle_3d_radius`` and ``theta`` into one cell, and two extra
  names (``left_gaze``, ``method``) shift the names of the columns between. The rows keep the right order, so that these
  files are read by position. Only the two known headings are accepted.
- In some files the clock is stepped: several samples share a time. No clock is made up for them.

References
----------
Zhou et al. (2022), "EDVAM: a 3D eye-tracking dataset for visual attention modeling in a virtual museum", Frontiers of
Information Technology & Electronic Engineering 23, doi:10.1631/FITEE.2000318.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._pupil_labs_gaze import (
    choose_pupil,
    combined_gaze,
    confidence_doubts,
    measure_camera_rate_hz,
    read_confidence,
)
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeTracker, Recording

__all__ = ["is_heading", "read"]

BEFORE_NAMES = """
    index time L_x L_y L_z C_x C_y C_z F_x F_y F_z confidence gaze_norm_pos_x gaze_norm_pos_y
"""
EYE_NAMES = """
    norm_pos_x norm_pos_y diameter ellipse_center_x ellipse_center_y ellipse_axis_a ellipse_axis_b ellipse_angle
    diameter_3d model_confidence model_id sphere_center_x sphere_center_y sphere_center_z sphere_radius
    circle_3d_center_x circle_3d_center_y circle_3d_center_z circle_3d_normal_x circle_3d_normal_y circle_3d_normal_z
    circle_3d_radius theta
"""
AFTER_NAMES = """
    phi projected_sphere_center_x projected_sphere_center_y projected_sphere_axis_a projected_sphere_axis_b
    index time
"""
BEFORE, EYE, AFTER = (tuple(names.split()) for names in (BEFORE_NAMES, EYE_NAMES, AFTER_NAMES))
GLUED = "circle_3d_radius\ttheta"

HEADING = (*BEFORE, *EYE, *AFTER)
SHIFTED_HEADING = (
    *BEFORE,
    "left_gaze",
    *EYE[:2],
    "method",
    *EYE[3:-2],
    GLUED,
    *AFTER,
)
COLUMNS = (*HEADING[:-2], "index again", "time again")

SAME_STEP_S = 1e-6
"""Samples that share a time stand this far apart, so that their order survives."""


def is_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of an EDVAM file, in the right heading or in the known wrong one."""
    return heading in (HEADING, SHIFTED_HEADING)


def read(path: Path, heading: tuple[str, ...]) -> tuple[Recording, ...]:
    """The one recording of an EDVAM file.

    Raises
    ------
    DataError
        As ``read_table``; if the repeated columns differ, time runs backwards or the confidence lies outside 0 to 1.
    """
    table = read_table(path, is_number=lambda _: True, names=COLUMNS)
    _check_repeated(table)
    time_s, rate_hz, clock_doubts = _clock(table)
    rows, confidence = table.rows, read_confidence(table)
    unknown = (confidence == 0)[:, None]
    diameters = (rows[name].to_numpy()[:, None] for name in ("diameter_3d", "diameter"))
    pupil, unit, pupil_doubts = choose_pupil(*(np.where(unknown, np.nan, diameter) for diameter in diameters))
    heading_doubts: tuple[str, ...] = ()
    if heading == SHIFTED_HEADING:
        heading_doubts = (
            "the heading is wrong: a tab glues 'circle_3d_radius' and 'theta', and 'left_gaze' and 'method' shift the"
            " names of columns 15 to 37; the rows were read by position, in the order of EDVAM's right heading",
        )
    gaze = combined_gaze(
        time_s,
        np.stack([rows["gaze_norm_pos_x"].to_numpy(), 1 - rows["gaze_norm_pos_y"].to_numpy()], axis=1),
        frame="scene_norm",
        rate_hz=rate_hz,
        confidence=confidence,
        pupil=pupil,
        pupil_unit=unit,
    )
    recording = Recording(
        recording_id=file_stem(path),
        source=path.name,
        reader="pupil_labs",
        tracker=EyeTracker("Pupil Labs (EDVAM data set; eye cameras in a headset)"),
        gaze=gaze,
        doubts=(*heading_doubts, *clock_doubts, *confidence_doubts(confidence), *pupil_doubts),
        notes=("the file does not say of which eye the pupil is; positions are shares of the scene's picture",),
    )
    return (recording,)


def _check_repeated(table: ExportTable) -> None:
    for name in ("index", "time"):
        differs = table.rows[name].ne_missing(table.rows[f"{name} again"]).arg_true()
        if len(differs):
            raise DataError(
                f"the last columns do not repeat '{name}' ({counted(len(differs), 'such row')}), so cells are"
                " missing or shifted",
                where=table.place(int(differs[0])),
                fix="restore the file from the data set",
            )


def _clock(table: ExportTable) -> tuple[Float[ndarray, " T"], float, tuple[str, ...]]:
    """Time, rate and doubts; where samples share a time, they keep their order and the rate is NaN."""
    stamp_s = table.rows["time"].to_numpy()
    steps_s = np.diff(stamp_s)
    wrong = ~np.isfinite(stamp_s)
    wrong[1:] |= steps_s < 0
    if wrong.any():
        first = int(wrong.argmax())
        raise DataError(
            f"the time {stamp_s[first]} s is missing or before that of the row above"
            f" ({counted(int(wrong.sum()), 'such row')})",
            where=table.place(first),
            fix="restore the file from the data set",
        )
    time_s = stamp_s - stamp_s[0]
    same = np.append(False, steps_s == 0)
    if not same.any():
        rate_hz, doubts = measure_camera_rate_hz(time_s)
        return time_s, rate_hz, doubts
    row = np.arange(len(time_s))
    since_step = row - np.maximum.accumulate(np.where(same, 0, row))
    doubt = (
        f"the clock is stepped: {int(same.sum())} of {len(steps_s)} steps are 0 s, so that up to"
        f" {int(since_step.max()) + 1} samples share a time; they are kept in their order, 1 us apart, which is no"
        " measurement, and the rate is unknown"
    )
    return time_s + SAME_STEP_S * since_step, np.nan, (doubt,)
