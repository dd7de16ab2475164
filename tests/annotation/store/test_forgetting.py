"""A person is taken out of a store for good, and nobody else is touched."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emogap.annotation.store import backups_of, forget_items, open_store
from emogap.errors import DataError, EmogapError


def fill(url: str) -> None:
    with open_store(url, create=True) as store:
        for item in ("p1/s1", "p1/s2", "p10/s1", "p2/s1", "P1/s9"):
            store.add_rating(item, annotator="e1", question="emotion7", rating="fear", who="e1")
        store.add_rating("p1/s1", annotator="e2", question="valence", rating="-0.123456", who="e2")
        store.add_rating("p2/s1", annotator="e2", question="valence", rating="0.5", who="e2")


def test_every_row_about_the_person_goes_and_every_other_stays(url: str) -> None:
    fill(url)
    removed = forget_items(url, "p1/", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert removed == {"rating": 3, "audit": removed["audit"], "item": 2}
    with open_store(url) as store:
        assert {answer.item for answer in store.answers()} == {"p10/s1", "p2/s1", "P1/s9"}
        assert len(store.answers()) == 4
        assert not [entry for entry in store.audit() if "p1/" in entry.subject]
        assert store.audit()[-1].what == "forget"


def test_no_byte_of_it_is_left_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ratings.db"
    fill(f"sqlite:///{file}")
    assert b"p1/s1" in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    forget_items(f"sqlite:///{file}", "p1/")
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"p1/s" not in left
    assert b"-0.123456" not in left
    assert b"p10/s1" in left


def test_rows_are_added_only_again_afterwards(url: str) -> None:
    fill(url)
    forget_items(url, "p1/")
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            for statement in ("DELETE FROM audit", "UPDATE audit SET who = 'x'", "UPDATE rating SET text = 'x'"):
                with pytest.raises(sqlite3.IntegrityError, match="rows are added only"):
                    file.execute(statement)
    else:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for statement in ("DELETE FROM audit", "UPDATE rating SET text = 'x'"):
                with pytest.raises(psycopg.errors.RaiseException, match="rows are added only"):
                    connection.execute(statement)  # type: ignore[arg-type]


def test_wildcards_in_a_name_are_letters(url: str) -> None:
    with open_store(url, create=True) as store:
        for item in ("a_b/s1", "axb/s1", "a%/s1"):
            store.add_rating(item, annotator="e1", question="emotion7", rating="fear", who="e1")
    assert forget_items(url, "a_b/")["item"] == 1
    with open_store(url) as store:
        assert set(store.items()) == {"axb/s1", "a%/s1"}


def test_nothing_is_removed_where_nothing_is_known(url: str) -> None:
    fill(url)
    assert forget_items(url, "p99/") == {"rating": 0, "audit": 0, "item": 0}


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such database"):
        forget_items(f"sqlite:///{tmp_path / 'none.db'}", "p1/")
    assert not (tmp_path / "none.db").exists()


def test_a_store_that_another_process_holds_is_not_half_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emogap.annotation.store import forgetting

    monkeypatch.setattr(forgetting, "WAIT_S", 0.2)
    file = tmp_path / "ratings.db"
    fill(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(EmogapError):
            forget_items(f"sqlite:///{file}", "p1/")
    with open_store(f"sqlite:///{file}") as store:
        assert "p1/s1" in store.items()


def test_copies_from_a_migration_are_named(tmp_path: Path) -> None:
    for name in ("ratings.db", "ratings.db.schema1.backup", "ratings.db.schema1.backup2", "other.db.schema1.backup"):
        (tmp_path / name).touch()
    names = [path.name for path in backups_of(f"sqlite:///{tmp_path / 'ratings.db'}")]
    assert names == ["ratings.db.schema1.backup", "ratings.db.schema1.backup2"]
