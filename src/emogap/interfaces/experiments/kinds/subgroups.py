"""``subgroups``: scores of a model by sex, age, glasses or any other column of the participants."""

from pydantic import Field

from emogap.analysis.subgroups import AGE_LIMITS, LEAST_CLIPS, LEAST_PEOPLE
from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import open_asked, result_of_runs, run_protocols
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.subgroup_tables import SubgroupChoice, subgroup_tables
from emogap.learning.experiment import BenchSettings
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
        If nothing is known of the people of the data set, a protocol is named twice, or the data do not
        label its view.
    UnknownNameError
        If the participants have no such column.
    """
    done = run_protocols(options, options.protocols, place)
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
        found = subgroup_tables(open_asked(one), choice)
        if not found:
            raise UsageError(
                "the data set says nothing of its people that puts them into groups",
                where=str(place.data),
                fix="build it from a source with participants, with the same 'emogap build': it adds the file",
            )
        tables += found
    return result_of_runs(
        done,
        (
            ResultTable({**table, "name": f"{place.name}_{table['name'].removeprefix('subgroups_')}"})
            for table in tables
        ),
    )
