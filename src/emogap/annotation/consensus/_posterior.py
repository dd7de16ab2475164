"""From log-likelihoods of the classes to their posterior."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["normalised"]


def normalised(
    log_given_class: Float[ndarray, "J K"], prevalence: Float[ndarray, " K"]
) -> tuple[Float[ndarray, "J K"], float]:
    """Posterior of the class of each item, and the log-likelihood of all items; a class of prevalence 0 stays 0."""
    with np.errstate(divide="ignore"):
        joint = log_given_class + np.log(prevalence)
    peak = joint.max(axis=1, keepdims=True)
    joint -= peak
    np.exp(joint, out=joint)
    total = joint.sum(axis=1, keepdims=True)
    joint /= total
    return joint, float((peak + np.log(total)).sum())
