"""Clips of nine people and six stimuli in three groups, three classes: made by hand, predicted by nobody."""

import numpy as np

from emogap.types import SampleKey

PEOPLE, STIMULI = 9, 6
KEYS = tuple(
    SampleKey("hand", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"g{stimulus // 2}", 0.0, 8.0)
    for person in range(PEOPLE)
    for stimulus in range(STIMULI)
)
LABEL = np.array([(int(key.participant_id[1:]) + int(key.stimulus_id[1:])) % 3 for key in KEYS])


def one_hot(classes: np.ndarray) -> np.ndarray:
    return np.eye(3)[classes]


def wrong(classes: np.ndarray, *, every: int) -> np.ndarray:
    """The classes with every so-many-th replaced by the next class."""
    spoilt = np.arange(len(classes)) % every == 0
    return np.where(spoilt, (classes + 1) % 3, classes)
