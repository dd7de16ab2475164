"""How far the point of gaze lies from where a person was asked to look, as the device's validation measured it."""

import re

import numpy as np

from emogap.types import Recording

__all__ = ["validated_accuracy_deg"]

EYELINK_VALIDATION = re.compile(
    r"VALIDATION\s+\S+\s+(?:L|R|LR)\s+(?P<eye>LEFT|RIGHT)\s+\w+\s+ERROR\s+(?P<mean>\d+(?:\.\d+)?)\s+avg", re.IGNORECASE
)
"""As the EyeLink host writes it: ``!CAL VALIDATION HV9 LR LEFT GOOD ERROR 0.41 avg. 0.64 max OFFSET 0.35 deg. ...``."""


def validated_accuracy_deg(recording: Recording) -> float | None:
    """Mean error of the last validation, in degrees of visual angle; None if the file holds no validation.

    Parameters
    ----------
    recording : Recording
        As read; its messages and notes are searched.

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
    EyeLink 1000 Plus User Manual, SR Research: validation, and messages of the host. Dunn et al. (2023),
    doi:10.3758/s13428-023-02187-1, items A9 and A10.
    """
    messages = [message.text for message in sorted(recording.messages, key=lambda message: message.time_s)]
    last: dict[str, float] = {}
    for text in (*recording.notes, *messages):
        found = EYELINK_VALIDATION.search(text)
        if found:
            last[found["eye"].upper()] = float(found["mean"])
    return float(np.mean(list(last.values()))) if last else None
