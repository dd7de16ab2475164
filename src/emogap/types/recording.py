"""One person, recorded once: the type that walks from recording through preprocessing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaxtyping import Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape
from emogap.types.events import EyeEvents
from emogap.types.face import ActionUnits, FaceTrack
from emogap.types.gaze import Eye, GazeSeries
from emogap.types.setup import EyeTracker, Screen

__all__ = ["HeadSeries", "Message", "Recording", "Step", "StimulusInterval"]


@dataclass(frozen=True, slots=True)
class StimulusInterval:
    """When a stimulus was on, in seconds of the recording; `offset_s` is exclusive."""

    stimulus_id: str
    onset_s: float
    offset_s: float

    def __post_init__(self) -> None:
        require(
            self.offset_s > self.onset_s,
            f"stimulus {self.stimulus_id} ends at {self.offset_s} s, not after its onset at {self.onset_s} s",
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A message, marker or key press that the device stored: when, on the recording's clock, and what."""

    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of pre-processing: what was done, with which parameters, by which version."""

    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HeadSeries:
    """Head orientation: `time_s` (H,) in s, `angle_deg` (H, 3) pitch, yaw, roll in degrees, NaN = unknown."""

    time_s: Float[ndarray, " H"]
    angle_deg: Float[ndarray, "H 3"]

    def __post_init__(self) -> None:
        require_shape("angle_deg", self.angle_deg, (len(self.time_s), 3))
        freeze(self.time_s)
        freeze(self.angle_deg)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Everything recorded of one participant in one go, or one stimulus of it after trimming.

    Attributes
    ----------
    recording_id : str
        Unique within its source.
    participant_id : str or None
        None if the file does not say.
    stimulus_id : str or None
        Set once the recording holds one stimulus only (after trimming, or in one-trial files).
    source : str
        Name of the file it was read from.
    reader : str
        Name of the shelf entry that read it.
    tracker : EyeTracker
    screen : Screen or None
        None if nothing about the screen is known.
    gaze : GazeSeries or None
    head : HeadSeries or None
    events : tuple of EyeEvents
        One entry per method; the vendor's own and ours stand side by side.
    face : FaceTrack or None
    action_units : ActionUnits or None
    messages : tuple of Message
        In the order of the file.
    stimuli : tuple of StimulusInterval
        What was shown when, if the file says.
    accuracy_deg : mapping from Eye to float
        Mean error of each eye's last validation, in degrees of visual angle, as the device measured it; empty if the
        file holds none.
    start_ns : int or None
        Absolute time of the recording's zero, ns since 1970-01-01 UTC (or local time if the file gives no
        zone, then said in `doubts`). Never an input of a model.
    steps : tuple of Step
        What pre-processing did, in order.
    doubts : tuple of str
        What a careful reader of the file would question.
    notes : tuple of str
        What the file says about itself and no field holds: clock offsets, calibration, versions.
    """

    recording_id: str
    source: str
    reader: str
    tracker: EyeTracker
    participant_id: str | None = None
    stimulus_id: str | None = None
    screen: Screen | None = None
    gaze: GazeSeries | None = None
    head: HeadSeries | None = None
    events: tuple[EyeEvents, ...] = ()
    face: FaceTrack | None = None
    action_units: ActionUnits | None = None
    messages: tuple[Message, ...] = ()
    stimuli: tuple[StimulusInterval, ...] = ()
    accuracy_deg: Mapping[Eye, float] = field(default_factory=dict)
    start_ns: int | None = None
    steps: tuple[Step, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(bool(self.recording_id), "a recording needs an id")
        spans = {
            name: (float(series.time_s[0]), float(series.time_s[-1]))
            for name, series in (("gaze", self.gaze), ("head", self.head))
            if series is not None and len(series.time_s)
        }
        if len(spans) == 2:
            gaze, head = spans["gaze"], spans["head"]
            require(
                gaze[0] <= head[1] and head[0] <= gaze[1],
                f"gaze ({gaze[0]:.3f} to {gaze[1]:.3f} s) and head ({head[0]:.3f} to {head[1]:.3f} s)"
                " do not overlap in time",
            )
