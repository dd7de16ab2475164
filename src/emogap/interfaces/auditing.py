"""Which audits a path on the command line calls for."""

from pathlib import Path

from emogap.datasets.copies import find_copies
from emogap.datasets.findings import Audit
from emogap.datasets.header import HEADER_FILE
from emogap.datasets.leakage import audit_dataset, audit_split, audit_split_file
from emogap.datasets.run_audit import audit_run
from emogap.datasets.splits import SPLITS, make_split, official_folds, target_classes
from emogap.datasets.store import open_dataset
from emogap.errors import UnknownNameError, UsageError

__all__ = ["audit_path"]


def audit_path(path: Path, *, split: str = "", dataset_path: Path | None = None) -> tuple[Audit, ...]:
    """The audits of a data set or a run.

    Parameters
    ----------
    path : Path
        Folder of a data set or of a run.
    split : str
        Restricts the splits. Of a data set also a split that is not stored (it is made, and not stored) or the
        path of a split file.
    dataset_path : Path, optional
        Where the data set of a run is now.

    Raises
    ------
    UsageError
        If the folder is neither, or there is no such split.
    """
    if (path / HEADER_FILE).is_file():
        return _dataset_audits(path, split)
    if (path / "run.toml").is_file():
        audits = audit_run(path, dataset_path=dataset_path)
        return _restricted(audits, split)
    raise UsageError(
        f"there is neither {HEADER_FILE} nor run.toml",
        where=str(path),
        fix="give a folder made by 'emogap build' or 'emogap bench'",
    )


def _dataset_audits(path: Path, split: str) -> tuple[Audit, ...]:
    dataset = open_dataset(path)
    stored = {file.stem: file for file in sorted((path / "splits").glob("*.json"))}
    if split.endswith(".json"):
        files = [Path(split)]
    else:
        files = [file for name, file in stored.items() if split in ("", name, name.rsplit("-", 1)[0])]
    if not files and split and split not in SPLITS:
        raise UnknownNameError("split", split, {*SPLITS, *stored})
    copies = find_copies(dataset)
    audits = [audit_dataset(dataset, copies=copies)]
    if files or not split:
        return (*audits, *(audit_split_file(file, dataset, copies=copies) for file in files))
    made = make_split(dataset, split, seed=0, strata=target_classes(dataset), official=official_folds(dataset))
    return (*audits, audit_split(dataset, made, copies=copies))


def _restricted(audits: tuple[Audit, ...], split: str) -> tuple[Audit, ...]:
    """The audit of the data set, and those of the splits whose name is `split`, with or without its seed."""
    chosen = [audit for audit in audits[1:] if split in ("", audit.name, audit.name.rsplit("-", 1)[0])]
    if not chosen and split:
        raise UnknownNameError("split", split, [audit.name for audit in audits[1:]])
    return (audits[0], *chosen)
