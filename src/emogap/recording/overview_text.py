"""A file of recordings as text: facts, one picture in characters, and what to question (``emogap look``)."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.recording.overview import FileOverview, RecordingOverview, screen_extent
from emogap.recording.overview_facts import facts_of
from emogap.recording.overview_video import PictureOverview, VideoOverview
from emogap.recording.text_picture import WIDTH, bullet, density_map, fact, trace
from emogap.types import GazeSeries, Recording

__all__ = ["draw_file"]

MAX_ROWS = 20
MAP_LINES = 12


def draw_file(found: FileOverview | VideoOverview | PictureOverview) -> str:
    """The overview as text, at most 80 characters wide: facts, one picture, doubts."""
    if not isinstance(found, FileOverview):
        return found.draw()
    lines = [f"{found.path.name}   read by {found.reader}", ""]
    for name, text in facts_of(found.screen, found.overviews):
        lines += fact(name, text)
    lines += ["", *_picture(found)]
    notes = list(dict.fromkeys(note for overview in found.overviews for note in overview.notes))
    if notes:
        lines += ["", "  what the file says besides"]
        lines += [line for note in notes[:MAX_ROWS] for line in bullet(note)]
    doubts = _gather_doubts(found.overviews)
    if doubts:
        lines += ["", "  what to question"]
        lines += [line for doubt in doubts for line in bullet(doubt)]
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
        f"{doubts[0]} ({len(doubts)} of {counted(len(overviews), 'recording')}"
        + (")" if len(set(doubts)) == 1 else "; numbers of the first)")
        for doubts in kinds.values()
    ]


def _picture(found: FileOverview) -> list[str]:
    if len(found.recordings) > 1:
        return _draw_rows(found)
    recording = found.recordings[0]
    if recording.gaze is None:
        return ["  (no gaze to draw)"]
    if not recording.gaze.valid.any():
        traces = _draw_traces(recording.gaze, {})
        return traces if len(traces) > 1 else ["  (no gaze to draw)"]
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
        lost = "     -" if overview.lost_share is None else f"{overview.lost_share:6.1%}"
        lines.append(f"  {name} {overview.duration_s:5.1f} s {lost} {pupil:>6}  {drawn}")
    if len(found.recordings) > MAX_ROWS:
        lines.append(f"  ... and {len(found.recordings) - MAX_ROWS} more")
    return lines


def _draw_one(recording: Recording, gaze: GazeSeries) -> list[str]:
    """A map of the screen that is darker where gaze was, and gaze and pupil over time with their gaps."""
    points = np.stack([_mean_of_eyes(gaze.position[:, :, axis]) for axis in (0, 1)], axis=1)
    extent, title = screen_extent(gaze, recording.screen), "where gaze was on the screen (darker = longer)"
    if extent is None:
        extent, title = _extent_of(points), "where gaze was (its own range; the screen is unknown)"
    y_up = gaze.frame in ("screen_mm", "deg", "camera_deg")
    drawn = density_map(points, extent=extent, y_up=y_up, num_lines=MAP_LINES, max_width=WIDTH - 6)
    edge = f"  +{'-' * len(drawn[0])}+"
    lines = [f"  {title}", edge, *(f"  |{line}|" for line in drawn), edge, ""]
    axes = {"gaze x": points[:, 0], "gaze y": points[:, 1] if y_up else -points[:, 1]}
    return lines + _draw_traces(gaze, axes)


def _draw_traces(gaze: GazeSeries, axes: Mapping[str, Float[ndarray, " T"]]) -> list[str]:
    """`axes`, pupil and lids over time with their gaps."""
    traces = dict(axes)
    for name, values in (("pupil", gaze.pupil), ("lids", gaze.openness)):
        if values is not None and np.isfinite(values).any():
            traces[name] = _mean_of_eyes(values)
    head = f"  over {gaze.time_s[-1]:,.1f} s, blank = lost"
    return [head, *(f"  {name:<9}{trace(values, width=WIDTH - 12)}" for name, values in traces.items())]


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
