"""How a pupil answers to light, and to an event: published curves that ``pupil_light`` fits to a session."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.signal import lfilter

__all__ = ["follow_light", "lagged", "light_adapted_diameter_mm", "pupil_response"]

RESPONSE_SHAPE = 10.1
RESPONSE_PEAK_S = 0.93
"""Hoeks and Levelt (1993), doi:10.3758/BF03204445, p. 22: averages over people of n and t_max."""


def light_adapted_diameter_mm(luminance_cd_m2: Float[ndarray, "..."], *, area_deg2: float) -> Float[ndarray, "..."]:
    """Diameter in mm of a pupil that has settled in front of a field, both eyes open.

    Parameters
    ----------
    luminance_cd_m2 : float64 array
        Of the field.
    area_deg2 : float
        Of the field, in square degrees.

    Notes
    -----
    ``D = 7.75 - 5.75 q / (q + 2)``, ``q = (luminance * area / 846) ** 0.41``: the reference observer, 28.58 years old.
    Another age changes D by a factor and a constant, which the fit to a session contains.

    References
    ----------
    Watson and Yellott (2012), J. Vision 12(10):12, doi:10.1167/12.10.12, "A unified formula"; its
    form is that of Stanley and Davies (1995).

    Examples
    --------
    >>> light_adapted_diameter_mm(np.array([1.0, 10.0, 100.0]), area_deg2=846.0).round(2).tolist()
    [5.83, 4.52, 3.34]
    """
    drive = (np.asarray(luminance_cd_m2) * area_deg2 / 846) ** 0.41
    diameter: Float[ndarray, ...] = 7.75 - 5.75 * drive / (drive + 2)
    return diameter


def lagged(settled: Float[ndarray, " T"], *, step_s: float, lag_s: float) -> Float[ndarray, " T"]:
    """`settled` through two equal lags of first order; it starts settled.

    References
    ----------
    Stark and Sherman (1957), doi:10.1152/jn.1957.20.1.17: the reflex is of third order. The third lag, which differs
    between constriction and dilation, is :func:`follow_light`.
    """
    keep = np.exp(-step_s / lag_s)
    numerator, denominator = [(1 - keep) ** 2], [1.0, -2 * keep, keep**2]
    course: Float[ndarray, " T"] = settled[0] + lfilter(numerator, denominator, settled - settled[0])
    return course


def follow_light(
    settled: Float[ndarray, " T"], *, step_s: float, constriction_s: float, dilation_s: float
) -> Float[ndarray, " T"]:
    """A pupil on its way to `settled`: first order, faster when it narrows; it starts settled.

    Parameters
    ----------
    settled : float64 array, shape (T,)
        Where light alone would bring the pupil, evenly sampled, latency applied.
    step_s : float
        Time between samples.
    constriction_s, dilation_s : float
        Time constants, in s.

    Notes
    -----
    ``dD/dt = (S - D) / tau``, solved exactly for a constant S within each step.

    References
    ----------
    Constriction is faster than re-dilation: Ellis (1981), doi:10.1136/bjo.65.11.754; first order: Korn and Bach
    (2016), doi:10.1167/16.3.28, whose kernels for constriction and dilation differ too.
    """
    narrowing, widening = (-np.expm1(-step_s / tau_s) for tau_s in (constriction_s, dilation_s))
    course = []
    now = float(settled[0])
    for goal in settled.tolist():
        now += (goal - now) * (narrowing if goal < now else widening)
        course.append(now)
    return np.array(course)


def pupil_response(lag_s: Float[ndarray, " L"]) -> Float[ndarray, " L"]:
    """Answer of the pupil to a short event that is no light, at each time after it; 1 at its peak.

    Notes
    -----
    ``h(t) = (t / t_max) ** n * exp(n (1 - t / t_max))`` with n = 10.1 and t_max = 0.93 s.

    References
    ----------
    Hoeks and Levelt (1993), Behav. Res. Methods 25(1), 16-26, doi:10.3758/BF03204445, equation 1.

    Examples
    --------
    >>> pupil_response(np.array([0.0, 0.93, 3.0])).round(3).tolist()
    [0.0, 1.0, 0.0]
    """
    share = lag_s / RESPONSE_PEAK_S
    response: Float[ndarray, " L"] = share**RESPONSE_SHAPE * np.exp(RESPONSE_SHAPE * (1 - share))
    return response
