"""Taking everything about some items out of a store for good: the one exception to 'rows are added only'."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import BindParameter, Connection, bindparam, text

import emogap
from emogap.annotation.store.connection import connect, in_words, named, read_url, writing
from emogap.annotation.store.schema import drop_guards, make_guards
from emogap.counted_nouns import counted
from emogap.errors import DataError

__all__ = ["Forgotten", "backups_of", "forget_items"]

WAIT_S = 5.0
PORTION = 500
"""Rows that one statement names."""

Forgotten = dict[str, int]
"""Rows removed by table."""


def _now() -> datetime:
    return datetime.now(UTC)


def forget_items(url: str | Path, start: str, *, clock: Callable[[], datetime] = _now) -> Forgotten:
    """Remove every item whose name begins with `start`, every answer about it, and every note of either.

    What is left of them in the file is overwritten: SQLite deletes with ``secure_delete`` and the file is written anew
    (``VACUUM``), its log emptied; PostgreSQL writes its tables anew (``VACUUM FULL``). The audit keeps that something
    was forgotten, and when, not what.

    Parameters
    ----------
    url : str or Path
        As :func:`emogap.annotation.store.open_store` takes it.
    start : str
        Such as ``p001/``.
    clock : function
        Gives the time for the audit.

    Returns
    -------
    mapping from table to int
        Rows removed.

    Raises
    ------
    DataError
        If there is no store at `url`.
    OutputError
        If another process holds it; nothing was removed then.
    """
    address = read_url(url)
    is_file = address.drivername == "sqlite"
    if is_file and not Path(str(address.database)).is_file():
        raise DataError("there is no such database", where=named(address), fix="check the path")
    engine = connect(address, wait_s=WAIT_S)
    try:
        with in_words(named(address)):
            with writing(engine).connect() as connection:
                if is_file:
                    connection.exec_driver_sql("PRAGMA secure_delete=ON")
                    connection.commit()
                with connection.begin():
                    removed = _remove(connection, start, clock)
            if not is_file:
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM (FULL) item, rating, audit")
    finally:
        engine.dispose()
    if is_file:
        with closing(sqlite3.connect(str(address.database), timeout=WAIT_S)) as file, in_words(named(address)):
            file.execute("PRAGMA secure_delete=ON")
            file.execute("VACUUM")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed


def _remove(connection: Connection, start: str, clock: Callable[[], datetime]) -> Forgotten:
    items = [number for number, name in connection.execute(text("SELECT id, name FROM item")) if name.startswith(start)]
    # A note names an item alone, or an answer as 'QUESTION of ITEM by ANNOTATOR'.
    notes = [
        number
        for number, subject in connection.execute(text("SELECT id, subject FROM audit"))
        if subject.startswith(start) or f" of {start}" in subject
    ]
    drop_guards(connection)
    removed = {
        "rating": _delete(connection, "rating", "item_id", items),
        "audit": _delete(connection, "audit", "id", notes),
        "item": _delete(connection, "item", "id", items),
    }
    note = text(
        "INSERT INTO audit (at, who, what, subject, revision, software)"
        " VALUES (:at, 'emogap', 'forget', :subject, NULL, :software)"
    ).bindparams(bindparam("at"), bindparam("subject"), bindparam("software"))
    counts = ", ".join(f"{counted(number, 'row')} of {table}" for table, number in removed.items())
    software = f"emogap {emogap.__version__}"
    connection.execute(note, {"at": clock().isoformat(), "subject": counts, "software": software})
    make_guards(connection)
    return removed


def _delete(connection: Connection, table: str, column: str, values: Sequence[int]) -> int:
    removed = 0
    for first in range(0, len(values), PORTION):
        chosen: BindParameter[Sequence[int]] = bindparam("chosen", values[first : first + PORTION], expanding=True)
        removed += connection.execute(
            text(f"DELETE FROM {table} WHERE {column} IN :chosen").bindparams(chosen)
        ).rowcount
    return removed


def backups_of(url: str | Path) -> tuple[Path, ...]:
    """Copies of a SQLite store that were made beside it when it was migrated; they hold what it held."""
    address = read_url(url)
    if address.drivername != "sqlite":
        return ()
    file = Path(str(address.database))
    return tuple(sorted(file.parent.glob(f"{file.name}.schema*.backup*")))
