"""A study that is about to be recorded: its folder, what the recorder is told, and who takes part."""

import csv
import io
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from emogap.errors import UsageError
from emogap.files import write_bytes
from emogap.locks import alone_in
from emogap.recording.strict_toml import read_strict_toml
from emogap.recording.study import PARTICIPANT_COLUMNS, STIMULUS_COLUMNS, open_study
from emogap.recording.video import VideoInfo, probe_video
from emogap.rows import ID_PATTERN, MOST_NAMED, read_rows

__all__ = [
    "RECORDER_FILE",
    "USES",
    "IntendedUse",
    "Recorder",
    "add_participant",
    "begin_study",
    "is_set_up",
    "read_recorder",
    "set_up",
    "table_bytes",
]

RECORDER_FILE = "recorder.toml"

IntendedUse = Literal["research", "teaching", "medical research", "other"]
USES: tuple[IntendedUse, ...] = get_args(IntendedUse)

COMMON_SCREEN_PX = (1920, 1080)
"""Stands in ``study.toml`` until the first page asks for the screen; no session is recorded before."""


FILM_SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".flv", ".ogv")

PLAYED_CODECS = ("h264", "av1", "libdav1d", "vp9", "vp8")
"""Of films in MP4; the page of the sessions asks the browser itself before each session."""


class Recorder(BaseModel):
    """What is told to the recorder, in ``recorder.toml`` of the study; without the file everything is as here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rest_s: float = Field(default=5.0, ge=0, le=600, description="Rest with a cross between two clips, in s.")
    rest_after_negative_s: float = Field(
        default=20.0, ge=0, le=600, description="Rest after a negative clip that no neutral clip follows, in s."
    )
    withdraw_days: int = Field(default=90, ge=1, le=3650, description="Days in which a participant may withdraw.")
    contact: str = Field(default="", max_length=500, description="Whom participants can ask, now and later.")
    information: str = Field(default="", max_length=20_000, description="What participants are told of the study.")


def begin_study(out: Path, name: str, films: Path) -> Path:
    """Make the folder of a study with a copy of every film and no session yet, and return it.

    Parameters
    ----------
    out : Path
        A new or empty folder.
    name : str
        Letters, digits and hyphens.
    films : Path
        Folder of MP4 files; each name is the id of a stimulus. A table ``stimuli.tsv`` there says what they are meant
        to elicit; without one that is not stated.

    Raises
    ------
    UsageError
        If `out` holds something, the name or that of a film is no id, there are no films, or there are such as
        browsers do not play.
    DataError
        If a film cannot be read, or the table is at fault.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("this is there already", where=str(out), fix="name a new folder, or leave out --new")
    _require_id(name, "name of a study", fix="give --new letters, digits and hyphens")
    found = sorted(films.glob("*.mp4")) if films.is_dir() else []
    _require_all_mp4(films)
    if not found:
        raise UsageError("there are no films named *.mp4", where=str(films), fix="give the folder of the films")
    for film in found:
        _require_id(film.stem, "stimulus", fix=f"rename {film.name}: letters, digits and hyphens")
    lengths_s = {film.stem: _require_playable(film).duration_s for film in found}
    for film in found:
        (out / "stimuli").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(film, out / "stimuli" / film.name)
    table = films / "stimuli.tsv"
    rows = [
        {"stimulus_id": name, "stimulus_group": name, "duration_s": f"{length_s:.3f}"}
        for name, length_s in lengths_s.items()
    ]
    content = table.read_bytes() if table.is_file() else table_bytes(STIMULUS_COLUMNS, rows)
    write_bytes(out / "stimuli.tsv", content)
    write_bytes(out / "participants.tsv", table_bytes(PARTICIPANT_COLUMNS, ()))
    (out / "sessions").mkdir()
    facts = {
        "schema": 1,
        "name": name,
        "intended_use": "",
        "sam_points": 9,
        "screen": {"size_px": list(COMMON_SCREEN_PX)},
        "tracker": {"model": "none (webcam)"},
    }
    write_bytes(out / "study.toml", tomli_w.dumps(facts).encode())
    missing = [each.stimulus_id for each in open_study(out).stimuli if each.stimulus_id not in lengths_s]
    if missing:
        raise UsageError(f"there is no film {missing[0]}.mp4", where=str(table), fix="correct the table of the films")
    return out


