"""Which stream takes the part that the authors of a model gave to text, their one strong modality."""

from emogap.errors import UnknownNameError
from emogap.types import TaskSpec

__all__ = ["anchor_of"]


def anchor_of(task: TaskSpec, chosen: str | None) -> str:
    """The stream `chosen`; if that is None, ``face`` where the task has it, else its first stream.

    Face features come from a network that was trained on millions of images, as text embeddings do on words; eye
    movements do not. So the face is the anchor unless told otherwise.

    Raises
    ------
    UnknownNameError
        If the task has no stream `chosen`.

    Examples
    --------
    >>> from emogap.types import LabelView
    >>> task = TaskSpec((LabelView.FELT,), ("class",), "emotion3", {"eye": (32, 39), "face": (8, 512)})
    >>> anchor_of(task, None), anchor_of(task, "eye")
    ('face', 'eye')
    """
    if chosen is None:
        return "face" if "face" in task.streams else next(iter(task.streams))
    if chosen not in task.streams:
        raise UnknownNameError("stream", chosen, task.streams)
    return chosen
