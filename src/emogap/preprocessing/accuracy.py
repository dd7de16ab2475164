"""How far the point of gaze lies from where a person was asked to look, as the device's validation measured it."""

import numpy as np

from emogap.types import Recording

__all__ = ["validated_accuracy_deg"]


def validated_accuracy_deg(recording: Recording) -> float | None:
    """Mean error of the last validation, in degrees of visual angle; None if the file holds no validation.

    Parameters
    ----------
    recording : Recording
        As read; its ``accuracy_deg`` counts.

    Returns
    -------
    float or None
        The mean over the targets, averaged over the eyes that were validated. Of several validations of one eye the
        last counts, since recording goes on with it.

    Notes
    -----
    Accuracy is never estimated from the gaze on the stimuli: where a person meant to look there is unknown.

    References
    ----------
    Dunn et al. (2023), doi:10.3758/s13428-023-02187-1, items A9 and A10.
    """
    errors_deg = list(recording.accuracy_deg.values())
    return float(np.mean(errors_deg)) if errors_deg else None
