"""Auditing a finished run from what it stored, not from what it was asked to do.

``predictions.parquet`` says which clips were tested, ``config.json`` of every checkpoint which clips the scaler
and the model saw. Both hold full keys, so that a run can be audited where the data set is not; with the data set,
copies and stored splits are checked too.
"""

import json
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from emogap.counted_nouns import counted
from emogap.datasets.copies import Copies, find_copies
from emogap.datasets.findings import Audit, Finding, Sides
from emogap.datasets.leakage import audit_dataset, audit_sides, sides_of
from emogap.datasets.split_file import is_intact, parse_split, read_split_file, split_path
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError, EmogapError, MismatchError
from emogap.types import SampleKey

__all__ = ["audit_run"]

KEY_FIELDS = tuple(field.name for field in fields(SampleKey))
FIT_FIELDS = ("model", "split", "cell", "seed")


@dataclass(frozen=True, slots=True)
class _Fit:
    """One trained model of a run."""

    model: str
    split: str
    cell: str
    seed: int
    sides: Sides
    data_fingerprint: str | None


def audit_run(run: Path, *, dataset_path: Path | None = None) -> tuple[Audit, ...]:
    """Every leak of a finished run: its data set first, then each split of each seed.

    Parameters
    ----------
    run : Path
        Folder made by ``emogap bench``.
    dataset_path : Path, optional
        Where the data set is now; by default where ``run.toml`` says.

    Returns
    -------
    tuple of Audit
        If the data set is not there, the first audit says so in a warning, and the splits are audited from the
        keys that the run stored.

    Raises
    ------
    DataError
        If the folder is no run, or one of its files is damaged.

    Notes
    -----
    For every fit: are predicted clips among those that the scaler saw (it is fitted on the training clips, so
    these were trained on) or the epoch was selected on? People, stimulus groups and copies on both sides? Did the
    scaler see clips outside the training clips of its cell? Do fingerprints of data and splits agree?
    """
    record = _read_toml(run / "run.toml")
    tested = _tested_clips(run / "predictions.parquet")
    dataset, findings = _dataset_of(record, dataset_path)
    copies = find_copies(dataset) if dataset else None
    audits = [_data_audit(dataset, copies, findings)]
    fits, missing = _fits(run, tested)
    for split, seed in sorted({(split, seed) for _, split, _, seed in tested}):
        chosen = [fit for fit in fits if (fit.split, fit.seed) == (split, seed)]
        unknown = sorted(f"{fit[0]} {fit[2]}" for fit in missing if (fit[1], fit[3]) == (split, seed))
        audits.append(_split_audit(record, dataset, copies, split, seed, chosen, unknown))
    return tuple(audits)


def _split_audit(
    record: Mapping[str, Any],
    dataset: Dataset | None,
    copies: Copies | None,
    split: str,
    seed: int,
    fits: Sequence[_Fit],
    missing: Sequence[str],
) -> Audit:
    findings = list(audit_sides([fit.sides for fit in fits], split_name=split, copies=copies))
    findings += _fingerprints_of_fits(record, fits)
    if dataset is not None:
        findings += _against_stored_split(record, dataset, split, seed, fits)
    if missing:
        findings.append(
            Finding(
                "checkpoints",
                "warning",
                f"{counted(len(missing), 'fit')} left no checkpoint, so that nobody can tell what they saw: "
                + ", ".join(missing[:3]),
                "run the same 'emogap bench' again and keep the folder checkpoints/",
            )
        )
    return Audit(f"{split}-{seed}", f"split {split}-{seed}: {counted(len(fits), 'fit')}", tuple(findings))


def _data_audit(dataset: Dataset | None, copies: Copies | None, findings: Sequence[Finding]) -> Audit:
    if dataset is None:
        return Audit("", "data set of the run", tuple(findings))
    own = audit_dataset(dataset, copies=copies)
    return Audit(own.name, own.subject, (*own.findings, *findings))


def _dataset_of(record: Mapping[str, Any], dataset_path: Path | None) -> tuple[Dataset | None, list[Finding]]:
    stored = record.get("dataset", {})
    path = dataset_path or Path(str(stored.get("path", "")))
    try:
        dataset = open_dataset(path)
    except EmogapError as error:
        return None, [
            Finding(
                "fingerprint",
                "warning",
                f"the data set {path.name} cannot be opened ({error.what}): copies and stored splits are not checked",
                "give its folder with --dataset",
            )
        ]
    if dataset.fingerprint != stored.get("fingerprint"):
        return dataset, [
            Finding(
                "fingerprint",
                "leak",
                f"the run was made with the samples {stored.get('fingerprint')}, the data set is now"
                f" {dataset.fingerprint}",
                "run 'emogap bench' again into another folder",
            )
        ]
    return dataset, [Finding("fingerprint", "ok", "the data set is the one the run was made with")]


def _fingerprints_of_fits(record: Mapping[str, Any], fits: Sequence[_Fit]) -> list[Finding]:
    expected = record.get("dataset", {}).get("fingerprint")
    foreign = sorted(fit.sides.name for fit in fits if fit.data_fingerprint != expected)
    if not foreign:
        return []
    return [
        Finding(
            "fingerprint",
            "leak",
            f"{counted(len(foreign), 'checkpoint', 'was')} fitted on other samples than the run was made with, first"
            f" {foreign[0]}",
            "run 'emogap bench' again into another folder",
        )
    ]


