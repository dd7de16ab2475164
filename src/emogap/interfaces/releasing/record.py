"""What a release says of itself, and whose a folder is: this release's, another's, or nobody's."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emogap.errors import MismatchError, UsageError
from emogap.files import write_json
from emogap.interfaces.releasing.options import ReleaseOptions

__all__ = ["RECORD", "ReleaseRecord", "claim"]

RECORD, CLAIM = "emogap-release.json", "claim.json"


class ReleaseRecord(BaseModel):
    """The content of ``emogap-release.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: Literal[1] = Field(1, alias="schema")
    emogap: str
    options: ReleaseOptions
    source: str = Field(description="Fingerprint of what was released, as it is in the study.")
    contents: dict[str, int]
    failures: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]


def claim(out: Path, work: Path, options: ReleaseOptions, source: str) -> ReleaseRecord | None:
    """The record if this very release is there already; else None, once the folder `work` is ours.

    Raises
    ------
    UsageError
        If `out` or `work` holds something else.
    MismatchError
        If `out` holds this release of an earlier state of the study.
    """
    if (out / RECORD).is_file():
        record = _read_record(out / RECORD)
        if record.options != options:
            raise UsageError("another release is here", where=str(out), fix="name a new folder")
        if record.source != source:
            raise MismatchError(
                "the study, or what people allow, changed since this release was made",
                where=str(out),
                fix="release into another folder, or remove this one first",
            )
        return record
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("this is no release, and it is not empty", where=str(out), fix="name a new folder")
    job = {"options": options.model_dump(mode="json"), "source": source}
    if (work / CLAIM).is_file():
        if json.loads((work / CLAIM).read_text(encoding="utf-8")) != job:
            raise UsageError(
                "an unfinished release with other options, or of another state of the study, is here",
                where=str(work),
                fix="remove this folder, or name a new one",
            )
    elif work.exists() and (not work.is_dir() or any(work.iterdir())):
        raise UsageError("this is not the work of a release", where=str(work), fix="move it away, or name a new folder")
    write_json(work / CLAIM, job)
    return None


def _read_record(path: Path) -> ReleaseRecord:
    try:
        return ReleaseRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UsageError(
            "this release cannot be read", where=str(path), fix="remove the folder, or name another"
        ) from error
