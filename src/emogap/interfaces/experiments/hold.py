"""One command at a time in a place of experiments: two would train the same fit into the same folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emogap.errors import UsageError
from emogap.locks import alone_in

__all__ = ["hold_place"]


@contextmanager
def hold_place(place: Path) -> Iterator[None]:
    """Keep `place` for this process while the block runs; the folder is made if it is not there.

    A process that is killed leaves nothing held behind.

    Raises
    ------
    UsageError
        If another process holds it.
    OutputError
        If the folder cannot be made or written to.
    """
    refusal = UsageError(
        "another 'emogap run' is at work in this place",
        where=str(place),
        fix="wait until it has ended, or give another folder with --out",
    )
    with alone_in(place, refusal=refusal, fix="make the folder writable, or give another with --out"):
        yield
