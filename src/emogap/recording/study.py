"""A study folder: what `simulate` and the recorder write, checked as a whole before anything is computed.

Read :class:`Study` first, then :func:`open_study`. Recordings themselves are opened by ``open_recordings``;
here is only what stands around them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emogap.errors import DataError, UsageError
from emogap.recording.session import ClockRelation, SelfReport, SessionFiles, Trial
from emogap.rows import ID_PATTERN, Row, read_rows, refuse_repeats
from emogap.types import EyeTracker, Screen, vocabulary

__all__ = ["Participant", "Stimulus", "Study", "open_session", "open_study", "study_around"]

PARTICIPANT_COLUMNS = ("participant_id", "sex", "age", "glasses", "consent", "withdraw_until")
STIMULUS_COLUMNS = ("stimulus_id", "stimulus_group", "target_emotion7", "target_emotion3", "duration_s", "file")
TRIAL_COLUMNS = ("order", "stimulus_id", "onset_s", "duration_s")
SELF_REPORT_COLUMNS = ("stimulus_id", "pleasure", "arousal", "dominance", "emotion7", "emotion3", "answered_s")


@dataclass(frozen=True, slots=True)
class Participant:
    """One line of ``participants.tsv``; None = not stated."""

    participant_id: str
    sex: str | None
    age: float | None
    glasses: str | None
    consent: str | None
    withdraw_until: str | None


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One line of ``stimuli.tsv``; the targets are what it was meant to elicit, None = not stated."""

    stimulus_id: str
    stimulus_group: str
    target_emotion7: str | None
    target_emotion3: str | None
    duration_s: float | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Study:
    """A study folder.

    Attributes
    ----------
    path : Path
    name, intended_use : str
    screen : Screen
    tracker : EyeTracker
    sam_points : int
        Points of the manikin of the self-report.
    simulated : bool
    ceilings : mapping from "view/space" to metric to number
        Best possible scores, published by the simulation; empty for a real study.
    participants, stimuli : tuple
    session_ids : tuple of str
        Participants with a folder in ``sessions``, sorted.
    sessions : tuple of SessionFiles
        In that order; empty if the study was opened without them.
    rating_files : tuple of Path
        Sorted.
    """

    path: Path
    name: str
    intended_use: str
    screen: Screen
    tracker: EyeTracker
    sam_points: int
    simulated: bool
    ceilings: Mapping[str, Mapping[str, float]]
    participants: tuple[Participant, ...]
    stimuli: tuple[Stimulus, ...]
    session_ids: tuple[str, ...]
    sessions: tuple[SessionFiles, ...]
    rating_files: tuple[Path, ...]


class _ScreenTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    size_px: tuple[int, int]
    size_mm: tuple[float, float] | None = None
    distance_mm: float | None = None


class _TrackerTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    rate_hz: float | None = None


class _StudyTable(BaseModel):
    """The content of ``study.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
    intended_use: str
    screen: _ScreenTable
    tracker: _TrackerTable
    sam_points: Literal[5, 7, 9]
    simulated: bool = False
    ceiling: dict[str, dict[str, float]] = Field(default_factory=dict)


class _SessionTable(BaseModel):
    """The content of ``session.toml``: what a session says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gaze: Literal["none"]


