"""A participant withdraws: everything of them in a study, and everything that was made from it, is found and removed.

Read :func:`plan_erasure` (what there is; nothing is touched), then :func:`erase`. What was made from the study as a
whole (data sets, runs, models, pages) holds the person somewhere in it: it is removed as a whole, and the receipt says
how each is made again without the person.
"""

import csv
import io
import json
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from emogap import __version__
from emogap.annotation.store import backups_of, forget_items
from emogap.errors import DataError, OutputError, UnknownNameError, UsageError
from emogap.files import write_aside, write_bytes
from emogap.interfaces.annotating_book import AGREED, alone_with_ratings
from emogap.locks import alone_in
from emogap.recording.derived import DERIVED_LIST, derived_notes
from emogap.recording.session import RECORDER_STATE
from emogap.recording.study import open_study
from emogap.rows import ID_PATTERN

__all__ = ["AGAIN", "DerivedPlace", "Erasure", "RowsIn", "erase", "plan_erasure"]

RECEIPTS = "forgotten"
PEOPLE = "participants.tsv"
TRUTH = "truth.parquet"
SQLITE = b"SQLite format 3\0"
"""With this every SQLite file begins, whatever it is called."""

PARTIAL = ".partial"
"""Ending of what was being written when a command was killed."""

AGAIN = {
    "agreement": "emogap agreement STUDY --figure OUT",
    "align": "emogap align STUDY",
    "annotate": "emogap annotate auto STUDY (what people answered is not made again)",
    "annotate export": "emogap annotate export STUDY OUT",
    "aoi": "emogap aoi STUDY AOI",
    "bench": "emogap bench DATASET ... --out RUN (retrain: its models saw the participant)",
    "build": "emogap build STUDY OUT",
    "consensus": "emogap consensus STUDY --out OUT",
    "export": "emogap export LAYOUT STUDY OUT (ask who has a copy to delete it)",
    "faces": "emogap faces VIDEO OUT",
    "finetune": "emogap finetune CKPT DATA (retrain: the model saw the participant)",
    "gap": "emogap gap DATASET --ratings STUDY",
    "gaze-index": "emogap gaze-index STUDY OUT",
    "open": "emogap open STUDY (of itself, when a recording is opened)",
    "paper build": "emogap paper build RUN OUT --study STUDY",
    "plot": "emogap plot FIGURE STUDY OUT",
    "predict": "emogap predict CKPT SESSION",
    "pretrain": "emogap pretrain INDEX --out CKPT (retrain: the encoder saw the participant)",
    "quality": "emogap quality STUDY",
    "release": "emogap release STUDY OUT --consent LEVEL (ask who has a copy to delete it)",
    "report": "emogap report RUN",
    "run": "emogap run TOML --data DATASET --out OUT (retrain: its models saw the participant)",
    "simulate": "emogap simulate OUT (the whole study)",
    "train": "emogap train DATASET ... --out CKPT (retrain: the model saw the participant)",
    "vad": "emogap vad CKPT FILE",
}
"""How what a command made is made again: every command that notes something. Lists may name commands of others too."""


