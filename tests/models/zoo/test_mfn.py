"""MFN is a memory beside several LSTMs: its windows, its lengths, its size and its options."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.mfn import Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)
STREAMS = {"face": (2, 5), "eye": (6, 4), "fixation": (3, 2)}
NUM_CELLS = 8 + 8 + 3


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task(STREAMS)


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow MFN without dropout: cells of 8, of 3 for fixations."""
    torch.manual_seed(0)
    widths = {"width": 8, "narrow_width": 3, "memory_width": 7, "attention_width": 9, "update_width": 10}
    widths |= {"gate_width": 11, "output_width": 12}
    without = {f"{part}_dropout": 0 for part in ("attention", "update", "retain", "write", "output")}
    return Model(Config.model_validate(widths | without | options), task).eval()


def test_a_window_holds_the_cells_of_the_step_before_and_of_this_one(task: TaskSpec, batch: Batch) -> None:
    window = small(task)(batch).extras["window"]
    assert window.shape == (11, 6, 2 * NUM_CELLS)
    before, now = window.split(NUM_CELLS, dim=-1)
    assert not before[:, 0].any()
    assert torch.equal(before[:, 1:], now[:, :-1])
    assert now[:, -1].any()


@pytest.mark.parametrize(("num_steps", "is_changed"), [(1, False), (6, True)])
def test_without_the_step_before_the_memory_changes_unless_there_is_one_step(
    num_steps: int, is_changed: bool, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task({name: (num_steps, shape[1]) for name, shape in STREAMS.items()})
    batch, model = make_batch(task), small(task)
    output = model(batch)
    window = output.extras["window"].clone()
    window[..., :NUM_CELLS] = 0
    is_real = torch.stack(list(batch.masks.values())).any(dim=0)
    forgetful = model.memory(window, is_real)
    assert torch.allclose(forgetful, output.extras["memory"], atol=1e-5) != is_changed


def test_heads_read_the_last_hidden_state_of_each_stream_and_the_memory(task: TaskSpec, batch: Batch) -> None:
    """The LSTMs are run by torch over the repeated steps, without gaps."""
    model = small(task)
    full = dataclasses.replace(batch, masks={name: torch.ones_like(mask) for name, mask in batch.masks.items()})
    output = model(full)
    hidden = []
    for name, stream in full.streams.items():
        cell = model.lstms[name].cell
        lstm = torch.nn.LSTM(cell.input_size, cell.hidden_size, batch_first=True)
        lstm.load_state_dict({f"{part}_l0": value for part, value in cell.state_dict().items()})
        hidden.append(lstm(stream.repeat_interleave(6 // STREAMS[name][0], dim=1))[1][0][0])
    layer, head = model.output[0], model.heads["shown"][-1]
    fused = torch.relu(torch.cat([*hidden, output.extras["memory"]], dim=1) @ layer.weight.T + layer.bias)
    expected = fused @ head.weight.T + head.bias
    torch.testing.assert_close(output.logits["shown"], expected, rtol=1e-4, atol=1e-5)


def test_the_memory_sees_every_stream_and_a_head_sees_the_memory(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = model(batch)
    for name in task.streams:
        streams = dict(batch.streams) | {name: batch.streams[name] + 1}
        after = model(dataclasses.replace(batch, streams=streams))
        assert not torch.allclose(after.extras["memory"], before.extras["memory"], atol=1e-4), name
    with torch.no_grad():
        model.memory.update.output.bias += 1
    assert not torch.allclose(model(batch).logits["felt"], before.logits["felt"], atol=1e-4)


def test_steps_at_the_end_that_no_stream_has_are_as_if_they_were_not_there(
    make_task: MakeTask, make_batch: MakeBatch
) -> None:
    long, short = (make_task({name: (steps, shape[1]) for name, shape in STREAMS.items()}) for steps in (6, 4))
    batch = make_batch(long)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for mask in masks.values():
        mask[:, 4:] = False
    cut = dataclasses.replace(
        batch,
        streams={name: stream[:, :4] for name, stream in batch.streams.items()},
        masks={name: mask[:, :4] for name, mask in masks.items()},
    )
    expected = small(short)(cut)
    found = small(long)(dataclasses.replace(batch, masks=masks))
    torch.testing.assert_close(found.extras["memory"], expected.extras["memory"])
    torch.testing.assert_close(found.logits["felt"], expected.logits["felt"])


def test_lengths_that_cannot_be_repeated_are_refused_with_models_that_take_them(make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match=r"(?s)mfn goes through all streams.*the 4 steps of eye.*emert"):
        small(make_task({"face": (3, 5), "eye": (4, 4), "fixation": (6, 2)}))


def test_the_number_of_parameters_is_that_of_the_published_layers() -> None:
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == pytest.approx(0.36e6, rel=0.02)


@pytest.mark.parametrize("part", ["attention", "update", "retain", "write", "output"])
def test_dropout_acts_in_training_only(part: str, task: TaskSpec, batch: Batch) -> None:
    model = small(task, **{f"{part}_dropout": 0.5})
    assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
    model.train()
    assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
