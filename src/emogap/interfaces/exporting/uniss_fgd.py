"""Uniss-FGD as a source of exports: every participant's gaze on every image is a run of its own."""

from dataclasses import dataclass
from pathlib import Path

import polars

from emogap.datasets.catalogue.uniss_fgd import EMOTION3, EMOTION7, KDEF_NAME
from emogap.errors import DataError, UsageError
from emogap.interfaces.exporting.plan import ExportItem, ExportOptions, ExportPlan, ItemReport
from emogap.recording import open_recordings
from emogap.recording.bids import BidsName, DatasetDescription, TrialColumn, TrialRow, subject_label, write_recording
from emogap.rows import read_rows
from emogap.types import Recording, StimulusInterval

__all__ = ["plan", "write_item"]

IMAGES = "StimuliMap.csv"
TASK, TASK_DESCRIPTION = "faces", "Looking at photographs of emotional faces; nobody was asked what they felt."
TRAITS = {"sex": {"Description": "Sex, as the gaze files state it.", "Levels": {"F": "female", "M": "male"}}}
COLUMNS = (
    TrialColumn("image", "File name of the image in the KDEF; the images are not part of this data set."),
    TrialColumn("stimulus_group", "The model on the photograph."),
    TrialColumn("target_emotion7", "Expression of the photographed face; not what the participant felt."),
    TrialColumn("target_emotion3", "The same as positive, negative or neutral, where that is declared."),
)


@dataclass(frozen=True, slots=True)
class Image:
    """A photograph: its file name, and what the name says."""

    file: str
    model: str
    expression: str


def plan(source: Path, options: ExportOptions) -> ExportPlan:
    """One item per gaze file.

    Raises
    ------
    UsageError
        If the folder is not this data set.
    """
    files = sorted([*(source / "fgd").glob("*.csv.gz"), *(source / "fgd").glob("*.csv")])
    if not files or not (source / IMAGES).is_file():
        raise UsageError(
            f"there is {f'no {IMAGES}' if files else 'no gaze file fgd/*.csv.gz or fgd/*.csv'}",
            where=str(source),
            fix=f"give the folder that holds {IMAGES} and fgd/",
        )
    stems = [file.name.split(".")[0] for file in files]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise UsageError(f"image {twice[0]} has two gaze files", where=f"fgd/{twice[0]}", fix="keep one of them")
    return ExportPlan(
        items=tuple(ExportItem(stem, (file,)) for stem, file in zip(stems, files, strict=True)),
        description=DatasetDescription(
            name="Uniss-FGD",
            about="Gaze of people who looked at photographs of emotional faces (Tobii Studio exports), written in BIDS"
            " by emogap. This is a modification of the data of CVLab-Uniss: files and columns are arranged anew, and"
            " only the participants and images that were at hand are here. Cite Ruiu et al. (2024).",
            authors=options.authors or ("CVLab-Uniss", "Ruiu et al. (2024)"),
            license=options.license or "free re-use with CVLab-Uniss named as the source, modifications stated",
            references=(
                "Ruiu et al. (2024). Uniss-FGD: A Novel Dataset of Human Gazes Over Images of Faces. IEEE Access 12,"
                " 75951-75964.",
            ),
            source_urls=("https://github.com/CVLab-Uniss/FFD-EXTENDED",),
        ),
        traits=TRAITS,
        stimuli={},
        shared_files=(source / IMAGES,),
        doubts=("every participant saw the images in the order of their numbers: a stimulus is also a time on task",),
    )


def write_item(source: Path, item: ExportItem, root: Path, options: ExportOptions) -> ItemReport:
    """Write the recordings of one gaze file into the data set in `root`.

    Raises
    ------
    DataError
        If the file is damaged, or ``StimuliMap.csv`` does not say what was viewed.
    """
    path = item.files[0]
    image = _image(source / IMAGES, item.name)
    recordings = open_recordings(path)
    sexes = _sexes(path)
    num_samples = 0
    left_out: list[str] = []
    participants: dict[str, dict[str, str | float | None]] = {}
    for recording in recordings:
        label = subject_label(_participant(recording))
        written = write_recording(
            recording,
            root,
            BidsName(label, TASK, run=item.name),
            task_description=TASK_DESCRIPTION,
            facts=options.facts,
            trials=(_trial(recording, image),),
            trial_columns=COLUMNS,
        )
        participants[label] = {"sex": sexes.get(_participant(recording))}
        num_samples += written.num_samples
        left_out += written.left_out
    if options.raw:
        _copy(path, root / "sourcedata" / "fgd" / path.name)
    return ItemReport(
        participants=participants,
        num_recordings=len(recordings),
        num_samples=num_samples,
        left_out=tuple(dict.fromkeys(left_out)),
    )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


def _participant(recording: Recording) -> str:
    if recording.participant_id is None:
        raise DataError("a recording without a participant", where=recording.recording_id)
    return recording.participant_id


def _sexes(path: Path) -> dict[str, str]:
    """What the gaze file says of its participants; empty if it has no such column."""
    wanted = ["ParticipantName", "ParticipantGender"]
    table = polars.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    if not set(wanted) <= set(table.columns):
        return {}
    return dict(table.select(wanted).drop_nulls().unique(maintain_order=True).iter_rows())


def _trial(recording: Recording, image: Image) -> TrialRow:
    assert recording.gaze is not None
    time_s = recording.gaze.time_s
    end_s = float(time_s[-1]) + 1 / recording.gaze.rate_hz
    values = {
        "image": image.file,
        "stimulus_group": image.model,
        "target_emotion7": EMOTION7[image.expression],
        "target_emotion3": EMOTION3.get(image.expression),
    }
    return TrialRow(StimulusInterval(recording.stimulus_id or image.file, float(time_s[0]), end_s), values)


def _image(images: Path, stem: str) -> Image:
    rows = read_rows(images, columns=("ID", "FileName"), delimiter=",")
    row = next((row for row in rows if stem.isdecimal() and row.number("ID") == int(stem)), None)
    if row is None:
        raise DataError(f"image {stem} is not listed", where=images.name, fix="add it, or remove its gaze file")
    file = row.text("FileName")
    named = KDEF_NAME.fullmatch(Path(file).stem)
    if named is None:
        raise DataError(f"'{file}' is no KDEF file name", where=row.where, fix="write it like AF09SAS.JPG")
    return Image(file, f"A{named['model'].upper()}", named["expression"].upper())
