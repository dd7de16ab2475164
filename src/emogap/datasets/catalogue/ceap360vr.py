"""CEAP-360VR: fixations and head path in 360-degree films; view FELT, from the manikin after each film.

The data hold no raw gaze, so the streams are ``fixation`` and ``head``, both as directions. Valence and arousal
are the rating s of 1 to 9 as (s - 5) / 4. The quadrant is arousal by valence; a film whose valence or arousal
was rated exactly 5 lies in none, has no quadrant, and is counted in ``excluded.parquet``.

References
----------
Xue, El Ali, Zhang, Ding and Cesar (2021), IEEE Transactions on Multimedia, doi:10.1109/TMM.2021.3124080.
"""

import json
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from emogap.annotation import sam_to_unit
from emogap.datasets.cutting import excluded, step_columns
from emogap.datasets.gaze_frames import gaze_streams, settle_gaze
from emogap.datasets.labels import one_hot
from emogap.datasets.participants import Traits
from emogap.datasets.plan import BuildConfig, Clip, Cut, Job, LeftOut, Plan
from emogap.datasets.samples import chunk_centres, sample_fixation, sample_head
from emogap.errors import DataError, UsageError
from emogap.preprocessing.eye_measures import measure_eyes
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.trim import trim
from emogap.recording import open_recordings
from emogap.types import EmotionLabel, LabelView, Recording, SampleKey

__all__ = ["cut", "participants", "plan"]

SAM_POINTS = 9

HEAD_TOLERANCE_S = 0.2
"""One window of the head path."""

FIXATIONS = "4_BehaviorData/EM_Fixation"
QUESTIONNAIRES = "2_QuestionnaireData"


class _Answer(BaseModel):
    VideoID: str
    ValenceValue: int = Field(ge=1, le=SAM_POINTS)
    ArousalValue: int = Field(ge=1, le=SAM_POINTS)


class _Person(BaseModel):
    ParticipantID: str
    Age: float | None = None
    Gender: str | None = None
    Experience: str | None = Field(None, alias="VR Experience")
    Profession: str | None = None
    Video_SAMRating_VideoTime_Data: list[_Answer]


class _Questionnaire(BaseModel):
    QuestionnaireData: list[_Person] = Field(min_length=1, max_length=1)


def plan(source: Path, config: BuildConfig) -> Plan:
    """One job per participant in ``4_BehaviorData/EM_Fixation``.

    Raises
    ------
    UsageError
        If the folder is not this data set, or maps on a screen are asked for.
    """
    if config.fixation != "centre":
        raise UsageError(
            "CEAP-360VR has no screen to lay a fixation map on", fix="build it with --fixation centre, the default"
        )
    files = sorted((source / FIXATIONS).glob("*_Behavior_FixationData.json"))
    if not files:
        raise UsageError(
            f"there is no {FIXATIONS}/*_Behavior_FixationData.json",
            where=str(source),
            fix="give the folder that holds 1_Stimuli, 2_QuestionnaireData and 4_BehaviorData",
        )
    return Plan(
        name="ceap360vr",
        jobs=tuple(_job(source, file) for file in files),
        label_sources={"felt": "self-report on a manikin of nine points after each film, (s - 5) / 4"},
        doubts=("every film has one stimulus group of its own: eight films are all there are",),
        config=settle_gaze(config, "head"),
    )


def cut(name: str, job: Job, config: BuildConfig) -> Cut:
    """One clip per film that the participant watched.

    Raises
    ------
    DataError
        If a file of the participant is absent or damaged, or a film has no self-report.
    """
    answers = _answers(job.files[0])
    clips, left_out = [], []
    for recording in open_recordings(job.files[1], reader="ceap360vr"):
        clip = _clip(name, recording, answers, job.files[0].name, config)
        clips.append(clip)
        left_out += _without_quadrant(clip)
    return Cut(tuple(clips), tuple(left_out))


