"""A study folder: streams ``eye``, ``fixation`` and, where there is a video, ``face``; views FELT, SHOWN, TARGET.

FELT is the questionnaire: the manikin on [-1, 1] and the categories that were asked (emotion3 is asked, never
derived). SHOWN are the experts' votes. TARGET is what the stimulus was meant to elicit. None is derived from
another. ``truth.parquet`` of a simulated study is never opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jaxtyping import Float
from numpy import ndarray

from emogap.annotation import Rating, is_machine, read_ratings, sam_to_unit, shown_labels
from emogap.datasets.cutting import cut_gaze, excluded
from emogap.datasets.face_streams import FaceStreams, cut_faces, settle_faces
from emogap.datasets.gated_cut import gated_cut
from emogap.datasets.gaze_frames import settle_gaze
from emogap.datasets.labels import one_hot
from emogap.datasets.participants import Traits, participants_of_table
from emogap.datasets.plan import BuildConfig, Clip, Cut, Job, LeftOut, Plan
from emogap.datasets.quality_gate import gate_of
from emogap.datasets.screens import completed_screen
from emogap.datasets.stimulus_facts import readable_facts
from emogap.errors import DataError
from emogap.recording import open_recording
from emogap.recording.session import SelfReport, SessionFiles, Trial, is_unfinished
from emogap.recording.study import Stimulus, Study, open_session, open_study
from emogap.types import EmotionLabel, LabelView, Recording, SampleKey

__all__ = ["cut", "participants", "placed", "plan", "stimulus_facts"]

RATE_TOLERANCE = 0.05
"""Relative difference of measured and stated sampling rate beyond which it is a doubt."""

NO_GAZE = "no gaze was recorded: the streams eye and fixation are absent"

TABLES = ("study.toml", "participants.tsv", "stimuli.tsv")


def plan(source: Path, config: BuildConfig) -> Plan:
    """One job per session.

    Raises
    ------
    UsageError
        If the folder is no study, or the weights of the face detector or encoder are missing.
    UnknownNameError
        If there is no such face detector, encoder or network.
    DataError
        If weights are damaged, or the study's tables or its rating files are at fault; sessions are looked at when
        they are cut.
    """
    settled = settle_gaze(settle_faces(config), "angle")
    study = open_study(source, with_sessions=False)
    ratings = read_ratings(study.rating_files, items=_items(study))
    return Plan(
        name=f"study-{study.name}",
        jobs=tuple(_job(source, participant_id) for participant_id in study.session_ids),
        shared_files=tuple(source / name for name in TABLES) + study.rating_files,
        labels=_shown(ratings, config),
        label_sources={
            "felt": f"questionnaire after each stimulus; manikin of {study.sam_points} points mapped to -1 to 1",
            "shown": _annotators(ratings, config),
            "target": "what the stimulus was meant to elicit, from stimuli.tsv",
        },
        simulated=study.simulated,
        ceilings=study.ceilings,
        study=source,
        config=settled,
    )


def cut(name: str, job: Job, config: BuildConfig) -> Cut:
    """One clip per trial of the session; a trial that cannot be read is listed as failed.

    A session that states that no gaze was recorded gives face streams alone, and every clip of it says so.

    Raises
    ------
    DataError
        If the session is still being recorded, a table of it or its gaze file is damaged, or a quality gate is asked
        for and there is no gaze.
    """
    study = open_study(job.files[0].parent, with_sessions=False)
    _require_finished(study, job.name)
    session = open_session(study.path, job.name, study.stimuli, sam_points=study.sam_points)
    if session.gaze_file is None and not config.gate:
        return _cut_faces_alone(name, study, session, config)
    recording = placed(open_recording(session.gaze_path), study, session)
    faces = cut_faces(session, config)
    pieces = [
        _cut_trial(name, recording, trial, face, study, session, config)
        for trial, face in zip(session.trials, faces, strict=True)
    ]
    whole = Cut(
        tuple(piece for piece in pieces if isinstance(piece, Clip)),
        tuple(piece for piece in pieces if isinstance(piece, LeftOut)),
    )
    return gated_cut(whole, recording, gate_of(config.gate)) if config.gate else whole


def participants(source: Path) -> Traits:
    """Every column of ``participants.tsv`` but consent.

    Raises
    ------
    DataError
        If the table is damaged.
    """
    return participants_of_table(source / "participants.tsv")


def stimulus_facts(source: Path) -> Mapping[str, Mapping[str, float]]:
    """Light, motion and loudness of every stimulus whose film or luminance table is in the study and can be read."""
    stimuli = open_study(source, with_sessions=False).stimuli
    return {
        stimulus.stimulus_id: readable_facts(source, stimulus.stimulus_id, stated=stimulus.file) for stimulus in stimuli
    }


def _require_finished(study: Study, participant_id: str) -> None:
    """Raise while a session is recorded: its video is in pieces, and its tables are not on the video's clock yet."""
    if is_unfinished(study.path / "sessions" / participant_id):
        raise DataError(
            "the session was not finished",
            where=f"sessions/{participant_id}",
            fix="run 'emogap open STUDY' and go on with the session under Record, or close it there; if the participant"
            f" withdrew, run 'emogap forget STUDY {participant_id}'; then build again",
        )