def is_set_up(study: Path) -> bool:
    """Whether the study says what it is for: before that nobody is recorded."""
    return bool(open_study(study, with_sessions=False).intended_use.strip())


def set_up(
    study: Path, *, intended_use: IntendedUse, screen_px: tuple[int, int], sam_points: int, recorder: Recorder
) -> None:
    """Write what the first page was told into ``study.toml`` and ``recorder.toml``.

    Raises
    ------
    UsageError
        If the study says already what it is for: that is changed by hand, knowingly.
    """
    with alone_in(study):
        if is_set_up(study):
            raise UsageError("the study says already what it is for", where="study.toml", fix="edit the file by hand")
        facts = tomllib.loads((study / "study.toml").read_text(encoding="utf-8"))
        facts |= {"intended_use": intended_use, "sam_points": sam_points}
        facts["screen"] = {**facts["screen"], "size_px": list(screen_px)}
        write_bytes(study / RECORDER_FILE, tomli_w.dumps(recorder.model_dump()).encode())
        write_bytes(study / "study.toml", tomli_w.dumps(facts).encode())


def read_recorder(study: Path) -> Recorder:
    """What the recorder of this study was told.

    Raises
    ------
    DataError
        If ``recorder.toml`` is damaged.
    """
    path = study / RECORDER_FILE
    return read_strict_toml(path, Recorder) if path.is_file() else Recorder()


def add_participant(study: Path, cells: Mapping[str, str]) -> None:
    """Add a row to ``participants.tsv``; columns that the table has besides stay empty.

    Raises
    ------
    UsageError
        If the participant stands there already.
    """
    path = study / "participants.tsv"
    rows = read_rows(path, columns=PARTICIPANT_COLUMNS)
    if any(row.optional("participant_id") == cells["participant_id"] for row in rows):
        raise UsageError(
            f"participant {cells['participant_id']} is in the study already",
            where="participants.tsv",
            fix="give every participant an id of their own",
        )
    text = path.read_text(encoding="utf-8-sig").rstrip("\n")
    columns = text.split("\n", 1)[0].rstrip("\r").split("\t")
    line = table_bytes(columns, [cells]).decode().split("\n", 1)[1]
    write_bytes(path, f"{text}\n{line}".encode())


def table_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table as TSV; a cell that a row lacks, or that is None, is empty.

    Examples
    --------
    >>> table_bytes(("order", "stimulus_id"), [{"order": 1}])
    b'order\\tstimulus_id\\n1\\t\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([["" if row.get(name) is None else row[name] for name in columns] for row in rows])
    return text.getvalue().encode()


def _require_all_mp4(films: Path) -> None:
    """Films of other formats are not passed over: whoever put them there wants them shown."""
    others = (
        [file for file in sorted(films.iterdir()) if file.suffix.lower() in FILM_SUFFIXES] if films.is_dir() else []
    )
    others = [file for file in others if file.suffix != ".mp4"]
    if others:
        raise UsageError(
            f"{len(others)} films are not named *.mp4: {', '.join(file.name for file in others[:MOST_NAMED])}",
            where=str(films),
            fix=f"convert them: ffmpeg -i {others[0].name} -c:v libx264 -pix_fmt yuv420p {others[0].stem}.mp4",
        )


def _require_playable(film: Path) -> VideoInfo:
    info = probe_video(film)
    if info.codec not in PLAYED_CODECS:
        raise UsageError(
            f"{film.name} is encoded as {info.codec}, which browsers do not play",
            where=str(film),
            fix=f"convert it: ffmpeg -i {film.name} -c:v libx264 -pix_fmt yuv420p new.mp4",
        )
    return info


def _require_id(text: str, kind: str, *, fix: str) -> None:
    if not ID_PATTERN.fullmatch(text):
        raise UsageError(f"'{text}' is no {kind}: ids are made of letters, digits and hyphens", fix=fix)
