"""Whoever was seen in pre-training is no test person."""

from collections.abc import Iterable

from emogap.errors import MismatchError
from emogap.learning.pretraining.checkpoint import Pretrained

__all__ = ["require_unseen", "seen_people"]


def seen_people(pretrained: Pretrained, dataset: str, participants: Iterable[str]) -> tuple[str, ...]:
    """Those of `participants` of the data `dataset` who were seen in pre-training, in order.

    A person is known by the name of the data and the participant's id: a copy of the recordings under another name
    goes unnoticed.
    """
    seen = set(pretrained.people)
    return tuple(sorted({name for name in participants if (dataset, name) in seen}))


def require_unseen(pretrained: Pretrained, dataset: str, participants: Iterable[str]) -> None:
    """Raise unless none of `participants` can have been seen in pre-training.

    Parameters
    ----------
    pretrained : Pretrained
    dataset : str
        Name of the data that they are people of, such as ``uniss_fgd``; that of its index of gaze.
    participants : iterable of str
        Those who are tested on.

    Raises
    ------
    MismatchError
        If one of them was seen, or it is not known who was.
    """
    if not pretrained.people_known:
        raise MismatchError(
            "the checkpoint does not know all people of its pre-training, so a test person may be among them",
            fix="pre-train on recordings that name their participants",
        )
    seen = seen_people(pretrained, dataset, participants)
    if seen:
        raise MismatchError(
            f"{len(seen)} of the test people were seen in pre-training, the first is {seen[0]} of {dataset}",
            fix=f"pre-train again with --held-out {','.join(seen)}",
        )
