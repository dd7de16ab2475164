"""The arms of an ablation as its file names them, and the benchmarks that they make."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.experiments.benchmarks import settings_for
from emogap.learning.experiment import BenchConfig, BenchSettings, model_and_streams
from emogap.learning.training.config import RecipeName

__all__ = ["ArmSettings", "GridSettings", "Options", "benches_of", "grid_arms", "named_arms"]


class ArmSettings(BaseModel):
    """One arm: what it has other than the rest. Folds, seeds and preset are those of all arms."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1, description="As it stands in the table.")
    model: str | None = Field(
        default=None, description="Model, streams included, such as emert@eye; absent = that of all arms."
    )
    options: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="Options of models by shelf name; they join those of all arms."
    )
    heads: str | None = Field(default=None, pattern="^(all|single)$", description="Heads: all or single.")
    channels: dict[str, tuple[str, ...]] | None = Field(
        default=None, description="Channels that the model sees, by stream."
    )
    recipe: RecipeName | None = Field(default=None, description="How it is optimised.")


class GridSettings(BaseModel):
    """Two options of the model on a grid, each combination an arm."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    rows: str = Field(description="Option of the model along the rows, such as alpha.")
    row_values: tuple[JsonValue, ...] = Field(min_length=1)
    columns: str = Field(description="Option along the columns, such as beta.")
    column_values: tuple[JsonValue, ...] = Field(min_length=1)


class Options(BenchSettings):
    """The options of a benchmark, and the arms that differ from them; `models` names the one model of all arms."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er7; one table each, or two.")
    reference: str = Field(description="Name of the arm that all others are compared with.")
    arms: tuple[ArmSettings, ...] = Field(default=(), description="The arms, in the order of the table.")
    grid: GridSettings | None = Field(
        default=None, description="Arms that are a grid of two options; a heat map is drawn."
    )

    @model_validator(mode="after")
    def _arms_are_clear(self) -> Self:
        arms = named_arms(self)
        names = [arm.name for arm in arms]
        if len(self.models) != 1:
            raise UsageError(
                f"an ablation is about one model, got {', '.join(self.models)}", fix="give other models as arms"
            )
        if len(names) < 2 or len(set(names)) < len(names):
            raise UsageError(f"arms need two names or more, each once, got {', '.join(names)}", fix="name them apart")
        if self.reference not in names:
            raise UnknownNameError("arm", self.reference, names)
        for arm in arms:
            _arm_config(self, arm, self.protocols[0])
        return self


def named_arms(options: Options) -> tuple[ArmSettings, ...]:
    """The arms of the file, then those of its grid, row by row."""
    if options.grid is None:
        return options.arms
    return (*options.arms, *grid_arms(options.grid, model_and_streams(options.models[0])[0]))


def grid_arms(grid: GridSettings, model: str) -> tuple[ArmSettings, ...]:
    """One arm of `model` for each combination of a grid, row by row.

    Examples
    --------
    >>> grid = GridSettings(rows="alpha", row_values=(0.1, 0.3), columns="beta", column_values=(1.0,))
    >>> [arm.name for arm in grid_arms(grid, "emert")]
    ['alpha=0.1 beta=1.0', 'alpha=0.3 beta=1.0']
    """
    return tuple(
        ArmSettings(
            name=f"{grid.rows}={row} {grid.columns}={column}",
            options={model: {grid.rows: row, grid.columns: column}},
        )
        for row, column in product(grid.row_values, grid.column_values)
    )


def _arm_config(options: Options, arm: ArmSettings, protocol: str) -> BenchConfig:
    """The benchmark of one arm alone."""
    changed: dict[str, object] = {"models": (arm.model or options.models[0],)}
    names = dict.fromkeys([*options.options, *arm.options])
    changed["options"] = {name: {**options.options.get(name, {}), **arm.options.get(name, {})} for name in names}
    for field in ("heads", "channels", "recipe"):
        if getattr(arm, field) is not None:
            changed[field] = getattr(arm, field)
    return settings_for(options, protocol, **changed)


def benches_of(options: Options, protocol: str) -> tuple[tuple[BenchConfig, Mapping[str, str]], ...]:
    """The benchmarks that the arms need, and the model of each arm in them.

    Arms that differ in their streams alone are models of one benchmark.

    Raises
    ------
    UsageError
        If two arms are the same.
    """
    groups: dict[str, tuple[BenchConfig, dict[str, str]]] = {}
    for arm in named_arms(options):
        config = _arm_config(options, arm, protocol)
        model = config.models[0]
        alike = config.model_dump_json(exclude={"models"})
        before, members = groups.get(alike, (config, {}))
        if model in members.values():
            twin = next(name for name, other in members.items() if other == model)
            raise UsageError(f"the arms '{twin}' and '{arm.name}' are the same", fix="leave one out")
        groups[alike] = (
            before.model_copy(update={"models": _each_once([*before.models, model])}),
            {**members, arm.name: model},
        )
    return tuple(groups.values())


def _each_once(models: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(models))
