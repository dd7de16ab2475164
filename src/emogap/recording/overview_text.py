"""A file of recordings as text: facts, one picture in characters, and what to question (``emogap look``)."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import shorten, wrap

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.recording.overview import GAP_S, FileOverview, RecordingOverview, screen_extent
from emogap.recording.text_picture import density_map, trace
from emogap.types import GazeSeries, Recording, Screen

__all__ = ["draw_file"]

WIDTH = 78
MAX_ROWS = 20
MAP_LINES = 12


def draw_file(found: FileOverview) -> str:
    """The overview as text, at most 80 characters wide: facts, one picture, doubts."""
    lines = [f"{found.path.name}   read by {found.reader}", ""]
    lines += [f"  {name:<13}{text}" for name, text in _facts(found.screen, found.overviews)]
    lines += ["", *_picture(found)]
    notes = list(dict.fromkeys(note for overview in found.overviews for note in overview.notes))
    if notes:
        lines += ["", "  what the file says besides"]
        lines += [line for note in notes[:MAX_ROWS] for line in _wrap(note)]
    doubts = _gather_doubts(found.overviews)
    if doubts:
        lines += ["", "  what to question"]
        lines += [line for doubt in doubts for line in _wrap(doubt)]
    return "\n".join(line.rstrip() for line in lines)


def _gather_doubts(overviews: Sequence[RecordingOverview]) -> list[str]:
    """Each doubt once, with the number of recordings it holds for; doubts that differ in numbers only are one."""
    if len(overviews) == 1:
        return list(overviews[0].doubts)
    kinds: dict[str, list[str]] = {}
    for overview in overviews:
        for doubt in overview.doubts:
            kinds.setdefault(re.sub(r"\d[\d.,/-]*", "#", doubt), []).append(doubt)
    return [
        f"{doubts[0]} ({len(doubts)} of {len(overviews)} recordings"
        + (")" if len(set(doubts)) == 1 else "; numbers of the first)")
        for doubts in kinds.values()
    ]


def _facts(screen: Screen | None, overviews: Sequence[RecordingOverview]) -> list[tuple[str, str]]:
    people = list(dict.fromkeys(overview.participant_id for overview in overviews))
    stimuli = list(dict.fromkeys(name for overview in overviews for name in overview.stimuli))
    nominal = {overview.nominal_rate_hz for overview in overviews} - {None}
    rates = [overview.rate_hz for overview in overviews if overview.rate_hz is not None]
    measured = f"{_range(rates, lambda value: f'{value:.1f}')} Hz measured" if rates else "unknown"
    stated = (
        f"nominal {', '.join(f'{rate:g} Hz' for rate in nominal if rate)}" if nominal else "nominal rate not stated"
    )
    each = f", {_range([o.duration_s for o in overviews], lambda s: f'{s:.2f}')} s each" if len(overviews) > 1 else ""
    return [
        ("device", overviews[0].tracker),
        ("recordings", f"{len(overviews)}, {sum(o.duration_s for o in overviews):,.1f} s in all{each}"),
        ("participants", _names([str(person) for person in people if person is not None])),
        ("stimuli", _names(stimuli)),
        ("screen", _describe_screen(screen)),
        ("rate", f"{measured}; {stated}"),
        ("lost", _describe_loss(overviews)),
        ("gaps", _describe_gaps(overviews)),
        ("pupil", _describe_pupil(overviews)),
        ("events", _describe_events(overviews)),
    ]


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


def _describe_loss(overviews: Sequence[RecordingOverview]) -> str:
    num_samples = sum(overview.num_samples for overview in overviews)
    lost = sum(overview.lost_share * overview.num_samples for overview in overviews) / max(num_samples, 1)
    text = f"{lost:.1%} of {num_samples:,} samples"
    if len(overviews) > 1:
        worst = max(overviews, key=lambda overview: overview.lost_share)
        return f"{text}; most in {worst.recording_id} ({worst.lost_share:.1%})"
    eyes = zip(overviews[0].eyes, overviews[0].lost_share_of_eye, strict=True)
    text += f" ({', '.join(f'{eye} {share:.1%}' for eye, share in eyes)})"
    off = overviews[0].off_screen_share
    return text if off is None else f"{text}; {off:.1%} off screen"


def _describe_gaps(overviews: Sequence[RecordingOverview]) -> str:
    num_gaps, num_holes = sum(o.num_gaps for o in overviews), sum(o.num_holes for o in overviews)
    longest_s = max(overview.longest_gap_s for overview in overviews)
    text = f"{num_gaps} of {GAP_S * 1000:.0f} ms or more, longest {longest_s:.2f} s" if longest_s else "none"
    return f"{text}; {num_holes} holes in the clock" if num_holes else f"{text}; no hole in the clock"


def _describe_pupil(overviews: Sequence[RecordingOverview]) -> str:
    given = [overview for overview in overviews if overview.pupil is not None]
    if not given:
        return "none"
    pupils = np.array([overview.pupil for overview in given])
    units = " / ".join(dict.fromkeys(str(overview.pupil_unit) for overview in given))
    return f"{pupils[:, 0].min():.2f} to {pupils[:, 2].max():.2f} {units}, median {np.median(pupils[:, 1]):.2f} {units}"


def _describe_events(overviews: Sequence[RecordingOverview]) -> str:
    total: Counter[str] = Counter()
    for overview in overviews:
        total.update(overview.num_events)
    return ", ".join(f"{total[name]} {name}" for name in sorted(total)) or "none in the file"


def _picture(found: FileOverview) -> list[str]:
    if len(found.recordings) > 1:
        return _draw_rows(found)
    recording = found.recordings[0]
    if recording.gaze is None or not recording.gaze.valid.any():
        return ["  (no gaze to draw)"]
    return _draw_one(recording, recording.gaze)


def _draw_rows(found: FileOverview) -> list[str]:
    """One line per recording: length, loss, pupil, and horizontal gaze over time with its gaps."""
    name_width = max(len(overview.recording_id) for overview in found.overviews[:MAX_ROWS])
    width = max(WIDTH - name_width - 28, 12)
    lines = [f"  {'':<{name_width}} length   lost  pupil  horizontal gaze over time, blank = lost"]
    across = [_mean_of_eyes(recording.gaze.position[:, :, 0]) for recording in found.recordings if recording.gaze]
    given = np.concatenate([*across, np.empty(0)])
    given = given[np.isfinite(given)]
    limits = (float(np.percentile(given, 1)), float(np.percentile(given, 99))) if len(given) else None
    for recording, overview in zip(found.recordings[:MAX_ROWS], found.overviews[:MAX_ROWS], strict=True):
        drawn = ""
        if recording.gaze is not None:
            drawn = trace(_mean_of_eyes(recording.gaze.position[:, :, 0]), width=width, limits=limits)
        pupil = f"{overview.pupil[1]:.2f}" if overview.pupil else "-"
        name = f"{overview.recording_id:<{name_width}}"
        lines.append(f"  {name} {overview.duration_s:5.1f} s {overview.lost_share:6.1%} {pupil:>6}  {drawn}")
    if len(found.recordings) > MAX_ROWS:
        lines.append(f"  ... and {len(found.recordings) - MAX_ROWS} more")
    return lines


def _draw_one(recording: Recording, gaze: GazeSeries) -> list[str]:
    """A map of the screen that is darker where gaze was, and gaze and pupil over time with their gaps."""
    points = np.stack([_mean_of_eyes(gaze.position[:, :, axis]) for axis in (0, 1)], axis=1)
    extent, title = screen_extent(gaze, recording.screen), "where gaze was on the screen (darker = longer)"
    if extent is None:
        extent, title = _extent_of(points), "where gaze was (its own range; the screen is unknown)"
    y_up = gaze.frame in ("screen_mm", "deg")
    drawn = density_map(points, extent=extent, y_up=y_up, num_lines=MAP_LINES, max_width=WIDTH - 6)
    edge = f"  +{'-' * len(drawn[0])}+"
    lines = [f"  {title}", edge, *(f"  |{line}|" for line in drawn), edge, ""]
    lines.append(f"  over {gaze.time_s[-1]:,.1f} s, blank = lost")
    traces = {"gaze x": points[:, 0], "gaze y": points[:, 1] if y_up else -points[:, 1]}
    if gaze.pupil is not None:
        traces["pupil"] = _mean_of_eyes(gaze.pupil)
    return lines + [f"  {name:<9}{trace(values, width=WIDTH - 12)}" for name, values in traces.items()]


def _mean_of_eyes(values: Float[ndarray, "T E"]) -> Float[ndarray, " T"]:
    """Mean over the eyes that are there; NaN where none is."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0).sum(axis=1)
    mean = np.full(len(values), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _extent_of(points: Float[ndarray, "T 2"]) -> tuple[float, float, float, float]:
    given = points[np.isfinite(points).all(axis=1)]
    (left, low), (right, high) = np.percentile(given, (1, 99), axis=0).tolist()
    pad_x, pad_y = max(right - left, 1.0) * 0.05, max(high - low, 1.0) * 0.05
    return left - pad_x, right + pad_x, low - pad_y, high + pad_y


def _wrap(text: str) -> list[str]:
    return wrap(text, width=WIDTH, initial_indent="  - ", subsequent_indent="    ")
