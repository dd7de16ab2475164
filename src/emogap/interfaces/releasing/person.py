"""All of one person that is released: faces, gaze and fixation maps of each clip, written below one folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from emogap.datasets.catalogue.study import placed
from emogap.errors import DataError
from emogap.interfaces.releasing.clip_faces import write_faces
from emogap.interfaces.releasing.clip_gaze import left_out_of_gaze, write_gaze
from emogap.interfaces.releasing.clip_maps import can_be_mapped, stimulus_frame_times, write_maps
from emogap.interfaces.releasing.options import ReleaseOptions
from emogap.interfaces.releasing.permitted_study import WITHHELD_GAZE
from emogap.interfaces.releasing.places import ClipPlaces, clip_places
from emogap.preprocessing.face import DETECTORS, Detector
from emogap.preprocessing.trim import trim
from emogap.recording import open_recording
from emogap.recording.session import SessionFiles, Trial
from emogap.recording.study import Stimulus, open_session, open_study
from emogap.types import Recording

__all__ = ["PersonReport", "PersonWork", "ReleasedClip", "write_person"]

NO_FACE = "no-face.txt"


class ReleasedClip(BaseModel):
    """What is there of a clip."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    participant_id: str
    stimulus_id: str
    first_sample_s: float | None = None
    duration_s: float
    samples: int = 0
    face_frames: int = 0
    maps: int = 0


class PersonReport(BaseModel):
    """What was written of a person; kept beside it until all are done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clips: tuple[ReleasedClip, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonWork:
    """One person to write: the permitted study they are in, their id in it, and their set."""

    study: Path
    participant_id: str
    set_name: str


@dataclass(frozen=True, slots=True)
class _Session:
    """An opened session with what all its clips need; `recording` is None if gaze is not released or is damaged."""

    files: SessionFiles
    recording: Recording | None
    detect: Detector
    stimuli: dict[str, Stimulus]
    study: Path


def write_person(work: PersonWork, folder: Path, options: ReleaseOptions) -> PersonReport:
    """Write the clips of a person below `folder`.

    Parameters
    ----------
    work : PersonWork
    folder : Path
        Where the root of the release is to be imagined.
    options : ReleaseOptions
        With the detector by name.

    Returns
    -------
    PersonReport
        What cannot be read is listed there; all else is written.
    """
    failures: list[tuple[str, str]] = []
    try:
        session = _open(work, options, failures)
    except DataError as problem:
        return PersonReport(failures=((work.participant_id, _told(problem, work.study)),))
    left_out = [] if session.recording is None else list(left_out_of_gaze(session.recording))
    if session.recording is not None and not can_be_mapped(session.recording.screen):
        left_out.append("fixation maps (size or distance of the screen is not known)")
    if session.files.face_path is not None and session.files.clock is None:
        left_out.append(
            "faces without a clock relation (no clock.toml): it is not known which frames are of which clip"
        )
    clips = [
        _write_clip(session, trial, work, folder, options, failures)
        for trial in sorted(session.files.trials, key=lambda trial: trial.stimulus_id)
    ]
    return PersonReport(clips=tuple(clips), failures=tuple(failures), left_out=tuple(left_out))


def _open(work: PersonWork, options: ReleaseOptions, failures: list[tuple[str, str]]) -> _Session:
    study = open_study(work.study, with_sessions=False)
    files = open_session(work.study, work.participant_id, study.stimuli, sam_points=study.sam_points)
    recording = None
    if files.gaze_path.name != WITHHELD_GAZE:
        try:
            recording = placed(open_recording(files.gaze_path), study, files)
        except DataError as problem:
            failures.append((work.participant_id, _told(problem, work.study)))
    detect = DETECTORS.open(options.detector).open_detector(None)
    return _Session(files, recording, detect, {one.stimulus_id: one for one in study.stimuli}, work.study)


def _write_clip(
    session: _Session,
    trial: Trial,
    work: PersonWork,
    folder: Path,
    options: ReleaseOptions,
    failures: list[tuple[str, str]],
) -> ReleasedClip:
    stimulus = session.stimuli[trial.stimulus_id]
    places = clip_places(
        options.layout,
        work.participant_id,
        trial.stimulus_id,
        target=stimulus.target_emotion7,
        set_name=work.set_name,
    )
    samples = maps = frames = 0
    first_s: float | None = None
    item = f"{work.participant_id}/{trial.stimulus_id}"
    try:
        samples, maps, first_s = _write_gaze(session, trial, stimulus, folder, places, options)
    except DataError as problem:
        failures.append((item, _told(problem, work.study)))
    try:
        frames = _write_face(session, trial, folder, places, options)
    except DataError as problem:
        failures.append((item, _told(problem, work.study)))
    if options.layout == "emer" and not frames:
        (folder / places.face).mkdir(parents=True, exist_ok=True)
        (folder / places.face / NO_FACE).write_text(
            "no face frame of this clip is released\n", encoding="utf-8", newline="\n"
        )
    return ReleasedClip(
        participant_id=work.participant_id,
        stimulus_id=trial.stimulus_id,
        first_sample_s=first_s,
        duration_s=trial.duration_s,
        samples=samples,
        face_frames=frames,
        maps=maps,
    )


def _write_gaze(
    session: _Session, trial: Trial, stimulus: Stimulus, folder: Path, places: ClipPlaces, options: ReleaseOptions
) -> tuple[int, int, float | None]:
    """Samples and maps that were written, and the time of the first line of the spreadsheet from the onset in s."""
    if session.recording is None:
        return 0, 0, None
    trimmed = trim(session.recording, trial.interval)
    assert trimmed.gaze is not None
    samples = len(trimmed.gaze.time_s)
    first_s = None
    if places.eye is not None:
        first_s = write_gaze(folder / places.eye, session.recording, trial.interval)
    if not can_be_mapped(trimmed.screen) or not trimmed.gaze.valid.any():
        return samples, 0, first_s
    times_s = stimulus_frame_times(_film(session.study, stimulus), trial.duration_s, rate_hz=options.map_rate_hz)
    return samples, write_maps(folder / places.maps, trimmed, times_s, duration_s=trial.duration_s), first_s


def _write_face(session: _Session, trial: Trial, folder: Path, places: ClipPlaces, options: ReleaseOptions) -> int:
    """Frames with a face that were written."""
    if session.files.face_path is None or session.files.clock is None:
        return 0
    _, num_found = write_faces(
        session.files.face_path,
        trial,
        session.files.clock,
        folder / places.face,
        detect=session.detect,
        num_frames=options.face_frames,
        is_blurred=options.blur_faces,
    )
    return num_found


def _film(study: Path, stimulus: Stimulus) -> Path | None:
    return next(_films(study, stimulus), None)


def _films(study: Path, stimulus: Stimulus) -> Iterator[Path]:
    for name in (stimulus.file, f"{stimulus.stimulus_id}.mp4"):
        if name is not None and (path := study / "stimuli" / Path(name).name).is_file():
            yield path


def _told(problem: DataError, study: Path) -> str:
    """The problem in one line, with places as they are in the study."""
    where = "" if problem.where is None else f"{problem.where}: ".replace(f"{study}/", "")
    return f"{where}{problem.what}"
