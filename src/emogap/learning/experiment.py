"""What a benchmark is asked to do, in one frozen model that has a TOML form."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from emogap.errors import DataError, UsageError
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.training.config import Preset, RecipeName
from emogap.models.zoo import ZOO

__all__ = [
    "FLOORS",
    "BenchConfig",
    "BenchSettings",
    "Cells",
    "SplitName",
    "model_and_streams",
    "model_options",
    "read_experiment",
    "write_experiment",
]

SplitName = Literal["person", "person+stimulus", "official"]
Cells = Literal["all", "diagonal"]

FLOORS = ("majority", "person_mean", "stimulus_mean")
"""Models that look at no signal. They are in every table, asked for or not."""


class BenchSettings(BaseModel):
    """Options of a benchmark, whichever protocol it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    models: tuple[str, ...] = Field(
        min_length=1,
        description="Names on the shelf of models; 'emert@eye+face' is emert on these streams alone.",
    )
    splits: tuple[SplitName, ...] = Field(
        default=("person", "person+stimulus"),
        min_length=1,
        description="Who is unseen; person+stimulus brings person and the thinned training set with it.",
    )
    preset: Preset = Field(default="evidence", description="Epochs and cells: quick, evidence or protocol.")
    recipe: RecipeName = Field(
        default="protocol",
        description="How networks are optimised: the paper's recipe for all, or each as its own authors did.",
    )
    seeds: int = Field(default=1, ge=1, description="Repetitions, each with its own deal of people and weights.")
    folds: int = Field(default=5, ge=2, description="Folds of people, and at most as many of stimuli.")
    cells: Cells | None = Field(
        default=None, description="Cells of person+stimulus; absent = diagonal, and all in the preset protocol."
    )
    metric_compat: Literal["pooled", "emer-batch16"] = Field(
        default="pooled", description="emer-batch16 adds the batch-averaged values of EMER's public code."
    )
    heads: Literal["all", "single"] = Field(
        default="all", description="all: a head for every view that the data label; single: the scored view alone."
    )
    joint: bool = Field(default=False, description="One run for all targets of a va protocol instead of one each.")
    options: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict,
        description="Options of a model by its shelf name, checked by the model's own Config. In a text {split},"
        " {cell}, {fold} and {seed} stand for those of each fit.",
    )
    channels: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description="Channels that models see, by stream: names, or patterns such as gaze_*; absent = all.",
    )

    @model_validator(mode="after")
    def _names_are_on_offer(self) -> Self:
        for model in self.models:
            ZOO.open(model_and_streams(model)[0])
        for name, options in self.options.items():
            ZOO.open(name).Config.model_validate_json(json.dumps(options))
        for field in ("models", "splits"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise UsageError(f"a name stands twice in {field}: {', '.join(names)}", fix="name each one once")
        return self

    @property
    def cells_run(self) -> Cells:
        """The cells of person+stimulus that are run: as asked, or as the preset says."""
        return self.cells or ("all" if self.preset == "protocol" else "diagonal")

    @property
    def models_run(self) -> tuple[str, ...]:
        """Models asked for, in that order, then the floors."""
        return (*(model for model in self.models if model not in FLOORS), *FLOORS)

    @property
    def splits_run(self) -> tuple[str, ...]:
        """The splits asked for, with those that a blocked score must be compared with."""
        if "person+stimulus" not in self.splits:
            return self.splits
        others = tuple(split for split in self.splits if split not in ("person", "person+stimulus"))
        return ("person", "person+stimulus", "person-thinned", *others)


class BenchConfig(BenchSettings):
    """Options of a benchmark. The TOML form holds the same names; see :func:`read_experiment`."""

    protocol: str = Field(description="Which question, such as er3.")

    @model_validator(mode="after")
    def _protocol_is_on_offer(self) -> Self:
        open_protocol(self.protocol)
        return self

    def described(self) -> dict[str, object]:
        """Every option that is set, as TOML and JSON hold them, the protocol first."""
        return {"protocol": self.protocol} | self.model_dump(mode="json", exclude_none=True)


def model_and_streams(model: str) -> tuple[str, tuple[str, ...] | None]:
    """Shelf name and streams of a model as it is written in a table; None = all streams.

    Examples
    --------
    >>> model_and_streams("emert@eye+face"), model_and_streams("emert")
    (('emert', ('eye', 'face')), ('emert', None))
    """
    name, _, streams = model.partition("@")
    return name, tuple(streams.split("+")) if streams else None


def model_options(config: BenchSettings, model: str, place: Mapping[str, object] | None = None) -> BaseModel:
    """The model's own configuration of one fit.

    Parameters
    ----------
    config : BenchConfig
    model : str
        As it is written in a table, such as ``emert@eye``.
    place : mapping, optional
        What ``{split}``, ``{cell}``, ``{fold}`` and ``{seed}`` stand for; they are left as they are if None.
    """
    name, _ = model_and_streams(model)
    options = {option: _placed(value, place or {}) for option, value in config.options.get(name, {}).items()}
    checked: BaseModel = ZOO.open(name).Config.model_validate_json(json.dumps(options))
    return checked


def _placed(value: JsonValue, place: Mapping[str, object]) -> JsonValue:
    if isinstance(value, str):
        for word, meant in place.items():
            value = value.replace(f"{{{word}}}", str(meant))
    return value


def read_experiment(path: Path) -> BenchConfig:
    """The benchmark described by a TOML file.

    Raises
    ------
    DataError
        If the file is absent, no TOML, or holds a field that does not belong there; the message names the field.
    UnknownNameError
        If there is no such protocol or model.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return BenchConfig.model_validate_json(json.dumps(content))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the experiment cannot be read: {error}", where=str(path), fix="give a TOML file") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"{place}: {first['msg'].lower()}, got {first['input']!r}",
            where=str(path),
            fix=f"the fields are {', '.join(BenchConfig.model_fields)}",
        ) from error


def write_experiment(config: BenchConfig) -> str:
    """The TOML form of `config`; reading it gives `config` again.

    Examples
    --------
    >>> print(write_experiment(BenchConfig(protocol="er3", models=("majority",))).splitlines()[0])
    protocol = "er3"
    """
    return tomli_w.dumps(config.described())
