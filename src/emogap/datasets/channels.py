"""The columns of every stream: their names, units and order.

The order is fixed here and nowhere else. A channel that no recording of a data set has is left out of the
stream and named in ``dataset.toml``; a channel that only some recordings lack is NaN there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from emogap.types import PupilUnit

__all__ = [
    "EVENT_CHANNELS",
    "PUPIL_UNITS",
    "Channel",
    "eye_channels",
    "fixation_channels",
    "head_channels",
    "merge_channels",
]


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of a stream; `unit` is ``"1"`` for a number without unit."""

    name: str
    unit: str


EVENT_CHANNELS = (
    Channel("event_duration_s", "s"),
    Channel("is_fixation", "1"),
    Channel("is_saccade", "1"),
    Channel("is_blink", "1"),
)

PUPIL_UNITS: dict[PupilUnit, tuple[str, str]] = {
    "mm": ("mm", "mm"),
    "mm_change": ("mm", "mm change per sample"),
    "au": ("au", "arbitrary"),
    "au_change": ("au", "arbitrary change per sample"),
    "mm_from_baseline": ("mm", "mm from baseline"),
    "au_from_baseline": ("au", "arbitrary from baseline"),
    "share_of_baseline": ("share", "share of baseline"),
}
"""Suffix of the channel's name and its unit, for each unit of a pupil."""


def eye_channels(pupil_unit: PupilUnit | None = "mm") -> tuple[Channel, ...]:
    """Every channel of the stream ``eye`` in its order, for a pupil in `pupil_unit`.

    Examples
    --------
    >>> [channel.name for channel in eye_channels()][:4]
    ['gaze_x_deg', 'gaze_y_deg', 'direction_l_x', 'direction_l_y']
    """
    suffix, unit = PUPIL_UNITS[pupil_unit or "mm"]
    return (
        Channel("gaze_x_deg", "deg"),
        Channel("gaze_y_deg", "deg"),
        *(Channel(f"direction_{side}_{axis}", "1") for side in "lr" for axis in "xyz"),
        *(Channel(f"origin_{side}_{axis}_mm", "mm") for side in "lr" for axis in "xyz"),
        *(Channel(f"pupil_{side}_{suffix}", unit) for side in "lr"),
        *EVENT_CHANNELS,
    )


def fixation_channels(*, in_world: bool = False) -> tuple[Channel, ...]:
    """Centre of the fixation: x and y on the screen, or a direction in the world.

    A yaw jumps at plus or minus 180 degrees where the direction does not, so the world's direction is given by
    sine and cosine of the yaw, and the pitch.
    """
    if in_world:
        return (
            Channel("fixation_yaw_sin", "1"),
            Channel("fixation_yaw_cos", "1"),
            Channel("fixation_pitch_deg", "deg"),
        )
    return (Channel("fixation_x_deg", "deg"), Channel("fixation_y_deg", "deg"))


def head_channels() -> tuple[Channel, ...]:
    """Direction of the head: sine and cosine of the yaw, and the pitch."""
    return (Channel("head_yaw_sin", "1"), Channel("head_yaw_cos", "1"), Channel("head_pitch_deg", "deg"))


def merge_channels(rows: Iterable[tuple[Channel, ...]]) -> tuple[Channel, ...]:
    """All channels of several recordings, each once: in the order of the stream ``eye``, others as first met.

    Examples
    --------
    >>> left, right = Channel("pupil_l_mm", "mm"), Channel("pupil_r_mm", "mm")
    >>> [channel.name for channel in merge_channels([(right,), (left, right)])]
    ['pupil_l_mm', 'pupil_r_mm']
    """
    order = {channel.name: rank for unit in PUPIL_UNITS for rank, channel in enumerate(eye_channels(unit))}
    merged: dict[str, Channel] = {}
    for channels in rows:
        for channel in channels:
            merged.setdefault(channel.name, channel)
    return tuple(sorted(merged.values(), key=lambda channel: order.get(channel.name, -1)))
