"""The study with only the people, kinds of data and clips that may be released, under the ids they are released by.

Whatever writes a release reads this folder and never the study itself: what is not in it cannot get out. Gaze files and
videos are linked, or copied where links are not permitted; tables are written anew with the columns of the contract
alone, since further columns may hold names and remarks.
"""

import csv
import io
import shutil
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from emogap.annotation.answers import read_csv_answers
from emogap.annotation.exporting import csv_of
from emogap.errors import DataError
from emogap.files import write_bytes
from emogap.interfaces.releasing.choice import Permission
from emogap.recording.study import PARTICIPANT_COLUMNS, SELF_REPORT_COLUMNS, STIMULUS_COLUMNS, TRIAL_COLUMNS, Study
from emogap.rows import Row, read_rows

__all__ = ["WITHHELD_GAZE", "write_permitted_study"]

WITHHELD_GAZE = "gaze.withheld"
"""An empty file in the place of gaze that is not released: a session has a gaze file."""

TRIALS = "trials.tsv"
SESSION_TABLES = {TRIALS: TRIAL_COLUMNS, "selfreport.tsv": SELF_REPORT_COLUMNS}

Clips = Container[tuple[str, str]]
Cells = Mapping[str, str | None]


def write_permitted_study(
    study: Study, people: Sequence[Permission], codes: Mapping[str, str], folder: Path, *, clips: Clips | None = None
) -> list[tuple[str, str]]:
    """Write the study of these people into `folder`; the sessions whose tables cannot be read, and why.

    Parameters
    ----------
    study : Study
        The whole study, opened without its sessions.
    people : sequence of Permission
    codes : mapping from participant to the id in the release
    folder : Path
        A new folder, beside the release and not in it.
    clips : container of (participant, stimulus), optional
        The clips to keep; all by default.

    Returns
    -------
    list of (id in the release, problem)
        Such a session is there without its tables.

    Raises
    ------
    DataError
        If a table of the whole study is at fault.
    OutputError
        If the disk is full.
    """
    write_bytes(folder / "study.toml", (study.path / "study.toml").read_bytes())
    stimuli = read_rows(study.path / "stimuli.tsv", columns=STIMULUS_COLUMNS)
    _write_tsv(folder / "stimuli.tsv", STIMULUS_COLUMNS, (row.cells for row in stimuli))
    _link_all(study.path / "stimuli", folder / "stimuli")
    kinds = {person.participant_id: person.kinds for person in people}
    rows = read_rows(study.path / "participants.tsv", columns=PARTICIPANT_COLUMNS)
    by_code = {codes[name]: row for row in rows if (name := row.identifier("participant_id")) in kinds}
    named = [{**by_code[code].cells, "participant_id": code} for code in sorted(by_code)]
    _write_tsv(folder / "participants.tsv", PARTICIPANT_COLUMNS, named)
    (folder / "sessions").mkdir(exist_ok=True)
    unread = []
    for name in study.session_ids:
        if name in kinds:
            source, target = study.path / "sessions" / name, folder / "sessions" / codes[name]
            try:
                tables = _tables(source, name, kinds[name], clips)
            except DataError as problem:
                unread.append((codes[name], problem.what))
                tables = {}
            if clips is None or TRIALS not in tables or tables[TRIALS]:
                _write_session(source, target, kinds[name], tables)
    rated = {name: codes[name] for name, allowed in kinds.items() if "labels" in allowed}
    for path in study.rating_files:
        _write_ratings(path, folder / "ratings" / path.name, rated, clips)
    return unread


def _tables(source: Path, name: str, kinds: Iterable[str], clips: Clips | None) -> dict[str, list[Cells]]:
    """The rows of trials and self-report that are released, by file."""
    tables = {}
    for table, columns in SESSION_TABLES.items():
        rows = read_rows(source / table, columns=columns)
        wanted = table == TRIALS or "labels" in kinds
        tables[table] = [row.cells for row in rows if wanted and _is_kept(name, row, clips)]
    return tables


def _write_session(source: Path, target: Path, kinds: Iterable[str], tables: Mapping[str, Sequence[Cells]]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        _write_tsv(target / table, SESSION_TABLES[table], rows)
    if "gaze" in kinds:
        for path in source.glob("gaze.*"):
            _link(path, target / path.name)
    else:
        write_bytes(target / WITHHELD_GAZE, b"")
    if "face" in kinds:
        for path in (source / "face.mp4", source / "clock.toml"):
            if path.is_file():
                _link(path, target / path.name)


def _is_kept(name: str, row: Row, clips: Clips | None) -> bool:
    return clips is None or (name, row.text("stimulus_id")) in clips


def _write_ratings(source: Path, target: Path, rated: Mapping[str, str], clips: Clips | None) -> None:
    """The rows about clips of people whose labels are released; without any, no file."""
    kept = []
    for answer in read_csv_answers(source):
        name, _, stimulus_id = answer.item.partition("/")
        if name in rated and (clips is None or (name, stimulus_id) in clips):
            kept.append(replace(answer, item=f"{rated[name]}/{stimulus_id}"))
    if kept:
        write_bytes(target, csv_of(kept))


def _write_tsv(path: Path, columns: Sequence[str], rows: Iterable[Cells]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] or "" for column in columns] for row in rows)
    write_bytes(path, text.getvalue().encode())


def _link_all(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*")):
        if path.is_file():
            _link(path, target / path.name)


def _link(source: Path, target: Path) -> None:
    """A link, or a copy where links are not permitted, as to most users of Windows; it goes with the work folder."""
    target.unlink(missing_ok=True)
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
