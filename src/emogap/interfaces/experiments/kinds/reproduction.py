"""``reproduction``: the protocols of EMER on its own release, audited first, printed numbers beside or apart."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import polars as pl
from pydantic import Field

from emogap.datasets.copies import find_copies
from emogap.datasets.leakage import audit_dataset, audit_split
from emogap.datasets.splits import load_or_make_split, official_folds
from emogap.datasets.store import Dataset, open_dataset
from emogap.datasets.unknown_ids import are_people_known, are_stimuli_known
from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import fit_together, run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.evaluation.protocols import open_protocol, require_labels
from emogap.learning.experiment import BenchSettings
from emogap.reporting.audit_findings import AuditFinding
from emogap.reporting.reproduction import reproduction_tables
from emogap.reporting.reproduction_data import FoldFacts, clip_table, findings_table, fold_table
from emogap.reporting.results import open_run
from emogap.types import SampleKey
from emogap.types.result_table import ResultTable

__all__ = ["PROTOCOLS", "Options", "run"]

PROTOCOLS = ("er3", "er7", "er-va", "fer3", "fer7", "fer-va", "fer-int")
"""The seven of arXiv 2512.16485."""

CLIP_COLUMNS = ("duration_s", "num_samples", "rate_hz", "num_face_frames", "loss_share")


class Options(BenchSettings):
    """The options of a benchmark, for the protocols of EMER; both averagings are always computed."""

    protocols: tuple[str, ...] = Field(
        default=PROTOCOLS,
        min_length=1,
        description="Questions, such as er3; those without labels are left out, loudly.",
    )


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Audit the official folds, then run every protocol whose labels are there.

    Raises
    ------
    UsageError
        If the data have no official folds, no protocol has labels, or one is none of EMER's.
    """
    dataset = open_dataset(place.data)
    labelled = [name for name in _checked(options.protocols) if _has_labels(name, dataset)]
    if not labelled:
        raise UsageError(
            f"the data have labels for none of {', '.join(options.protocols)}",
            where=str(place.data),
            fix="state [felt] or [shown] in the file of --release and build again",
        )
    tables = list(_data_tables(dataset))
    configs = [settings_for(options, name, metric_compat="emer-batch16") for name in labelled]
    fit_together(configs, place)
    done = [run_protocol(config, place) for config in configs]
    for one in done:
        tables += reproduction_tables(open_run(one.report.path), people_known=are_people_known(dataset.keys))
    return ExperimentResult(
        tables=tuple(tables),
        notes=tuple(
            dict.fromkeys([*_notes(options, labelled, dataset), *(note for one in done for note in one.notes)])
        ),
        runs=tuple(one.report.path for one in done),
        failures=tuple(failure for one in done for failure in one.failures),
    )


def _checked(protocols: Sequence[str]) -> Sequence[str]:
    odd = [name for name in protocols if name not in PROTOCOLS]
    if odd:
        raise UsageError(f"'{odd[0]}' is no protocol of EMER", fix=f"choose from {', '.join(PROTOCOLS)}")
    return protocols


def _has_labels(protocol: str, dataset: Dataset) -> bool:
    try:
        require_labels(open_protocol(protocol), dataset)
    except UsageError:
        # It is named in the notes; the other protocols are run.
        return False
    return True


def _notes(options: Options, labelled: Sequence[str], dataset: Dataset) -> Iterator[str]:
    for name in options.protocols:
        if name not in labelled:
            yield f"{name} was not run: the data have no labels of its view and target."
    if not are_people_known(dataset.keys):
        yield "Nobody knows whose clips these are: people cannot be held out, and only the official folds were run."
    yield from (f"{doubt}." for doubt in dataset.doubts)


def _data_tables(dataset: Dataset) -> Iterator[ResultTable]:
    """What a clip is, what is in which fold, and what the audit found."""
    quality = pl.read_parquet(dataset.path / "quality.parquet")
    if set(CLIP_COLUMNS) <= set(quality.columns):
        measures = {name: quality[name].to_list() for name in CLIP_COLUMNS}
        yield clip_table(measures, is_simulated=dataset.simulated)
    folds = official_folds(dataset)
    if folds is None:
        raise UsageError(
            "the data have no official folds",
            where=str(dataset.path),
            fix="give the release of EMER, or a data set built from it with --catalogue emer",
        )
    yield fold_table(_fold_facts(dataset.keys, folds), is_simulated=dataset.simulated)
    copies = find_copies(dataset)
    split = load_or_make_split(dataset, "official", seed=0)
    audits = (audit_dataset(dataset, copies=copies), audit_split(dataset, split, copies=copies))
    found = [
        AuditFinding(audit.subject, each.looked_for, each.severity, each.what, each.fix)
        for audit in audits
        for each in audit.findings
    ]
    yield findings_table(found, is_simulated=dataset.simulated)


def _fold_facts(keys: Sequence[SampleKey], folds: Sequence[str | None]) -> list[FoldFacts]:
    people, stimuli = _held(keys, folds, "participant_id"), _held(keys, folds, "stimulus_group")
    people_known, stimuli_known = are_people_known(keys), are_stimuli_known(keys)
    facts = []
    for name in sorted({fold for fold in folds if fold is not None}):
        num_people, shared_people = _counts(people, name) if people_known else (None, None)
        num_stimuli, shared_stimuli = _counts(stimuli, name) if stimuli_known else (None, None)
        facts.append(FoldFacts(name, folds.count(name), num_people, shared_people, num_stimuli, shared_stimuli))
    return facts


def _held(keys: Sequence[SampleKey], folds: Sequence[str | None], field: str) -> dict[str, set[str]]:
    """The folds that each person or stimulus is in."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, fold in zip(keys, folds, strict=True):
        if fold is not None:
            found[getattr(key, field)].add(fold)
    return found


def _counts(held: dict[str, set[str]], fold: str) -> tuple[int, int]:
    """How many are in a fold, and how many of them in another too."""
    here = [folds for folds in held.values() if fold in folds]
    return len(here), sum(len(folds) > 1 for folds in here)
