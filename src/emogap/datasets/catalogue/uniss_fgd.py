"""Uniss-FGD: Tobii Studio gaze over emotional faces. The label is the expression of the *viewed* face.

Nobody's feeling was asked, so the only view is TARGET. People and images are taken from the files that are
there: any number of either.

References
----------
Ruiu et al. (2024), "Uniss-FGD: A Novel Dataset of Human Gazes Over Images of Faces", IEEE Access 12,
75951-75964.
Lundqvist, Flykt and Ohman (1998), "The Karolinska Directed Emotional Faces - KDEF", Karolinska Institutet
(file names of the images).
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from emogap.datasets.cutting import cut_gaze
from emogap.datasets.gaze_frames import settle_gaze
from emogap.datasets.labels import one_hot
from emogap.datasets.participants import Traits
from emogap.datasets.plan import BuildConfig, Clip, Cut, Job, LeftOut, Plan
from emogap.errors import DataError, UsageError
from emogap.recording import open_recordings
from emogap.rows import read_rows, refuse_repeats
from emogap.types import EmotionLabel, LabelView, Recording, SampleKey, StimulusInterval

__all__ = ["cut", "participants", "plan"]

KDEF_NAME = re.compile(r"[AB](?P<model>[FM]\d{2})(?P<expression>AF|AN|DI|HA|NE|SA|SU)(S|HL|HR|FL|FR)", re.IGNORECASE)
"""Series, model (sex and number), expression, angle.

A and B are two photo series of the same models, so that both count as one stimulus group, named for series A.
"""

EMOTION7 = {
    "AF": "fear",
    "AN": "anger",
    "DI": "disgust",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}

EMOTION3 = {"HA": "positive", "SA": "negative", "NE": "neutral"}
"""Declared for the three expressions of this data set, and no other: nothing is derived from emotion7."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A viewed image: KDEF model and code of the expression."""

    stimulus_id: str
    model: str
    expression: str


def plan(source: Path, config: BuildConfig) -> Plan:
    """One job per viewed image in ``fgd/``.

    Raises
    ------
    UsageError
        If the folder is not this data set.
    DataError
        If an image has two gaze files.
    """
    files = _gaze_files(source)
    images = source / "StimuliMap.csv"
    if not files or not images.is_file():
        raise UsageError(
            f"there is {'no StimuliMap.csv' if files else 'no gaze file fgd/*.csv.gz or fgd/*.csv'}",
            where=str(source),
            fix="give the folder that holds StimuliMap.csv and fgd/",
        )
    stems = [file.name.split(".")[0] for file in files]
    if len(set(stems)) < len(stems):
        twice = next(stem for stem in stems if stems.count(stem) > 1)
        raise DataError(f"image {twice} has two gaze files", where=f"fgd/{twice}", fix="keep one of them")
    return Plan(
        name="uniss_fgd",
        jobs=tuple(Job(stem, (file, images)) for stem, file in zip(stems, files, strict=True)),
        label_sources={
            "target": "expression of the viewed face, from its KDEF file name; emotion3 is declared:"
            " happy = positive, sad = negative, neutral = neutral"
        },
        doubts=(
            "the label is the expression of the viewed face: nobody was asked what they felt",
            "all participants saw the images in the order of their numbers: a stimulus is also a time on task",
        ),
        config=settle_gaze(config, "angle"),
    )


def cut(name: str, job: Job, config: BuildConfig) -> Cut:
    """One clip per participant who saw the image.

    Raises
    ------
    DataError
        If the gaze file is damaged, or ``StimuliMap.csv`` does not say what was viewed.
    """
    gaze_path, images = job.files
    picture = _picture(job.name, images)
    pieces = [_cut_one(name, recording, picture, config) for recording in open_recordings(gaze_path)]
    return Cut(
        tuple(piece for piece in pieces if isinstance(piece, Clip)),
        tuple(piece for piece in pieces if isinstance(piece, LeftOut)),
    )


def participants(source: Path) -> Traits:
    """Sex of each participant, as their gaze files state it; a file that cannot be read says nothing of anybody."""
    sex: dict[str, str | None] = {}
    for file in _gaze_files(source):
        sex |= _sexes(file)
    return {person: {"sex": stated} for person, stated in sex.items()}


def _sexes(file: Path) -> dict[str, str | None]:
    columns = ["ParticipantName", "ParticipantGender"]
    try:
        table = pl.read_csv(file, columns=columns, infer_schema=False)
    except (OSError, PolarsError):
        # Damaged, it failed as a job and is listed there; or the export has no such column.
        return {}
    return dict(table.unique().sort(columns).iter_rows())


def _gaze_files(source: Path) -> list[Path]:
    return sorted([*(source / "fgd").glob("*.csv.gz"), *(source / "fgd").glob("*.csv")])


def _cut_one(name: str, recording: Recording, picture: Picture, config: BuildConfig) -> Clip | LeftOut:
    if recording.participant_id is None or recording.gaze is None:
        raise DataError("a recording without a participant or without gaze", where=recording.source)
    time_s = recording.gaze.time_s
    interval = StimulusInterval(picture.stimulus_id, float(time_s[0]), float(time_s[-1]) + 1 / recording.gaze.rate_hz)
    key = SampleKey(
        name,
        recording.recording_id,
        recording.participant_id,
        picture.stimulus_id,
        picture.model,
        interval.onset_s,
        interval.offset_s,
    )
    piece = cut_gaze(recording, interval, key, config)
    if isinstance(piece, LeftOut):
        return piece
    return replace(piece, labels=(_label(picture.expression),))


def _picture(stem: str, images: Path) -> Picture:
    """What the image with this number shows."""
    rows = read_rows(images, columns=("ID", "FileName"), delimiter=",")
    refuse_repeats(rows, ("ID",))
    if not stem.isdigit():
        raise DataError("a gaze file is named for the number of its image", where=f"fgd/{stem}", fix="rename it")
    row = next((row for row in rows if row.number("ID") == int(stem)), None)
    if row is None:
        raise DataError(
            f"image {int(stem)} is not listed", where=images.name, fix=f"add it, or remove the gaze file {stem}"
        )
    named = KDEF_NAME.fullmatch(Path(row.text("FileName")).stem)
    if named is None:
        raise DataError(
            f"'{row.text('FileName')}' is no KDEF file name (series, sex, two digits, expression, angle)",
            where=row.where,
            fix="write it like AF09SAS.JPG",
        )
    return Picture(stem, f"A{named['model'].upper()}", named["expression"].upper())


def _label(expression: str) -> EmotionLabel:
    """The expression of the viewed face as a label of the view TARGET."""
    share = {"emotion7": one_hot("emotion7", EMOTION7[expression])}
    if expression in EMOTION3:
        share["emotion3"] = one_hot("emotion3", EMOTION3[expression])
    return EmotionLabel(LabelView.TARGET, share)
