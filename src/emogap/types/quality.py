"""How good the gaze of one clip is, and how people, sessions and clips fall away on the road to an analysis."""

from dataclasses import dataclass

from emogap.types._check import require

__all__ = ["ClipQuality", "FlowStage"]


@dataclass(frozen=True, slots=True)
class ClipQuality:
    """Data quality of one participant with one stimulus, as recorded; NaN = unknown.

    Attributes
    ----------
    participant_id, stimulus_id : str
    duration_s : float
        How long the stimulus was on.
    num_samples : int
        Rows of the gaze file in that time.
    valid_share : float
        Share of these samples at which an eye was measured, in [0, 1].
    effective_rate_hz : float
        Measured samples per second of the stimulus.
    effective_rate_share : float
        The same over the nominal sampling rate.
    longest_gap_s : float
        Longest stretch without a measured sample, in s.
    rms_s2s_deg, sd_deg, bcea_deg2 : float
        Precision within fixations.
    accuracy_deg : float
        Mean error of the last validation of the session.
    face_found_share : float
        Share of the frames looked at in which a face was found.
    problem : str or None
        Why nothing could be measured; None if it could.
    """

    participant_id: str
    stimulus_id: str
    duration_s: float
    num_samples: int = 0
    valid_share: float = float("nan")
    effective_rate_hz: float = float("nan")
    effective_rate_share: float = float("nan")
    longest_gap_s: float = float("nan")
    rms_s2s_deg: float = float("nan")
    sd_deg: float = float("nan")
    bcea_deg2: float = float("nan")
    accuracy_deg: float = float("nan")
    face_found_share: float = float("nan")
    problem: str | None = None

    def __post_init__(self) -> None:
        for name in ("valid_share", "face_found_share"):
            share = getattr(self, name)
            require(not (share < 0 or share > 1), f"{name} lies between 0 and 1, got {share:g}")


@dataclass(frozen=True, slots=True)
class FlowStage:
    """One stage of exclusion: how many came to it, and how many were left out there.

    Attributes
    ----------
    name : str
        The rule by its name: ``min_valid_share``.
    rule : str
        What the rule asks for, in words.
    people, sessions, clips : int
        That came to the stage.
    people_left_out, sessions_left_out, clips_left_out : int
        That end there. A person or session is left out at the stage at which its last clip is.
    """

    name: str
    rule: str
    people: int
    sessions: int
    clips: int
    people_left_out: int
    sessions_left_out: int
    clips_left_out: int

    def __post_init__(self) -> None:
        for what in ("people", "sessions", "clips"):
            came, left = getattr(self, what), getattr(self, f"{what}_left_out")
            require(0 <= left <= came, f"{left} of {came} {what} cannot be left out at '{self.name}'")
