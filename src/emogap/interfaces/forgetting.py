"""A participant withdraws: everything of them in a study, and everything that was made from it, is found and removed.

First :func:`~emogap.interfaces.forgetting_plan.plan_erasure` says what there is, then :func:`erase` removes it. What
was made from the study as a whole (data sets, runs, models, pages) holds the person somewhere in it: it is removed as a
whole, and the receipt says how each is made again without the person.
"""

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from emogap import __version__
from emogap.annotation.store import forget_items
from emogap.errors import OutputError, UsageError
from emogap.files import write_aside, write_bytes
from emogap.interfaces.annotating_book import alone_with_ratings
from emogap.interfaces.forgetting_plan import PEOPLE, TRUTH, Erasure
from emogap.locks import alone_in
from emogap.recording.derived import DERIVED_LIST
from emogap.recording.session import RECORDER_STATE

__all__ = ["erase"]

RECEIPTS = "forgotten"


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
