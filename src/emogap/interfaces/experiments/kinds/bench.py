"""``bench``: models on several protocols, one table for each, laid out as in the EMER paper.

With ``metric_compat = "emer-batch16"`` a table of that averaging follows for each split.
"""

from pydantic import Field

from emogap.interfaces.experiments.benchmarks import open_asked, result_of_runs, run_protocols, shown_metrics
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.experiment import BenchSettings
from emogap.reporting.result_of_run import batch_tables, score_table
from emogap.reporting.results import RunResults
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
    done = run_protocols(options, options.protocols, place)
    return result_of_runs(done, (table for one in done for table in _tables(open_asked(one), place)))


def _tables(results: RunResults, place: ExperimentPlace) -> list[ResultTable]:
    tables = [
        table
        for scores in results.scores["tables"]
        for table in (score_table(results, scores, shown_metrics(scores)), *batch_tables(scores, results))
    ]
    return [
        ResultTable({**table, "name": f"{place.name}_{table['name']}", "title": f"{place.title}: {table['title']}"})
        for table in tables
    ]