def _cut_trial(
    name: str,
    recording: Recording,
    trial: Trial,
    face: FaceStreams,
    study: Study,
    session: SessionFiles,
    config: BuildConfig,
) -> Clip | LeftOut:
    stimulus = _stimulus_of(trial, study)
    key = _key(name, trial, stimulus, session)
    try:
        piece = cut_gaze(recording, trial.interval, key, config)
    except DataError as problem:
        return excluded(key, "failed", str(problem))
    if isinstance(piece, LeftOut):
        return piece
    doubts = "\n".join(part for part in (str(piece.quality["doubts"]), *face.doubts) if part)
    return Clip(
        key,
        {**piece.streams, **face.streams},
        _labels(stimulus, session.self_report, study.sam_points),
        {**piece.quality, **face.quality, "doubts": doubts},
        measures=piece.measures,
    )


def _cut_faces_alone(name: str, study: Study, session: SessionFiles, config: BuildConfig) -> Cut:
    """The clips of a session without gaze: streams of the face, or left out where no face was seen."""
    clips: list[Clip] = []
    left_out: list[LeftOut] = []
    for trial, face in zip(session.trials, cut_faces(session, config), strict=True):
        stimulus = _stimulus_of(trial, study)
        key = _key(name, trial, stimulus, session)
        if not face.streams:
            reason = str(face.quality.get("face_problem") or "there is no face video")
            left_out.append(excluded(key, "face", f"{NO_GAZE}, and {reason}"))
            continue
        doubts = "\n".join((NO_GAZE, *face.doubts))
        labels = _labels(stimulus, session.self_report, study.sam_points)
        clips.append(Clip(key, face.streams, labels, {**face.quality, "doubts": doubts}))
    return Cut(tuple(clips), tuple(left_out))


def _stimulus_of(trial: Trial, study: Study) -> Stimulus:
    return next(each for each in study.stimuli if each.stimulus_id == trial.stimulus_id)


def _key(name: str, trial: Trial, stimulus: Stimulus, session: SessionFiles) -> SampleKey:
    """Key of a trial; a recording is named for its participant, who has one session."""
    interval, participant_id = trial.interval, session.participant_id
    return SampleKey(
        name,
        participant_id,
        participant_id,
        stimulus.stimulus_id,
        stimulus.stimulus_group,
        interval.onset_s,
        interval.offset_s,
    )


def placed(recording: Recording, study: Study, session: SessionFiles) -> Recording:
    """The recording under its participant's name, with what only the study states about tracker and screen."""
    if recording.gaze is None:
        raise DataError(
            "the recording holds no gaze samples", where=recording.source, fix="export samples too, not only events"
        )
    screen, doubts = completed_screen(recording.screen, study.screen, by="study.toml")
    named, rate_hz, stated_hz = recording.participant_id, recording.gaze.rate_hz, study.tracker.rate_hz
    if named is not None and named != session.participant_id:
        doubts = (*doubts, f"the gaze file names participant {named}, its folder {session.participant_id}")
    if stated_hz is not None and abs(rate_hz - stated_hz) > RATE_TOLERANCE * stated_hz:
        doubts = (*doubts, f"the gaze file has {rate_hz:.1f} samples a second, study.toml states {stated_hz:g}")
    return replace(
        recording,
        recording_id=session.participant_id,
        participant_id=session.participant_id,
        tracker=study.tracker,
        screen=screen,
        doubts=(*recording.doubts, *doubts),
    )


def _labels(stimulus: Stimulus, self_report: Sequence[SelfReport], sam_points: int) -> tuple[EmotionLabel, ...]:
    """Target and felt label of one trial, as far as they were stated."""
    target = EmotionLabel(
        LabelView.TARGET, _shares(emotion7=stimulus.target_emotion7, emotion3=stimulus.target_emotion3)
    )
    answer = next((each for each in self_report if each.stimulus_id == stimulus.stimulus_id), None)
    if answer is None:
        return (target,)
    felt = EmotionLabel(
        LabelView.FELT,
        _shares(emotion7=answer.emotion7, emotion3=answer.emotion3),
        valence=None if answer.pleasure is None else sam_to_unit(answer.pleasure, points=sam_points),
        arousal=None if answer.arousal is None else sam_to_unit(answer.arousal, points=sam_points),
    )
    return (target, felt)


def _shares(**word: str | None) -> dict[str, Float[ndarray, " K"]]:
    return {space: one_hot(space, said) for space, said in word.items() if said is not None}


def _items(study: Study) -> list[str]:
    return [
        f"{participant.participant_id}/{stimulus.stimulus_id}"
        for participant in study.participants
        for stimulus in study.stimuli
    ]


def _shown(ratings: Sequence[Rating], config: BuildConfig) -> Mapping[tuple[str, str], tuple[EmotionLabel, ...]]:
    """Shown labels by participant and stimulus."""
    labels = shown_labels(ratings, machines=config.machine_ratings)
    return {(item.split("/")[0], item.split("/")[1]): (label,) for item, label in labels.items()}


def _annotators(ratings: Sequence[Rating], config: BuildConfig) -> str:
    """Who counts in the shown labels, and who was left out."""
    named = sorted({rating.annotator for rating in ratings})
    counted = [name for name in named if config.machine_ratings or not is_machine(name)]
    left_out = [name for name in named if name not in counted]
    told = f"vote shares and means of {', '.join(counted) or 'nobody'}"
    return told + (f"; left out as machines: {', '.join(left_out)}" if left_out else "")


def _job(source: Path, participant_id: str) -> Job:
    folder = source / "sessions" / participant_id
    tables = tuple(source / name for name in TABLES)
    return Job(participant_id, (*tables, *sorted(file for file in folder.iterdir() if file.is_file())))
