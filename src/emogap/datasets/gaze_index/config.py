"""What decides which windows of gaze there are: rate, channels, lengths, and when a window is good enough."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.datasets.channels import Channel

__all__ = ["CHANNELS", "ChannelSet", "IndexConfig"]

ChannelSet = Literal["direction", "angle", "angle+pupil", "share", "head"]

CHANNELS: dict[ChannelSet, tuple[Channel, ...]] = {
    "direction": tuple(Channel(f"gaze_{eye}_{axis}", "1") for eye in (0, 1) for axis in "xyz"),
    "angle": (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg")),
    "angle+pupil": (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg"), Channel("pupil_mm", "mm")),
    "share": (Channel("gaze_x_share", "1"), Channel("gaze_y_share", "1")),
    "head": tuple(Channel(f"head_{axis}", "1") for axis in "xyz"),
}
"""Name and unit of every channel of a set, in the order of the last axis."""


class IndexConfig(BaseModel):
    """Every option of a window index that changes its result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Literal["auto", "direction", "angle", "angle+pupil", "share", "head"] = Field(
        "auto",
        description="direction: unit vectors of both eyes; angle: gaze in degrees from the centre of the screen;"
        " angle+pupil: that and the pupil in mm; share: gaze as a share of the screen or of the picture of a scene"
        " camera; head: unit vector of the head. auto: head for CEAP-360VR, direction for OpenFace, else angle.",
    )
    rate_hz: float = Field(
        30.0, gt=0, le=2000, description="Frames a second; 30 as OpenFace films in arXiv 2601.12534."
    )
    past_s: float = Field(5.0, gt=0, description="Length of what is seen, s; 5 as in arXiv 2601.12534.")
    future_s: float = Field(5.0, gt=0, description="Length of what is to be predicted, s; 5 as in arXiv 2601.12534.")
    stride_frames: int = Field(
        151, ge=1, description="Frames from the start of one window to the next; 151 as in the authors' code."
    )
    min_valid_share: float = Field(
        0.7, ge=0, le=1, description="Least share of valid frames in the past, and in the future, of a window."
    )
    max_repeated_share: float = Field(
        0.8, gt=0, le=1, description="Share of frames equal to the one before from which gaze counts as frozen."
    )

    people: Literal["stated", "folder"] = Field(
        "stated",
        description="Who a recording is of. stated: whom the file or a table of participants names; folder: the name"
        " of the first folder below the source that the file lies in.",
    )
    assumed_rate_hz: float | None = Field(
        None, gt=0, le=2000, description="Rate of recordings whose clock is none, such as OpenFace on a row of images."
    )

    @property
    def past_frames(self) -> int:
        """Frames of the past of a window, at least 1."""
        return max(1, round(self.past_s * self.rate_hz))

    @property
    def future_frames(self) -> int:
        """Frames of the future of a window, at least 1."""
        return max(1, round(self.future_s * self.rate_hz))
