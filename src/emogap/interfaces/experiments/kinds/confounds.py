"""``confounds``: what facts that are no emotion predict of the labels alone, on several protocols."""

from pydantic import Field

from emogap.interfaces.experiments.benchmarks import run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.experiment import BenchSettings
from emogap.reporting.confound_tables import confound_tables
from emogap.reporting.results import open_run
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]


class Options(BenchSettings):
    """Protocols and splits of the probe; models are not needed for it."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3; one table each, or two.")
    models: tuple[str, ...] = Field(
        default=("majority",), min_length=1, description="Models of the runs that the probe belongs to."
    )


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Bench every protocol, which probes it too, and give the tables of the probe.

    Raises
    ------
    UsageError
        If the data do not label the view of a protocol.
    """
    done = [run_protocol(settings_for(options, protocol), place) for protocol in options.protocols]
    tables = tuple(
        ResultTable({**table, "name": f"{place.name}_{table['name']}"})
        for one in done
        for table in confound_tables(open_run(one.report.path))
    )
    return ExperimentResult(
        tables=tables,
        notes=tuple(dict.fromkeys(note for one in done for note in one.notes)),
        runs=tuple(one.report.path for one in done),
        failures=tuple(failure for one in done for failure in one.failures),
    )
