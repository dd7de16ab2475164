"""Benchmarks that experiments are made of: run in a place, where they share their fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from emogap.datasets.store import open_dataset
from emogap.errors import UsageError
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.evaluation.absent_classes import absent_classes
from emogap.learning.evaluation.benchmark import BenchReport, run_benchmark
from emogap.learning.evaluation.fit_ahead import fit_ahead
from emogap.learning.evaluation.grid import make_splits
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.run_folder import default_folder
from emogap.learning.experiment import BenchConfig, BenchSettings
from emogap.reporting.results import RunResults, open_run
from emogap.types.result_table import ResultTable
from emogap.types.scores import ScoreTable

__all__ = [
    "ProtocolRun",
    "fit_together",
    "open_asked",
    "result_of_runs",
    "run_protocol",
    "run_protocols",
    "settings_for",
    "shown_metrics",
]

CLASS_METRICS = ("war", "uar", "f1_weighted")
VALUE_METRICS = ("mae", "mse", "rmse", "ccc", "r2")
"""The EMER paper's, in its order, and two that a constant does not win."""


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolRun:
    """A benchmark that was run, and what must be said of it.

    Attributes
    ----------
    config : BenchConfig
    report : BenchReport
    notes : tuple of str
        How the folds were dealt, and which classes a fold lacks.
    failures : tuple of str
        One sentence for each fit that did not come to an end.
    """

    config: BenchConfig
    report: BenchReport
    notes: tuple[str, ...]
    failures: tuple[str, ...]


def settings_for(settings: BenchSettings, protocol: str, **changed: object) -> BenchConfig:
    """The benchmark of `protocol` with `settings`, some of them `changed`; what a kind adds to them is left out.

    Raises
    ------
    UnknownNameError
        If there is no such protocol.
    """
    fields = {name: getattr(settings, name) for name in BenchSettings.model_fields}
    return BenchConfig(protocol=protocol, **fields | changed)


def run_protocol(config: BenchConfig, place: ExperimentPlace) -> ProtocolRun:
    """Run the benchmark in ``runs/<protocol>-<hash>`` of the place, or find it there.

    Raises
    ------
    UsageError, MismatchError, DataError, OutputError
        As :func:`emogap.learning.evaluation.benchmark.run_benchmark`.
    """
    dataset = open_dataset(place.data)
    folder = place.runs / default_folder(config, dataset).name
    report = run_benchmark(
        place.data, config, folder, jobs=place.jobs, command=f"experiment {place.name}", fits=place.fits
    )
    absent = absent_classes(dataset, open_protocol(config.protocol), make_splits(dataset, config))
    return ProtocolRun(
        config=config,
        report=report,
        notes=(*(f"{note}." for note in report.record["split_notes"]), *absent),
        failures=tuple(
            f"{config.protocol}: {failure.model}"
            + (f" {failure.target} {failure.split} cell {failure.cell} seed {failure.seed}" if failure.split else "")
            + f": {failure.problem}"
            for failure in report.failures
        ),
    )


def run_protocols(settings: BenchSettings, protocols: Sequence[str], place: ExperimentPlace) -> tuple[ProtocolRun, ...]:
    """Bench every protocol; fits that two of them share are trained once.

    Raises
    ------
    UsageError
        If a protocol is named twice, or the data do not label its view.
    """
    if len(set(protocols)) < len(protocols):
        raise UsageError(f"a protocol stands twice: {', '.join(protocols)}", fix="name each one once")
    configs = [settings_for(settings, protocol) for protocol in protocols]
    fit_together(configs, place)
    return tuple(run_protocol(config, place) for config in configs)


def fit_together(configs: Sequence[BenchConfig], place: ExperimentPlace) -> None:
    """Train what the benchmarks need before the first is scored; see :func:`fit_ahead`.

    Raises
    ------
    UsageError, DataError, OutputError
        As :func:`emogap.learning.evaluation.fit_ahead.fit_ahead`.
    """
    fit_ahead(place.data, configs, place.fits, jobs=place.jobs, title=f"{place.name}: fits")


def open_asked(run: ProtocolRun) -> RunResults:
    """The run with the tables of the protocol that was asked for; other heads belong to protocols of their own.

    Raises
    ------
    DataError
        If a file of the run is damaged.
    """
    results = open_run(run.report.path)
    scores, confounds, asked = results.scores, results.confounds, run.config.protocol
    if confounds is not None:
        confounds = {**confounds, "tables": [table for table in confounds["tables"] if table["protocol"] == asked]}
    tables = [table for table in scores["tables"] if table["protocol"] == asked]
    return replace(results, scores={**scores, "tables": tables}, confounds=confounds)


def result_of_runs(runs: Sequence[ProtocolRun], tables: Iterable[ResultTable]) -> ExperimentResult:
    """An experiment of `tables`, with what must be said of the `runs` that they come from, each thing once."""
    return ExperimentResult(
        tables=tuple(tables),
        notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
        runs=tuple(run.report.path for run in runs),
        failures=tuple(failure for run in runs for failure in run.failures),
    )


def shown_metrics(scores: ScoreTable) -> tuple[str, ...]:
    """The scores that a table of an experiment shows."""
    return CLASS_METRICS if scores["space"] else VALUE_METRICS
