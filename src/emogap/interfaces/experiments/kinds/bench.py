"""``bench``: models on several protocols, one table for each, laid out as in the EMER paper."""

from pydantic import Field

from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import run_protocol, settings_for, shown_metrics
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.experiment import BenchSettings
from emogap.reporting.result_of_run import score_table
from emogap.reporting.results import RunResults, open_run
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]


class Options(BenchSettings):
    """The options of a benchmark, for several protocols."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3; one table each, or two.")


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Bench every protocol; fits that two of them share are trained once.

    Raises
    ------
    UsageError
        If a protocol is named twice, or the data do not label its view.
    """
    if len(set(options.protocols)) < len(options.protocols):
        raise UsageError(f"a protocol stands twice: {', '.join(options.protocols)}", fix="name each one once")
    done = [run_protocol(settings_for(options, protocol), place) for protocol in options.protocols]
    return ExperimentResult(
        tables=tuple(table for one in done for table in _tables(open_run(one.report.path), place)),
        notes=tuple(dict.fromkeys(note for one in done for note in one.notes)),
        runs=tuple(one.report.path for one in done),
        failures=tuple(failure for one in done for failure in one.failures),
    )


def _tables(results: RunResults, place: ExperimentPlace) -> list[ResultTable]:
    """The tables of the protocol that was asked for; those of the other heads belong to their own protocols."""
    tables = []
    for scores in results.scores["tables"]:
        if scores["protocol"] == results.scores["protocol"]:
            table = score_table(results, scores, shown_metrics(scores))
            tables.append(
                ResultTable(
                    {**table, "name": f"{place.name}_{table['name']}", "title": f"{place.title}: {table['title']}"}
                )
            )
    return tables
