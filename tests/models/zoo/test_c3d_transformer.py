"""C3D_Transformer needs frames, and its tokens know what comes before and after them."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.c3d_transformer import INSTEAD, Config, Model
from emogap.types import LabelView, TaskSpec

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)
STREAMS = {"frames": (5, 3, 10, 12), "eye": (7, 4), "fixation": (6, 2)}


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task(STREAMS)


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task, 4)


def small(task: TaskSpec, **options: object) -> Model:
    torch.manual_seed(0)
    sizes: dict[str, object] = {"width": 10, "num_heads": 3, "head_width": 4, "feedforward_width": 13}
    return Model(Config.model_validate(sizes | options), task).eval()


def test_every_frame_becomes_a_token(task: TaskSpec, batch: Batch) -> None:
    assert small(task)(batch).extras["tokens"].shape == (4, 5 + 7 + 6, 10)


def test_eight_frames_of_the_papers_size_become_eight_tokens(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"frames": (8, 3, 112, 112)})
    with torch.no_grad():
        assert small(task)(make_batch(task, 1)).extras["tokens"].shape == (1, 8, 10)


def test_a_token_responds_to_the_order_of_its_neighbours(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    encoder = model.encoders["frames"]
    frames, mask = batch.streams["frames"], torch.ones(4, 5, dtype=torch.bool)
    order = [0, 3, 2, 1, 4]
    before, after = encoder(frames, mask), encoder(frames[:, order], mask)
    assert not torch.allclose(after[:, 2], before[:, 2], atol=1e-4)
    assert not torch.allclose(after, before[:, order], atol=1e-4)


def test_the_face_reaches_the_answer_and_so_do_the_eyes(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    for name in task.streams:
        masks = {**batch.masks, name: torch.zeros_like(batch.masks[name])}
        other = model(dataclasses.replace(batch, masks=masks)).logits["felt"]
        assert not torch.allclose(other, model(batch).logits["felt"], atol=1e-5), name


def test_pooled_features_are_refused_in_words(make_task: MakeTask) -> None:
    with pytest.raises(
        UsageError, match=r"convolves over frames, but no stream has any: face \(8, 512\), eye \(7, 4\)"
    ):
        small(make_task({"face": (8, 512), "eye": (7, 4)}))


def test_a_stream_of_three_axes_is_refused_in_words(make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match=r"thermal has shape \(6, 9, 8\) per clip"):
        small(make_task(STREAMS | {"thermal": (6, 9, 8)}))


def test_frames_stand_in_for_features_of_the_face() -> None:
    assert INSTEAD == {"face": "frames"}


def test_maps_of_a_network_are_taken_in_place_of_frames(make_task: MakeTask, batch: Batch, task: TaskSpec) -> None:
    task = make_task({"face_map": (5, 6, 4, 4), "eye": (7, 4)})
    maps = torch.randn(4, 5, 6, 4, 4, generator=torch.Generator().manual_seed(2))
    streams = {"face_map": maps, "eye": batch.streams["eye"]}
    masks = {"face_map": batch.masks["frames"], "eye": batch.masks["eye"]}
    output = small(task)(dataclasses.replace(batch, streams=streams, masks=masks))
    assert output.logits["felt"].shape == (4, 7)
    assert output.logits["felt"].isfinite().all()


@pytest.mark.parametrize(("size", "expected"), [("compact", 1.2e6), ("full", 27.7e6)])
def test_the_number_of_parameters_is_that_of_the_specification(size: str, expected: float) -> None:
    """The convolutions, of which the specification tells the number, and beside them the transformer and two heads."""
    streams = {"frames": (8, 3, 112, 112), "eye": (32, 39), "fixation": (32, 2)}
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", streams)
    model = Model(Config(size=size), task)
    in_convolutions = count_parameters(model.encoders["frames"].c3d)
    assert in_convolutions == pytest.approx(expected, rel=0.05)
    assert count_parameters(model) - in_convolutions == pytest.approx(0.33e6, rel=0.1)
