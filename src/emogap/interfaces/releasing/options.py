"""Everything that changes what a release holds."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.interfaces.releasing.consent import Level

__all__ = ["Layout", "ReleaseOptions"]

Layout = Literal["emer", "bids"]


class ReleaseOptions(BaseModel):
    """The options of ``emogap release``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level = Field(description="With whom the release is shared.")
    layout: Layout = Field("emer", description="That of EMER's release, or Eye-Tracking-BIDS with derivatives.")
    keep_withdrawable: bool = Field(False, description="Release people who may still withdraw.")
    recode: bool = Field(False, description="Give participants new ids.")
    face_frames: int = Field(0, ge=0, description="Aligned face frames per clip, evenly; 0 = every frame.")
    blur_faces: bool = Field(
        False, description="Blur the faces in those frames: seen by nobody, learnt from by no model."
    )
    detector: str = Field("auto", description="Face detector; auto: yunet if its weights are there, else haar.")
    map_rate_hz: float = Field(25.0, gt=0, description="Fixation maps per second, where no film gives the frames.")
    authors: tuple[str, ...] = Field((), description="Authors of the data set.")
    license: str | None = Field(None, description="Licence of the data set.")
