"""What a channel of a gaze stream is, from its own description; what it does not say is not guessed.

References
----------
XDF, "Gaze Meta-Data" (github.com/sccn/xdf/wiki/Gaze-Meta-Data): label, eye, type, unit and coordinate_system of a
channel. Labels without a type are read word by word: ``left_gaze_x``, ``gaze_point_on_display_area_left_y``.
"""

import re
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from emogap.types import Eye, Frame

__all__ = ["Channel", "Quantity", "frame_of", "read_channels"]

Quantity = Literal["x", "y", "pupil", "confidence", "valid"]

EYES: dict[str, Eye] = {
    "left": "left", "l": "left", "right": "right", "r": "right",
    "both": "cyclopean", "binocular": "cyclopean", "cyclopean": "cyclopean", "combined": "cyclopean",
}  # fmt: skip
TYPES: dict[str, Quantity] = {"screenx": "x", "screeny": "y", "diameter": "pupil", "confidence": "confidence"}
NO_POINTS = {
    "3d", "angle", "center", "centre", "direction", "distance", "head", "normal", "origin", "position", "raw",
    "trackbox", "ucs", "user", "vector", "velocity", "z",
}  # fmt: skip
UNITS = {
    "px": "px", "pixel": "px", "pixels": "px",
    "norm": "norm", "normalized": "norm", "normalised": "norm",
    "deg": "deg", "degree": "deg", "degrees": "deg",
    "mm": "mm", "millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "millimetres": "mm",
}  # fmt: skip
SCENES = ("scene", "world", "image")


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: its place among the channels, what it is of which eye, and the unit and system that it states."""

    place: int
    label: str
    eye: Eye
    quantity: Quantity | None
    unit: str | None
    system: str


def read_channels(header: ElementTree.Element) -> tuple[Channel, ...]:
    """Every described channel of a stream, in their order.

    Examples
    --------
    >>> text = "<channels><channel><label>left_gaze_x</label><unit>px</unit></channel></channels>"
    >>> (channel,) = read_channels(ElementTree.fromstring(f"<info><desc>{text}</desc></info>"))
    >>> channel.eye, channel.quantity, channel.unit
    ('left', 'x', 'px')
    """
    return tuple(_channel(place, entry) for place, entry in enumerate(header.findall("desc/channels/channel")))


def _channel(place: int, entry: ElementTree.Element) -> Channel:
    stated = {name: (entry.findtext(name) or "").strip() for name in ("label", "eye", "type", "unit")}
    words = _words(stated["label"])
    quantity = TYPES.get(stated["type"].lower()) or _quantity(words)
    said = [word for word in (stated["eye"].lower(), *words) if word in EYES]
    eye: Eye = EYES[said[0]] if said else "cyclopean"
    unit = UNITS.get(stated["unit"].lower()) or next((UNITS[word] for word in words if word in UNITS), None)
    if unit is None and {"display", "area"} <= set(words):
        # Tobii's display area: shares from its top left.
        unit = "norm"
    system = (entry.findtext("coordinate_system") or "").strip().lower()
    return Channel(place, stated["label"] or str(place), eye, quantity, unit, system)


def _words(label: str) -> list[str]:
    """The words of a label, in lower case: ``leftGazeX`` and ``left_gaze_x`` have the same."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label)
    return [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]


def _quantity(words: list[str]) -> Quantity | None:
    given = set(words)
    if given & {"valid", "validity"}:
        return None if "pupil" in given else "valid"
    if "confidence" in given:
        return "confidence"
    if given & {"pupil", "diameter", "pupildiameter"} and not given & (NO_POINTS | {"x", "y"}):
        return "pupil"
    if given & {"gaze", "por", "pog"} and not given & NO_POINTS:
        return "x" if words[-1] == "x" else "y" if words[-1] == "y" else None
    return None


def frame_of(channels: tuple[Channel, ...]) -> Frame | None:
    """The frame that all points of the channels state; None where they state none or several."""
    points = [channel for channel in channels if channel.quantity in ("x", "y")]
    stated = {(channel.unit, any(scene in channel.system for scene in SCENES)) for channel in points}
    frames: dict[tuple[str | None, bool], Frame] = {
        ("px", False): "screen_px",
        ("px", True): "scene_px",
        ("norm", False): "screen_norm",
        ("norm", True): "scene_norm",
        ("deg", False): "deg",
    }
    return frames.get(stated.pop()) if len(stated) == 1 else None
