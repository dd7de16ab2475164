"""The file of areas of interest that a person writes, ``AOI.toml``, and tables of landmarks of faces on stimuli.

:class:`AreaFile` is the content of the file; :func:`read_area_file` reads it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.errors import DataError
from emogap.recording.strict_toml import line_of, read_strict_toml
from emogap.rows import Row, read_rows
from emogap.types.aoi import OUTSIDE
from emogap.types.face import LANDMARKS

__all__ = [
    "EVERY_STIMULUS",
    "AreaEntry",
    "AreaFile",
    "FaceEntry",
    "Landmarks",
    "PlaceEntry",
    "read_area_file",
    "read_landmarks",
]

EVERY_STIMULUS = "*"

Number = Annotated[float, Field(allow_inf_nan=False)]
Point = Annotated[list[Number], Field(min_length=2, max_length=2)]
Rectangle = Annotated[list[Number], Field(min_length=4, max_length=4)]
Polygon = Annotated[list[Point], Field(min_length=3)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _corners(rectangle: Sequence[float] | None, polygon: Sequence[Sequence[float]] | None) -> list[list[float]]:
    """Corners of the one shape that is given."""
    if (rectangle is None) == (polygon is None):
        raise ValueError("give either rectangle = [x0, y0, x1, y1] or polygon = [[x, y], ...]")
    if rectangle is not None:
        x0, y0, x1, y1 = rectangle
        if not (x0 < x1 and y0 < y1):
            raise ValueError(f"the rectangle from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) is empty: x0 < x1 and y0 < y1")
        return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    assert polygon is not None
    corners = np.array(polygon)
    following = np.roll(corners, -1, axis=0)
    if not abs((corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]).sum()) > 0:
        raise ValueError("the corners of the polygon lie on one line or cancel each other: it has no area")
    return [list(corner) for corner in polygon]


class KeyframeEntry(_Strict):
    """Where an area is at one time."""

    time_s: float = Field(ge=0, allow_inf_nan=False, description="Seconds from the onset of the stimulus.")
    rectangle: Rectangle | None = None
    polygon: Polygon | None = None

    @model_validator(mode="after")
    def _has_one_shape(self) -> "KeyframeEntry":
        self.corners()
        return self

    def corners(self) -> list[list[float]]:
        """The corners in order."""
        return _corners(self.rectangle, self.polygon)


class AreaEntry(_Strict):
    """One ``[[area]]``."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]*$", description="Entries of one name on one stimulus are one."
    )
    stimulus: str = Field(description="Its id, or * for every stimulus.")
    rectangle: Rectangle | None = None
    polygon: Polygon | None = None
    keyframe: list[KeyframeEntry] = Field(default=[], description="At least two for an area that moves.")

    @model_validator(mode="after")
    def _is_whole(self) -> "AreaEntry":
        if self.name == OUTSIDE:
            raise ValueError(f"'{OUTSIDE}' means everywhere that no area is: choose another name")
        if not self.keyframe:
            _corners(self.rectangle, self.polygon)
            return self
        if self.rectangle is not None or self.polygon is not None:
            raise ValueError("an area has a shape of its own or keyframes, not both")
        times_s = [frame.time_s for frame in self.keyframe]
        if len(times_s) < 2 or sorted(set(times_s)) != times_s:
            raise ValueError(f"keyframes need at least two times that increase, these are at {times_s} s")
        if len({len(frame.corners()) for frame in self.keyframe}) > 1:
            raise ValueError("every keyframe needs as many corners as the first, in the same order")
        return self

    def shape(self) -> tuple[Float[ndarray, " K"], Float[ndarray, "K P 2"]]:
        """Times of the keyframes, and the corners at each."""
        if self.keyframe:
            return (
                np.array([frame.time_s for frame in self.keyframe]),
                np.array([frame.corners() for frame in self.keyframe]),
            )
        return np.zeros(1), np.array([_corners(self.rectangle, self.polygon)])


class FaceEntry(_Strict):
    """One ``[[face]]``: the parts of a face on a stimulus."""

    stimulus: str
    landmarks: str = Field(description="Table that 'emogap faces' wrote of the stimulus; from the folder of this file.")
    parts: list[Literal["eyes", "nose", "mouth"]] = Field(default=["eyes", "nose", "mouth"], min_length=1)
    radius: float | None = Field(default=None, gt=0, le=3, description="In distances between the eyes.")
    face: int | None = Field(default=None, ge=0, description="Number of the face; the chosen one if not given.")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9 _-]*$", description="Before the names of the parts.")