@dataclass(frozen=True, slots=True)
class RowsIn:
    """A table of which rows are about the participant."""

    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class DerivedPlace:
    """Something that was made from the study and goes as a whole."""

    path: Path
    by: str

    @property
    def again(self) -> str:
        """How it is made again without the participant."""
        return AGAIN.get(self.by, f"emogap {self.by} ...")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What there is of a participant.

    Attributes
    ----------
    study : Path
    participant_id : str
    files : tuple of Path
        Theirs alone: their session, what raters wrote beside its clips.
    tables : tuple of RowsIn
        Tables that lose rows and keep the others'.
    derived : tuple of DerivedPlace
        Made from the study; innermost last.
    stores : tuple of str
        Databases with answers about their clips; their copies from migrations are among `files`.
    missing : tuple of DerivedPlace
        Made from the study, and no longer where it was noted: removed by hand, or moved with the person in it.
    """

    study: Path
    participant_id: str
    files: tuple[Path, ...]
    tables: tuple[RowsIn, ...]
    derived: tuple[DerivedPlace, ...]
    stores: tuple[str, ...]
    missing: tuple[DerivedPlace, ...] = ()


def plan_erasure(study: Path, participant_id: str, *, stores: Sequence[str] = ()) -> Erasure:
    """Everything of a participant in a study and in what was made from it; nothing is touched.

    Parameters
    ----------
    study : Path
    participant_id : str
    stores : sequence of str
        Addresses of databases with answers that the study's list does not name: those on a server.

    Raises
    ------
    UsageError
        If the folder is no study, or `participant_id` is no id.
    UnknownNameError
        If nothing in the study is about such a participant.
    DataError
        If the list of what was made from the study cannot be read, or names a folder that holds the study itself.
    """
    if not ID_PATTERN.fullmatch(participant_id):
        # Such a name would be a path: '..' is the whole study.
        raise UsageError(
            f"'{participant_id}' is no id of a participant", fix="ids are made of letters, digits and hyphens"
        )
    opened = open_study(study, with_sessions=False)
    start = f"{participant_id}/"
    session = study / "sessions" / participant_id
    stimuli = frozenset(stimulus.stimulus_id for stimulus in opened.stimuli)
    others = {each.participant_id for each in opened.participants} - {participant_id}
    beside = sorted((study / "ratings" / "beside").glob(f"*/{participant_id}-*"))
    files = [session] if session.is_dir() else []
    files += [path for path in beside if _is_of(path, stimuli, participant_id, others)]
    tables = [
        RowsIn(path, count)
        for path in sorted((study / "ratings").glob("*.csv"))
        if (count := sum(item.startswith(start) for item in _column(path, "item", ",")))
    ]
    partial = [path for place in (study, study / "ratings") for path in sorted(place.glob(f"*{PARTIAL}"))]
    # A session is begun under this name beside the others.
    partial += sorted(study.glob(f".session-{participant_id}"))
    people = study / PEOPLE
    own = sum(name == participant_id for name in _column(people, "participant_id", "\t"))
    tables += [RowsIn(people, own)] if own else []
    if (study / TRUTH).is_file():
        truth = pl.read_parquet(study / TRUTH)
        count = truth.filter(pl.col("participant_id") == participant_id).height
        tables += [RowsIn(study / TRUTH, count)] if count else []
    noted = list(_derived(study))
    found = [place for place in noted if place.path.exists()]
    _require_outside(study, found)
    kept = [place for place in found if _is_store(place.path)]
    addresses = [*(f"sqlite:///{place.path}" for place in kept), *stores]
    copies = [copy for address in addresses for copy in backups_of(address)]
    machine = [path for place in found if place.by == "annotate" for path in place.path.glob(f"{participant_id}.*")]
    if not (files or tables or machine):
        raise UnknownNameError("participant", participant_id, [each.participant_id for each in opened.participants])
    whole = [place for place in found if place not in kept and place.by != "annotate"]
    return Erasure(
        study,
        participant_id,
        (*files, *machine, *copies, *partial),
        tuple(tables),
        tuple(whole),
        tuple(dict.fromkeys(addresses)),
        tuple(place for place in noted if place not in found and place.path.suffix != PARTIAL),
    )


def erase(plan: Erasure, *, now: datetime | None = None) -> Path:
    """Remove what `plan` lists, and write a receipt; called again after an interruption, it goes on.

    Nothing else may work on the study meanwhile. What is rewritten is written aside and renamed; deleted files are
    deleted, which a disk may keep until it writes there again.

    Parameters
    ----------
    plan : Erasure
    now : datetime, optional
        For the receipt.

    Returns
    -------
    Path
        The receipt, a JSON file in ``STUDY/forgotten``: what was removed, and how it is made again. It does not name
        the participant.

    Raises
    ------
    UsageError
        If a file of theirs is a link to one elsewhere, which would stay; nothing was touched then.
    OutputError
        If something cannot be removed or written; what was removed before stays removed, and the participant is still
        in ``participants.tsv`` to go on with.
    """
    _refuse_links(plan)
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    receipt = plan.study / RECEIPTS / f"{moment.replace(':', '').replace('+0000', 'Z')}.json"
    content: dict[str, object] = {
        "forgotten_at": moment,
        "is_finished": False,
        "emogap": __version__,
        "files": [_unnamed(path, plan) for path in plan.files],
        "rows": {_unnamed(table.path, plan): table.rows for table in plan.tables},
        "stores": {_unnamed_text(address, plan): {} for address in plan.stores},
        "derived": [
            {"path": _unnamed(place.path, plan), "by": place.by, "again": place.again} for place in plan.derived
        ],
        "missing": [
            {"path": _unnamed(place.path, plan), "by": place.by, "again": place.again} for place in plan.missing
        ],
    }
    _write_receipt(receipt, content)
    _end_recording(plan)
    # The row in participants.tsv goes last: whatever stops this, the same command finds what is left.
    for place in plan.derived:
        _remove(place.path)
    rows = {address: forget_items(address, f"{plan.participant_id}/") for address in plan.stores}
    people = [table for table in plan.tables if table.path.name == PEOPLE]
    with alone_with_ratings(plan.study / "ratings"):
        for table in plan.tables:
            if table not in people:
                _without(table.path, plan.participant_id)
    for path in plan.files:
        _remove(path)
    _shorten_list(plan)
    _unname_receipts(plan)
    with alone_in(plan.study):
        for table in people:
            _without(table.path, plan.participant_id)
    done = {"is_finished": True, "stores": {_unnamed_text(address, plan): counts for address, counts in rows.items()}}
    _write_receipt(receipt, content | done)
    return receipt


def _end_recording(plan: Erasure) -> None:
    """A session that an app records at this moment ends: without its state nothing more of it is kept."""
    state = plan.study / "sessions" / plan.participant_id / RECORDER_STATE
    if state.is_file():
        with alone_in(state.parent, is_made=False):
            _remove(state)


def _write_receipt(path: Path, content: dict[str, object]) -> None:
    write_bytes(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def _unname_receipts(plan: Erasure) -> None:
    """Receipts of earlier withdrawals may name this participant, in a path of what was made from the study."""
    for path in sorted((plan.study / RECEIPTS).glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        places = {
            name: [{**place, "path": _unnamed_text(place["path"], plan)} for place in content.get(name, [])]
            for name in ("derived", "missing")
        }
        _write_receipt(path, content | places)


def _refuse_links(plan: Erasure) -> None:
    """Raise where a link of theirs leads to what would stay."""
    for path in plan.files:
        for entry in (path, *(sorted(path.rglob("*")) if path.is_dir() and not path.is_symlink() else ())):
            if entry.is_symlink() and entry.exists():
                raise UsageError(
                    f"this is a link: {entry.resolve()} would stay as it is",
                    where=str(entry),
                    fix="remove what it leads to, then run the same command again",
                )


def _require_outside(study: Path, found: Sequence[DerivedPlace]) -> None:
    """Raise where what was made, and would go as a whole, holds the study itself."""
    for place in found:
        if study.resolve().is_relative_to(place.path):
            raise DataError(
                f"the list of what was made from the study names {place.path}, which holds the study itself",
                where=str(study / DERIVED_LIST),
                fix="name there what 'emogap " + place.by + "' wrote",
            )


def _is_store(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _is_of(path: Path, stimuli: frozenset[str], participant_id: str, others: Collection[str]) -> bool:
    """Whether ``PARTICIPANT-STIMULUS-ROUND`` is about this participant: ids may hold hyphens themselves.

    A stimulus that the study no longer has is taken for theirs, unless the name begins like somebody else's.
    """
    rest = path.stem.removeprefix(f"{participant_id}-").rpartition("-")[0]
    return rest in stimuli or not any(path.name.startswith(f"{other}-") for other in others)


def _derived(folder: Path) -> Iterator[DerivedPlace]:
    """What was made from a folder, and from that, whether it is still there or not; the innermost last."""
    ratings = folder.resolve() / "ratings"
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        for by, path in derived_notes(waiting.pop(0)):
            is_own_table = path.parent == ratings and (path.suffix == ".csv" or path.name == AGREED)
            if path in seen or is_own_table:
                continue
            seen.add(path)
            yield DerivedPlace(path, by)
            unfinished = path.with_name(path.name + PARTIAL)
            if unfinished.exists():
                yield DerivedPlace(unfinished, by)
            if path.is_dir():
                waiting.append(path)


def _column(path: Path, name: str, delimiter: str) -> list[str]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row.get(name) or "" for row in csv.DictReader(file, delimiter=delimiter)]


def _without(path: Path, participant_id: str) -> None:
    """The table without the participant's rows; the others' stay as they were written, letter by letter."""
    if path.name == TRUTH:
        kept = pl.read_parquet(path).filter(pl.col("participant_id") != participant_id)
        with write_aside(path) as partial:
            kept.write_parquet(partial)
        return
    delimiter = "\t" if path.suffix == ".tsv" else ","
    text = path.read_text(encoding="utf-8-sig")
    header, *records = _records(text)
    names = next(csv.reader(io.StringIO(header), delimiter=delimiter))
    column = names.index("participant_id" if path.suffix == ".tsv" else "item")

    def is_theirs(record: str) -> bool:
        cells = next(csv.reader(io.StringIO(record), delimiter=delimiter), [])
        cell = cells[column] if column < len(cells) else ""
        return cell == participant_id or cell.startswith(f"{participant_id}/")

    write_bytes(path, "".join([header, *(record for record in records if not is_theirs(record))]).encode())


def _records(text: str) -> list[str]:
    """The rows of a table as they are written; a quoted cell may hold a line break."""
    records: list[str] = []
    open_quote = False
    for line in text.splitlines(keepends=True):
        if open_quote:
            records[-1] += line
        else:
            records.append(line)
        open_quote ^= line.count('"') % 2 == 1
    return records


def _shorten_list(plan: Erasure) -> None:
    """Take what is gone from the study's list of what was made from it."""
    path = plan.study / DERIVED_LIST
    if not path.is_file():
        return
    root = plan.study.resolve()
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    kept = [line for line in lines if (root / str(json.loads(line)["path"])).exists()]
    write_bytes(path, "".join(f"{line}\n" for line in kept).encode())


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"could not remove it: {error.strerror}",
            where=str(path),
            fix="make it writable and run the same command again: it goes on",
        ) from error


def _unnamed(path: Path, plan: Erasure) -> str:
    root, whole = plan.study.resolve(), path.resolve()
    return _unnamed_text(whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole), plan)


def _unnamed_text(text: str, plan: Erasure) -> str:
    return text.replace(plan.participant_id, "PARTICIPANT")
