"""Expectation maximisation, whatever the model: maximise, expect, until nothing is gained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Climb", "ClimbConfig", "climb"]

Parameters = TypeVar("Parameters")
Expectation = TypeVar("Expectation")


class ClimbConfig(BaseModel):
    """How long to climb."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_steps: int = Field(default=500, ge=1, description="Steps after which climbing ends in any case. Choice.")
    tolerance: float = Field(
        default=1e-9,
        ge=0,
        description="Climbing ends when a step gains less than this, in nats per rating; 0 = after all steps. Choice.",
    )


@dataclass(frozen=True, slots=True)
class Climb(Generic[Parameters, Expectation]):
    """Where a climb ended; `log_likelihood` has one value per step."""

    parameters: Parameters
    expectation: Expectation
    log_likelihood: Float[ndarray, " steps"]
    converged: bool


def climb(
    start: Expectation,
    *,
    maximise: Callable[[Expectation], Parameters],
    expect: Callable[[Parameters], tuple[Expectation, float]],
    num_ratings: int,
    config: ClimbConfig,
) -> Climb[Parameters, Expectation]:
    """Parameters at a local maximum of the (penalised) likelihood, and what is expected under them.

    Parameters
    ----------
    start : Expectation
        What is expected before anything is estimated.
    maximise : callable
        M-step: the parameters that maximise the expected log-likelihood (plus log prior).
    expect : callable
        E-step: the expectation under given parameters, and their log-likelihood (plus log prior).
    num_ratings : int
        The tolerance is per rating.
    config : ClimbConfig

    References
    ----------
    Dempster, Laird and Rubin (1977), J. R. Stat. Soc. B 39(1), doi:10.1111/j.2517-6161.1977.tb01600.x, eqs. 2.16
    and 2.17; with a prior: p. 6.
    """
    expectation, heights, converged = start, list[float](), False
    while len(heights) < config.max_steps and not converged:
        parameters = maximise(expectation)
        expectation, height = expect(parameters)
        heights.append(height)
        # A step that rounding lets fall is no reason to stop where all steps were asked for.
        gain = height - heights[-2] if len(heights) > 1 else np.inf
        converged = config.tolerance > 0 and gain < config.tolerance * num_ratings
    return Climb(parameters, expectation, np.array(heights), converged)
