"""From places on the screen to degrees of visual angle, as the eye sees them."""

import dataclasses

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap import __version__
from emogap.errors import UsageError
from emogap.types import Frame, GazeSeries, Recording, Screen, Step

__all__ = ["position_from_centre_mm", "screen_extent_deg", "to_degrees"]


CAMERA_DOUBT = "gaze is in degrees from the axis of the camera that films the face, not from the centre of the screen"


def to_degrees(recording: Recording) -> Recording:
    """The recording with gaze in degrees from the centre of the screen, x right, y up.

    Parameters
    ----------
    recording : Recording
        Gaze in px, mm or as a share of the screen. Without gaze, or in degrees already, it is returned as it is; in
        degrees from the axis of a camera it stays so, and a step and a doubt say that the centre is not the screen's.

    Returns
    -------
    Recording
        ``gaze.frame == "deg"``; gaze direction is added where the file gave the position of the eyes only.

    Raises
    ------
    UsageError
        If the size of the screen or the viewing distance is unknown, or gaze lies in the picture of a scene camera:
        degrees on the screen cannot be had then.

    Notes
    -----
    ``x_deg = atan2(x_mm, d)`` and ``y_deg = atan2(y_mm, d)``, where ``x_mm`` and ``y_mm`` are measured from the
    centre of the screen with the pitch of each axis (pixels need not be square) and ``d`` is the distance of
    that eye from the screen plane in that sample; where the tracker did not give it, the median over the
    recording, and the distance of the set-up where it never did. The angle is thus that of an eye straight
    in front of the centre: a movement of the head sideways is not a movement of gaze.

    References
    ----------
    Holmqvist et al. (2011), Eye Tracking, section 2.7, ISBN 978-0-19-969708-3.
    """
    gaze = recording.gaze
    if gaze is None or gaze.frame == "deg":
        return recording
    where = recording.recording_id
    if gaze.frame == "camera_deg":
        step = Step("to_degrees", {"from_frame": gaze.frame, "centre": "axis of the camera"}, __version__)
        return dataclasses.replace(
            recording,
            gaze=dataclasses.replace(gaze, frame="deg"),
            steps=(*recording.steps, step),
            doubts=(*recording.doubts, CAMERA_DOUBT),
        )
    if gaze.frame in ("scene_px", "scene_norm"):
        raise UsageError(
            "gaze lies in the picture of the scene camera, which moves with the head: it says nothing about the screen",
            where=where,
            fix="map it to the screen first (surface mapping of the recording software) and export the mapped gaze",
        )
    centred_mm = position_from_centre_mm(gaze, recording.screen, where=where)
    distance_mm, typical_mm, source = _distance_mm(gaze, recording.screen, where=where)
    position = np.degrees(np.arctan2(centred_mm, distance_mm[..., None]))
    assert recording.screen is not None
    direction = gaze.direction
    if direction is None and gaze.origin_mm is not None:
        direction = _direction(centred_mm, gaze.origin_mm, recording.screen)
    converted = dataclasses.replace(gaze, position=position, frame="deg", direction=direction)
    step = Step(
        "to_degrees",
        {"from_frame": gaze.frame, "distance_from": source, "median_distance_mm": typical_mm},
        __version__,
    )
    return dataclasses.replace(recording, gaze=converted, steps=(*recording.steps, step))


def position_from_centre_mm(gaze: GazeSeries, screen: Screen | None, *, where: str) -> Float[ndarray, "T E 2"]:
    """Point of gaze in mm from the centre of the screen, x right, y up.

    Raises
    ------
    UsageError
        If the size of the screen in mm is unknown.
    """
    if screen is None or screen.size_mm is None:
        raise UsageError(
            f"gaze in {gaze.frame} cannot be given in degrees: the size of the screen in mm is unknown",
            where=where,
            fix="give it as [screen] size_mm in study.toml, or as Screen(size_px, size_mm, distance_mm)",
        )
    unit, offset, sign = _to_centre(gaze.frame, screen)
    size_mm = np.asarray(screen.size_mm)
    centred_mm: Float[ndarray, "T E 2"] = (gaze.position / unit - offset) * sign * size_mm
    return centred_mm


def _to_centre(frame: Frame, screen: Screen) -> tuple[Float[ndarray, " 2"], Float[ndarray, " 2"], Float[ndarray, " 2"]]:
    """What divides a position to give a share of the screen, where the centre is, and which way is up."""
    down, up = np.array([1.0, -1.0]), np.array([1.0, 1.0])
    centre = np.array([0.5, 0.5])
    if frame == "screen_px":
        return np.asarray(screen.size_px, float), centre, down
    if frame == "screen_mm":
        return np.asarray(screen.size_mm, float), centre, up
    return np.ones(2), centre, down


def _distance_mm(
    gaze: GazeSeries, screen: Screen | None, *, where: str
) -> tuple[Float[ndarray, "T E"], float | None, str]:
    """Distance of each eye from the screen plane, the median of what was measured, and where it comes from."""
    measured = np.full(gaze.valid.shape, np.nan) if gaze.origin_mm is None else np.abs(gaze.origin_mm[..., 2])
    measured = np.where(measured > 0, measured, np.nan)
    known = np.isfinite(measured)
    if known.any():
        median_mm = float(np.median(measured[known]))
        return np.where(known, measured, median_mm), median_mm, "eye position"
    if screen is not None and screen.distance_mm is not None:
        return np.full(gaze.valid.shape, screen.distance_mm), screen.distance_mm, "screen"
    if not gaze.valid.any():
        return np.full(gaze.valid.shape, np.nan), None, "none"
    raise UsageError(
        "gaze cannot be given in degrees: the viewing distance is unknown (neither eye position nor set-up)",
        where=where,
        fix="give it as [screen] distance_mm in study.toml, or as Screen(size_px, size_mm, distance_mm)",
    )


def _direction(
    centred_mm: Float[ndarray, "T E 2"], origin_mm: Float[ndarray, "T E 3"], screen: Screen
) -> Float[ndarray, "T E 3"]:
    """Unit vectors from each eye to its point of gaze; NaN where either is unknown."""
    target_mm = np.concatenate([centred_mm, np.zeros((*centred_mm.shape[:2], 1))], axis=2)
    target_mm[..., :2] += np.asarray(screen.size_mm) / 2
    ray = target_mm - origin_mm
    direction: Float[ndarray, "T E 3"] = ray / np.linalg.norm(ray, axis=2, keepdims=True)
    return direction


def screen_extent_deg(screen: Screen, *, distance_mm: float | None = None) -> tuple[float, float]:
    """Width and height of the screen in degrees of visual angle, from straight in front of its centre.

    Parameters
    ----------
    screen : Screen
    distance_mm : float, optional
        Viewing distance in mm; that of the screen if not given.

    Raises
    ------
    UsageError
        If the size in mm or the distance is unknown.

    Examples
    --------
    >>> width, height = screen_extent_deg(Screen((1280, 1024), (1040.0, 580.0), 1358.0))
    >>> round(width, 1), round(height, 1)
    (41.9, 24.1)
    """
    distance = distance_mm if distance_mm is not None else screen.distance_mm
    if screen.size_mm is None or distance is None:
        raise UsageError(
            f"the screen has size {screen.size_mm} mm at distance {distance} mm: its extent in degrees is unknown",
            fix="give size_mm and distance_mm under [screen] in study.toml",
        )
    width, height = (2 * float(np.degrees(np.arctan2(side / 2, distance))) for side in screen.size_mm)
    return width, height
