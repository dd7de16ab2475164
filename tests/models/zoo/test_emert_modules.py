"""The modules of EMERT, switched off one by one (Table X of the paper)."""

from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.emert import Config, Model
from emogap.types import TaskSpec

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)
WIDTH, HIDDEN, ENCODED = 8, 9, 10


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def model(task: TaskSpec, *, mafd: bool, emt: bool) -> Model:
    torch.manual_seed(0)
    return Model(Config(encoder_width=ENCODED, mlp_width=HIDDEN, width=WIDTH, mafd=mafd, emt=emt), task).eval()


MODULES = [(False, False), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize(("mafd", "emt"), MODULES)
def test_modality_losses_are_there_with_mafd_alone(task: TaskSpec, batch: Batch, mafd: bool, emt: bool) -> None:
    network = model(task, mafd=mafd, emt=emt)
    _, parts = network.loss(network(batch), batch, START)
    assert ({"generic", "private"} <= set(parts)) == mafd


@pytest.mark.parametrize(("mafd", "emt"), MODULES)
def test_every_weight_is_used(task: TaskSpec, batch: Batch, mafd: bool, emt: bool) -> None:
    network = model(task, mafd=mafd, emt=emt)
    loss, _ = network.loss(network(batch), batch, START)
    loss.backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


@pytest.mark.parametrize(("mafd", "emt"), MODULES)
def test_tokens_that_are_masked_out_change_nothing(task: TaskSpec, batch: Batch, mafd: bool, emt: bool) -> None:
    network = model(task, mafd=mafd, emt=emt)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    masks["eye"][:, -2:] = False
    other = {name: stream.clone() for name, stream in batch.streams.items()}
    other["eye"][:, -2:] += 5
    one, two = (
        network(Batch(streams, masks, batch.labels, batch.keys, batch.index)).logits
        for streams in (batch.streams, other)
    )
    for view in one:
        torch.testing.assert_close(one[view], two[view])


def test_without_emt_the_order_of_the_two_parts_does_not_matter(task: TaskSpec, batch: Batch) -> None:
    network = model(task, mafd=True, emt=False)
    tokens = torch.randn(batch.num_clips, 16, WIDTH), torch.randn(batch.num_clips, 16, WIDTH)
    mask = torch.ones(batch.num_clips, 16, dtype=torch.bool)
    torch.testing.assert_close(network.fuse(*tokens, mask), network.fuse(*reversed(tokens), mask))
    whole = model(task, mafd=True, emt=True)
    assert not torch.allclose(whole.fuse(*tokens, mask), whole.fuse(*reversed(tokens), mask))


def test_what_is_switched_off_is_not_there(task: TaskSpec) -> None:
    """Counted by hand: a discriminator of three modalities, the shared extractor, and the positions of its tokens."""
    discriminator = WIDTH * 3 + 3
    extractor = (ENCODED * HIDDEN + HIDDEN) + (HIDDEN * WIDTH + WIDTH)
    positions = (3 + 7 + 6) * WIDTH
    size = {modules: count_parameters(model(task, mafd=modules[0], emt=modules[1])) for modules in MODULES}
    assert size[True, True] - size[False, True] == discriminator
    assert size[True, True] - size[True, False] == positions
    assert size[True, False] - size[False, False] == discriminator + extractor
