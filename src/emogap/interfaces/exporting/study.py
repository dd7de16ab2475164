"""A study folder as a source of exports: one item per session."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emogap.annotation.ratings import Rating, read_ratings
from emogap.datasets.catalogue.study import placed
from emogap.interfaces.exporting.plan import ExportItem, ExportOptions, ExportPlan, ItemReport
from emogap.interfaces.exporting.study_columns import TRAITS, rating_columns, rating_values, trial_columns
from emogap.interfaces.video_writing import writing_video
from emogap.preprocessing.face.blur import blur_faces
from emogap.preprocessing.face.detectors import AUTO, settle_detector
from emogap.preprocessing.face.tracking import follow_faces
from emogap.recording import open_recording
from emogap.recording.bids import (
    BidsName,
    DatasetDescription,
    TrialColumn,
    TrialRow,
    Written,
    subject_label,
    write_events,
    write_recording,
)
from emogap.recording.session import SessionFiles, Trial
from emogap.recording.study import Participant, Stimulus, Study, open_session, open_study
from emogap.recording.video import read_frames
from emogap.types import Recording

__all__ = ["plan", "traits_of", "write_item"]

TASK, TASK_DESCRIPTION = "watch", "Watching stimuli, and answering after each how it felt."
TABLES = ("study.toml", "participants.tsv", "stimuli.tsv")
NO_GAZE = "sessions in which no gaze was recorded: of them only trials, answers and ratings are there"
MAX_AGE = 89
"""BIDS asks to cap ages there, so that the oldest cannot be told."""


def plan(source: Path, options: ExportOptions) -> ExportPlan:
    """One item per session.

    Raises
    ------
    UsageError
        If the folder is no study.
    DataError
        If one of its tables or rating files is at fault.
    """
    study = open_study(source, with_sessions=False)
    read_ratings(study.rating_files)
    doubts = ("the people are simulated: nothing here was felt or shown by anybody",) if study.simulated else ()
    return ExportPlan(
        items=tuple(ExportItem(name, _session_files(source, name)) for name in study.session_ids),
        description=DatasetDescription(
            name=study.name,
            about=f"Eye tracking of people who watched stimuli, written in BIDS by emogap. Intended use, as stated by"
            f" the study: {study.intended_use}. Tracker: {study.tracker.model}. The manikin of the self-report has"
            f" {study.sam_points} points.",
            authors=options.authors,
            license=options.license,
        ),
        traits=TRAITS,
        stimuli=_stimulus_files(study) if options.stimuli else {},
        shared_files=(*(source / name for name in TABLES), *study.rating_files),
        doubts=doubts,
        study=source,
    )


def _session_files(source: Path, name: str) -> tuple[Path, ...]:
    return tuple(sorted(file for file in (source / "sessions" / name).iterdir() if file.is_file()))


def _stimulus_files(study: Study) -> dict[str, Path]:
    """The files of the stimuli that are there, by their name under ``stimuli``."""
    found = {stimulus.stimulus_id: _stimulus_file(study.path, stimulus) for stimulus in study.stimuli}
    return {file.name: file for file in found.values() if file is not None}


def _stimulus_file(folder: Path, stimulus: Stimulus) -> Path | None:
    named = () if stimulus.file is None else (folder / stimulus.file, folder / "stimuli" / stimulus.file)
    places = (*named, folder / "stimuli" / f"{stimulus.stimulus_id}.mp4")
    return next((place for place in places if place.is_file()), None)


def write_item(source: Path, item: ExportItem, root: Path, options: ExportOptions) -> ItemReport:
    """Write one session into the data set in `root`.

    Raises
    ------
    DataError
        If a table of the session or its gaze file is at fault.
    UsageError
        If the gaze file holds several recordings.
    """
    study = open_study(source, with_sessions=False)
    session = open_session(source, item.name, study.stimuli, sam_points=study.sam_points)
    ratings = [rating for rating in read_ratings(study.rating_files) if rating.item.split("/")[0] == item.name]
    label = subject_label(session.participant_id)
    files = _stimulus_files(study) if options.stimuli else {}
    trials = [_trial_row(trial, session, study, ratings, files) for trial in session.trials]
    columns = _columns(study, ratings, files)
    if session.gaze_file is None:
        written = _write_trials_alone(root, BidsName(label, TASK), options, trials, columns)
    else:
        written = write_recording(
            _placed(session, study, file_words=options.file_words),
            root,
            BidsName(label, TASK),
            task_description=TASK_DESCRIPTION,
            facts=options.facts,
            trials=trials,
            trial_columns=columns,
        )
    _copy_sources(session, root / "sourcedata" / f"sub-{label}", options)
    person = next(person for person in study.participants if person.participant_id == session.participant_id)
    return ItemReport(
        participants={label: traits_of(person)},
        num_recordings=0 if session.gaze_file is None else 1,
        num_samples=written.num_samples,
        left_out=written.left_out,
    )


def _write_trials_alone(
    root: Path,
    name: BidsName,
    options: ExportOptions,
    trials: Sequence[TrialRow],
    columns: Sequence[TrialColumn],
) -> Written:
    """What there is of a session in which no gaze was recorded: its trials with their answers and ratings."""
    (root / name.folder).mkdir(parents=True, exist_ok=True)
    write_events(
        root / name.path("events.tsv"),
        task={"TaskName": name.task, "TaskDescription": TASK_DESCRIPTION, **options.facts},
        trials=trials,
        columns=columns,
        stimuli=(),
        presentation=None,
    )
    return Written(0, (NO_GAZE,))


def _placed(session: SessionFiles, study: Study, *, file_words: bool) -> Recording:
    """The one recording of a session as a build takes it, under the name that its file has; or its participant's."""
    recording = open_recording(session.gaze_path)
    if not file_words:
        name = session.participant_id
        recording = replace(recording, recording_id=name, participant_id=None, messages=(), notes=())
    tracker = replace(study.tracker, rate_hz=study.tracker.rate_hz or recording.tracker.rate_hz)
    return replace(placed(recording, study, session), recording_id=recording.recording_id, tracker=tracker)


