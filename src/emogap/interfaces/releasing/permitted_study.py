"""The study with only the people, kinds of data and clips that may be released, under the ids they are released by.

Whatever writes a release reads this folder and never the study itself: what is not in it cannot get out. Gaze files and
videos are linked, not copied; tables are written anew with the columns of the contract alone, since further columns may
hold names and remarks.
"""

import csv
import io
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from emogap.annotation.answers import read_csv_answers
from emogap.annotation.exporting import csv_of
from emogap.files import write_bytes
from emogap.interfaces.releasing.choice import Permission
from emogap.recording.study import PARTICIPANT_COLUMNS, SELF_REPORT_COLUMNS, STIMULUS_COLUMNS, TRIAL_COLUMNS, Study
from emogap.rows import Row, read_rows

__all__ = ["WITHHELD_GAZE", "write_permitted_study"]

WITHHELD_GAZE = "gaze.withheld"
"""An empty file in the place of gaze that is not released: a session has a gaze file."""

Clips = Container[tuple[str, str]]


def write_permitted_study(
    study: Study, people: Sequence[Permission], codes: Mapping[str, str], folder: Path, *, clips: Clips | None = None
) -> None:
    """Write the study of these people into `folder`.

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

    Raises
    ------
    DataError
        If a table is at fault.
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
    for name in study.session_ids:
        if name in kinds:
            _write_session(study.path / "sessions" / name, folder / "sessions" / codes[name], name, kinds[name], clips)
    rated = {name: codes[name] for name, allowed in kinds.items() if "labels" in allowed}
    for path in study.rating_files:
        _write_ratings(path, folder / "ratings" / path.name, rated, clips)


def _write_session(source: Path, target: Path, name: str, kinds: Iterable[str], clips: Clips | None) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for table, columns in (("trials.tsv", TRIAL_COLUMNS), ("selfreport.tsv", SELF_REPORT_COLUMNS)):
        rows = read_rows(source / table, columns=columns)
        wanted = table == "trials.tsv" or "labels" in kinds
        kept = [row.cells for row in rows if wanted and _is_kept(name, row, clips)]
        _write_tsv(target / table, columns, kept)
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


def _write_tsv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str | None]]) -> None:
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
    target.unlink(missing_ok=True)
    target.symlink_to(source.resolve())
