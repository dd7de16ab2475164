"""EMERT is the network of the paper: the six checks of its specification, its size and its options."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.layers.sequence_encoder import MaskedLSTM, StepLinear
from emogap.models.zoo.emert import Config, Model
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
    """A narrow EMERT without dropout."""
    torch.manual_seed(0)
    return Model(Config.model_validate({"encoder_width": 10, "mlp_width": 9, "width": 8} | options), task).eval()


def parts_of(model: Model, batch: Batch) -> dict[str, torch.Tensor]:
    return model.loss(model(batch), batch, START)[1]


def gradients(loss: torch.Tensor, module: torch.nn.Module) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(module.parameters()), retain_graph=True))


# (a)
def test_switching_the_reversal_off_flips_the_gradient_of_the_generic_extractor_only(
    task: TaskSpec, batch: Batch
) -> None:
    model = small(task)
    with_reversal = parts_of(model, batch)["generic"]
    generic, discriminator = gradients(with_reversal, model.generic_mlp), gradients(with_reversal, model.discriminator)
    model.reversal = torch.nn.Identity()
    without_reversal = parts_of(model, batch)["generic"]
    assert without_reversal == with_reversal
    for gradient, other in zip(generic, gradients(without_reversal, model.generic_mlp), strict=True):
        assert gradient.abs().max() > 1e-6
        torch.testing.assert_close(other, -gradient)
    for gradient, other in zip(discriminator, gradients(without_reversal, model.discriminator), strict=True):
        assert gradient.abs().max() > 1e-6
        torch.testing.assert_close(other, gradient)


def test_the_private_tokens_reach_the_discriminator_without_reversal(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    loss = parts_of(model, batch)["private"]
    gradient = torch.autograd.grad(loss, model.private_mlps["eye"][-1].bias, retain_graph=True)[0]
    with torch.no_grad():
        model.private_mlps["eye"][-1].bias -= 0.1 * gradient
    assert parts_of(model, batch)["private"] < loss


# (b)
def test_logits_do_not_depend_on_the_discriminator(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = model(batch)
    torch.nn.init.normal_(model.discriminator[-1].weight)
    after = model(batch)
    assert all(torch.equal(after.logits[view], before.logits[view]) for view in before.logits)
    assert not torch.equal(after.extras["generic/eye"], before.extras["generic/eye"])


# (c)
def test_private_tokens_reach_the_logits_through_the_attention_alone(task: TaskSpec, batch: Batch) -> None:
    model = small(task)

    def change_by_private_mlps() -> float:
        before = model(batch).logits["felt"]
        with torch.no_grad():
            for mlp in model.private_mlps.values():
                mlp[0].weight.mul_(-3)
        return (model(batch).logits["felt"] - before).abs().max().item()

    assert change_by_private_mlps() > 1e-4
    for layer in model.layers:
        torch.nn.init.zeros_(layer.attention.output.weight)
        torch.nn.init.zeros_(layer.attention.output.bias)
    assert change_by_private_mlps() == 0


# (d)
def test_private_tokens_are_a_set_once_they_have_their_position(task: TaskSpec) -> None:
    model = small(task)
    num_steps = sum(shape[0] for shape in task.streams.values())
    generator = torch.Generator().manual_seed(1)
    generic, private = torch.randn(2, 11, num_steps, 8, generator=generator)
    mask = torch.ones(11, num_steps, dtype=torch.bool)
    order = torch.randperm(num_steps, generator=generator)
    before = model.fuse(generic, private, mask)
    moved_without_position = model.fuse(generic, private[:, order], mask)
    with torch.no_grad():
        model.private_position_SW.copy_(model.private_position_SW[order].clone())
    moved_with_position = model.fuse(generic, private[:, order], mask)
    torch.testing.assert_close(moved_with_position, before, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(moved_without_position, before, atol=1e-3)


# (e)
@pytest.mark.parametrize("discriminator", ["pooled", "tokenwise"])
def test_a_discriminator_of_zeros_guesses_among_three_modalities(
    discriminator: str, task: TaskSpec, batch: Batch
) -> None:
    model = small(task, discriminator=discriminator)
    torch.nn.init.zeros_(model.discriminator[-1].weight)
    torch.nn.init.zeros_(model.discriminator[-1].bias)
    parts = parts_of(model, batch)
    assert parts["generic"].item() == pytest.approx(3 * math.log(3), rel=1e-6)
    assert parts["private"].item() == pytest.approx(3 * math.log(3), rel=1e-6)


# (f)
def test_one_generic_and_three_private_extractors(task: TaskSpec) -> None:
    model = small(task)
    assert list(model.private_mlps) == ["face", "eye", "fixation"]
    assert sum(name.startswith("generic_mlp") for name, _ in model.named_children()) == 1
    extractors = [model.generic_mlp, *model.private_mlps.values()]
    assert len({id(parameter) for mlp in extractors for parameter in mlp.parameters()}) == 4 * 4


def test_the_discriminator_learns_the_number_of_each_modality(task: TaskSpec, batch: Batch) -> None:
    """Face is 0, eye is 1, fixation is 2: a discriminator that always says 1 is right for the eye alone."""
    model = small(task)
    torch.nn.init.zeros_(model.discriminator[-1].weight)
    with torch.no_grad():
        model.discriminator[-1].bias.copy_(torch.tensor([0.0, 50.0, 0.0]))
    assert parts_of(model, batch)["private"].item() == pytest.approx(2 * 50, rel=1e-4)


@pytest.mark.parametrize(
    ("options", "views", "expected"),
    [({}, ("felt", "shown"), 0.93e6), ({"width": 64, "mlp_layers": 1, "head_layers": 4}, ("shown",), 1.07e6)],
    ids=["two-layer extractors, width 32", "one-layer extractors, width 64, four-layer head"],
)
def test_the_number_of_parameters_is_that_of_the_authors_code(
    options: dict[str, object], views: tuple[str, ...], expected: float
) -> None:
    """Counted by hand from the layers of the authors' two variants, without the ResNet-18 before the features."""
    task = TaskSpec(tuple(LabelView(view) for view in views), ("class",), "emotion7", PAPER_STREAMS)
    model = Model(Config.model_validate(options), task)
    assert count_parameters(model) == pytest.approx(expected, rel=0.01)


