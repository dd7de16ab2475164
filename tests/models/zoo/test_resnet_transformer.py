"""ResNet_Transformer is one self-attention encoder: no decoupling, no adversary."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.layers.gradient_reversal import GradientReversal
from emogap.models.zoo.resnet_transformer import Config, Model
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
    torch.manual_seed(0)
    sizes: dict[str, object] = {"width": 10, "num_heads": 3, "head_width": 4, "feedforward_width": 13}
    return Model(Config.model_validate(sizes | options), task).eval()


def with_other(batch: Batch, name: str) -> Batch:
    return dataclasses.replace(batch, streams={**batch.streams, name: batch.streams[name] + 1})


def test_every_real_token_depends_on_every_modality(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = model(batch).extras["tokens"]
    mask_BS = torch.cat([batch.masks[name] for name in task.streams], dim=1)
    for name in task.streams:
        change_BS = (model(with_other(batch, name)).extras["tokens"] - before).abs().amax(dim=-1)
        assert (change_BS[mask_BS] > 1e-6).all(), name


def test_without_attention_a_modality_reaches_its_own_tokens_alone(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    for layer in model.transformer.layers:
        torch.nn.init.zeros_(layer.attention.output.weight)
    before = model(batch).extras["tokens"]
    change_BS = (model(with_other(batch, "eye")).extras["tokens"] - before).abs().amax(dim=-1)
    assert not change_BS[:, :3].any()
    assert not change_BS[:, 10:].any()
    assert (change_BS[:, 3:10][batch.masks["eye"]] > 1e-6).all()


def test_there_is_no_adversary_and_the_task_is_the_whole_loss(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    assert not any(isinstance(module, GradientReversal) for module in model.modules())
    total, parts = model.loss(model(batch), batch, START)
    assert set(parts) == {"task/felt", "task/shown"}
    torch.testing.assert_close(total, parts["task/felt"] + parts["task/shown"])


def test_the_number_of_parameters_is_that_of_the_specification() -> None:
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == pytest.approx(0.35e6, rel=0.1)


def test_dropout_acts_in_training_only(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
    model.train()
    assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