class PlaceEntry(_Strict):
    """One ``[[stimulus]]``: its size, and where it was shown; fills the screen if not stated."""

    id: str
    size_px: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    on_screen_px: Rectangle | None = Field(
        default=None, description="Left, top, right, bottom in pixels of the screen."
    )

    @model_validator(mode="after")
    def _has_extent(self) -> "PlaceEntry":
        if self.size_px is not None and min(self.size_px) <= 0:
            raise ValueError(f"a stimulus of {self.size_px[0]} x {self.size_px[1]} px has no area")
        if self.on_screen_px is not None:
            _corners(self.on_screen_px, None)
        return self


class AreaFile(_Strict):
    """The content of ``AOI.toml``."""

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the file.")
    unit: Literal["px", "norm", "deg"] = Field(description="Of every coordinate of an [[area]].")
    overlap: Literal["first", "all"] = Field(description="Whether the first named area or all hold a point.")
    area: list[AreaEntry] = []
    face: list[FaceEntry] = []
    stimulus: list[PlaceEntry] = []

    @model_validator(mode="after")
    def _holds_an_area(self) -> "AreaFile":
        if not (self.area or self.face):
            raise ValueError("there is no [[area]] and no [[face]]")
        named = [place.id for place in self.stimulus]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"[[stimulus]] '{twice[0]}' stands twice")
        return self


def read_area_file(path: Path, stimulus_ids: Sequence[str]) -> AreaFile:
    """The areas of interest of a file.

    Parameters
    ----------
    path : Path
    stimulus_ids : sequence of str
        Of the study; every entry must name one of them.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If an entry is unknown, absent or impossible, or names a stimulus that is not there; with line and remedy.
    """
    content = read_strict_toml(path, AreaFile)
    named = [(("area", number, "stimulus"), area.stimulus) for number, area in enumerate(content.area)]
    named += [(("face", number, "stimulus"), face.stimulus) for number, face in enumerate(content.face)]
    named += [(("stimulus", number, "id"), place.id) for number, place in enumerate(content.stimulus)]
    for loc, stimulus in named:
        if stimulus in stimulus_ids or (stimulus == EVERY_STIMULUS and loc[0] == "area"):
            continue
        line = line_of(path.read_text(encoding="utf-8-sig"), loc)
        raise DataError(
            f"{loc[0]} {loc[1] + 1}: there is no stimulus '{stimulus}' in the study",
            where=f"{path}, line {line}",
            fix=f"name one of {', '.join(list(stimulus_ids)[:12])}" + (", or * for all" if loc[0] == "area" else ""),
        )
    return content


Landmarks = tuple[Float[ndarray, " K"], Float[ndarray, "K 5 2"]]
"""Times of the frames in s, and the landmarks in px: eyes, nose, corners of the mouth; NaN without a face."""


def read_landmarks(path: Path, *, face: int | None = None) -> Landmarks:
    """The five landmarks of one face in every frame of a video.

    Parameters
    ----------
    path : Path
        TSV with ``time_s`` and, for right_eye, left_eye, nose, mouth_right and mouth_left (the person's own right),
        ``<landmark>_x_px`` and ``<landmark>_y_px``; other columns are passed over. Several rows of one time are
        several faces: the one with ``is_chosen`` true counts, or the one with the number `face`.
    face : int, optional

    Raises
    ------
    DataError
        If the file is absent, lacks a column, or holds a cell that is no number; if two rows of one time are chosen, or
        no row has landmarks.
    """
    columns = [f"{name}_{axis}_px" for name in LANDMARKS for axis in "xy"]
    by_time: dict[float, Row | None] = {}
    for row in read_rows(path, columns=("time_s", *columns)):
        time_s = row.number("time_s", low=0)
        by_time.setdefault(time_s, None)
        if not _counts(row, face) or row.optional(columns[0]) is None:
            continue
        if by_time[time_s] is not None:
            raise DataError(
                f"there are two faces at {time_s:g} s and nothing says which one counts",
                where=row.where,
                fix="keep the column is_chosen of 'emogap faces', or name the face: face = 1",
            )
        by_time[time_s] = row
    times_s = sorted(by_time)
    places = np.full((len(times_s), len(columns)), np.nan)
    for number, time_s in enumerate(times_s):
        found = by_time[time_s]
        if found is not None:
            places[number] = [found.number(column) for column in columns]
    if not np.isfinite(places).any():
        raise DataError(
            "no row holds the landmarks of the face" + (f" {face}" if face is not None else ""),
            where=str(path),
            fix="use a detector that gives landmarks (yunet, mtcnn), or another face",
        )
    return np.array(times_s), places.reshape(-1, len(LANDMARKS), 2)


def _counts(row: Row, face: int | None) -> bool:
    """Whether a row is that of the face that was asked for."""
    if face is not None:
        return row.optional("face") == str(face)
    return row.optional("is_chosen") in (None, "true")
