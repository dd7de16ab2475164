"""What this package adds to the sidecar of an eye, so that a recording that is read back is the same."""

from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError

from emogap.errors import DataError
from emogap.recording.bids.columns import BLOCK
from emogap.recording.readers._bids_sidecar import Sidecar
from emogap.types import EventFrame, Eye, Frame, PupilUnit, Screen, Step

__all__ = ["Block", "EventList", "read_block"]

assert set(get_args(Frame)) < set(get_args(EventFrame))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class EventList(_Part):
    """One list of events: who found them, in which frame, how many."""

    method: str = Field(alias="Method")
    frame: EventFrame = Field(alias="Frame")
    num_events: int = Field(alias="NumEvents", ge=0)


class ScreenPart(_Part):
    """The screen in the units of this package."""

    size_px: tuple[int, int] = Field(alias="SizePx")
    size_mm: tuple[float, float] | None = Field(alias="SizeMm")
    distance_mm: float | None = Field(alias="DistanceMm")


class StepPart(_Part):
    """A step of pre-processing."""

    name: str = Field(alias="Name")
    parameters: dict[str, object] = Field(alias="Parameters")
    version: str = Field(alias="Version")


class Block(_Part):
    """The whole block; see ``recording.bids.writing``."""

    recording_id: str = Field(alias="RecordingId", min_length=1)
    participant_id: str | None = Field(alias="ParticipantId")
    stimulus_id: str | None = Field(alias="StimulusId")
    nominal_rate_hz: float | None = Field(alias="NominalRate")
    frame: Frame = Field(alias="Frame")
    pupil_unit: PupilUnit | None = Field(alias="PupilUnit")
    screen_part: ScreenPart | None = Field(alias="Screen")
    event_lists: tuple[EventList, ...] = Field(alias="EventLists")
    num_messages: int = Field(alias="NumMessages", ge=0)
    accuracy_deg: dict[Eye, NonNegativeFloat] | None = Field(default=None, alias="AccuracyDeg")
    step_parts: tuple[StepPart, ...] = Field(alias="Steps")
    doubts: tuple[str, ...] = Field(alias="Doubts")
    notes: tuple[str, ...] = Field(alias="Notes")

    @property
    def screen(self) -> Screen | None:
        """The screen."""
        part = self.screen_part
        return None if part is None else Screen(part.size_px, part.size_mm, part.distance_mm)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What pre-processing did; lists in parameters are what they were in JSON."""
        return tuple(Step(part.name, part.parameters, part.version) for part in self.step_parts)

    @property
    def num_rows(self) -> int:
        """Rows of the table of events and messages."""
        return sum(found.num_events for found in self.event_lists) + self.num_messages


def read_block(sidecar: Sidecar) -> Block | None:
    """The block; None if the file was written by others.

    Raises
    ------
    DataError
        If the block was edited into something else; names the file and the entry.
    """
    if sidecar.get(BLOCK) is None:
        return None
    try:
        return Block.model_validate(sidecar.get(BLOCK))
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in (BLOCK, *first["loc"]))
        raise DataError(
            f"'{entry}': {first['msg'].lower()}",
            where=sidecar.place(BLOCK),
            fix=f"export the recording again, or remove '{BLOCK}' to read the file as one of others",
        ) from error
