"""Words typed after ``emogap bench`` turned into a checked configuration."""

from pydantic import ValidationError

from emogap.errors import UsageError
from emogap.learning.experiment import BenchConfig
from emogap.models.zoo import ZOO

__all__ = ["bench_config"]


def bench_config(*, models: str, splits: str, **options: str | int | None) -> BenchConfig:
    """The configuration of a benchmark.

    Parameters
    ----------
    models : str
        Names with commas between them, or ``all``.
    splits : str
        Names with commas between them.
    **options
        The other fields of :class:`BenchConfig`; None = its default.

    Raises
    ------
    UsageError
        If an option has a value that it cannot have; the message lists those it can.
    UnknownNameError
        If there is no such protocol or model.
    """
    given = {name: value for name, value in options.items() if value is not None}
    names = ZOO.names() if models == "all" else _listed(models)
    try:
        return BenchConfig.model_validate({"models": names, "splits": _listed(splits), **given})
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Input should be ").lower()
        raise UsageError(
            f"--{str(first['loc'][0]).replace('_', '-')} cannot be {first['input']!r}", fix=f"give {message}"
        ) from error


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
