"""ResNet_LSTM adds up what the modalities say, and knows the order of eye steps but not of face frames."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.resnet_lstm import Config, Model
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
    return Model(Config.model_validate({"encoder_width": 9} | options), task).eval()


def only(batch: Batch, *names: str) -> Batch:
    masks = {name: mask & (name in names) for name, mask in batch.masks.items()}
    return dataclasses.replace(batch, masks=masks)


def reordered(batch: Batch, name: str) -> Batch:
    """The steps of one stream backwards, with their mask."""
    streams = {**batch.streams, name: batch.streams[name].flip(1)}
    return dataclasses.replace(batch, streams=streams, masks={**batch.masks, name: batch.masks[name].flip(1)})


def test_the_fused_width_is_that_of_the_leftover_classifier() -> None:
    """512 face features, 128 of the eye and 128 of the fixations: the code's Linear(768, classes)."""
    task = TaskSpec((LabelView.SHOWN,), ("class",), "emotion7", PAPER_STREAMS)
    assert Model(Config(), task).heads["shown"][0].weight.shape == (7, 768)


def test_the_order_of_eye_steps_counts_and_that_of_face_frames_does_not(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    expected = model(batch).logits["felt"]
    torch.testing.assert_close(model(reordered(batch, "face")).logits["felt"], expected)
    assert not torch.allclose(model(reordered(batch, "eye")).logits["felt"], expected, atol=1e-4)
    assert not torch.allclose(model(reordered(batch, "fixation")).logits["felt"], expected, atol=1e-4)


def test_a_logit_is_the_sum_of_what_the_modalities_say(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    nothing = model(only(batch)).logits["shown"]
    parts = [model(only(batch, name)).logits["shown"] - nothing for name in task.streams]
    assert all(part.abs().max() > 1e-3 for part in parts)
    torch.testing.assert_close(nothing + sum(parts), model(batch).logits["shown"])
    torch.testing.assert_close(nothing, model.heads["shown"][0].bias.expand(11, 7))


def test_the_eye_is_what_a_stack_of_lstms_holds_at_its_end(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    fused = model(batch).extras["fused"]
    for clip, mask in enumerate(batch.masks["eye"]):
        _, (hidden, _) = model.encoders["eye"].lstm(batch.streams["eye"][clip, mask][None])
        torch.testing.assert_close(fused[clip, 5:14], hidden[-1, 0])
    assert model.encoders["eye"].lstm.num_layers == 3


def test_the_number_of_parameters_is_that_of_the_specification() -> None:
    """0.69 million: an LSTM layer has 4 x 128 x (its inputs + 128) weights and 2 x 4 x 128 biases."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    eye, fixation, second_and_third = 512 * 167 + 1024, 512 * 130 + 1024, 2 * (512 * 256 + 1024)
    by_hand = eye + fixation + 2 * second_and_third + 2 * (768 * 7 + 7)
    assert by_hand == pytest.approx(0.69e6, rel=0.01)
    assert count_parameters(Model(Config(), task)) == by_hand


def test_dropout_acts_in_training_only(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
    model.train()
    assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
