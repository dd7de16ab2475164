"""Opening a store: made if asked for, brought up to date after a backup, refused if it is none or too new."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlmodel import Session

import emogap
from emogap.annotation.store.connection import connect, in_words, named, read_url, use_write_ahead_log, writing
from emogap.annotation.store.schema import SCHEMA, TABLES, AuditRow, SchemaRow, create_tables
from emogap.annotation.store.store import Store
from emogap.errors import DataError, MismatchError
from emogap.files import write_aside

__all__ = ["open_store"]

WAIT_S = 5.0
"""So long a writer waits for another one."""

STEPS: dict[int, tuple[str, ...]] = {
    1: ("ALTER TABLE rating ADD COLUMN vocabulary VARCHAR", "ALTER TABLE rating ADD COLUMN mapping VARCHAR"),
}
"""What leads from a version of the tables to the next one."""

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def open_store(
    url: str | Path, *, create: bool = False, wait_s: float = WAIT_S, clock: Callable[[], datetime] = _now
) -> Store:
    """The store at `url`, ready to be written.

    Parameters
    ----------
    url : str or Path
        ``sqlite:///FILE`` or the path of a file; ``postgresql://USER@HOST/NAME``.
    create : bool
        Whether to make the store if there is none.
    wait_s : float
        So many seconds to wait for another process that is writing.
    clock : function
        Gives the time for the audit.

    Returns
    -------
    Store
        A store of an older version was migrated; `store.backup` says where it stands as it was.

    Raises
    ------
    DataError
        If there is no store and `create` was not asked for, or the database is damaged or belongs to another
        program.
    MismatchError
        If it was made by a newer emogap.
    OutputError
        If another process holds it, or it cannot be written.
    UsageError
        If `url` is no address, or the server does not answer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open_store(Path(folder) / "ratings.db", create=True) as store:
    ...     _ = store.add_rating("p1/s1", annotator="e1", question="emotion7", rating="fear", who="e1")
    ...     store.tables()["emotion7"].rating.tolist()
    [[2.0]]
    """
    address = read_url(url)
    where = named(address)
    if address.drivername == "sqlite" and not create and not Path(str(address.database)).is_file():
        raise DataError("there is no such database", where=where, fix="check the path, or create it")
    engine = connect(address, wait_s=wait_s)
    try:
        with in_words(where):
            backup = _prepare(engine, address, create=create, clock=clock)
            if address.drivername == "sqlite":
                use_write_ahead_log(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, where=where, backup=backup, clock=clock)


def _prepare(engine: Engine, address: URL, *, create: bool, clock: Callable[[], datetime]) -> str | None:
    """Make or migrate the tables as far as needed; where the backup is, if one was made."""
    with engine.connect() as connection:
        if _version(connection, address) == SCHEMA:
            return None
    with writing(engine).connect() as connection, connection.begin():
        version = _version(connection, address)
        if version is None:
            if not create:
                raise DataError("the database holds no store", where=named(address), fix="create it")
            create_tables(connection)
            _note(connection, "create", clock, SchemaRow(version=SCHEMA))
            return None
        if version == SCHEMA:
            return None
        backup = _backup(connection, address, version)
        for before in range(version, SCHEMA):
            for step in STEPS[before]:
                connection.exec_driver_sql(step)
        connection.execute(text("UPDATE store_schema SET version = :version"), {"version": SCHEMA})
        _note(connection, f"migrate from schema {version}", clock)
    _log.warning("%s was of schema %d and is now of schema %d; as it was: %s", named(address), version, SCHEMA, backup)
    return backup


def _version(connection: Connection, address: URL) -> int | None:
    """Version of the tables; None in an empty database."""
    tables = set(inspect(connection).get_table_names())
    if SchemaRow.__tablename__ not in tables:
        if tables:
            raise DataError(
                f"the database belongs to another program: it holds {', '.join(sorted(tables)[:3])}",
                where=named(address),
                fix="name another file or database",
            )
        return None
    version = connection.execute(text("SELECT version FROM store_schema")).scalar_one_or_none()
    if not isinstance(version, int) or version < min(STEPS):
        raise DataError(
            f"the store does not say which version it has, but {version!r}",
            where=named(address),
            fix="restore a backup",
        )
    if version > SCHEMA:
        raise MismatchError(
            f"the store has schema {version}, this emogap {emogap.__version__} reads up to {SCHEMA}",
            where=named(address),
            fix="update emogap; the store was not changed",
        )
    return version


def _note(connection: Connection, what: str, clock: Callable[[], datetime], *rows: SchemaRow) -> None:
    software = f"emogap {emogap.__version__}"
    entry = AuditRow(
        at=clock().isoformat(), who="emogap", what=what, subject=f"schema {SCHEMA}", revision=None, software=software
    )
    with Session(connection) as session:
        session.add_all([*rows, entry])
        session.flush()


def _backup(connection: Connection, address: URL, version: int) -> str:
    """Keep the store as it is: a file beside it, or a schema of the same PostgreSQL database."""
    if address.drivername != "sqlite":
        taken = set(inspect(connection).get_schema_names())
        name = next(name for name in _names(f"emogap_schema{version}_backup") if name not in taken)
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        for table in TABLES:
            connection.exec_driver_sql(f"CREATE TABLE {name}.{table} AS TABLE {table}")
        return f"PostgreSQL schema {name}"
    file = Path(str(address.database))
    names = _names(f"{file.name}.schema{version}.backup")
    path = next(path for name in names if not (path := file.with_name(name)).exists())
    with (
        write_aside(path) as partial,
        closing(sqlite3.connect(file)) as source,
        closing(sqlite3.connect(partial)) as target,
    ):
        source.backup(target)
    return str(path)


def _names(first: str) -> Iterator[str]:
    yield first
    number = 2
    while True:
        yield f"{first}{number}"
        number += 1
