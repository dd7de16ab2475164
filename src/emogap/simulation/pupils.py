"""The pupil: how wide light leaves it, how fast it follows, and what arousal adds."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.signal import lfilter

from emogap.simulation.config import PupilConfig

__all__ = ["REFERENCE_AGE_YEARS", "arousal_dilation_mm", "hippus_mm", "light_reflex_mm", "steady_diameter_mm"]

REFERENCE_AGE_YEARS = 28.58
"""Age of the reference observer of Watson & Yellott (2012)."""


def steady_diameter_mm(
    luminance_cd_m2: Float[ndarray, "..."], *, area_deg2: float, age_years: float
) -> Float[ndarray, "..."]:
    """Diameter of the light-adapted pupil in mm, both eyes seeing the field.

    Parameters
    ----------
    luminance_cd_m2 : float64 array
        Luminance of the field in cd/m^2.
    area_deg2 : float
        Its area in square degrees.
    age_years : float
        20 to 83.

    Notes
    -----
    The unified formula: D = S + (age - 28.58) (0.02132 - 0.009562 S), S = 7.75 - 5.75 q / (q + 2),
    q = (luminance * area / 846)^0.41. Under 20 years the age is taken as 20, where the formula ends.

    References
    ----------
    Watson & Yellott (2012), J. Vision 12(10):12, doi:10.1167/12.10.12, "A unified formula".

    Examples
    --------
    >>> float(steady_diameter_mm(np.array(100.0), area_deg2=600.0, age_years=28.58).round(2))
    3.49
    """
    drive = (np.asarray(luminance_cd_m2) * area_deg2 / 846) ** 0.41
    reference = 7.75 - 5.75 * drive / (drive + 2)
    years = max(age_years, 20.0) - REFERENCE_AGE_YEARS
    diameter: Float[ndarray, ...] = reference + years * (0.02132 - 0.009562 * reference)
    return diameter


def light_reflex_mm(steady_mm: Float[ndarray, " T"], rate_hz: float, config: PupilConfig) -> Float[ndarray, " T"]:
    """Diameter that follows the steady-state diameter `steady_mm` with a latency and a lag, mm, float64 (T,).

    Notes
    -----
    ``dD/dt = (S(t - latency) - D) / tau``; tau is shorter for constriction (S < D) than for dilation. Starts adapted.

    References
    ----------
    Ellis (1981), doi:10.1136/bjo.65.11.754; Bergamin & Kardon (2003), doi:10.1167/iovs.02-0468.
    """
    delay = round(config.latency_s * rate_hz)
    driven = np.concatenate([np.full(delay, steady_mm[0]), steady_mm])[: len(steady_mm)]
    gain_down = -np.expm1(-1 / (rate_hz * config.constriction_tau_s))
    gain_up = -np.expm1(-1 / (rate_hz * config.dilation_tau_s))
    diameter = np.empty(len(driven))
    now = float(driven[0])
    for index, goal in enumerate(driven.tolist()):
        now += (goal - now) * (gain_down if goal < now else gain_up)
        diameter[index] = now
    return diameter


def arousal_dilation_mm(dilation_mm: Float[ndarray, " T"], rate_hz: float, config: PupilConfig) -> Float[ndarray, " T"]:
    """What arousal adds when it asks for `dilation_mm` at each moment: delayed and first order, mm, float64 (T,).

    References
    ----------
    Bradley et al. (2008), doi:10.1111/j.1469-8986.2008.00654.x: sustained from about 2 s on while a picture is seen.
    """
    delay = round(config.arousal_latency_s * rate_hz)
    driven = np.concatenate([np.zeros(delay), dilation_mm])[: len(dilation_mm)]
    keep = np.exp(-1 / (rate_hz * config.arousal_tau_s))
    result: Float[ndarray, " T"] = lfilter([1 - keep], [1.0, -keep], driven)
    return result


def hippus_mm(num_samples: int, rate_hz: float, config: PupilConfig, rng: np.random.Generator) -> Float[ndarray, " T"]:
    """Spontaneous slow change of the pupil, an Ornstein-Uhlenbeck process, mm, float64 (T,)."""
    keep = np.exp(-1 / (rate_hz * config.hippus_tau_s))
    push = config.hippus_sd_mm * np.sqrt(1 - keep**2) * rng.normal(size=num_samples)
    result: Float[ndarray, " T"] = lfilter([1.0], [1.0, -keep], push)
    return result
