"""Gaze with planted fixations, saccades and losses, for the tests of this room."""

from collections.abc import Sequence

import numpy as np

from emogap.types import EyeEvents, EyeTracker, Frame, GazeSeries, Recording, Screen

NAN = float("nan")

SCREEN = Screen(size_px=(1000, 500), size_mm=(500.0, 300.0), distance_mm=600.0)


def one_eye(
    x: Sequence[float],
    *,
    y: Sequence[float] | None = None,
    rate_hz: float = 100.0,
    pupil: Sequence[float] | None = None,
) -> GazeSeries:
    """One left eye in degrees; NaN in `x` is a lost sample."""
    return eyes([x], y=y, rate_hz=rate_hz, pupil=None if pupil is None else [pupil])


def eyes(
    x: Sequence[Sequence[float]],
    *,
    y: Sequence[float] | None = None,
    rate_hz: float = 100.0,
    pupil: Sequence[Sequence[float]] | None = None,
    time_s: np.ndarray | None = None,
    frame: Frame = "deg",
) -> GazeSeries:
    """One row of `x` per eye; `y` is the same for all eyes (0 if not given)."""
    horizontal = np.array(x, float).T
    vertical = np.zeros(len(horizontal)) if y is None else np.array(y, float)
    position = np.stack([horizontal, np.repeat(vertical[:, None], horizontal.shape[1], axis=1)], axis=2)
    valid = np.isfinite(horizontal)
    position[~valid] = np.nan
    diameter = None if pupil is None else np.array(pupil, float).T
    return GazeSeries(
        time_s=np.arange(len(horizontal)) / rate_hz if time_s is None else time_s,
        position=position,
        frame=frame,
        valid=valid,
        altered=np.zeros(valid.shape, bool),
        eyes=("left", "right")[: horizontal.shape[1]],
        rate_hz=rate_hz,
        pupil=diameter,
        pupil_unit=None if diameter is None else "mm",
        pupil_altered=None if diameter is None else np.zeros(diameter.shape, bool),
    )


def without_rows(gaze: GazeSeries, rows: slice) -> GazeSeries:
    """The series as a tracker writes it that leaves lost rows out."""
    keep = np.ones(len(gaze.time_s), bool)
    keep[rows] = False
    return GazeSeries(
        time_s=gaze.time_s[keep],
        position=gaze.position[keep],
        frame=gaze.frame,
        valid=gaze.valid[keep],
        altered=gaze.altered[keep],
        eyes=gaze.eyes,
        rate_hz=gaze.rate_hz,
        pupil=None if gaze.pupil is None else gaze.pupil[keep],
        pupil_unit=gaze.pupil_unit,
        pupil_altered=None if gaze.pupil_altered is None else gaze.pupil_altered[keep],
    )


def recording(gaze: GazeSeries | None, **fields: object) -> Recording:
    settings: dict[str, object] = {"screen": SCREEN, "participant_id": "p01"} | fields
    return Recording("r1", source="a.tsv", reader="test", tracker=EyeTracker("test"), gaze=gaze, **settings)  # type: ignore[arg-type]


def events(*rows: tuple[str, float, float], centre: Sequence[tuple[float, float]] | None = None) -> EyeEvents:
    """Events from (kind, onset_s, offset_s)."""
    return EyeEvents(
        kind=np.array([row[0] for row in rows], "<U8"),
        onset_s=np.array([row[1] for row in rows], float),
        offset_s=np.array([row[2] for row in rows], float),
        centre=np.zeros((len(rows), 2)) if centre is None else np.array(centre, float).reshape(-1, 2),
        amplitude_deg=np.full(len(rows), np.nan),
        method="planted",
        frame="deg",
    )


def of_kind(found: EyeEvents, kind: str) -> list[tuple[float, float]]:
    """Onset and offset of every event of one kind, in ms, as whole numbers."""
    chosen = found.kind == kind
    return [
        (round(1000 * onset), round(1000 * offset))
        for onset, offset in zip(found.onset_s[chosen], found.offset_s[chosen], strict=True)
    ]
