"""TFN fuses by an outer product: its tensor, its size and its options."""

import dataclasses
from collections.abc import Callable

import pytest
import torch
from pydantic import ValidationError

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.tfn import Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow TFN without dropout: vectors of 6 for the face, of 4 for the others."""
    torch.manual_seed(0)
    sizes = {"pooled_width": 6, "lstm_width": 5, "sequence_width": 4, "fused_width": 9}
    return Model(Config.model_validate(sizes | {"dropout": 0, "fused_dropout": 0} | options), task).eval()


def test_the_tensor_holds_a_one_each_vector_and_each_product(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    vectors = model.vectors(batch)
    face, eye, fixation = (vectors[name] for name in ("face", "eye", "fixation"))
    tensor = model.fuse(vectors)
    assert tensor.shape == (11, 6 + 1, 4 + 1, 4 + 1)
    assert (tensor[:, 0, 0, 0] == 1).all()
    torch.testing.assert_close(tensor[:, 1:, 0, 0], face)
    torch.testing.assert_close(tensor[:, 0, 1:, 0], eye)
    torch.testing.assert_close(tensor[:, 0, 0, 1:], fixation)
    torch.testing.assert_close(tensor[:, 1:, 1:, 0], torch.einsum("bi,bj->bij", face, eye))
    torch.testing.assert_close(tensor[:, 1:, 0, 1:], torch.einsum("bi,bk->bik", face, fixation))
    torch.testing.assert_close(tensor[:, 1:, 1:, 1:], torch.einsum("bi,bj,bk->bijk", face, eye, fixation))


@pytest.mark.parametrize("name", ["face", "eye", "fixation"])
def test_a_stream_that_a_clip_lacks_leaves_the_products_of_the_others(name: str, task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {other: mask.clone() for other, mask in batch.masks.items()}
    masks[name][:3] = False
    complete, lacking = (
        model.fuse(model.vectors(clips)).movedim(list(task.streams).index(name) + 1, 1)
        for clips in (batch, dataclasses.replace(batch, masks=masks))
    )
    assert complete[:3, 1:].any()
    assert not lacking[:3, 1:].any()
    torch.testing.assert_close(lacking[:, 0], complete[:, 0])
    torch.testing.assert_close(lacking[3:], complete[3:])


@pytest.mark.parametrize(
    ("streams", "size"),
    [
        ({"eye": (7, 4)}, 5),
        ({"eye": (7, 4), "vision": (3, 8)}, 5 * 7),
        ({"a": (2, 3), "b": (4, 1), "c": (3, 2), "face": (5, 6)}, 5 * 5 * 5 * 7),
    ],
    ids=["one stream", "two streams", "four streams"],
)
def test_the_layers_read_the_product_of_all_widths(
    streams: dict[str, tuple[int, ...]], size: int, make_task: MakeTask
) -> None:
    widths = [layer.weight.shape for layer in small(make_task(streams)).layers if isinstance(layer, torch.nn.Linear)]
    assert widths == [(9, size), (9, 9)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, 2.4e6), ({"pooled_width": 64, "fused_width": 128}, 9.2e6)],
    ids=["32 wide, 64 behind", "64 for the face, 128 behind"],
)
def test_the_number_of_parameters_is_that_of_the_published_layers(options: dict[str, int], expected: float) -> None:
    """The first layer behind the tensor alone has 33 x 33 x 33 x 64 = 2.3 million weights."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config.model_validate(options), task)) == pytest.approx(expected, rel=0.02)


def test_values_within_bounds_are_a_scaled_sigmoid(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(space=None, targets=("valence", "arousal"))
    batch = make_batch(task)
    free = small(task)(batch).logits["felt"]
    bound = small(task, bounds=(-3, 2))(batch).logits["felt"]
    torch.testing.assert_close(bound, 5 / (1 + torch.exp(-free)) - 3)


def test_bounds_for_classes_are_refused(task: TaskSpec) -> None:
    with pytest.raises(UsageError, match="bounds scale the values of a regression, but the task has classes"):
        small(task, bounds=(-1, 1))


def test_bounds_that_fall_are_refused() -> None:
    with pytest.raises(ValidationError, match="bounds must rise, but 1 is not below -1"):
        Config(bounds=(1, -1))


def test_too_many_streams_are_refused_before_the_memory_is_full(make_task: MakeTask) -> None:
    task = make_task({f"stream{number}": (3, 2) for number in range(6)})
    with pytest.raises(UsageError, match=r"(?s)of 6 streams has 1,291,467,969 entries.*take lmf"):
        Model(Config(), task)


def test_dropout_acts_in_training_only(task: TaskSpec, batch: Batch) -> None:
    for options in ({"dropout": 0.5}, {"fused_dropout": 0.5}):
        model = small(task, **options)
        assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
        model.train()
        assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
