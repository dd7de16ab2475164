"""Streams of different numbers of steps, brought to one: for models that go through all streams step by step.

Shapes: B clips, T steps of a stream, S steps of the longest stream.
"""

from torch import Tensor

from emogap.errors import UsageError
from emogap.types import TaskSpec

__all__ = ["common_length", "repeat_steps"]


def common_length(model: str, task: TaskSpec) -> int:
    """The number of steps S that all streams of `task` can be repeated to: that of the longest.

    All streams are even splits of the same clip, so repeating each of T steps S/T times is exact, and has no
    parameters.

    Parameters
    ----------
    model : str
        Name of the model that asks, for the message.
    task : TaskSpec
        Its streams are (T, D).

    Raises
    ------
    UsageError
        If S is no multiple of the number of steps of a stream: naming the first such stream, and models that take
        streams of any lengths.

    Examples
    --------
    >>> from emogap.types import LabelView
    >>> common_length("mfn", TaskSpec((LabelView.FELT,), ("class",), "emotion7", {"face": (8, 512), "eye": (32, 39)}))
    32
    """
    num_steps = max(shape[0] for shape in task.streams.values())
    for name, shape in task.streams.items():
        if num_steps % shape[0]:
            raise UsageError(
                f"{model} goes through all streams step by step, but the {shape[0]} steps of {name} cannot be repeated"
                f" evenly to the {num_steps} of the longest stream",
                fix=f"build the data with a number of steps that divides {num_steps}, or choose a model that takes"
                " streams of any lengths, such as emert or mult",
            )
    return num_steps


def repeat_steps(value_BT: Tensor, num_steps: int) -> Tensor:
    """Every step repeated until there are `num_steps`: the first T' steps are the first step, and so on.

    Parameters
    ----------
    value_BT : tensor, shape (B, T) or (B, T, D)
        A mask or a stream; T divides `num_steps`.
    num_steps : int
        S, as :func:`common_length` gives it.

    Returns
    -------
    tensor of the same type, shape (B, S) or (B, S, D)

    Examples
    --------
    >>> import torch
    >>> repeat_steps(torch.tensor([[1, 2, 3]]), 6)
    tensor([[1, 1, 2, 2, 3, 3]])
    """
    return value_BT.repeat_interleave(num_steps // value_BT.shape[1], dim=1)
