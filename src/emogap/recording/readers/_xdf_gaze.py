"""From the described channels of a gaze stream to points of gaze, pupils and confidence."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._samples import check_pupil, without_partial
from emogap.recording.readers._xdf_channels import Channel, Quantity, frame_of, read_channels
from emogap.recording.readers._xdf_chunks import XdfStream
from emogap.types import Eye, GazeSeries, PupilUnit

__all__ = ["read_gaze"]

Meaning = tuple[Eye, Quantity]
EYES: tuple[Eye, ...] = ("left", "right", "cyclopean")


def read_gaze(
    path: Path, stream: XdfStream, values: Float[ndarray, "T C"], time_s: Float[ndarray, " T"], rate_hz: float
) -> tuple[GazeSeries, tuple[str, ...]]:
    """Gaze of one stream and doubts about it.

    Raises
    ------
    DataError
        If the channels do not say which of them are points of gaze, of which eye and in which unit.
    """
    channels = read_channels(stream.header)
    frame = frame_of(channels)
    by_meaning, is_clear = _by_meaning(channels)
    points: list[Eye] = [eye for eye in EYES if (eye, "x") in by_meaning and (eye, "y") in by_meaning]
    if len(channels) != stream.num_channels or frame is None or not points or not is_clear:
        labels = ", ".join(f"{one.label} [{one.unit or 'no unit'}]" for one in channels) or "none"
        raise DataError(
            f"the gaze stream '{stream.name}' does not say which of its {stream.num_channels} channels are points of"
            f" gaze, of which eye and in which unit; described are {labels}",
            where=f"{path}, byte 4",
            fix="describe the channels when recording (label, eye, type, unit), or save the stream as a table and"
            " read it with a mapping",
        )
    pupils: list[Eye] = [eye for eye in EYES if (eye, "pupil") in by_meaning and eye not in points]
    eyes = (*points, *pupils)
    pick = _Picker(values, by_meaning)
    position = np.stack([np.stack([pick(eye, "x"), pick(eye, "y")], axis=1) for eye in eyes], axis=1)
    if frame in ("screen_norm", "scene_norm") and stream.name.lower().startswith("pupil_capture"):
        frame = "scene_norm"
        position[:, :, 1] = 1 - position[:, :, 1]
    keep = np.stack([np.nan_to_num(pick(eye, "valid"), nan=1.0) != 0 for eye in eyes], axis=1)
    valid = without_partial(position, keep)
    pupil = np.stack([pick(eye, "pupil") for eye in eyes], axis=1)
    unit, doubts = _pupil_unit(pupil, by_meaning)
    confidence = np.stack([_first(pick(eye, "confidence"), pick("cyclopean", "confidence")) for eye in eyes], axis=1)
    gaze = GazeSeries(
        time_s=time_s,
        position=position,
        frame=frame,
        valid=valid,
        altered=np.zeros(valid.shape, bool),
        eyes=eyes,
        rate_hz=rate_hz,
        pupil=None if unit is None else np.where(pupil > 0, pupil, np.nan),
        pupil_unit=unit,
        pupil_altered=None if unit is None else np.zeros(valid.shape, bool),
        confidence=None if np.isnan(confidence).all() else _shares(path, stream, confidence),
    )
    return gaze, doubts


def _by_meaning(channels: tuple[Channel, ...]) -> tuple[dict[Meaning, Channel], bool]:
    """The channel of each eye and quantity, and whether no two have the same; of two pupils that in mm is taken."""
    found: dict[Meaning, Channel] = {}
    is_clear = True
    for one in channels:
        if one.quantity is None:
            continue
        before = found.get((one.eye, one.quantity))
        if before is None or (one.quantity == "pupil" and one.unit == "mm"):
            found[one.eye, one.quantity] = one
        elif one.quantity != "pupil":
            is_clear = False
    return found, is_clear


class _Picker:
    """The values of a channel by eye and quantity; NaN throughout where there is no such channel."""

    def __init__(self, values: Float[ndarray, "T C"], by_meaning: Mapping[Meaning, Channel]) -> None:
        self.values = values
        self.by_meaning = by_meaning

    def __call__(self, eye: Eye, quantity: Quantity) -> Float[ndarray, " T"]:
        channel = self.by_meaning.get((eye, quantity))
        if channel is None:
            return np.full(len(self.values), np.nan)
        return self.values[:, channel.place].copy()


def _first(first: Float[ndarray, " T"], second: Float[ndarray, " T"]) -> Float[ndarray, " T"]:
    return second if np.isnan(first).all() else first


def _shares(path: Path, stream: XdfStream, values: Float[ndarray, "T E"]) -> Float[ndarray, "T E"]:
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        raise DataError(
            f"the confidence is {values[wrong][0]:g}, outside 0 to 1 ({counted(int(wrong.sum()), 'such value')})",
            where=f"{path}, stream '{stream.name}', sample {int(np.nonzero(wrong)[0][0]) + 1}",
            fix="record the confidence as a share",
        )
    return values


def _pupil_unit(
    pupil: Float[ndarray, "T E"], by_meaning: Mapping[Meaning, Channel]
) -> tuple[PupilUnit | None, tuple[str, ...]]:
    units = {channel.unit for (_, quantity), channel in by_meaning.items() if quantity == "pupil"}
    if not units:
        return None, ()
    if units == {"mm"}:
        return check_pupil(pupil)
    if None in units:
        return "au", ("the pupil channels state no unit: kept as the device's own (au)",)
    return "au", ()