def participants(source: Path) -> Traits:
    """Sex, age, experience with virtual reality and profession of each participant whose questionnaire can be read."""
    files = sorted((source / QUESTIONNAIRES).glob("*_Questionnaire_Data.json"))
    return {person.ParticipantID: _traits(person) for file in files if (person := _readable(file)) is not None}


def _readable(file: Path) -> _Person | None:
    try:
        return _person(file)
    except DataError:
        # It failed as a job and is listed there.
        return None


def _traits(person: _Person) -> dict[str, str | float | None]:
    return {
        "sex": person.Gender,
        "age": person.Age,
        "vr_experience": person.Experience,
        "profession": person.Profession,
    }


def _clip(
    name: str, recording: Recording, answers: dict[str, _Answer], questionnaire: str, config: BuildConfig
) -> Clip:
    (interval,) = recording.stimuli
    assert recording.participant_id is not None
    answer = answers.get(interval.stimulus_id)
    if answer is None:
        raise DataError(
            f"there is no self-report of {interval.stimulus_id}",
            where=questionnaire,
            fix="restore the file from the data set",
        )
    key = SampleKey(
        name,
        recording.recording_id,
        recording.participant_id,
        interval.stimulus_id,
        interval.stimulus_id,
        interval.onset_s,
        interval.offset_s,
    )
    trimmed = trim(recording, interval)
    cleaned = clean(trimmed, config.cleaning)
    duration_s = interval.offset_s - interval.onset_s
    times_s = chunk_centres(duration_s, config.eye_steps)
    (fixations,) = cleaned.events
    assert cleaned.head is not None
    streams = {
        "fixation": sample_fixation(fixations, times_s),
        "head": sample_head(cleaned.head, times_s, tolerance_s=HEAD_TOLERANCE_S),
        **gaze_streams(trimmed, config),
    }
    quality: dict[str, float | int | str | None] = {"num_fixations": len(fixations.kind), **step_columns(cleaned)}
    measures = measure_eyes(cleaned, duration_s=duration_s)
    return Clip(key, streams, (_label(answer),), quality, measures=measures)


def _label(answer: _Answer) -> EmotionLabel:
    valence = sam_to_unit(answer.ValenceValue, points=SAM_POINTS)
    arousal = sam_to_unit(answer.ArousalValue, points=SAM_POINTS)
    share = {}
    if valence != 0 and arousal != 0:
        word = f"{'high' if arousal > 0 else 'low'}-{'positive' if valence > 0 else 'negative'}"
        share["quadrant"] = one_hot("quadrant", word)
    return EmotionLabel(LabelView.FELT, share, valence, arousal)


def _without_quadrant(clip: Clip) -> list[LeftOut]:
    """The clip, if it lies in no quadrant."""
    (label,) = clip.labels
    if label.share:
        return []
    rated = [name for name in ("valence", "arousal") if getattr(label, name) == 0]
    reason = f"{' and '.join(rated)} rated 5 of 9, the middle: in no quadrant; the clip keeps its values"
    return [excluded(clip.key, "label felt_quadrant", reason)]


def _job(source: Path, file: Path) -> Job:
    person = file.name.removesuffix("_Behavior_FixationData.json")
    questionnaire = source / QUESTIONNAIRES / f"{person}_Questionnaire_Data.json"
    head = source / "4_BehaviorData" / "HM_ScanPath" / f"{person}_Behavior_HeadScanPathData.json"
    films = source / "1_Stimuli" / "VideoInfo.json"
    return Job(person, (questionnaire, file, head, films))


def _answers(path: Path) -> dict[str, _Answer]:
    """Self-report of one participant, by film."""
    return {answer.VideoID: answer for answer in _person(path).Video_SAMRating_VideoTime_Data}


def _person(path: Path) -> _Person:
    if not path.is_file():
        raise DataError("the questionnaire is absent", where=path.name, fix="restore it from the data set")
    try:
        content = _Questionnaire.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DataError(
            f"the questionnaire is damaged: {first}", where=path.name, fix="restore the file from the data set"
        ) from error
    return content.QuestionnaireData[0]