def _against_stored_split(
    record: Mapping[str, Any], dataset: Dataset, split: str, seed: int, fits: Sequence[_Fit]
) -> list[Finding]:
    """Whether each fit kept to its cell."""
    folds = int(record.get("config", {}).get("folds", 5))
    path = split_path(dataset.path, split, seed=seed, folds=folds)
    named = f"{split}-{seed}"
    try:
        content = read_split_file(path)
        stored = parse_split(content, dataset)
    except (DataError, MismatchError) as error:
        return [
            Finding("fingerprint", "warning", f"the split {named} cannot be compared: {error.what}", error.fix or "")
        ]
    expected = record.get("splits", {}).get(named)
    if not is_intact(content) or stored.fingerprint != expected:
        return [
            Finding(
                "fingerprint",
                "leak",
                f"the stored split {named} is {stored.fingerprint}{'' if is_intact(content) else ' and was edited'},"
                f" the run used {expected}",
                "run 'emogap bench' again into another folder",
            )
        ]
    cells = {sides.name: sides for sides in sides_of(dataset, stored)}
    return [
        Finding("fingerprint", "ok", f"the split {named} is the one the run used"),
        _outside(
            fits,
            cells,
            "train",
            "scaler",
            "scalers were fitted on clips outside the training clips of their cell",
            "fit the scaler on the training rows of the cell alone",
        ),
        _outside(
            fits,
            cells,
            "validation",
            "validation",
            "epochs were selected on clips outside the validation clips of their cell",
            "select on the validation rows of the cell alone",
        ),
        _outside(
            fits,
            cells,
            "test",
            "predictions",
            "fits predicted clips outside the test clips of their cell",
            "predict the test rows of the cell alone",
        ),
    ]


def _outside(fits: Sequence[_Fit], cells: Mapping[str, Sides], role: str, kind: str, what: str, fix: str) -> Finding:
    found = []
    for fit in fits:
        allowed = getattr(cells[fit.cell], role) if fit.cell in cells else frozenset()
        extra = getattr(fit.sides, role) - allowed
        if extra:
            first = min(extra)
            found.append(
                f"{fit.sides.name} ({counted(len(extra), 'clip')}, first {first.participant_id}/{first.stimulus_id})"
            )
    if not found:
        return Finding(kind, "ok", f"no {what}")
    return Finding(kind, "leak", f"{len(found)} of {len(fits)} {what}: {', '.join(found[:3])}", fix)


def _tested_clips(path: Path) -> dict[tuple[str, str, str, int], frozenset[SampleKey]]:
    """Predicted clips of each model, split, cell and seed."""
    try:
        frame = pl.read_parquet(path, columns=[*KEY_FIELDS, *FIT_FIELDS]).unique()
    except (OSError, PolarsError) as error:
        raise DataError(
            f"the predictions cannot be read: {error}",
            where=str(path),
            fix="give a folder that 'emogap bench' finished",
        ) from error
    clips: dict[tuple[str, str, str, int], set[SampleKey]] = defaultdict(set)
    for row in frame.iter_rows():
        model, split, cell, seed = row[len(KEY_FIELDS) :]
        clips[model, split, cell, int(seed)].add(SampleKey(*row[: len(KEY_FIELDS)]))
    return {fit: frozenset(keys) for fit, keys in clips.items()}


def _fits(
    run: Path, tested: Mapping[tuple[str, str, str, int], frozenset[SampleKey]]
) -> tuple[list[_Fit], list[tuple[str, str, str, int]]]:
    """Every fit with what its checkpoint says, and those without a checkpoint.

    A folder is named ``<split>-<cell>-<seed>``, with the target at the end where each target has a fit.
    """
    fits, missing = [], []
    for (model, split, cell, seed), keys in sorted(tested.items()):
        stem = f"{split}-{cell}-{seed}"
        folder = run / "checkpoints" / model
        configs = [folder / stem / "config.json", *sorted(folder.glob(f"{stem}-*/config.json"))]
        configs = [path for path in configs if path.is_file()]
        if not configs:
            missing.append((model, split, cell, seed))
        for path in configs:
            train, validation, fingerprint = _seen_clips(path)
            sides = Sides(f"{model} {path.parent.name}", keys, train, validation)
            fits.append(_Fit(model, split, cell, seed, sides, fingerprint))
    return fits, missing


def _seen_clips(path: Path) -> tuple[frozenset[SampleKey], frozenset[SampleKey], str | None]:
    """Clips that the scaler saw, clips that the epoch was selected on, and the data set's fingerprint."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        scaler, validation = ({SampleKey(*key) for key in stored[name]} for name in ("scaler_keys", "validation_keys"))
        fingerprint = stored["dataset"]["fingerprint"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the checkpoint does not say what it saw: {type(error).__name__} {error}",
            where=str(path),
            fix="run the same 'emogap bench' again",
        ) from error
    return frozenset(scaler), frozenset(validation), fingerprint


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(
            f"the run cannot be read: {error}", where=str(path), fix="give a folder that 'emogap bench' made"
        ) from error
