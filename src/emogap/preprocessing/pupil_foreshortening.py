"""The pupil is seen at an angle: the further gaze turns from the camera, the narrower it looks.

Two ways to undo it: from the geometry of the set-up, or by regression on the point of gaze where that is unknown.
Trackers that give the long axis of the pupil or correct for the angle themselves (their manual says so) need neither.
"""

import dataclasses
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.preprocessing.pupil_requirements import require_pupil_level
from emogap.types import GazeSeries, Recording, Screen, Step

__all__ = ["ForeshorteningConfig", "camera_angle_cosine", "correct_foreshortening"]


class ForeshorteningConfig(BaseModel):
    """How the angle is known, and what the pupil's number is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["geometry", "regression"] = Field(
        default="geometry", description="Cosine of the angle to the camera, or a quadratic surface over gaze x and y."
    )
    camera_mm: tuple[float, float, float] | None = Field(
        default=None,
        description="The camera in mm: x right, y up from the bottom left of the screen, z to the viewer. None: the "
        "middle of the lower edge of the screen, where screen-based trackers hang.",
    )
    pupil_is: Literal["diameter_of_area", "area"] = Field(
        default="diameter_of_area",
        description="What shrinks with the cosine is the area; a diameter computed from it shrinks with the root "
        "(Hayes and Petrov 2016, doi:10.3758/s13428-015-0588-x).",
    )
    min_samples: int = Field(default=200, ge=20, description="Least samples of an eye for the regression. Choice.")


def correct_foreshortening(recording: Recording, config: ForeshorteningConfig | None = None) -> Recording:
    """The recording with the pupil as the camera would see it from straight ahead, or with gaze at the centre.

    Parameters
    ----------
    recording : Recording
        Gaze in degrees, pupil in mm or in the device's unit.
    config : ForeshorteningConfig, optional

    Returns
    -------
    Recording
        Every corrected sample is marked in ``pupil_altered``. A pupil without a point of gaze cannot be corrected and
        is NaN. The step ``correct_foreshortening`` holds the range of the factor or of the offset, the share of the
        pupil's variance that went (below 0 if it grew), and how many samples had no point of gaze.

    Raises
    ------
    UsageError
        If the recording has no pupil, a pupil that is a difference, gaze that is not in degrees, or, for ``geometry``,
        a screen of unknown size.
    DataError
        If an eye looks away from the camera by 90 degrees or more; if there are too few samples to regress on.

    Notes
    -----
    ``geometry``: ``pupil / sqrt(cos a)`` for a diameter, ``pupil / cos a`` for an area, a the angle between the
    direction of gaze and the line from the eye to the camera. ``regression``: ordinary least squares per eye of the
    pupil on x, y, x^2, x y, y^2 (deg); what the surface differs from its value at (0, 0) is taken away. The surface
    also takes real changes that go with gaze: where bright things are looked at, or exciting ones. Prefer the geometry.

    References
    ----------
    Hayes and Petrov (2016), doi:10.3758/s13428-015-0588-x: the geometric model. Regression on gaze: Brisson et al.
    (2013), doi:10.3758/s13428-013-0327-0.
    """
    config = config or ForeshorteningConfig()
    gaze, pupil, altered = _require_usable(recording)
    seen = np.isfinite(pupil)
    report: dict[str, object]
    if config.method == "geometry":
        factor = camera_angle_cosine(gaze, recording.screen, camera_mm=config.camera_mm, where=recording.recording_id)
        _require_facing(factor, gaze, recording.recording_id)
        if config.pupil_is == "diameter_of_area":
            factor = np.sqrt(factor)
        corrected = pupil / factor
        report = {"factor": _range(factor)}
    else:
        offset = np.stack(
            [_surface(gaze, pupil, eye, config, recording.recording_id) for eye in range(pupil.shape[1])], axis=1
        )
        corrected = pupil - offset
        report = {"offset": _range(offset)}
    kept = np.isfinite(corrected)
    report["variance_removed"] = tuple(
        _removed(pupil[kept[:, eye], eye], corrected[kept[:, eye], eye]) for eye in range(pupil.shape[1])
    )
    report["without_gaze"] = int((seen & ~kept).sum())
    changed = dataclasses.replace(gaze, pupil=corrected, pupil_altered=altered | seen)
    step = Step("correct_foreshortening", {**config.model_dump(), **report}, __version__)
    return dataclasses.replace(recording, gaze=changed, steps=(*recording.steps, step))


def camera_angle_cosine(
    gaze: GazeSeries, screen: Screen | None, *, camera_mm: tuple[float, float, float] | None, where: str
) -> Float[ndarray, "T E"]:
    """Cosine of the angle between the direction of gaze and the line from the eye to the camera; NaN without gaze.

    Parameters
    ----------
    gaze : GazeSeries
        In degrees. Where the tracker gave no direction and position of the eye, an eye straight in front of the centre
        of the screen is assumed, at the distance of the set-up.
    screen : Screen or None
    camera_mm : (float, float, float) or None
        x right, y up from the bottom left of the screen, z to the viewer; None: middle of the lower edge.
    where : str
        Of the recording, for messages.

    Raises
    ------
    UsageError
        If the size of the screen, or the distance where it is needed, is unknown.
    """
    if screen is None or screen.size_mm is None:
        raise UsageError(
            "the angle to the camera is unknown without the size of the screen in mm",
            where=where,
            fix="give [screen] size_mm in study.toml, or use method='regression'",
        )
    camera = np.array(camera_mm if camera_mm is not None else (screen.size_mm[0] / 2, 0.0, 0.0))
    if gaze.origin_mm is not None and gaze.direction is not None:
        eye, direction = gaze.origin_mm, gaze.direction
    elif screen.distance_mm is not None:
        eye = np.array([*np.asarray(screen.size_mm) / 2, screen.distance_mm])
        across = screen.distance_mm * np.tan(np.radians(gaze.position))
        ahead = np.full((*across.shape[:2], 1), -screen.distance_mm)
        direction = np.concatenate([across, ahead], axis=2)
        direction = direction / np.linalg.norm(direction, axis=2, keepdims=True)
    else:
        raise UsageError(
            "the angle to the camera is unknown: neither the eyes' position nor the viewing distance is given",
            where=where,
            fix="give [screen] distance_mm in study.toml, or use method='regression'",
        )
    to_camera = camera - eye
    cosine: Float[ndarray, "T E"] = (direction * to_camera).sum(axis=-1) / np.linalg.norm(to_camera, axis=-1)
    return np.where(gaze.valid, cosine, np.nan)


def _require_facing(cosine: Float[ndarray, "T E"], gaze: GazeSeries, where: str) -> None:
    away = (cosine <= 0).any(axis=1)
    if away.any():
        raise DataError(
            f"gaze is turned 90 degrees or more from the camera in {counted(int(away.sum()), 'sample')},"
            f" first at {gaze.time_s[away][0]:.3f} s: no pupil is seen from there",
            where=where,
            fix="check camera_mm: mm from the bottom left of the screen, z to the viewer",
        )


def _surface(
    gaze: GazeSeries, pupil: Float[ndarray, "T E"], eye: int, config: ForeshorteningConfig, where: str
) -> Float[ndarray, " T"]:
    """What the quadratic surface over gaze adds to its value at the centre."""
    x, y = gaze.position[:, eye].T
    columns = np.stack([x, y, x * x, x * y, y * y], axis=1)
    known = gaze.valid[:, eye] & np.isfinite(pupil[:, eye])
    if not known.any():
        return np.full(len(x), np.nan)
    if known.sum() < config.min_samples:
        raise DataError(
            f"{counted(int(known.sum()), 'sample')} of the {gaze.eyes[eye]} eye are too few for a regression on gaze;"
            f" it needs {config.min_samples}",
            where=where,
            fix="correct the whole session, or use method='geometry'",
        )
    design = np.column_stack([np.ones(int(known.sum())), columns[known]])
    weight = np.linalg.lstsq(design, pupil[known, eye], rcond=None)[0][1:]
    surface: Float[ndarray, " T"] = columns @ weight
    return surface


def _removed(before: Float[ndarray, " K"], after: Float[ndarray, " K"]) -> float | None:
    """Share of the variance that went; None where there was none."""
    spread = float(np.var(before)) if len(before) else 0.0
    return 1 - float(np.var(after)) / spread if spread > 0 else None


def _range(values: Float[ndarray, "T E"]) -> tuple[float, float] | None:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else None


def _require_usable(recording: Recording) -> tuple[GazeSeries, Float[ndarray, "T E"], Bool[ndarray, "T E"]]:
    gaze, pupil, altered = require_pupil_level(
        recording,
        without_pupil="leave foreshortening out of the cleaning",
        with_difference="correct foreshortening before baseline and change are taken",
    )
    if gaze.frame != "deg":
        raise UsageError(
            f"gaze is in {gaze.frame}, not in degrees", where=recording.recording_id, fix="apply to_degrees first"
        )
    return gaze, pupil, altered
