"""From the words of ``emogap vad`` to a table and a figure of each recording of a file."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from emogap.counted_nouns import counted
from emogap.datasets.gaze_index.segments import require_gaze_columns
from emogap.errors import EmogapError, UsageError
from emogap.files import write_aside, write_bytes
from emogap.learning.finetuning.checkpoint import Finetuned, finetuned_folders, load_finetuned
from emogap.learning.finetuning.course import Course, channel_set_of, course_of
from emogap.recording import open_recordings
from emogap.recording.derived import record_derived
from emogap.recording.study import study_around
from emogap.reporting.figures.affect_course import CoursePanel, affect_course

__all__ = ["CoursesReport", "courses_of_file"]


@dataclass(frozen=True, slots=True, eq=False)
class CoursesReport:
    """What was told and written.

    Attributes
    ----------
    table : Path
        CSV: ``recording_id``, ``time_s``, each value with ``_low`` and ``_high``, ``valid_share``.
    figures : tuple of Path
        One SVG per recording.
    courses : tuple of Course
    failures : tuple of (recording, problem)
    doubts : tuple of str
    """

    table: Path
    figures: tuple[Path, ...]
    courses: tuple[Course, ...]
    failures: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]


def courses_of_file(
    checkpoint: Path, file: Path, out: Path | None = None, *, assumed_rate_hz: float | None = None
) -> CoursesReport:
    """Apply the fits in `checkpoint` to every recording in `file`, and write table and figures.

    Parameters
    ----------
    checkpoint : Path
        Folder of ``emogap finetune``; all its seeds are used.
    file : Path
        Anything a reader of recordings knows; OpenFace among them.
    out : Path, optional
        Table to write, ``.csv``; figures lie beside it. ``<file>.vad.csv`` in the working directory if not given.
    assumed_rate_hz : float, optional
        Rate of recordings whose time stamps are no clock.

    Raises
    ------
    UsageError
        If `out` is no CSV.
    EmogapError
        If no recording can be used: what was wrong with the first. A file of OpenFace without its columns of gaze is
        refused by their names.
    """
    table = out if out is not None else Path(f"{file.name.split('.')[0]}.vad.csv")
    if table.suffix != ".csv":
        raise UsageError(f"the table is written as .csv, not '{table.suffix}'", fix="give --out NAME.csv")
    fits = [load_finetuned(folder) for folder in finetuned_folders(checkpoint)]
    courses, failures, problems = [], [], []
    if channel_set_of(fits[0]) == "direction" and file.is_file():
        require_gaze_columns(file)
    recordings = open_recordings(file)
    for recording in recordings:
        try:
            courses.append(course_of(fits, recording, assumed_rate_hz=assumed_rate_hz))
        except EmogapError as problem:
            problems.append(problem)
            failures.append((recording.recording_id, str(problem)))
    if not courses:
        raise problems[0]
    people = {recording.participant_id for recording in recordings if recording.participant_id}
    figures = []
    for course in courses:
        name = table.stem if len(recordings) == 1 else f"{table.stem}.{course.recording.replace('/', '-')}"
        figures.append(table.with_name(f"{name}.svg"))
    if (study := study_around(file)) is not None:
        for path in (table, *figures):
            record_derived(study, path, by="vad")
    with write_aside(table) as partial:
        pl.concat([_rows(course) for course in courses]).write_csv(partial, float_precision=4)
    for path, course in zip(figures, courses, strict=True):
        write_bytes(path, _figure(course).encode())
    return CoursesReport(table, tuple(figures), tuple(courses), tuple(failures), _doubts(fits, courses, people))


def _rows(course: Course) -> pl.DataFrame:
    columns: dict[str, object] = {"recording_id": [course.recording] * len(course.time_s), "time_s": course.time_s}
    for place, output in enumerate(course.outputs):
        for ending, values in (("", course.told), ("_low", course.low), ("_high", course.high)):
            columns[f"{output}{ending}"] = values[:, place]
    columns["valid_share"] = course.valid_share
    return pl.DataFrame(columns).fill_nan(None)


def _figure(course: Course) -> str:
    panels = [
        CoursePanel(
            output, course.told[:, place].tolist(), course.low[:, place].tolist(), course.high[:, place].tolist()
        )
        for place, output in enumerate(course.outputs)
    ]
    band = (
        f", band: where one more seed would lie (95 %, from {counted(course.num_fits, 'seed')})"
        if course.num_fits > 1
        else ""
    )
    title = f"{course.recording}: estimated from gaze{band}"
    return affect_course(panels, course.time_s.tolist(), limits=course.scale, title=title)


def _doubts(fits: list[Finetuned], courses: list[Course], people: set[str]) -> tuple[str, ...]:
    first = fits[0]
    doubts = [
        f"gaze was resampled from {rate_hz:g} Hz to the {first.rate_hz:g} Hz that the network reads"
        for rate_hz in sorted({round(course.source_rate_hz, 1) for course in courses if course.is_resampled})
    ]
    strange = sorted({course.measured_from for course in courses} - set(first.measured_from))
    if strange and first.measured_from:
        doubts.append(
            f"gaze is measured from the {', '.join(strange)}; the network learned from gaze measured from the"
            f" {', '.join(first.measured_from)}"
        )
    if len(fits) == 1:
        doubts.append("one seed has no interval: fine-tune with --seeds 3 or more")
    if first.simulated:
        doubts.append("the network learned from simulated people: its values mean nothing for real ones")
    known = people & {name for _, name in first.people}
    if known:
        doubts.append(
            f"{', '.join(sorted(known))}: the network learned from somebody of this name, perhaps this person"
        )
    return tuple(doubts)
