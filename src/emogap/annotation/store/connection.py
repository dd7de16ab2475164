"""Connections on which a finished transaction is on disk, and database errors in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from emogap.errors import DataError, EmogapError, OutputError, UsageError

__all__ = ["connect", "in_words", "named", "read_url", "use_write_ahead_log", "writing"]

_WRITES = "emogap_writes"

ADVISORY_LOCK = 0x656D6F67
"""PostgreSQL's key for writing, making and migrating a store: one process at a time, as in SQLite."""


def read_url(url: str | Path) -> URL:
    """The address of a database: ``sqlite:///FILE``, ``postgresql://USER@HOST/NAME``, or the path of a SQLite file.

    Raises
    ------
    UsageError
        If it is none of these, or a database in memory, which would keep nothing.
    """
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(url))
    try:
        read = make_url(url)
    except ArgumentError as error:
        raise UsageError("this is no address of a database", fix="sqlite:///FILE or postgresql://...") from error
    if read.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return read.set(drivername="postgresql+psycopg")
    if read.drivername != "sqlite":
        raise UsageError(f"ratings are not kept in {read.drivername}", fix="use sqlite:///FILE or postgresql://...")
    if not read.database or read.database == ":memory:":
        raise UsageError("a database in memory keeps nothing", fix="name a file: sqlite:///FILE")
    return read


def named(url: URL) -> str:
    """The address for messages: the file's path, or the URL without its password."""
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def connect(url: URL, *, wait_s: float) -> Engine:
    """An engine whose transactions are on disk when they are committed.

    SQLite: write-ahead log, synchronised at every commit, foreign keys enforced; a writer takes the lock at the
    start of its transaction. PostgreSQL: synchronous commit, whatever the server's default is, and the same lock.

    Raises
    ------
    UsageError
        If the driver of PostgreSQL is not installed.
    """
    if url.drivername == "sqlite":
        engine = create_engine(url, connect_args={"timeout": wait_s})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    wait_ms = round(wait_s * 1000)
    options = f"-c synchronous_commit=on -c lock_timeout={wait_ms}"
    timeout_s = max(2, round(wait_s))
    try:
        engine = create_engine(url, connect_args={"options": options, "connect_timeout": timeout_s}, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise UsageError(
            "the driver of PostgreSQL is not installed", where=named(url), fix="pip install 'emogap[postgres]'"
        ) from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write."""
    return engine.execution_options(**{_WRITES: True})


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers and a writer work side by side in a SQLite file; the file remembers it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Turn what a database says within the block into an error of emogap.

    Raises
    ------
    OutputError
        If another process holds the database, the disk is full, or the database may not be written.
    DataError
        If the file is damaged or no database, or a rating was added by another process meanwhile.
    UsageError
        If the server does not answer or refuses the user.
    """
    try:
        yield
    except IntegrityError as error:
        raise DataError(
            f"another process wrote the same at the same time: {_first_line(error.orig)}",
            where=where,
            fix="run the same command again; nothing of it was kept",
        ) from error
    except DBAPIError as error:
        raise _error_of(error.orig, where) from error
    except sqlite3.Error as error:
        raise _error_of(error, where) from error


def _error_of(error: BaseException | None, where: str) -> EmogapError:
    said = _first_line(error)
    code = getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", None) or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or code == "55P03":
        return OutputError(
            "the database is locked by another process",
            where=where,
            fix="close the other program, or try again when it has finished; nothing was changed",
        )
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")) or code == "53100":
        return OutputError(
            f"could not write: {said}", where=where, fix="make room and run it again: what was acknowledged is kept"
        )
    if code.startswith("SQLITE_READONLY") or code == "42501":
        return OutputError(f"could not write: {said}", where=where, fix="ask for the right to write to it")
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DataError(
            f"this is no sound SQLite database: {said}", where=where, fix="name another file, or restore a backup"
        )
    if code.startswith("SQLITE_CANTOPEN"):
        return OutputError(f"could not open: {said}", where=where, fix="check that the folder exists")
    if code.startswith("SQLITE"):
        return DataError(f"the database refused: {said}", where=where, fix="name a store of emogap")
    return UsageError(
        f"PostgreSQL refused: {said}", where=where, fix="check address, user and password, and that the server runs"
    )


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n")[0]