def test_the_face_gets_a_linear_and_the_others_an_lstm_unless_told_otherwise(make_task: MakeTask) -> None:
    task = make_task({"face": (3, 5), "eye": (7, 4), "head": (6, 2)})
    assert {name: type(encoder) for name, encoder in small(task).encoders.items()} == {
        "face": StepLinear, "eye": MaskedLSTM, "head": MaskedLSTM,
    }  # fmt: skip
    assert isinstance(small(task, feature_streams=("head",)).encoders["face"], MaskedLSTM)


def test_one_stream_has_nothing_to_discriminate(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    assert model.discriminator is None
    total, parts = model.loss(model(batch), batch, START)
    assert set(parts) == {"task/felt", "task/shown"}
    assert total == parts["task/felt"] + parts["task/shown"]


@pytest.mark.parametrize("num_modalities", [2, 4, 5])
def test_the_discriminator_knows_as_many_modalities_as_there_are(
    num_modalities: int, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task({f"stream{number}": (3 + number, 2) for number in range(num_modalities)})
    model, batch = small(task), make_batch(task)
    assert model(batch).extras["private/stream1"].shape == (11, num_modalities)
    torch.nn.init.zeros_(model.discriminator[-1].weight)
    torch.nn.init.zeros_(model.discriminator[-1].bias)
    expected = num_modalities * math.log(num_modalities)
    assert parts_of(model, batch)["generic"].item() == pytest.approx(expected, rel=1e-6)


def test_the_two_forms_of_the_loss_weigh_as_printed(task: TaskSpec, batch: Batch) -> None:
    totals = {}
    for form in ("code", "paper"):
        model = small(task, loss_form=form, alpha=0.3, beta=0.1)
        totals[form], parts = model.loss(model(batch), batch, START)
    supervised = parts["task/felt"] + parts["task/shown"]
    torch.testing.assert_close(totals["code"], supervised + 0.3 * parts["generic"] + 0.1 * parts["private"])
    torch.testing.assert_close(totals["paper"], 0.3 * (parts["generic"] + parts["private"]) + 0.1 * supervised)


def test_a_modality_that_a_clip_lacks_is_not_discriminated(task: TaskSpec, batch: Batch) -> None:
    """With zeros for features the discriminator would be taught what an absent face looks like."""
    model = small(task)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    masks["face"][:5] = False
    partly = dataclasses.replace(batch, masks=masks)
    present = torch.arange(5, 11)
    logits = model(partly).extras["private/face"]
    expected = torch.nn.functional.cross_entropy(logits[present], torch.zeros(6, dtype=torch.int64))
    others = sum(
        torch.nn.functional.cross_entropy(model(partly).extras[f"private/{name}"], torch.full((11,), number))
        for number, name in enumerate(task.streams)
        if name != "face"
    )
    torch.testing.assert_close(parts_of(model, partly)["private"], expected + others)


@pytest.mark.parametrize(
    "options",
    [
        {"discriminator": "tokenwise"},
        {"discriminator_layers": 2},
        {"mlp_layers": 1},
        {"head_layers": 1},
        {"head_layers": 4},
        {"depth": 1, "num_heads": 3, "head_width": 5},
        {"loss_form": "paper", "alpha": 0.01, "beta": 0.01},
    ],
    ids=str,
)
def test_every_option_trains(options: dict[str, object], task: TaskSpec, batch: Batch) -> None:
    model = small(task, **options).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(6):
        total, parts = model.loss(model(batch), batch, START)
        losses.append((parts["task/felt"] + parts["task/shown"]).item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert losses[-1] < losses[0]


def test_a_tokenwise_discriminator_sees_every_real_step(task: TaskSpec, batch: Batch) -> None:
    output = small(task, discriminator="tokenwise")(batch)
    assert output.extras["generic/eye"].shape == (11, 7, 3)


def test_dropout_acts_in_training_only(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
    model.train()
    assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])


def test_a_width_that_cannot_be_halved_is_refused(task: TaskSpec) -> None:
    with pytest.raises(UsageError, match="a head of 4 layers halves its width each time, and 12 cannot be"):
        small(task, width=12, head_layers=4)
