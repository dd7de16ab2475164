"""The files of one participant's session, and how its two clocks relate."""

import json
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import DataError
from emogap.types import StimulusInterval

__all__ = ["RECORDER_STATE", "ClockRelation", "SelfReport", "SessionFiles", "Trial", "is_unfinished"]

RECORDER_STATE = Path("recording", "state.json")
"""In the folder of a session that is recorded in a browser, or was: how far it is."""


def is_unfinished(session: Path) -> bool:
    """Whether the session in this folder is being recorded in a browser: its clock and its video are not final.

    A session that came otherwise has no such state, and one whose state is damaged goes by its tables.
    """
    place = session / RECORDER_STATE
    try:
        state = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
    except ValueError:
        return False
    return isinstance(state, dict) and state.get("status") == "recording"


@dataclass(frozen=True, slots=True)
class Trial:
    """When a stimulus was on, in seconds of the gaze file (its first sample is 0)."""

    order: int
    stimulus_id: str
    onset_s: float
    duration_s: float

    @property
    def interval(self) -> StimulusInterval:
        """The trial as an interval of the recording."""
        return StimulusInterval(self.stimulus_id, self.onset_s, self.onset_s + self.duration_s)


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What a participant answered after one stimulus; None = not answered.

    `pleasure`, `arousal` and `dominance` are points of the manikin, 1 to ``Study.sam_points``.
    """

    stimulus_id: str
    pleasure: float | None
    arousal: float | None
    dominance: float | None
    emotion7: str | None
    emotion3: str | None


@dataclass(frozen=True, slots=True)
class ClockRelation:
    """From the face video's clock to the gaze clock: gaze_s = offset_s + face_s * (1 + drift_ppm * 1e-6).

    `residual_ms` is the scatter (RMS) of the shared events it was obtained from, `source` what these were and `events`
    how many; None where the file does not say.
    """

    offset_s: float
    drift_ppm: float
    residual_ms: float | None = None
    source: str | None = None
    events: int | None = None

    def to_face_s(self, gaze_s: float) -> float:
        """The time on the face video's clock at `gaze_s` of the gaze clock, in seconds.

        Examples
        --------
        >>> ClockRelation(offset_s=2.0, drift_ppm=0.0).to_face_s(5.0)
        3.0
        """
        return (gaze_s - self.offset_s) / (1 + self.drift_ppm * 1e-6)


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """One participant's session.

    `gaze_file` is None where the session states that no gaze was recorded, `face_path` is None without a video,
    `clock` is None where the relation of the two clocks is not known.
    """

    participant_id: str
    gaze_file: Path | None
    face_path: Path | None
    clock: ClockRelation | None
    trials: tuple[Trial, ...]
    self_report: tuple[SelfReport, ...]

    @property
    def gaze_path(self) -> Path:
        """The gaze file, for what cannot do without.

        Raises
        ------
        DataError
            If no gaze was recorded.
        """
        if self.gaze_file is None:
            raise DataError(
                "no gaze was recorded in this session",
                where=f"sessions/{self.participant_id}",
                fix="put the export of an eye tracker, or of OpenFace on face.mp4, there as gaze.tsv or gaze.csv",
            )
        return self.gaze_file
