"""What an answer loses when a stream, or one step of it, is taken away.

Occlusion: Zeiler & Fergus (2014), arXiv 1311.2901, section 4.2, with a False mask in place of a grey square.

Shapes: B clips, T steps of one stream, S steps of all streams in the task's order, M streams, V views.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from emogap.learning.evaluation.attribution.explained import Classes, Network, class_probability
from emogap.learning.inputs import clips_at_once
from emogap.models.batch import Batch, select_rows

__all__ = ["occluded", "step_importance", "stream_importance", "variant_importance"]


def occluded(batch: Batch, name: str, steps: Sequence[int] | None = None) -> Batch:
    """`batch` in which some steps of the stream `name` (all of them if None) are as if never recorded.

    Their mask is False and their values are 0, which is the mean of the training clips, as for a missing step.
    """
    at = slice(None) if steps is None else list(steps)
    stream, mask = batch.streams[name].clone(), batch.masks[name].clone()
    stream[:, at], mask[:, at] = 0, False
    return replace(batch, streams={**batch.streams, name: stream}, masks={**batch.masks, name: mask})


@torch.no_grad()
def stream_importance(model: Network, batch: Batch, classes: Classes) -> dict[str, Float[Tensor, "B M"]]:
    """How far the probability of the explained class falls without each stream; by view, in [-1, 1].

    NaN where the clip has no step of the stream; and for a model of one stream, which would be left with nothing.
    """
    whole = class_probability(model, batch, classes)
    names = tuple(model.task.streams)
    parts: dict[str, list[Tensor]] = {view: [] for view in whole}
    for name in names:
        left = class_probability(model, occluded(batch, name), classes)
        is_there = batch.masks[name].any(dim=1) if len(names) > 1 else torch.zeros(batch.num_clips, dtype=torch.bool)
        for view, probability in whole.items():
            parts[view].append((probability - left[view]).where(is_there, torch.tensor(torch.nan)))
    return {view: torch.stack(columns, dim=1) for view, columns in parts.items()}


@torch.no_grad()
def step_importance(model: Network, batch: Batch, classes: Classes) -> dict[str, Float[Tensor, "B S"]]:
    """How far the probability of the explained class falls without each single step; by view, in [-1, 1].

    NaN where the clip has no such step.
    """
    whole = class_probability(model, batch, classes)
    parts: dict[str, list[Tensor]] = {view: [] for view in whole}
    for name, shape in model.task.streams.items():
        for step in range(shape[0]):
            left = class_probability(model, occluded(batch, name, [step]), classes)
            is_there = batch.masks[name][:, step]
            for view, probability in whole.items():
                parts[view].append((probability - left[view]).where(is_there, torch.tensor(torch.nan)))
    return {view: torch.stack(columns, dim=1) for view, columns in parts.items()}


@torch.no_grad()
def variant_importance(
    model: Network, clip: Batch, classes: Classes, *, name: str, variants_VTX: Tensor
) -> dict[str, Float[Tensor, " V"]]:
    """How far the probability falls when the stream `name` of one clip is each of some variants; by view.

    Parameters
    ----------
    model : Network
    clip : Batch
        One clip.
    classes : Classes
        Of that clip.
    name : str
    variants_VTX : tensor, shape (V, T, ...)
        The stream as the model takes it, V times; the mask stays.
    """
    whole = class_probability(model, clip, classes)
    parts: dict[str, list[Tensor]] = {view: [] for view in whole}
    for few in torch.split(variants_VTX, clips_at_once(model.task)):
        rows = torch.zeros(len(few), dtype=torch.int64)
        repeated = select_rows(clip, rows)
        changed = replace(repeated, streams={**repeated.streams, name: few})
        left = class_probability(model, changed, {view: of_clip[rows] for view, of_clip in classes.items()})
        for view, probability in whole.items():
            parts[view].append(probability - left[view])
    return {view: torch.cat(pieces) for view, pieces in parts.items()}
