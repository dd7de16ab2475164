"""Stores to test on: a SQLite file, and a PostgreSQL server of the tests' own where PostgreSQL is installed."""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest

NOBODY = ("postgres", "nobody")
"""Users that the server may run as where the tests run as root, which PostgreSQL refuses."""


def clock_of_the_test() -> Callable[[], datetime]:
    """A clock that moves on by one second each time it is read."""
    seconds = itertools.count()
    return lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))


def leave_out(reason: str) -> NoReturn:
    """Skip what needs a server; as CI (``CI=true``) fail, since a skipped test would look like a passed one."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI=true: the tests on PostgreSQL may not be left out", pytrace=False)
    pytest.skip(reason)


def server_programs() -> Path | None:
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(on_path).parent if on_path else installed[-1].parent if installed else None


def server_user() -> str | None:
    """Whom to run the server as; None = as the tests themselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in NOBODY if name in known)


def run_as(user: str | None, *command: str | Path) -> None:
    extra = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(  # type: ignore[call-overload]
        [str(word) for word in command], cwd="/", capture_output=True, text=True, timeout=60, check=False, **extra
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server with a folder of its own, reached by a socket in it; its address."""
    programs = server_programs()
    if programs is None:
        leave_out("PostgreSQL is not installed here (apt-get install postgresql)")
    if importlib.util.find_spec("psycopg") is None:
        leave_out("the driver of PostgreSQL is not installed here (pip install 'emogap[postgres]')")
    user = server_user()
    # A folder directly in the temporary directory: that of pytest may be entered by root only.
    with tempfile.TemporaryDirectory(prefix="emogap-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        cluster = folder / "cluster"
        run_as(
            user, programs / "initdb", "-D", cluster, "-U", "emogap", "-A", "trust", "--no-locale", "-E", "UTF8", "-N"
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c unix_socket_permissions=0777"
        run_as(user, programs / "pg_ctl", "-D", cluster, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgresql://emogap@/postgres?host={folder}"
        finally:
            run_as(user, programs / "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The address of a database that is empty at the start of each test."""
    import psycopg

    address = postgres_server
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(public|emogap)'").fetchall()
        for (schema,) in found:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")  # type: ignore[arg-type]
        connection.execute("CREATE SCHEMA public")
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not made yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ratings.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return clock_of_the_test()
