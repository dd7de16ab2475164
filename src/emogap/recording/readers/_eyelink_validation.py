"""The message in which an EyeLink host says how far gaze was from the targets of a validation.

It stands in .asc files, and among the messages of whatever was made of them, such as Eye-Tracking-BIDS.

References
----------
SR Research, EyeLink 1000 Plus User Manual: validation, and messages of the host.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emogap.types import Eye, Message

__all__ = ["Validation", "parse_validation", "validated_accuracy"]

VALIDATION = re.compile(
    r"VALIDATION\s+\S+\s+\S+\s+(?P<eye>LEFT|RIGHT)\s+(?P<verdict>\S+)"
    r"\s+ERROR\s+(?P<mean>-?\d+(?:\.\d+)?)\s+avg\.?\s+(?P<most>-?\d+(?:\.\d+)?)\s+max\b",
    re.IGNORECASE,
)
"""As the host writes it: ``!CAL VALIDATION HV9 LR LEFT GOOD ERROR 0.41 avg. 0.64 max OFFSET 0.35 deg. ...``."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What one validation found for one eye: the host's verdict, mean and largest error over the targets, in deg."""

    eye: Eye
    verdict: str
    mean_deg: float
    most_deg: float


def parse_validation(text: str) -> Validation | None:
    """The validation that a message reports; None if it reports none, or one that was aborted.

    Examples
    --------
    >>> parse_validation("!CAL VALIDATION HV9 LR LEFT  GOOD ERROR 0.41 avg. 0.64 max  OFFSET 0.35 deg. 12.5,9.6 pix.")
    Validation(eye='left', verdict='GOOD', mean_deg=0.41, most_deg=0.64)
    """
    found = VALIDATION.search(text)
    if found is None:
        return None
    eye: Eye = "left" if found["eye"].upper() == "LEFT" else "right"
    return Validation(eye, found["verdict"], float(found["mean"]), float(found["most"]))


def validated_accuracy(messages: Sequence[Message]) -> dict[Eye, float]:
    """Mean error of each eye's last validation, in degrees; empty without a validation.

    The last in time counts, in whichever order the messages stand: recording goes on with it.
    """
    last: dict[Eye, float] = {}
    for message in sorted(messages, key=lambda message: message.time_s):
        validation = parse_validation(message.text)
        if validation is not None and validation.mean_deg >= 0:
            last[validation.eye] = validation.mean_deg
    return last
