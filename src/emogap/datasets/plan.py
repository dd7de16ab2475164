"""What a catalogue entry hands to the build: a plan of jobs, and what each job was cut into.

A job reads one recording file and gives clips; jobs know nothing of each other, so they may run in any order,
on several processors, and be taken up again after a kill.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from emogap.datasets.samples import SampledStream
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import EmotionLabel, SampleKey

__all__ = ["BuildConfig", "Clip", "Cut", "Job", "LeftOut", "Plan"]


class BuildConfig(BaseModel):
    """Every option of a build that changes its result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalogue: str = Field("study", description="Catalogue entry that reads the source.")
    cleaning: Literal["emer", "standard", "none"] = Field(
        "emer", description="Cleaning preset; emer = the three steps of arXiv 2512.16485."
    )
    fixation: Literal["centre", "map8"] = Field(
        "centre", description="Stream fixation: centre of the fixation, or a Gaussian map of 8 x 8 cells."
    )
    frames: bool = Field(False, description="Whether aligned face images are stored too.")
    eye_steps: int = Field(32, ge=1, description="Steps of the streams eye, fixation and head; 32 as in EMER.")
    face_steps: int = Field(8, ge=1, description="Steps of the stream face; 8 as in EMER.")
    illumination: Literal["none", "clahe", "ying"] = Field(
        "none", description="How the light of face frames is evened out; ying as in EMER."
    )
    face_detector: str = Field(
        "auto", description="Entry of the detector shelf; auto: yunet where its weights are, else haar."
    )
    face_encoder: str = Field("hog", description="Entry of the face encoder shelf.")
    face_encoder_weights: str = Field(
        "",
        description="Name of an expression network in the folder of weights, for fer_onnx; empty: the encoder's own.",
    )
    face_detector_sha256: str = Field("", description="Of the detector's weights, found when the build begins.")
    face_encoder_sha256: str = Field("", description="Of the encoder's weights, found when the build begins.")
    machine_ratings: bool = Field(
        False, description="Whether annotators named machine-* count in shown labels beside the experts."
    )
    even_steps: bool = Field(
        False, description="Feature files: whether audio and vision are averaged to the steps of the text."
    )
    gate: str = Field("", description="Quality gate as canonical JSON (datasets.quality_gate); empty = none.")
    gaze_rate: float = Field(
        0, ge=0, le=2000, description="Frames a second of the stream gaze, as in an index of gaze; 0 = no such stream."
    )
    gaze_channels: Literal["auto", "direction", "angle", "angle+pupil", "share", "head"] = Field(
        "auto",
        description="Channels of the stream gaze, as of an index of gaze; auto: head for CEAP-360VR, else angle.",
    )
    as_rate: float = Field(
        0,
        ge=0,
        le=2000,
        description="Hz that raw gaze is thinned to before cleaning, as a slower tracker would have recorded it; 0 = as"
        " recorded.",
    )

    release: str = Field(
        "", description="What the user states of the release of EMER, as canonical JSON (datasets.emer_facts)."
    )

    @model_serializer(mode="wrap")
    def _options(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What a data set has no use for is not told of it, so that it is the same, byte by byte, as before."""
        options: dict[str, Any] = written(self)
        unused = () if self.gaze_rate else tuple(name for name in options if name.startswith("gaze_"))
        unused += tuple(name for name in ("as_rate", "release") if not options[name])
        return {name: options[name] for name in options if name not in unused}


@dataclass(frozen=True, slots=True)
class Job:
    """One recording file, or one session, to be cut into clips.

    Attributes
    ----------
    name : str
        Unique within its plan; a file name.
    files : tuple of Path
        Everything that is read for it; a change in one of them makes the job be done again.
    """

    name: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A source, looked over but not yet read.

    Attributes
    ----------
    name : str
        Name of the data set; the field `dataset` of its keys.
    jobs : tuple of Job
    shared_files : tuple of Path
        Files that belong to no single job, such as ratings.
    labels : mapping from (participant_id, stimulus_id) to labels
        Labels that are known before the recordings are read.
    label_sources : mapping from view to str
        Where the labels of each view come from, in a sentence.
    simulated : bool
    ceilings : mapping from "view/space" to metric to number
    doubts : tuple of str
    study : Path or None
        Folder of the study, which keeps a list of everything made from it; None if the source is none.
    config : BuildConfig or None
        The options with everything settled that they left open; None if the entry settles nothing.
    """

    name: str
    jobs: tuple[Job, ...]
    shared_files: tuple[Path, ...] = ()
    labels: Mapping[tuple[str, str], tuple[EmotionLabel, ...]] = field(default_factory=dict)
    label_sources: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    ceilings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    study: Path | None = None
    config: BuildConfig | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One sample, before it is put into the arrays.

    Attributes
    ----------
    key : SampleKey
    streams : mapping from modality to SampledStream
    labels : tuple of EmotionLabel
        Labels that came with the recording; those of the plan are added later.
    quality : mapping from column of ``quality.parquet`` to value
    official_fold : str or None
        The fold that the authors of the data put the clip in, or its role in their split: ``train``, ``valid`` or
        ``test``; None if they published none.
    measures : EyeMeasures or None
        What the eyes did, for ``measures.parquet``; None where no eyes were recorded.
    """

    key: SampleKey
    streams: Mapping[str, SampledStream]
    labels: tuple[EmotionLabel, ...] = ()
    quality: Mapping[str, float | int | str | None] = field(default_factory=dict)
    official_fold: str | None = None
    measures: EyeMeasures | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A clip that is not in the data set, or not in one of its label spaces, and why.

    Attributes
    ----------
    recording_id, participant_id, stimulus_id, stimulus_group : str or None
        As far as they are known.
    start_s, stop_s : float or None
    stage : str
        ``gaze``, ``quality gate`` or ``label <column>``: excluded by a stated rule; ``failed``: could not be read.
    reason : str
    """

    recording_id: str | None
    participant_id: str | None
    stimulus_id: str | None
    stimulus_group: str | None
    start_s: float | None
    stop_s: float | None
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What one job gave."""

    clips: tuple[Clip, ...]
    left_out: tuple[LeftOut, ...] = ()
