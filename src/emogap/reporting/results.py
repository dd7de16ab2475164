"""Opening a run: its record and its scores."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from emogap.errors import DataError
from emogap.types.confounds import Confounds
from emogap.types.run import RunRecord
from emogap.types.scores import Scores

__all__ = ["RunResults", "open_run", "read_record"]

SCHEMA = 1


@dataclass(frozen=True, slots=True, eq=False)
class RunResults:
    """A finished run as plain records.

    Attributes
    ----------
    path : Path
    record : RunRecord
        ``run.toml``.
    scores : Scores
        ``scores.json``.
    confounds : Confounds or None
        ``confounds.json``; None if the run was made before there was a confound probe.
    """

    path: Path
    record: RunRecord
    scores: Scores
    confounds: Confounds | None = None


def open_run(path: Path) -> RunResults:
    """The run in the folder `path`.

    Raises
    ------
    DataError
        If there is no run, it has no scores yet, or a file is damaged or of another version of the layout.
    """
    record = read_record(path / "run.toml", tomllib.loads, "give the folder that 'emogap bench' made")
    again = "run the same 'emogap bench' again: what was finished is kept"
    scores = read_record(path / "scores.json", json.loads, again)
    probed = path / "confounds.json"
    confounds = cast(Confounds, read_record(probed, json.loads, again)) if probed.is_file() else None
    return RunResults(path, cast(RunRecord, record), cast(Scores, scores), confounds)


def read_record(path: Path, parse: Callable[[str], object], fix: str) -> dict[str, object]:
    """The content of a JSON or TOML file of schema 1.

    Parameters
    ----------
    path : Path
    parse : function of the text
    fix : str
        What to do where it cannot be read.

    Raises
    ------
    DataError
        If it is absent, damaged, or of another version of the layout.
    """
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"there is no {path.name}", where=str(path.parent), fix=fix) from error
    except (OSError, ValueError) as error:
        raise DataError(f"the file cannot be read: {error}", where=str(path), fix=fix) from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(content, dict) or schema != SCHEMA:
        raise DataError(f"the file has schema {schema}, this version reads {SCHEMA}", where=str(path), fix=fix)
    return content
