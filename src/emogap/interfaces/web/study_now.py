"""The study as it is on disk now: people come and go while the app is open."""

import threading
from pathlib import Path

from emogap.recording.study import Study, open_study

__all__ = ["StudyNow", "state_of"]

WATCHED = ("study.toml", "participants.tsv", "stimuli.tsv", "sessions", "ratings")
"""Tables, and folders whose entries come and go."""


class StudyNow:
    """A study without its sessions, opened anew only when a table, a session or a rating file has come or gone.

    Parameters
    ----------
    path : Path
        Folder of the study.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[tuple[int, int], ...] | None = None
        self._study: Study | None = None

    def now(self) -> Study:
        """The study.

        Raises
        ------
        UsageError
            If the folder is no study any more.
        DataError
            If a table of it is damaged.
        """
        with self._lock:
            seen = tuple(state_of(self.path / name) for name in WATCHED)
            if self._study is None or seen != self._seen:
                self._study = open_study(self.path, with_sessions=False)
                self._seen = seen
            return self._study


def state_of(path: Path) -> tuple[int, int]:
    """When a file or folder was changed last, and its size; zeros if it is not there."""
    found = path.stat() if path.exists() else None
    return (0, 0) if found is None else (found.st_mtime_ns, found.st_size)
