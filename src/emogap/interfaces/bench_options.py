"""Words typed after ``emogap bench`` turned into a checked configuration."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from emogap.errors import UnknownNameError, UsageError
from emogap.learning.experiment import BenchConfig
from emogap.models.zoo import ZOO

__all__ = ["bench_config", "options_by_model"]


def bench_config(
    *, models: str, splits: str, model_options: Sequence[str] = (), **options: str | int | None
) -> BenchConfig:
    """The configuration of a benchmark.

    Parameters
    ----------
    models : str
        Names with commas between them, or ``all``.
    splits : str
        Names with commas between them.
    model_options : sequence of str
        As :func:`options_by_model` takes them.
    **options
        The other fields of :class:`BenchConfig`; None = its default.

    Raises
    ------
    UsageError
        If an option has a value that it cannot have; the message lists those it can.
    UnknownNameError
        If there is no such protocol or model.
    """
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    names = ZOO.names() if models == "all" else _listed(models)
    given["options"] = options_by_model(model_options)
    try:
        return BenchConfig.model_validate({"models": names, "splits": _listed(splits), **given})
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Input should be ").lower()
        raise UsageError(
            f"--{str(first['loc'][0]).replace('_', '-')} cannot be {first['input']!r}", fix=f"give {message}"
        ) from error


def options_by_model(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Options of models from words such as ``emert.eye_encoder=glass``; numbers, true and false are read as such.

    Raises
    ------
    UsageError
        If a word is not of that form, or an option has a value that it cannot have.
    UnknownNameError
        If there is no such model, or it has no such option.

    Examples
    --------
    >>> options_by_model(["emert.eye_encoder=glass", "emert.depth=3"])
    {'emert': {'eye_encoder': 'glass', 'depth': 3}}
    """
    options: dict[str, dict[str, Any]] = {}
    for word in words:
        place, is_given, value = word.partition("=")
        model, _, option = place.strip().partition(".")
        if not (is_given and model and option):
            raise UsageError(
                f"--options cannot be '{word}'", fix="give MODEL.OPTION=VALUE, such as emert.eye_encoder=glass"
            )
        fields = ZOO.open(model).Config.model_fields
        if option not in fields:
            raise UnknownNameError(f"option of {model}", option, fields)
        options.setdefault(model, {})[option] = _value(value.strip())
    for model, given in options.items():
        _require_valid(model, given)
    return options


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _require_valid(model: str, given: dict[str, Any]) -> None:
    try:
        ZOO.open(model).Config.model_validate_json(json.dumps(given))
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(str(part) for part in (model, *first["loc"]))
        raise UsageError(
            f"--options {option} cannot be {first['input']!r}",
            fix=first["msg"].replace("Input should be", "give"),
        ) from error


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
