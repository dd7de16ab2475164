"""``subgroups``: scores of a model by sex, age, glasses or any other column of the participants."""

from pydantic import Field

from emogap.analysis.subgroups import AGE_LIMITS, LEAST_CLIPS, LEAST_PEOPLE
from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.subgroup_tables import SubgroupChoice, subgroup_tables
from emogap.learning.experiment import BenchSettings
from emogap.reporting.results import open_run
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]


class Options(BenchSettings):
    """Which models, and which groups of people."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3.")
    traits: tuple[str, ...] = Field(
        default=(), description="Columns of the participants; all that make groups if none is named."
    )
    least_people: int = Field(default=LEAST_PEOPLE, ge=2, description="A group of fewer people is silent.")
    least_clips: int = Field(default=LEAST_CLIPS, ge=1, description="A group of fewer clips is silent.")
    age_limits: tuple[float, ...] = Field(
        default=AGE_LIMITS, min_length=1, description="Years at which a further band of age begins."
    )
    draws: int = Field(default=10_000, ge=99, description="Resamples of an interval, and deals of a test.")


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Bench the models on every protocol and score the subgroups of their out-of-fold predictions.

    Raises
    ------
    UsageError
        If nothing is known of the people of the data set, or the data do not label the view of a protocol.
    UnknownNameError
        If the participants have no such column.
    """
    done = [run_protocol(settings_for(options, protocol), place) for protocol in options.protocols]
    choice = SubgroupChoice(
        models=options.models,
        traits=options.traits,
        least_people=options.least_people,
        least_clips=options.least_clips,
        age_limits=options.age_limits,
        draws=options.draws,
    )
    tables: list[ResultTable] = []
    for one in done:
        found = subgroup_tables(open_run(one.report.path), choice)
        if not found:
            raise UsageError(
                "the data set says nothing of its people that puts them into groups",
                where=str(place.data),
                fix="build it from a source with participants, with the same 'emogap build': it adds the file",
            )
        tables += [ResultTable({**table, "name": f"{place.name}_{table['name']}"}) for table in found]
    return ExperimentResult(
        tables=tuple(tables),
        notes=tuple(dict.fromkeys(note for one in done for note in one.notes)),
        runs=tuple(one.report.path for one in done),
        failures=tuple(failure for one in done for failure in one.failures),
    )
