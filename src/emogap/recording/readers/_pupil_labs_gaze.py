"""What the exports of Pupil Labs share: the clock of a camera, confidence, and which pupil is in mm.

References
----------
Pupil Labs, Pupil Player, "Raw Data Exporter" (pupil_gaze_positions_info.txt, which every export holds): useful data
carry a confidence above about 0.6; a confidence of exactly 0 means that nothing is known; ``diameter`` is in px of
the eye camera and not corrected for perspective, ``diameter_3d`` is in mm of an average eyeball of 12 mm radius.
"""

import numpy as np
import polars
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._samples import check_pupil
from emogap.recording.readers._table import ExportTable
from emogap.types import Frame, GazeSeries, PupilUnit

__all__ = [
    "choose_pupil",
    "combined_gaze",
    "confidence_doubts",
    "measure_camera_rate_hz",
    "read_confidence",
    "stamps_ns",
]

LOW_CONFIDENCE = 0.6
"""Below this Pupil Labs calls data of little use; such samples are kept, with their confidence."""

REGULAR_SHARE = 0.95
"""So many of the steps must lie within half a median of the median for the others to be gaps of a regular clock."""


def measure_camera_rate_hz(time_s: Float[ndarray, " T"]) -> tuple[float, tuple[str, ...]]:
    """Sampling rate in Hz and doubts about it; NaN for fewer than two samples.

    Notes
    -----
    1 / mean step over the steps that are no gaps. Where more than 5 % of the steps are far from the median, slow
    frames cannot be told from gaps: then the mean is over all steps, and a doubt says so.
    """
    steps_s = np.diff(time_s)
    if not len(steps_s):
        return np.nan, ("one sample has no sampling rate",)
    median_s = float(np.median(steps_s))
    regular = np.abs(steps_s - median_s) <= 0.5 * median_s
    if regular.mean() >= REGULAR_SHARE:
        return float(1 / steps_s[regular].mean()), ()
    doubt = (
        f"the clock is irregular (steps of {steps_s.min() * 1000:.0f} to {steps_s.max() * 1000:.0f} ms, median"
        f" {median_s * 1000:.0f} ms), so slow frames cannot be told from gaps: the rate is the mean over all steps"
    )
    return float(1 / steps_s.mean()), (doubt,)


def stamps_ns(table: ExportTable, name: str) -> Int[ndarray, " R"]:
    """A column of whole nanoseconds, read exactly.

    Raises
    ------
    DataError
        If a cell is empty or no whole number. Names file and line.
    """
    stamps = table.rows[name].str.strip_chars().cast(polars.Int64, strict=False)
    wrong = stamps.is_null().arg_true()
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"'{table.rows[name][first]}' in the column '{name}' is no whole number of ns"
            f" ({counted(len(wrong), 'such cell')})",
            where=table.place(first),
            fix="export the recording again; a spreadsheet program may have rounded the times",
        )
    return stamps.to_numpy()


def read_confidence(table: ExportTable) -> Float[ndarray, " R"]:
    """The column ``confidence``; NaN where it is empty.

    Raises
    ------
    DataError
        If a value lies outside 0 to 1. Names file and line.
    """
    confidence = table.rows["confidence"].to_numpy()
    wrong = np.flatnonzero((confidence < 0) | (confidence > 1))
    if len(wrong):
        raise DataError(
            f"the confidence is {confidence[wrong[0]]:g}, outside 0 to 1 ({counted(len(wrong), 'such row')})",
            where=table.place(int(wrong[0])),
            fix="export the recording again; the columns may have been shifted",
        )
    return confidence


def confidence_doubts(confidence: Float[ndarray, " R"]) -> tuple[str, ...]:
    """What share of the samples has a low confidence, and how many say that nothing is known."""
    given = confidence[np.isfinite(confidence)]
    low, zero = int((given < LOW_CONFIDENCE).sum()), int((given == 0).sum())
    if not low:
        return ()
    return (
        f"{low / len(given):.0%} of the samples have a confidence under {LOW_CONFIDENCE:g}, below which Pupil Labs"
        f" calls data of little use: they are kept with their confidence; {zero} of exactly 0 count as lost",
    )


def choose_pupil(
    diameter_3d_mm: Float[ndarray, "T E"], diameter_px: Float[ndarray, "T E"]
) -> tuple[Float[ndarray, "T E"], PupilUnit, tuple[str, ...]]:
    """The pupil in mm if the model of the eye gave plausible diameters, else in px of the eye camera (``au``).

    0 is missing in both. The doubts say why mm were not taken, or how many are no human diameter.
    """
    diameter_3d_mm, diameter_px = (np.where(pupil > 0, pupil, np.nan) for pupil in (diameter_3d_mm, diameter_px))
    given = diameter_3d_mm[np.isfinite(diameter_3d_mm)]
    if not len(given):
        return diameter_px, "au", ("there is no diameter in mm (no 3D model): the pupil is in px of the eye camera",)
    unit, doubts = check_pupil(diameter_3d_mm)
    if unit == "mm":
        return diameter_3d_mm, "mm", doubts
    return (
        diameter_px,
        "au",
        (
            f"diameter_3d has a median of {np.median(given):.2g}, which is no diameter in mm: the 3D model of the eye"
            " failed, so the pupil is in px of the eye camera (au)",
        ),
    )


def combined_gaze(
    time_s: Float[ndarray, " T"],
    point: Float[ndarray, "T 2"],
    *,
    frame: Frame,
    rate_hz: float,
    confidence: Float[ndarray, " T"] | None = None,
    pupil: Float[ndarray, "T E"] | None = None,
    pupil_unit: PupilUnit | None = None,
) -> GazeSeries:
    """One point of gaze from both eyes, and the pupils of the left and the right eye where there are any.

    The point stands in a third eye, ``cyclopean``; left and right then hold a pupil and no point. A pupil of one
    column is that of the cyclopean eye. Points with a confidence of exactly 0 are lost.
    """
    two_pupils = pupil is not None and pupil.shape[1] == 2
    num_eyes = 3 if two_pupils else 1
    known = np.isfinite(point).all(axis=1)
    if confidence is not None:
        known &= confidence != 0
    position = np.full((len(time_s), num_eyes, 2), np.nan)
    position[known, 0] = point[known]
    valid = np.isfinite(position).all(axis=2)
    pupils: Float[ndarray, "T E"] | None = None
    if pupil is not None:
        pupils = np.full((len(time_s), num_eyes), np.nan)
        pupils[:, num_eyes - pupil.shape[1] :] = pupil
    confidences: Float[ndarray, "T E"] | None = None
    if confidence is not None:
        confidences = np.full((len(time_s), num_eyes), np.nan)
        confidences[:, 0] = confidence
    return GazeSeries(
        time_s=time_s,
        position=position,
        frame=frame,
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=("cyclopean", "left", "right") if two_pupils else ("cyclopean",),
        rate_hz=rate_hz,
        pupil=pupils,
        pupil_unit=pupil_unit if pupils is not None else None,
        pupil_altered=np.zeros_like(valid) if pupils is not None else None,
        confidence=confidences,
    )
