"""The facts of a file of recordings, each a name and a sentence with its unit (``emogap look``)."""

from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import shorten

import numpy as np

from emogap.recording.overview import GAP_S, RecordingOverview
from emogap.recording.text_picture import WIDTH
from emogap.types import Screen

__all__ = ["FRAMES", "facts_of"]

SAME_RATE = 0.01
"""Rates that differ by less, as a share, are shown as one."""

FRAMES = {
    "screen_px": "px of the screen from its top left, y down",
    "screen_mm": "mm of the screen from its bottom left, y up",
    "screen_norm": "shares of the screen from its top left, y down (not px)",
    "deg": "degrees from the centre of the screen, y up",
    "scene_px": "px of the scene camera's picture from its top left, y down",
    "scene_norm": "shares of the scene camera's picture from its top left, y down",
    "camera_deg": "degrees right and up of the camera that films the face",
}
"""Unit and origin of every frame of gaze, in words."""


def facts_of(screen: Screen | None, overviews: Sequence[RecordingOverview]) -> list[tuple[str, str]]:
    """Name and text of every fact; lids, confidence, head, face and messages only where there are any."""
    people = list(dict.fromkeys(overview.participant_id for overview in overviews))
    stimuli = list(dict.fromkeys(name for overview in overviews for name in overview.stimuli))
    each = f", {_range([o.duration_s for o in overviews], lambda s: f'{s:.2f}')} s each" if len(overviews) > 1 else ""
    clock = "" if _has_clock(overviews) else " by a clock that is not to be trusted"
    facts = [
        ("device", overviews[0].tracker),
        ("recordings", f"{len(overviews)}, {sum(o.duration_s for o in overviews):,.1f} s in all{each}{clock}"),
        ("participants", _names([str(person) for person in people if person is not None])),
        ("stimuli", _names(stimuli)),
        ("screen", _describe_screen(screen)),
        ("rate", _describe_rate(overviews)),
        ("gaze", _describe_gaze(overviews)),
        ("lost", _describe_loss(overviews)),
        ("gaps", _describe_gaps(overviews)),
        ("pupil", _describe_pupil(overviews)),
        ("lids", _describe_share(overviews, "openness", "0 closed, 1 open")),
        ("confidence", _describe_share(overviews, "confidence", "the device's own, 0 to 1")),
        ("head", _describe_head(overviews)),
        ("face", _describe_face(overviews)),
        ("events", _describe_events(overviews)),
        ("messages", _describe_messages(overviews)),
    ]
    return [(name, text) for name, text in facts if text]


def _has_clock(overviews: Sequence[RecordingOverview]) -> bool:
    return all(overview.rate_hz is not None for overview in overviews if overview.num_samples)


def _names(names: Sequence[str]) -> str:
    if not names:
        return "not stated"
    return shorten(f"{len(names)}: {', '.join(names)}", width=WIDTH - 15, placeholder=" ...")


def _range(values: Sequence[float], write: Callable[[float], str]) -> str:
    low, high = write(min(values)), write(max(values))
    return low if low == high else f"{low} to {high}"


def _describe_screen(screen: Screen | None) -> str:
    if screen is None:
        return "not stated"
    size = f"{screen.size_px[0]} x {screen.size_px[1]} px"
    size += f", {screen.size_mm[0]:g} x {screen.size_mm[1]:g} mm" if screen.size_mm else ", size in mm unknown"
    return size + (f", eyes {screen.distance_mm:.0f} mm away" if screen.distance_mm else "")


def _describe_rate(overviews: Sequence[RecordingOverview]) -> str:
    nominal = sorted({overview.nominal_rate_hz for overview in overviews if overview.nominal_rate_hz})
    stated = f"nominal {', '.join(f'{rate:g} Hz' for rate in nominal)}" if nominal else "nominal rate not stated"
    timed = [overview for overview in overviews if overview.rate_hz is not None]
    if not timed:
        return f"unknown; {stated}"
    measured = f"{_range([o.rate_hz or 0.0 for o in timed], lambda value: f'{value:.1f}')} Hz measured"
    if any(abs((o.mean_rate_hz or 0.0) / (o.rate_hz or 1.0) - 1) > SAME_RATE for o in timed):
        mean = _range([o.mean_rate_hz or 0.0 for o in timed], lambda value: f"{value:.1f}")
        measured += f" ({mean} samples per second with the holes)"
    return f"{measured}; {stated}"


