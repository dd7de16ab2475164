"""MMA-DFER adapts encoders that stand still, and these have learned without labels."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch

from emogap.errors import UnknownNameError
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.stage import num_passes_before
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters, stage_parameters, training_only
from emogap.models.zoo.mma_dfer import NATIVE, PRETRAINING, Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
FIT = TrainingState(epoch=0, num_epochs=1, step=0)
BEFORE = TrainingState(epoch=0, num_epochs=1, step=0, stage=PRETRAINING)


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    torch.manual_seed(0)
    sizes = {"width": 10, "num_heads": 2, "head_width": 6, "feedforward_width": 9, "bottleneck_width": 5}
    temporal = {"temporal_width": 14, "temporal_heads": 3, "temporal_head_width": 4, "temporal_feedforward_width": 11}
    return Model(Config.model_validate(sizes | temporal | options), task).eval()


def open_gates(model: Model, *names: str) -> None:
    for bottlenecks in model.bottlenecks:
        for name in names:
            torch.nn.init.constant_(bottlenecks[name].gate, 0.8)


def with_other(batch: Batch, name: str, clips: slice = slice(None)) -> Batch:
    """The same clips with another stream `name`."""
    stream = batch.streams[name].clone()
    stream[clips] *= -1.5
    return dataclasses.replace(batch, streams=dict(batch.streams) | {name: stream})


def one_step(model: Model, batch: Batch, *, number: int) -> None:
    """One step of AdamW in stage `number`, with a weight decay that would move what only lacks a gradient."""
    stage = model.stages()[number]
    optimizer = torch.optim.AdamW(stage_parameters(model, stage).values(), lr=0.01, weight_decay=0.5)
    state = dataclasses.replace(FIT, stage=stage.name)
    with training_only(model, stage):
        total, _ = model.loss(model.training_forward(batch, state), batch, state)
        total.backward()
        optimizer.step()


@pytest.mark.parametrize("freeze", [True, False])
def test_the_encoders_have_no_gradient_and_no_other_bit_after_a_step_of_the_fit(
    freeze: bool, task: TaskSpec, batch: Batch
) -> None:
    model = small(task, freeze=freeze).train()
    open_gates(model, *task.streams)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    one_step(model, batch, number=1)
    gradients = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    after = model.state_dict()
    same = {name.split(".")[0] for name in before if torch.equal(before[name], after[name])}
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert any(name.startswith("encoders.") for name in gradients) is not freeze
    assert ("encoders" in moved) is not freeze
    assert {"positions", "prompts", "bottlenecks", "temporal", "heads"} <= moved
    if freeze:
        assert same == {"encoders", "decoders"}


def test_pre_training_moves_encoders_and_decoders_and_nothing_of_the_rest(task: TaskSpec, batch: Batch) -> None:
    model = small(task).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    one_step(model, batch, number=0)
    moved = {name.split(".")[0] for name, value in model.state_dict().items() if not torch.equal(before[name], value)}
    assert moved == {"encoders", "decoders", "positions"}


def test_pre_training_comes_before_the_epochs_for_a_quarter_of_them(task: TaskSpec) -> None:
    first, last = small(task).stages()
    assert (first.name, first.share_before, last.name, last.share_before) == (PRETRAINING, 0.25, "fit", 0.0)
    assert small(task, pretraining_share=0.5).stages()[0].share_before == 0.5


def test_few_epochs_may_be_preceded_by_more_passes_than_they_are(task: TaskSpec) -> None:
    """Fifty passes before the authors' 25 epochs."""
    stage = small(task, pretraining_share=2).stages()[0]
    assert num_passes_before(stage, TrainingConfig(**NATIVE.model_dump())) == 50


