"""Making, migrating and refusing databases."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from emogap.annotation.store import open_store
from emogap.annotation.store.connection import connect, read_url
from emogap.annotation.store.schema import SCHEMA
from emogap.errors import DataError, MismatchError, OutputError, UsageError

SCHEMA_1 = """
CREATE TABLE store_schema (id INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE item (id {serial} PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);
CREATE TABLE annotator (id {serial} PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);
CREATE TABLE rating_round (number INTEGER NOT NULL PRIMARY KEY, purpose VARCHAR NOT NULL, opened_at VARCHAR NOT NULL);
CREATE TABLE rating (id {serial} PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES item (id),
  annotator_id INTEGER NOT NULL REFERENCES annotator (id), question VARCHAR NOT NULL,
  round_number INTEGER NOT NULL REFERENCES rating_round (number), revision INTEGER NOT NULL, text VARCHAR,
  answered_at VARCHAR, UNIQUE (item_id, annotator_id, question, round_number, revision));
CREATE TABLE audit (id {serial} PRIMARY KEY, at VARCHAR NOT NULL, who VARCHAR NOT NULL, what VARCHAR NOT NULL,
  subject VARCHAR NOT NULL, revision INTEGER, software VARCHAR NOT NULL);
INSERT INTO store_schema VALUES (1, 1);
INSERT INTO item (name) VALUES ('c1'), ('c2'), ('c3');
INSERT INTO annotator (name) VALUES ('e1'), ('e2');
INSERT INTO rating_round VALUES (1, '', '2025-01-01');
INSERT INTO rating (item_id, annotator_id, question, round_number, revision, text, answered_at)
  VALUES (1, 1, 'emotion7', 1, 1, 'fear', 't'), (3, 2, 'emotion7', 1, 1, 'anger', NULL);
INSERT INTO audit (at, who, what, subject, revision, software) VALUES ('t', 'e1', 'rate', 'c1', 1, 'emogap 0.0.9')
"""
"""A store as version 1 of the tables had it, written out so that no later change of the code can alter it."""


def make_store_of_schema_1(url: str) -> None:
    serial = "INTEGER NOT NULL" if url.startswith("sqlite") else "SERIAL"
    engine = create_engine(read_url(url))
    with engine.begin() as connection:
        for statement in SCHEMA_1.format(serial=serial).split(";\n"):
            connection.execute(text(statement))
    engine.dispose()


def set_version(url: str, version: int) -> None:
    engine = create_engine(read_url(url))
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE store_schema SET version = {version}"))
    engine.dispose()


def test_an_older_store_is_migrated_and_kept_as_it_was(url: str, clock: Callable[[], datetime]) -> None:
    make_store_of_schema_1(url)
    with open_store(url, clock=clock) as store:
        assert store.tables()["emotion7"].items == ("c1", "c3")
        assert store.revisions("c1", annotator="e1", question="emotion7")[0].vocabulary is None
        store.add_rating("c2", annotator="e1", question="emotion7", rating="fear", who="e1")
        assert [entry.what for entry in store.audit()] == ["rate", "migrate from schema 1", "rate"]
        backup = str(store.backup)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(backup)) as connection:
            assert connection.execute("SELECT version FROM store_schema").fetchall() == [(1,)]
            assert connection.execute("SELECT text FROM rating").fetchall() == [("fear",), ("anger",)]
    else:
        engine = create_engine(read_url(url))
        with engine.connect() as connection:
            kept = connection.execute(text(f"SELECT text FROM {backup.rsplit(' ', 1)[1]}.rating ORDER BY id"))
            assert [row[0] for row in kept] == ["fear", "anger"]
        engine.dispose()
    with open_store(url) as store:
        assert store.backup is None


def test_a_second_backup_does_not_overwrite_the_first(tmp_path: Path) -> None:
    (tmp_path / "r.db.schema1.backup").write_text("kept")
    make_store_of_schema_1(f"sqlite:///{tmp_path}/r.db")
    with open_store(tmp_path / "r.db") as store:
        assert store.backup == str(tmp_path / "r.db.schema1.backup2")
    assert (tmp_path / "r.db.schema1.backup").read_text() == "kept"


def test_a_failed_migration_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    make_store_of_schema_1(f"sqlite:///{tmp_path}/r.db")
    with closing(sqlite3.connect(tmp_path / "r.db")) as connection:
        connection.execute("ALTER TABLE rating ADD COLUMN mapping VARCHAR")  # the second step will meet it
        connection.commit()
        with pytest.raises(DataError, match="duplicate column"):
            open_store(tmp_path / "r.db")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(rating)")]
        assert "vocabulary" not in columns
        assert connection.execute("SELECT version FROM store_schema").fetchone() == (1,)


def test_a_newer_store_is_refused(url: str) -> None:
    open_store(url, create=True).close()
    set_version(url, SCHEMA + 1)
    with pytest.raises(MismatchError, match=rf"schema {SCHEMA + 1}, this emogap .* reads up to {SCHEMA}"):
        open_store(url)


def test_a_store_that_is_not_there_is_made_only_when_asked(url: str) -> None:
    with pytest.raises(DataError, match=r"no such database|holds no store"):
        open_store(url)
    open_store(url, create=True).close()
    open_store(url, create=True).close()
    open_store(url).close()


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
        connection.commit()
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(DataError, match="another program: it holds photos"):
            open_store(path, create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.db").write_bytes(content)
    with pytest.raises(DataError, match="no sound SQLite database"):
        open_store(tmp_path / "r.db", create=True)
    assert (tmp_path / "r.db").read_bytes() == content


def test_a_locked_store_says_so(url: str) -> None:
    with open_store(url, create=True, wait_s=0.05) as store:
        store.add_rating("c1", annotator="e1", question="arousal", rating=0, who="e1")
        holder = create_engine(read_url(url))
        with holder.connect() as connection:
            if url.startswith("sqlite"):
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
            else:
                connection.exec_driver_sql("LOCK TABLE rating IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(OutputError, match="locked by another process"):
                store.add_rating("c2", annotator="e1", question="arousal", rating=0, who="e1")
            connection.rollback()
        holder.dispose()
        assert [answer.item for answer in store.answers()] == ["c1"]


def test_reading_goes_on_while_another_writes(tmp_path: Path) -> None:
    with open_store(tmp_path / "r.db", create=True, wait_s=0.05) as store:
        store.add_rating("c1", annotator="e1", question="arousal", rating=0, who="e1")
        with closing(sqlite3.connect(tmp_path / "r.db", isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO item (name) VALUES ('half')")
            assert store.items() == ("c1",)
            writer.execute("ROLLBACK")


def test_a_commit_is_synchronised(url: str) -> None:
    """SIGKILL does not show whether a commit would outlive a power cut: the settings do."""
    open_store(url, create=True).close()
    engine = connect(read_url(url), wait_s=1)
    with engine.connect() as connection:
        if url.startswith("sqlite"):
            settings = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            ]
            assert settings == ["wal", 2]
        else:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://host/name", "not kept in mysql"),
        ("sqlite://", "in memory keeps nothing"),
        ("sqlite:///:memory:", "in memory keeps nothing"),
        ("://", "no address"),
    ],
)
def test_what_is_no_address_of_a_store_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        open_store(url, create=True)


def test_a_server_that_does_not_answer_is_an_error_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed here")
    with pytest.raises(UsageError, match="PostgreSQL refused") as caught:
        open_store(f"postgresql://anna:hush@/ratings?host={tmp_path}")
    assert "hush" not in str(caught.value)


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="unable to open"):
        open_store(tmp_path / "absent" / "r.db", create=True)