def _columns(study: Study, ratings: Sequence[Rating], files: dict[str, Path]) -> list[TrialColumn]:
    columns = [*trial_columns(study.sam_points), *rating_columns(ratings)]
    return [TrialColumn("stim_file", "File of the stimulus, under stimuli."), *columns] if files else columns


def _trial_row(
    trial: Trial, session: SessionFiles, study: Study, ratings: Sequence[Rating], files: dict[str, Path]
) -> TrialRow:
    stimulus = next(stimulus for stimulus in study.stimuli if stimulus.stimulus_id == trial.stimulus_id)
    answer = next((answer for answer in session.self_report if answer.stimulus_id == trial.stimulus_id), None)
    file = _stimulus_file(study.path, stimulus)
    values: dict[str, object] = {
        "stim_file": file.name if file is not None and file.name in files else None,
        "order": trial.order,
        "stimulus_group": stimulus.stimulus_group,
        "target_emotion7": stimulus.target_emotion7,
        "target_emotion3": stimulus.target_emotion3,
    }
    if answer is not None:
        values |= {
            "felt_pleasure": answer.pleasure,
            "felt_arousal": answer.arousal,
            "felt_dominance": answer.dominance,
            "felt_emotion7": answer.emotion7,
            "felt_emotion3": answer.emotion3,
        }
    item = f"{session.participant_id}/{trial.stimulus_id}"
    return TrialRow(trial.interval, values | rating_values([rating for rating in ratings if rating.item == item]))


def traits_of(person: Participant) -> dict[str, str | float | None]:
    """What a table of participants may say of somebody; age capped at `MAX_AGE`."""
    return {
        "age": None if person.age is None else min(person.age, MAX_AGE),
        "sex": person.sex,
        "glasses": person.glasses,
        "consent": person.consent,
        "withdraw_until": person.withdraw_until,
    }


def _blur(video: Path, out: Path) -> None:
    """The video with every frame at its time, faces blurred, without sound; every frame is looked at."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with writing_video(out) as write:
        for seen in follow_faces(read_frames(video), detector=settle_detector(AUTO), every=1):
            write(seen.time_s, blur_faces(seen))


def _copy_sources(session: SessionFiles, folder: Path, options: ExportOptions) -> None:
    """Copy what was asked for: the tracker's own file, the face video with the relation of its clock."""
    wanted = [session.gaze_file] if options.raw and session.gaze_file is not None else []
    if options.face_video and session.face_path is not None:
        clock = session.face_path.with_name("clock.toml")
        wanted += [clock] if clock.is_file() else []
        if options.blur_faces:
            _blur(session.face_path, folder / session.face_path.name)
        else:
            wanted.append(session.face_path)
    for file in wanted:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / file.name)
