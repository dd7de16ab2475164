"""Which column of a table means what: the small TOML file that stands beside the data as ``columns.toml``."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.recording.strict_toml import read_strict_toml
from emogap.types import Eye, Frame

__all__ = ["MAPPING_NAME", "ColumnMapping", "EyeColumns", "find_mapping", "read_mapping"]

MAPPING_NAME = "columns.toml"
Origin = Literal["top-left", "bottom-left", "centre"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TimeColumn(_Strict):
    """The clock of the samples."""

    column: str = Field(description="Name of the column.")
    unit: Literal["s", "ms", "us", "ns"] = Field(description="Unit of its values.")


class PositionFrame(_Strict):
    """Where points of gaze live."""

    frame: Frame = Field(description="One of the frames of emogap.types.Frame.")
    origin: Origin | None = Field(
        default=None, description="Where 0, 0 is, if not where the frame has it; y grows down from the top, else up."
    )


class EyeColumns(_Strict):
    """The columns of one eye; each may be absent, x and y come together."""

    eye: Eye = Field(description="left, right or cyclopean.")
    x: str | None = Field(default=None, description="Column of the horizontal point of gaze.")
    y: str | None = Field(default=None, description="Column of the vertical point of gaze.")
    valid: str | None = Field(default=None, description="Column of the validity; its good values are valid_codes.")
    pupil: str | None = Field(default=None, description="Column of the pupil, in pupil_unit.")
    openness: str | None = Field(default=None, description="Column of the lid, 0 closed to 1 open.")
    confidence: str | None = Field(default=None, description="Column of the device's confidence, 0 to 1.")

    @model_validator(mode="after")
    def _has_whole_points(self) -> "EyeColumns":
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y come together")
        if self.x is None and self.pupil is None and self.openness is None:
            raise ValueError("an eye needs x and y, a pupil or an openness")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all its columns."""
        named = (self.x, self.y, self.valid, self.pupil, self.openness, self.confidence)
        return tuple(name for name in named if name is not None)


class ScreenTable(_Strict):
    """The screen, where it is known."""

    size_px: tuple[int, int] = Field(description="Width and height in pixels.", strict=False)
    size_mm: tuple[float, float] | None = Field(default=None, description="Width and height in mm.", strict=False)
    distance_mm: float | None = Field(default=None, gt=0, description="Viewing distance in mm.", strict=False)


class ColumnMapping(_Strict):
    """A whole ``columns.toml``."""

    schema_number: Literal[1] = Field(alias="schema", description="Version of this layout.")
    device: str = Field(default="not stated", description="Eye tracker, as it is to be named.")
    rate_hz: float | None = Field(default=None, gt=0, description="Nominal sampling rate in Hz.", strict=False)
    delimiter: Literal[",", ";", "\t"] | None = Field(
        default=None, description="Between cells; by default the one that occurs most often in the heading."
    )
    decimal: Literal[".", ","] = Field(default=".", description="Decimal mark; no other mark may stand in a number.")
    missing: tuple[str, ...] = Field(default=(), description="Cells that mean missing, besides empty.", strict=False)
    valid_codes: tuple[str, ...] = Field(default=("1",), description="Good cells of validity columns.", strict=False)
    pupil_unit: Literal["mm", "au"] | None = Field(default=None, description="Unit of the pupils.")
    participant: str | None = Field(default=None, description="Column that tells participants apart.")
    stimulus: str | None = Field(default=None, description="Column that names what is shown.")
    time: TimeColumn = Field(description="The clock.")
    position: PositionFrame | None = Field(default=None, description="Where points of gaze live.")
    screen: ScreenTable | None = Field(default=None, description="The screen.")
    eye: tuple[EyeColumns, ...] = Field(min_length=1, description="One table per eye.", strict=False)

    @model_validator(mode="after")
    def _fits_together(self) -> "ColumnMapping":
        has_points = any(one.x is not None for one in self.eye)
        if has_points != (self.position is not None):
            raise ValueError("x and y need [position] with a frame, and [position] needs x and y")
        if any(one.pupil is not None for one in self.eye) != (self.pupil_unit is not None):
            raise ValueError("pupil columns need pupil_unit, and pupil_unit needs pupil columns")
        if len({one.eye for one in self.eye}) < len(self.eye):
            raise ValueError("an eye is named twice")
        if self.position is not None and self.position.origin is not None:
            self._check_origin(self.position)
        return self

    def _check_origin(self, position: PositionFrame) -> None:
        if position.frame not in ("screen_px", "screen_norm", "screen_mm", "scene_norm"):
            raise ValueError(f"points in {position.frame} have no other origin")
        known = self.screen is not None and (position.frame != "screen_mm" or self.screen.size_mm is not None)
        if position.frame in ("screen_px", "screen_mm") and not known:
            raise ValueError(f"an origin of {position.frame} needs the size of the screen in [screen]")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that the table must have."""
        others = (self.time.column, self.participant, self.stimulus)
        eyes = (name for one in self.eye for name in one.columns)
        return tuple(dict.fromkeys([*(name for name in others if name is not None), *eyes]))


def find_mapping(path: Path) -> Path | None:
    """The mapping of the table at `path`: ``columns.toml`` beside it, or of the study whose session it is in."""
    places = [path.parent]
    if path.parent.parent.name == "sessions":
        places.append(path.parent.parent.parent)
    return next((place / MAPPING_NAME for place in places if (place / MAPPING_NAME).is_file()), None)


def read_mapping(path: Path) -> ColumnMapping:
    """The mapping in a TOML file.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If it is no such mapping; names file, line and entry.
    """
    return read_strict_toml(path, ColumnMapping)
