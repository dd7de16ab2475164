"""Steps of cleaning with their parameters, over all clips of a data set: what is the same, and what varies."""

import json
from collections.abc import Iterable, Mapping

import polars as pl

__all__ = ["cleaning_steps"]


def cleaning_steps(quality: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Name and parameters of each step, in order; cutting the clip out of the recording is left out.

    Parameters
    ----------
    quality : polars.DataFrame
        ``quality.parquet``: column ``steps`` holds JSON, null where nothing was done.

    Returns
    -------
    tuple of (str, str)
        A parameter that is not the same in all clips is given as the range of its numbers, or as ``by clip``. A step
        that was not applied to every clip says to how many.

    Examples
    --------
    >>> one = '[{"name": "blink", "parameters": {"shortest_s": 0.075, "gaps": 3}}]'
    >>> two = '[{"name": "blink", "parameters": {"shortest_s": 0.075, "gaps": 5}}, {"name": "pupil", "parameters": {}}]'
    >>> cleaning_steps(pl.DataFrame({"steps": [one, two]}))
    (('blink', 'shortest_s = 0.075, gaps = 3 to 5'), ('pupil', 'in 1 of 2 clips'))
    """
    if "steps" not in quality.columns:
        return ()
    values: dict[str, dict[str, list[object]]] = {}
    clips: dict[str, int] = {}
    for text in quality["steps"].drop_nulls():
        for step in json.loads(text):
            name = step["name"]
            clips[name] = clips.get(name, 0) + 1
            known = values.setdefault(name, {})
            for parameter, value in _flat(step["parameters"]):
                known.setdefault(parameter, []).append(value)
    return tuple(
        (name, _told(parameters, clips[name], quality.height)) for name, parameters in values.items() if name != "trim"
    )


def _flat(parameters: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    for name, value in parameters.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", content) for inner, content in value.items())
        else:
            yield name, value


def _told(parameters: Mapping[str, list[object]], clips: int, of: int) -> str:
    told = [f"{name} = {_value(values)}" for name, values in parameters.items()]
    return ", ".join([*told, *([f"in {clips} of {of} clips"] if clips < of else [])])


def _value(values: list[object]) -> str:
    if all(value == values[0] for value in values):
        return "none" if values[0] is None else str(values[0])
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return "by clip"
    return f"{min(numbers):g} to {max(numbers):g}"
