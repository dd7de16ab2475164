"""Words typed on the command line turned into a checked configuration of a simulation."""

from pydantic import ValidationError

from emogap.errors import UsageError
from emogap.simulation import SimulationConfig

__all__ = ["simulation_config"]

OPTION_OF = {"rate_hz": "--rate"}


def simulation_config(**options: float | bool | None) -> SimulationConfig:
    """The configuration of a simulation.

    Raises
    ------
    UsageError
        If a number is out of range; the message names the option, the value and the limit.
    """
    try:
        return SimulationConfig.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        option = OPTION_OF.get(field, "--" + field.replace("_", "-"))
        limit = first["msg"].lower().removeprefix("input should be ")
        raise UsageError(f"{option} is {first['input']}", fix=f"give a number {limit}") from error
