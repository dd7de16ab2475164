"""What long work says of itself on stderr, only where somebody looks at it."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["announce", "track", "without_bars"]

Item = TypeVar("Item")

_is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)


def announce(words: str) -> None:
    """A line on stderr before long work begins: how much there is to do; silent where :func:`track` is."""
    if not _is_quiet.get() and sys.stderr.isatty():
        sys.stderr.write(f"{words}\n")


def track(items: Iterable[Item], description: str, *, total: int | None = None) -> Iterator[Item]:
    """The items, while a bar on stderr shows how far they are; silent where stderr is not a terminal."""
    if _is_quiet.get() or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield from bar.track(items, description=description, total=total)


@contextmanager
def without_bars() -> Iterator[None]:
    """No bar within the block: for a part of a larger job that has a bar of its own, or many such side by side."""
    before = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(before)
