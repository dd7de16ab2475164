"""Which files hold counts of votes rather than ratings of known raters."""

from pathlib import Path
from typing import Literal

__all__ = ["CountFile", "recognise_counts"]

CountFile = Literal["crema-d", "fer+", "mdns"]

MOST_READ = 4096
"""Bytes of the start of a file that are looked at."""

MARKS: dict[CountFile, tuple[str, ...]] = {
    "crema-d": ("fileName", "numResponses", "emoVote"),
    "fer+": ("Usage", "Image name", "contempt", "NF"),
}
"""Words of the header that only this file has."""


def recognise_counts(path: Path) -> CountFile | None:
    """Which of the known files of counts `path` is, by its first line; None if it is none of them.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "votes.csv"
    ...     _ = file.write_text("Usage,Image name,neutral,contempt,unknown,NF")
    ...     recognise_counts(file)
    'fer+'
    """
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        start = stream.read(MOST_READ).decode("utf-8-sig", errors="replace")
    if path.suffix.lower() == ".json":
        return "mdns" if start.lstrip().startswith("{") and "[" in start and "_det" in start else None
    header = start.split("\n", 1)[0].replace('"', "").strip().split(",")
    return next((name for name, words in MARKS.items() if set(words) <= set(header)), None)