def _describe_gaze(overviews: Sequence[RecordingOverview]) -> str:
    frames = list(dict.fromkeys(overview.frame for overview in overviews if overview.frame is not None))
    if not frames:
        return "no point of gaze in this file"
    eyes = list(dict.fromkeys(eye for o in overviews for eye, lost in _loss_of_eyes(o) if lost < 1)) or ["none"]
    return f"{', '.join(eyes)}; in {' / '.join(FRAMES[frame] for frame in frames)}"


def _loss_of_eyes(overview: RecordingOverview) -> list[tuple[str, float]]:
    """Share lost of every eye that has a point of gaze; of all eyes where none has."""
    pairs = list(zip(overview.eyes, overview.lost_share_of_eye, strict=False))
    return [(eye, share) for eye, share in pairs if share < 1] or pairs


def _describe_loss(overviews: Sequence[RecordingOverview]) -> str:
    given = [(overview, overview.lost_share) for overview in overviews if overview.lost_share is not None]
    if not given:
        return ""
    num_samples = sum(overview.num_samples for overview, _ in given)
    if not num_samples:
        return ""
    lost = sum(share * overview.num_samples for overview, share in given) / num_samples
    text = f"{lost:.1%} of {num_samples:,} samples"
    if len(overviews) > 1:
        worst, share = max(given, key=lambda pair: pair[1])
        return f"{text}; most in {worst.recording_id} ({share:.1%})"
    text += f" ({', '.join(f'{eye} {share:.1%}' for eye, share in _loss_of_eyes(overviews[0]))})"
    off = overviews[0].off_screen_share
    return text if off is None else f"{text}; {off:.1%} off screen"


def _describe_gaps(overviews: Sequence[RecordingOverview]) -> str:
    if not any(overview.num_samples for overview in overviews):
        return ""
    if not _has_clock(overviews):
        return "not counted: the rate is unknown"
    num_gaps, num_holes = sum(o.num_gaps for o in overviews), sum(o.num_holes for o in overviews)
    longest_s = max(overview.longest_gap_s for overview in overviews)
    text = f"{num_gaps} of {GAP_S * 1000:.0f} ms or more, longest {longest_s:.2f} s" if longest_s else "none"
    holes = f"{num_holes} holes in the clock" if num_holes else "no hole in the clock"
    return holes if all(o.frame is None for o in overviews) else f"{text}; {holes}"


def _describe_pupil(overviews: Sequence[RecordingOverview]) -> str:
    given = [overview for overview in overviews if overview.pupil is not None]
    if not given:
        return "none"
    pupils = np.array([overview.pupil for overview in given])
    units = " / ".join(dict.fromkeys(str(overview.pupil_unit) for overview in given))
    return f"{pupils[:, 0].min():.2f} to {pupils[:, 2].max():.2f} {units}, median {np.median(pupils[:, 1]):.2f} {units}"


def _describe_share(overviews: Sequence[RecordingOverview], name: str, meaning: str) -> str:
    given = [percentiles for o in overviews if (percentiles := getattr(o, name)) is not None]
    if not given:
        return ""
    shares = np.array(given)
    return f"{shares[:, 0].min():.2f} to {shares[:, 2].max():.2f}, median {np.median(shares[:, 1]):.2f} ({meaning})"


def _describe_head(overviews: Sequence[RecordingOverview]) -> str:
    given = [overview.head_deg for overview in overviews if overview.head_deg is not None]
    if not given:
        return ""
    axes = zip(("pitch", "yaw", "roll"), np.array(given).transpose(1, 0, 2), strict=True)
    return ", ".join(f"{name} {limits.min():.1f} to {limits.max():.1f}" for name, limits in axes) + " deg"


def _describe_face(overviews: Sequence[RecordingOverview]) -> str:
    given = [overview for overview in overviews if overview.action_units]
    if not given:
        return ""
    units = list(dict.fromkeys(unit for overview in given for unit in overview.action_units))
    num_frames = sum(overview.num_face_frames for overview in given)
    followed = sum((o.followed_share or 0.0) * o.num_face_frames for o in given) / num_frames
    return (
        f"{len(units)} action units ({units[0]} to {units[-1]}; intensity 0 to 5, presence 0 or 1) in"
        f" {num_frames:,} frames, followed in {followed:.1%}"
    )


def _describe_events(overviews: Sequence[RecordingOverview]) -> str:
    total: Counter[str] = Counter()
    for overview in overviews:
        total.update(overview.num_events)
    return ", ".join(f"{total[name]} {name}" for name in sorted(total)) or "none in the file"


def _describe_messages(overviews: Sequence[RecordingOverview]) -> str:
    num_messages = sum(overview.num_messages for overview in overviews)
    return f"{num_messages:,} messages and markers" if num_messages else ""
