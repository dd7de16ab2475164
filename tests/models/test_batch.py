"""A batch keeps its axes together."""

from collections.abc import Callable

import pytest
import torch

from emogap.errors import MismatchError
from emogap.models.batch import Batch, require_streams, select_rows
from emogap.types import TaskSpec

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]


def test_selected_rows_belong_together(make_task: MakeTask, make_batch: MakeBatch) -> None:
    batch = make_batch(make_task())
    some = select_rows(batch, torch.tensor([9, 4]))
    assert some.num_clips == 2
    assert some.keys == (batch.keys[9], batch.keys[4])
    assert some.index.tolist() == [9, 4]
    for name in batch.streams:
        assert torch.equal(some.streams[name][1], batch.streams[name][4])
        assert torch.equal(some.masks[name][1], batch.masks[name][4])
    assert torch.equal(some.labels["shown"][0], batch.labels["shown"][9])


def test_a_stream_of_another_length_is_refused_with_both_shapes(make_task: MakeTask, make_batch: MakeBatch) -> None:
    batch = make_batch(make_task())
    longer = make_task({"face": (3, 5), "eye": (9, 4), "fixation": (6, 2)})
    with pytest.raises(MismatchError, match=r"made for eye of shape \(9, 4\) per clip, but this one is \(7, 4\)"):
        require_streams(longer, batch)
