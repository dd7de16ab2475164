"""``confounds``: what facts that are no emotion predict of the labels alone, on several protocols."""

from pydantic import Field

from emogap.interfaces.experiments.benchmarks import open_asked, result_of_runs, run_protocols
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.experiment import BenchSettings
from emogap.reporting.confound_tables import confound_tables
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
        If a protocol is named twice, or the data do not label its view.
    """
    done = run_protocols(options, options.protocols, place)
    tables = [table for one in done for table in confound_tables(open_asked(one))]
    return result_of_runs(
        done,
        (
            ResultTable({**table, "name": f"{place.name}_{table['name'].removeprefix('confounds_')}"})
            for table in tables
        ),
    )
