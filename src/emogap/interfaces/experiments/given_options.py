"""Options of an experiment that are given on the command line in place of the file's."""

import json
import tomllib
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.experiments.file import ExperimentFile

__all__ = ["parse_given", "with_given"]


def parse_given(texts: Sequence[str]) -> dict[str, object]:
    """Options written as ``name=value``, the value as it stands in a TOML file.

    Raises
    ------
    UsageError
        If a text is no such pair, or an option is given twice.

    Examples
    --------
    >>> parse_given(["folds=3", 'splits=["person"]'])
    {'folds': 3, 'splits': ['person']}
    """
    given: dict[str, object] = {}
    for text in texts:
        try:
            pair = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(
                f"--set {text}: this is no option with a value of TOML",
                fix='write folds=3, \'split="person"\' or \'models=["linear", "emert"]\', with the quotes',
            ) from error
        if len(pair) != 1 or "\n" in text:
            raise UsageError(f"--set {text}: this is not one option", fix="give one option with each --set")
        (name,) = pair
        if name in given:
            raise UsageError(f"--set: {name} is given twice", fix="give it once")
        given |= pair
    return given


def with_given(file: ExperimentFile, given: Mapping[str, object]) -> ExperimentFile:
    """`file` with some options of its kind replaced, checked as the file itself is.

    Raises
    ------
    UnknownNameError
        If the kind has no such option; with the nearest name.
    UsageError
        If a value is not what the option has to be.
    """
    model = type(file.options)
    for name in given:
        if name not in model.model_fields:
            raise UnknownNameError("option", name, tuple(model.model_fields))
    content = file.options.model_dump(mode="json", exclude_unset=True) | dict(given)
    try:
        # As JSON, so that an array is a tuple for a strict model too.
        options = model.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        entry = ", ".join(str(part) for part in first["loc"]) or ", ".join(given)
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(
            f"--set {entry}: {said[:1].lower()}{said[1:]}", fix=f"correct the value; see the kind {file.kind}"
        ) from error
    return file.model_copy(update={"options": options})