class _ClockTable(BaseModel):
    """The content of ``clock.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset_s: float
    drift_ppm: float
    residual_ms: float | None = None
    source: str | None = None
    events: int | None = None


Table = TypeVar("Table", bound=BaseModel)


def open_study(path: Path, *, with_sessions: bool = True) -> Study:
    """The study in the folder `path`.

    Parameters
    ----------
    path : Path
        Folder that holds ``study.toml``.
    with_sessions : bool
        Whether the sessions' tables are read too; without them one bad session does not hide the others, and
        each is opened by :func:`open_session`.

    Raises
    ------
    UsageError
        If the folder is no study.
    DataError
        If a table lacks a column, an id is malformed or unknown, a row stands twice, a word is not in its
        vocabulary, or a number is out of range; with file, line and remedy.
    """
    if not (path / "study.toml").is_file():
        raise UsageError(
            "this is no study: there is no study.toml",
            where=str(path),
            fix="give the folder that holds study.toml, or make one with 'emogap simulate OUT'",
        )
    table = _read_toml(path / "study.toml", _StudyTable)
    participants = _read_participants(path / "participants.tsv")
    stimuli = _read_stimuli(path / "stimuli.tsv")
    session_ids = _session_ids(path, participants)
    opened = session_ids if with_sessions else ()
    return Study(
        path=path,
        name=table.name,
        intended_use=table.intended_use,
        screen=Screen(**table.screen.model_dump()),
        tracker=EyeTracker(**table.tracker.model_dump()),
        sam_points=table.sam_points,
        simulated=table.simulated,
        ceilings=table.ceiling,
        participants=participants,
        stimuli=stimuli,
        session_ids=session_ids,
        sessions=tuple(open_session(path, name, stimuli, sam_points=table.sam_points) for name in opened),
        rating_files=tuple(sorted((path / "ratings").glob("*.csv"))),
    )


def study_around(path: Path) -> Path | None:
    """The folder of the study that a file or folder lies in, the innermost if there are several; None if in none."""
    return next((folder for folder in path.resolve().parents if (folder / "study.toml").is_file()), None)


def open_session(
    path: Path, participant_id: str, stimuli: Sequence[Stimulus], *, sam_points: int, with_answers: bool = True
) -> SessionFiles:
    """The session of one participant of the study in the folder `path`.

    Without `with_answers` the self-report is not opened, and `self_report` is empty: for what must not see labels.

    Raises
    ------
    DataError
        If the gaze file is absent and ``session.toml`` does not say that no gaze was recorded, or if there are
        several, or a table of the session is at fault.
    """
    folder = path / "sessions" / participant_id
    trials = _read_trials(folder / "trials.tsv", [stimulus.stimulus_id for stimulus in stimuli])
    shown = [trial.stimulus_id for trial in trials]
    face, clock = folder / "face.mp4", folder / "clock.toml"
    return SessionFiles(
        participant_id=participant_id,
        gaze_file=_only_gaze_file(folder),
        face_path=face if face.is_file() else None,
        clock=ClockRelation(**_read_toml(clock, _ClockTable).model_dump()) if clock.is_file() else None,
        trials=trials,
        self_report=_read_self_report(folder / "selfreport.tsv", shown, sam_points) if with_answers else (),
    )


def _read_toml(path: Path, table: type[Table]) -> Table:
    where = f"{path.parent.name}/{path.name}"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"this is not TOML: {error}", where=where, fix="correct the file") from error
    try:
        return table.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = [field.alias or key for key, field in table.model_fields.items()]
        near = get_close_matches(name, known, n=1) if first["type"] == "extra_forbidden" else []
        is_known = first["type"] not in ("extra_forbidden", "missing")
        listed = "correct the entry" if is_known else f"known here: {', '.join(known)}"
        fix = f"did you mean '{near[0]}'?" if near else listed
        said = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise DataError(f"'{name}': {said}", where=where, fix=fix) from error


def _read_participants(path: Path) -> tuple[Participant, ...]:
    rows = read_rows(path, columns=PARTICIPANT_COLUMNS)
    refuse_repeats(rows, ("participant_id",))
    return tuple(
        Participant(
            participant_id=row.identifier("participant_id"),
            sex=row.optional("sex"),
            age=row.optional_number("age", low=0, high=130),
            glasses=row.optional("glasses"),
            consent=row.optional("consent"),
            withdraw_until=row.optional("withdraw_until"),
        )
        for row in rows
    )


def _read_stimuli(path: Path) -> tuple[Stimulus, ...]:
    rows = read_rows(path, columns=STIMULUS_COLUMNS)
    refuse_repeats(rows, ("stimulus_id",))
    return tuple(
        Stimulus(
            stimulus_id=row.identifier("stimulus_id"),
            stimulus_group=row.identifier("stimulus_group"),
            target_emotion7=_emotion(row, "target_emotion7", "emotion7"),
            target_emotion3=_emotion(row, "target_emotion3", "emotion3"),
            duration_s=row.optional_number("duration_s", low=0),
            file=row.optional("file"),
        )
        for row in rows
    )


def _emotion(row: Row, column: str, space: str) -> str | None:
    return row.optional_word(column, vocabulary(space), kind=f"word of {space}")


def _session_ids(path: Path, participants: Sequence[Participant]) -> tuple[str, ...]:
    folder = path / "sessions"
    if not folder.is_dir():
        raise DataError("the study has no sessions", where=str(path), fix="record or import at least one session")
    found = tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))
    known = {participant.participant_id for participant in participants}
    for name in found:
        if not ID_PATTERN.fullmatch(name) or name not in known:
            near = get_close_matches(name, known, n=1)
            raise DataError(
                f"the session '{name}' belongs to nobody in participants.tsv",
                where=f"sessions/{name}",
                fix=f"did you mean '{near[0]}'? rename the folder" if near else "add the participant to the table",
            )
    return found


def _only_gaze_file(folder: Path) -> Path | None:
    """The gaze file; None if there is none and the session states that there was none to record."""
    found = sorted(folder.glob("gaze.*"))
    stated = folder / "session.toml"
    if not found and stated.is_file() and _read_toml(stated, _SessionTable).gaze == "none":
        return None
    if len(found) != 1:
        raise DataError(
            f"a session has one gaze file, here are {len(found)}: {', '.join(file.name for file in found) or 'none'}",
            where=f"{folder.parent.name}/{folder.name}",
            fix="put the vendor's export there as gaze.tsv, gaze.csv or gaze.xlsx",
        )
    return found[0]


def _read_trials(path: Path, known: Sequence[str]) -> tuple[Trial, ...]:
    rows = read_rows(path, columns=TRIAL_COLUMNS)
    refuse_repeats(rows, ("stimulus_id",))
    trials = tuple(
        Trial(
            order=int(row.number("order", low=0)),
            stimulus_id=row.word("stimulus_id", known, kind="stimulus of stimuli.tsv"),
            onset_s=row.number("onset_s"),
            duration_s=row.number("duration_s", low=1e-3),
        )
        for row in rows
    )
    trials = tuple(sorted(trials, key=lambda trial: trial.onset_s))
    for earlier, later in pairwise(trials):
        if later.onset_s < earlier.onset_s + earlier.duration_s - 1e-6:
            raise DataError(
                f"{later.stimulus_id} begins at {later.onset_s:g} s, before {earlier.stimulus_id} ends at"
                f" {earlier.onset_s + earlier.duration_s:g} s",
                where=f"{path.parent.name}/{path.name}",
                fix="correct the onsets and durations: one stimulus is on at a time",
            )
    return trials


def _read_self_report(path: Path, shown: Sequence[str], sam_points: int) -> tuple[SelfReport, ...]:
    rows = read_rows(path, columns=SELF_REPORT_COLUMNS)
    refuse_repeats(rows, ("stimulus_id",))
    return tuple(
        SelfReport(
            stimulus_id=row.word("stimulus_id", shown, kind="stimulus of this session's trials.tsv"),
            pleasure=row.optional_number("pleasure", low=1, high=sam_points),
            arousal=row.optional_number("arousal", low=1, high=sam_points),
            dominance=row.optional_number("dominance", low=1, high=sam_points),
            emotion7=_emotion(row, "emotion7", "emotion7"),
            emotion3=_emotion(row, "emotion3", "emotion3"),
        )
        for row in rows
    )