def test_with_gates_at_zero_the_modalities_do_not_know_of_each_other(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    other = with_other(batch, "eye")
    before, after = model(batch).extras, model(other).extras
    for name in ("face", "fixation"):
        assert torch.equal(before[f"class/{name}"], after[f"class/{name}"])
    assert not torch.equal(before["class/eye"], after["class/eye"])


@pytest.mark.parametrize("name", ["face", "fixation"])
def test_an_open_gate_lets_in_what_the_others_say(name: str, task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    open_gates(model, name)
    before, after = model(batch).extras, model(with_other(batch, "eye")).extras
    shut = "fixation" if name == "face" else "face"
    assert (before[f"class/{name}"] - after[f"class/{name}"]).abs().max() > 1e-4
    assert torch.equal(before[f"class/{shut}"], after[f"class/{shut}"])


def test_a_modality_takes_the_sum_of_the_others_means_and_nothing_of_its_own(task: TaskSpec, batch: Batch) -> None:
    """What reaches the first exchange, computed clip by clip from the tokens of each modality alone."""
    model = small(task)
    received = {}
    for name, bottleneck in model.bottlenecks[0].items():
        widen = bottleneck.widen

        def spy(*arguments: torch.Tensor, widen: Callable = widen, name: str = name) -> torch.Tensor:
            received[name] = arguments
            return widen(*arguments)

        bottleneck.widen = spy
    model(batch)
    prompts = 1 + 6
    sent = {}
    for name, mask in batch.masks.items():
        narrow = received[name][1]
        if name == "face":
            frames = narrow.reshape(11, 3, prompts + 4, 5)
            sent[name] = torch.stack([clip[real].mean(dim=(0, 1)) for clip, real in zip(frames, mask, strict=True)])
        else:
            is_real = torch.cat([torch.ones(11, prompts, dtype=torch.bool), mask], dim=1)
            sent[name] = torch.stack([clip[real].mean(dim=0) for clip, real in zip(narrow, is_real, strict=True)])
    torch.testing.assert_close(received["eye"][2], sent["face"] + sent["fixation"])
    torch.testing.assert_close(received["face"][2], (sent["eye"] + sent["fixation"]).repeat_interleave(3, dim=0))


def test_the_prompts_of_a_stage_move_behind_the_exchange(task: TaskSpec, batch: Batch) -> None:
    """What the eye sends behind block 0 does not know of the vectors that move its prompts; behind block 1 it does."""
    model = small(task)
    sent: list[torch.Tensor] = []
    for number in (0, 1):
        model.bottlenecks[number]["eye"].down.register_forward_pre_hook(lambda _, given: sent.append(given[0]))
    model(batch)
    torch.nn.init.normal_(model.prompts["eye"].added_PW)
    model(batch)
    assert torch.equal(sent[2], sent[0])
    assert not torch.allclose(sent[3], sent[1], atol=1e-3)


def test_the_gates_have_a_gradient_from_the_start(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    total, _ = model.loss(model(batch), batch, FIT)
    total.backward()
    gates = {name: parameter for name, parameter in model.named_parameters() if name.endswith(".gate")}
    assert len(gates) == 4 * 3
    assert all(gate == 0 and gate.grad != 0 for gate in gates.values())


def test_there_are_as_many_prompts_as_stages_have(task: TaskSpec, batch: Batch) -> None:
    model = small(task, num_blocks=4, stage_length=2, prompts_per_stage=3)
    assert {name: len(prompts.token_PW) for name, prompts in model.prompts.items()} == dict.fromkeys(task.streams, 6)
    assert len(small(task, num_blocks=6, stage_length=2, prompts_per_stage=4).prompts["eye"].token_PW) == 12


def test_the_anchor_is_read_frame_by_frame_and_the_temporal_transformer_puts_them_in_order(
    task: TaskSpec, batch: Batch
) -> None:
    model = small(task)
    masks = {name: torch.ones_like(mask) for name, mask in batch.masks.items()}
    batch = dataclasses.replace(batch, masks=masks)
    turned = dataclasses.replace(batch, streams=dict(batch.streams) | {"face": batch.streams["face"].flip(1)})
    before, after = model(batch), model(turned)
    torch.testing.assert_close(after.extras["class/face"], before.extras["class/face"].flip(1))
    assert not torch.allclose(after.logits["felt"], before.logits["felt"], atol=1e-4)


def test_another_anchor_is_read_frame_by_frame(task: TaskSpec, batch: Batch) -> None:
    extras = small(task, anchor="eye")(batch).extras
    assert extras["class/eye"].shape == (11, 7, 10)
    assert extras["class/face"].shape == (11, 1, 10)
    with pytest.raises(UnknownNameError, match="gaze"):
        small(task, anchor="gaze")


def test_without_a_face_all_streams_are_sequences_and_the_clip_is_one_frame(
    make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task({"eye": (7, 4), "fixation": (6, 2)})
    model, batch = small(task), make_batch(task)
    extras = model(batch).extras
    assert extras["class/eye"].shape == extras["class/fixation"].shape == (11, 1, 10)
    assert model.temporal.position_FV.shape == (2, 14)
    for name in task.streams:
        changed = model(with_other(batch, name)).logits["felt"]
        assert (changed - model(batch).logits["felt"]).abs().amax(dim=1).min() > 1e-4


def test_a_clip_without_the_anchor_is_told_by_the_others(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = dict(batch.masks) | {"face": batch.masks["face"].clone()}
    masks["face"][:4] = False
    partly = dataclasses.replace(batch, masks=masks)
    before, after = model(partly).logits["felt"], model(with_other(partly, "eye", slice(0, 4))).logits["felt"]
    assert (before - after)[:4].abs().amax(dim=1).min() > 1e-4
    torch.testing.assert_close(before[4:], after[4:])


def test_pre_training_asks_for_what_is_hidden_in_labelled_clips(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    labels["felt"][:5] = math.nan
    labels["shown"][:3] = math.nan
    batch = dataclasses.replace(batch, labels=labels)
    torch.manual_seed(5)
    output = model.training_forward(batch, BEFORE)
    total, parts = model.loss(output, batch, BEFORE)
    expected = {}
    for name in task.streams:
        error = (output.extras[f"reconstruction/{name}"] - batch.streams[name])[3:] ** 2
        expected[f"reconstruction/{name}"] = error[output.extras[f"hidden/{name}"][3:]].mean()
    assert set(parts) == set(expected)
    for part, value in expected.items():
        torch.testing.assert_close(parts[part], value)
    torch.testing.assert_close(total, sum(expected.values()))


def test_nothing_is_hidden_outside_pre_training(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    model.train()
    torch.manual_seed(6)
    first = model.training_forward(batch, FIT).logits["felt"]
    assert torch.equal(first, model(batch).logits["felt"])


def test_pre_training_lowers_what_it_minimises(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task()
    batch = make_batch(task, 24)
    wave = torch.linspace(0, 4, 7).cos()[None, :, None]
    batch.streams["eye"][:] = torch.randn(24, 1, 1) * wave * torch.tensor([1.0, 2.0, -1.0, 0.5])
    model = small(task).train()
    stage = model.stages()[0]
    optimizer = torch.optim.Adam(stage_parameters(model, stage).values(), lr=1e-2)
    errors = []
    with training_only(model, stage):
        for _ in range(40):
            total, parts = model.loss(model.training_forward(batch, BEFORE), batch, BEFORE)
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            errors.append(parts["reconstruction/eye"].item())
    assert sum(errors[-5:]) < 0.5 * sum(errors[:5])


def test_one_modality_is_adapted_alone(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    open_gates(model, "eye")
    total, parts = model.loss(model(batch), batch, FIT)
    assert set(parts) == {"task/felt", "task/shown"}
    total.backward()
    assert all(bottlenecks["eye"].up.weight.grad.any() for bottlenecks in model.bottlenecks)


def test_the_number_of_parameters_is_near_the_planned() -> None:
    """1.1 million, 0.25 of which learn in the fit; 0.07 more are the decoders, which only the pre-training uses."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    model = Model(Config(), task)
    assert count_parameters(model) == 1_207_235
    assert count_parameters(model) == pytest.approx(1.1e6, rel=0.1)
    trained = sum(parameter.numel() for parameter in stage_parameters(model, model.stages()[1]).values())
    assert trained == pytest.approx(0.25e6, rel=0.1)


def test_the_native_recipe_is_the_authors() -> None:
    assert (NATIVE.optimizer, NATIVE.learning_rate, NATIVE.weight_decay) == ("adamw", 1e-4, 1e-2)
    assert (NATIVE.epochs, NATIVE.batch_size, NATIVE.schedule) == (25, 8, "cosine")
