"""Dwell, fixations, visits and transitions in areas of interest.

Read :func:`measure_areas` first. Everything here is in one frame, the share of the screen: :func:`on_screen` takes
areas there, :func:`screen_share` gaze.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.runs import find_runs, sample_ends_s
from emogap.types import Frame, Screen
from emogap.types.aoi import OUTSIDE, AreaMeasures, AreaOfInterest, Overlap, Transitions

__all__ = [
    "AreaResult",
    "fixation_places",
    "is_inside",
    "locate",
    "measure_areas",
    "on_screen",
    "screen_share",
    "vertices_at",
]


@dataclass(frozen=True, slots=True)
class AreaResult:
    """The measures of each area and, last, of ``outside``; and the steps from each to each."""

    measures: tuple[AreaMeasures, ...]
    transitions: Transitions


def measure_areas(
    areas: Sequence[AreaOfInterest],
    *,
    time_s: Float[ndarray, " T"],
    point: Float[ndarray, "T 2"],
    rate_hz: float,
    fixation_onset_s: Float[ndarray, " N"],
    fixation_offset_s: Float[ndarray, " N"],
    overlap: Overlap,
) -> AreaResult:
    """What one participant looked at on one stimulus.

    Parameters
    ----------
    areas : sequence of AreaOfInterest
        Of this stimulus, as a share of the screen; in the order that decides where they overlap.
    time_s : float64 array, shape (T,)
        Time of each sample, in s from the onset of the stimulus.
    point : float64 array, shape (T, 2)
        Point of gaze as a share of the screen; NaN where it was not measured.
    rate_hz : float
        Nominal sampling rate: a sample lasts until the next, or for one interval if the next is later.
    fixation_onset_s, fixation_offset_s : float64 array, shape (N,)
        On the same clock, in order.
    overlap : {"first", "all"}

    Returns
    -------
    AreaResult
        With ``first`` the dwell times of all areas and of ``outside`` add up to the valid time; with ``all`` they may
        exceed it, and a step between fixations is counted for every pair of areas that it joins.

    Notes
    -----
    A fixation lies where the mean of its measured samples lies, in the area as it is in the middle of the fixation; one
    without a measured sample is left out. A visit ends when a fixation lies elsewhere, not when gaze is lost: a blink
    does not make two visits of one.

    References
    ----------
    Holmqvist et al. (2011), Eye Tracking, chapter 6 (areas of interest) and p. 386 (dwell time),
    ISBN 978-0-19-969708-3.
    """
    names = tuple(dict.fromkeys(area.name for area in areas))
    lasts_s = sample_ends_s(time_s, rate_hz) - time_s if len(time_s) else time_s
    measured = np.isfinite(point).all(axis=1)
    sample_in = locate(areas, time_s, point, overlap=overlap)
    centre, kept = fixation_places(time_s, point, fixation_onset_s, fixation_offset_s)
    onset_s, offset_s, centre = fixation_onset_s[kept], fixation_offset_s[kept], centre[kept]
    fixation_in = locate(areas, (onset_s + offset_s) / 2, centre, overlap=overlap)
    sample_in = np.column_stack([sample_in, measured & ~sample_in.any(axis=1)])
    fixation_in = np.column_stack([fixation_in, ~fixation_in.any(axis=1)])
    present_s = [float(lasts_s[_is_present(areas, name, time_s)].sum()) for name in names]
    valid_s = float(lasts_s[measured].sum())
    measures = tuple(
        _measures(name, there_s, valid_s, float(lasts_s[samples].sum()), fixations, onset_s, offset_s)
        for name, there_s, samples, fixations in zip(
            (*names, OUTSIDE), (*present_s, float(lasts_s.sum())), sample_in.T, fixation_in.T, strict=True
        )
    )
    return AreaResult(measures, Transitions((*names, OUTSIDE), _steps(fixation_in)))


def _measures(
    name: str,
    present_s: float,
    valid_s: float,
    dwell_s: float,
    holds: Bool[ndarray, " N"],
    onset_s: Float[ndarray, " N"],
    offset_s: Float[ndarray, " N"],
) -> AreaMeasures:
    own = np.flatnonzero(holds)
    return AreaMeasures(
        area=name,
        present_s=present_s,
        valid_s=valid_s,
        dwell_s=dwell_s,
        dwell_share=dwell_s / valid_s if valid_s else float("nan"),
        fixation_dwell_s=float((offset_s - onset_s)[own].sum()),
        num_fixations=len(own),
        first_fixation_s=float(onset_s[own[0]]) if len(own) else float("nan"),
        first_fixation_duration_s=float((offset_s - onset_s)[own[0]]) if len(own) else float("nan"),
        num_visits=len(find_runs(holds)[0]),
    )


def fixation_places(
    time_s: Float[ndarray, " T"],
    point: Float[ndarray, "T 2"],
    onset_s: Float[ndarray, " N"],
    offset_s: Float[ndarray, " N"],
) -> tuple[Float[ndarray, "N 2"], Bool[ndarray, " N"]]:
    """Mean of the measured samples of every fixation, in the frame of `point`, NaN without any; and which have one."""
    first, stop = np.searchsorted(time_s, onset_s), np.searchsorted(time_s, offset_s)
    known = np.isfinite(point).all(axis=1)
    total = np.concatenate([np.zeros((1, 2)), np.cumsum(np.where(known[:, None], point, 0.0), axis=0)])
    count = np.concatenate([[0], np.cumsum(known)])
    number = count[stop] - count[first]
    has_samples = number > 0
    divisor = np.where(has_samples, number, 1)[:, None]
    return np.where(has_samples[:, None], (total[stop] - total[first]) / divisor, np.nan), has_samples


def _is_present(areas: Sequence[AreaOfInterest], name: str, time_s: Float[ndarray, " T"]) -> Bool[ndarray, " T"]:
    present = np.zeros(len(time_s), bool)
    for area in areas:
        if area.name == name:
            present |= np.isfinite(vertices_at(area, time_s)).all(axis=(1, 2))
    return present


def _steps(holds: Bool[ndarray, "N A"]) -> Int[ndarray, "A A"]:
    counts: Int[ndarray, "A A"] = holds[:-1].T.astype(np.int64) @ holds[1:].astype(np.int64)
    return counts


def locate(
    areas: Sequence[AreaOfInterest], time_s: Float[ndarray, " T"], point: Float[ndarray, "T 2"], *, overlap: Overlap
) -> Bool[ndarray, "T A"]:
    """Which of the A differently named areas hold each point, in the order in which names first appear.

    A point that is NaN lies in none; with ``first`` a point lies in at most one.
    """
    names = list(dict.fromkeys(area.name for area in areas))
    holds = np.zeros((len(time_s), len(names)), bool)
    for area in areas:
        holds[:, names.index(area.name)] |= is_inside(point, vertices_at(area, time_s))
    if overlap == "first":
        holds &= np.cumsum(holds, axis=1) == 1
    return holds


def vertices_at(area: AreaOfInterest, time_s: Float[ndarray, " T"]) -> Float[ndarray, "T P 2"]:
    """Corners of an area at each time, NaN where it is not in the picture.

    Between two keyframes every corner moves in a straight line at constant speed; where one of the two is NaN the area
    is there at the other keyframe alone.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> area = AreaOfInterest("a", "s1", np.array([0.0, 2.0]), np.stack([square, square + 4]), "screen_norm")
    >>> vertices_at(area, np.array([0.5, 3.0]))[:, 0].tolist()
    [[1.0, 1.0], [nan, nan]]
    """
    if len(area.time_s) == 1:
        return np.repeat(area.vertices, len(time_s), axis=0)
    before = np.clip(np.searchsorted(area.time_s, time_s, side="right") - 1, 0, len(area.time_s) - 2)
    share = (time_s - area.time_s[before]) / (area.time_s[before + 1] - area.time_s[before])
    there = (share >= 0) & (share <= 1)
    earlier, later = area.vertices[before], area.vertices[before + 1]
    moved = earlier + share[:, None, None] * (later - earlier)
    # At a keyframe its own corners count, even if the next keyframe has none.
    moved = np.where((share == 0)[:, None, None], earlier, np.where((share == 1)[:, None, None], later, moved))
    return np.where(there[:, None, None], moved, np.nan)


def is_inside(point: Float[ndarray, "T 2"], vertices: Float[ndarray, "T P 2"]) -> Bool[ndarray, " T"]:
    """Whether each point lies in its polygon, by the even-odd rule; False where either is NaN.

    Notes
    -----
    A ray to the right of a point inside crosses the outline an odd number of times. Each edge holds its upper end and
    not its lower one, so that of two areas side by side one alone holds a point on their common edge (to rounding).

    References
    ----------
    Shimrat (1962), Algorithm 112: position of point relative to polygon, doi:10.1145/368637.368653.

    Examples
    --------
    >>> square = np.array([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    >>> is_inside(np.array([[0.5, 0.5]]), square).tolist(), is_inside(np.array([[1.5, 0.5]]), square).tolist()
    ([True], [False])
    """
    start, stop = vertices, np.roll(vertices, -1, axis=1)
    x, y = point[:, None, 0], point[:, None, 1]
    spans = (start[..., 1] > y) != (stop[..., 1] > y)
    rise = np.where(spans, stop[..., 1] - start[..., 1], 1.0)
    crossing_x = start[..., 0] + (y - start[..., 1]) / rise * (stop[..., 0] - start[..., 0])
    crosses = spans & (x < crossing_x)
    known = np.isfinite(point).all(axis=1) & np.isfinite(vertices).all(axis=(1, 2))
    odd: Bool[ndarray, " T"] = (crosses.sum(axis=1) % 2 == 1) & known
    return odd


def on_screen(
    area: AreaOfInterest,
    screen: Screen,
    *,
    size_px: tuple[float, float] | None = None,
    on_screen_px: tuple[float, float, float, float] | None = None,
) -> AreaOfInterest:
    """The area as a share of the screen.

    Parameters
    ----------
    area : AreaOfInterest
    screen : Screen
    size_px : (float, float), optional
        Width and height of the stimulus in its own pixels; those of the screen if not given.
    on_screen_px : (float, float, float, float), optional
        Left, top, right and bottom edge of the stimulus in pixels of the screen; the whole screen if not given.

    Raises
    ------
    UsageError
        If the area is in degrees, and size or distance of the screen are unknown.

    Notes
    -----
    Degrees are turned into places at the viewing distance of the set-up, straight in front of the centre of the screen:
    ``x_mm = d tan(x_deg)``.
    """
    if area.unit == "screen_norm":
        return area
    if area.unit == "deg":
        vertices = screen_share(area.vertices, "deg", screen, where=f"area '{area.name}'")
    else:
        width, height = size_px if size_px is not None else screen.size_px
        own = np.array([width, height], float) if area.unit == "px" else np.ones(2)
        left, top, right, bottom = on_screen_px if on_screen_px is not None else (0.0, 0.0, *screen.size_px)
        edges = np.array([left, top]), np.array([right - left, bottom - top])
        vertices = (edges[0] + area.vertices / own * edges[1]) / np.asarray(screen.size_px, float)
    return AreaOfInterest(area.name, area.stimulus_id, area.time_s, vertices, "screen_norm")


def screen_share(
    position: Float[ndarray, "*N 2"], frame: Frame, screen: Screen | None, *, where: str
) -> Float[ndarray, "*N 2"]:
    """Positions as a share of the screen, origin top left, y down.

    Raises
    ------
    UsageError
        If the frame is that of a camera, or what is needed of the screen is unknown.

    Examples
    --------
    >>> screen_share(np.array([[960.0, 270.0]]), "screen_px", Screen((1920, 1080)), where="r1").tolist()
    [[0.5, 0.25]]
    """
    if frame == "screen_norm":
        return position
    if frame not in ("screen_px", "screen_mm", "deg"):
        raise UsageError(
            f"gaze in {frame} says nothing about places on the screen",
            where=where,
            fix="map it to the screen first (surface mapping of the recording software) and export the mapped gaze",
        )
    if screen is None or (frame != "screen_px" and screen.size_mm is None):
        raise UsageError(
            f"places in {frame} cannot be put on the screen: its size is unknown",
            where=where,
            fix="give size_px and size_mm under [screen] in study.toml",
        )
    if frame == "screen_px":
        of_pixels: Float[ndarray, "*N 2"] = position / np.asarray(screen.size_px, float)
        return of_pixels
    size_mm, upwards = np.asarray(screen.size_mm, float), np.array([1.0, -1.0])
    if frame == "screen_mm":
        of_mm: Float[ndarray, "*N 2"] = np.array([0.0, 1.0]) + position / size_mm * upwards
        return of_mm
    if screen.distance_mm is None:
        raise UsageError(
            "degrees cannot be put on the screen: the viewing distance is unknown",
            where=where,
            fix="give distance_mm under [screen] in study.toml",
        )
    share: Float[ndarray, "*N 2"] = 0.5 + np.tan(np.radians(position)) * screen.distance_mm / size_mm * upwards
    return share
