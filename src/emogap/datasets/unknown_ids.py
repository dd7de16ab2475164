"""Ids of people and stimuli that nobody knows: each stands for one clip alone, and no split may be dealt by them."""

from collections.abc import Iterable

from emogap.types import SampleKey

__all__ = ["UNKNOWN", "are_people_known", "are_stimuli_known", "unknown_id"]

UNKNOWN = "unknown-"
"""How such an id begins; no id of a real person or stimulus does."""


def unknown_id(clip: str) -> str:
    """The id of the person or stimulus of a clip of whom nothing is known.

    Examples
    --------
    >>> unknown_id("3-film-happy-Happy")
    'unknown-3-film-happy-Happy'
    """
    return UNKNOWN + clip


def are_people_known(keys: Iterable[SampleKey]) -> bool:
    """Whether it is known of every clip whose it is."""
    return not any(key.participant_id.startswith(UNKNOWN) for key in keys)


def are_stimuli_known(keys: Iterable[SampleKey]) -> bool:
    """Whether it is known of every clip what was shown."""
    return not any(key.stimulus_group.startswith(UNKNOWN) for key in keys)
