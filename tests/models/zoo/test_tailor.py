"""TAILOR is the network of its authors: the checks of its specification, its size and its options."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from emogap.errors import UnknownNameError, UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.tailor import NATIVE, Config, Model
from emogap.types import TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)
SMALL_STREAMS = {"face": (2, 5), "eye": (6, 4), "fixation": (3, 2)}


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task(SMALL_STREAMS)


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow and shallow TAILOR, away from its small initial weights."""
    torch.manual_seed(0)
    sizes = {"width": 12, "num_heads": 3, "depth": 1, "anchor_depth": 1, "fusion_depth": 1}
    model = Model(Config.model_validate(sizes | options), task).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(15)
    return model


def parts_of(model: Model, batch: Batch) -> dict[str, torch.Tensor]:
    return model.loss(model(batch), batch, START)[1]


def gradients(loss: torch.Tensor, module: torch.nn.Module) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(module.parameters()), retain_graph=True))


def zero(module: torch.nn.Module) -> None:
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)


def test_there_is_one_query_per_label_of_each_view(make_task: MakeTask) -> None:
    assert small(make_task(SMALL_STREAMS)).decoder.label_LW.shape == (14, 12)
    assert small(make_task(SMALL_STREAMS, views=("felt",))).decoder.label_LW.shape == (7, 12)
    values = make_task(SMALL_STREAMS, space=None, targets=("valence", "arousal", "dominance"))
    assert small(values).decoder.label_LW.shape == (6, 12)


def test_label_queries_in_another_order_give_scores_in_that_order(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = torch.cat(list(model(batch).logits.values()), dim=1)
    order = torch.randperm(14, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        model.decoder.label_LW.copy_(model.decoder.label_LW[order].clone())
    after = torch.cat(list(model(batch).logits.values()), dim=1)
    torch.testing.assert_close(after, before[:, order], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(after, before, atol=1e-3)


def test_the_labels_of_one_view_attend_to_those_of_the_other(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = model(batch).logits["felt"]
    with torch.no_grad():
        model.decoder.label_LW[7:].normal_()
    assert not torch.allclose(model(batch).logits["felt"], before, atol=1e-3)


def test_the_reversal_turns_the_gradient_of_the_common_extractor_only(task: TaskSpec, batch: Batch) -> None:
    """The private parts, whose gradient is not reversed, are cut off from what is compared."""
    model = small(task)
    modules = {"common": model.common, "private": model.private["eye"], "discriminator": model.discriminator}
    reversed_loss = parts_of(model, batch)["modality"]
    with_reversal = {name: gradients(reversed_loss, module) for name, module in modules.items()}
    model.reversal = torch.nn.Identity()
    plain_loss = parts_of(model, batch)["modality"]
    without = {name: gradients(plain_loss, module) for name, module in modules.items()}
    assert plain_loss == reversed_loss
    for name, sign in (("common", -1), ("private", 1), ("discriminator", 1)):
        for one, other in zip(with_reversal[name], without[name], strict=True):
            assert one.abs().max() > 1e-6
            torch.testing.assert_close(other, sign * one)


def test_a_discriminator_of_zeros_guesses_of_common_and_private_tokens(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    zero(model.discriminator)
    assert parts_of(model, batch)["modality"].item() == pytest.approx(2 * 3 * math.log(3), rel=1e-6)


def test_the_overlap_is_that_of_six_pairs(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    extras = model(batch).extras

    def overlap(one: str, other: str) -> torch.Tensor:
        return (extras[one] @ extras[other].transpose(1, 2)).pow(2).sum(dim=(1, 2)).mean()

    pairs = [("private/face", "private/eye"), ("private/face", "private/fixation"), ("private/eye", "private/fixation")]
    pairs += [(f"common/{name}", f"private/{name}") for name in task.streams]
    torch.testing.assert_close(parts_of(model, batch)["overlap"], sum(overlap(*pair) for pair in pairs))


def test_the_losses_weigh_as_in_the_code(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    total, parts = model.loss(model(batch), batch, START)
    expected = parts["task/felt"] + parts["task/shown"] + 0.5 * parts["common"]
    expected = expected + 0.01 * parts["modality"] + 5e-6 * parts["overlap"]
    torch.testing.assert_close(total, expected)
    assert set(parts) == {"task/felt", "task/shown", "common", "modality", "overlap"}


def test_the_common_head_reads_the_first_real_token_of_the_sum(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for name, mask in masks.items():
        mask[:4, 0] = False
        mask[:4, 1] = name == "fixation"
    late = dataclasses.replace(batch, masks=masks)
    extras = model(late).extras
    common = sum(extras[f"common/{name}"] for name in task.streams)
    torch.testing.assert_close(extras["first"][:4], common[:4, 2])
    torch.testing.assert_close(extras["first"][4:], common[4:, 0])
    logits = {view: head(extras["first"]) for view, head in model.common_heads.items()}
    expected = sum(functional.cross_entropy(logits[view], batch.labels[view].argmax(1)) for view in logits)
    torch.testing.assert_close(parts_of(model, late)["common"], expected)


def test_masked_steps_add_nothing_to_either_part(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks, extras = model.repeated_masks(batch), model(batch).extras
    for name, mask in masks.items():
        for part in ("common", "private"):
            tokens = extras[f"{part}/{name}"]
            assert not tokens[~mask].any()
            assert tokens[mask].any(dim=1).all()


@pytest.mark.parametrize(
    ("anchor", "order"), [(None, ("eye", "fixation", "face")), ("eye", ("face", "fixation", "eye"))]
)
def test_the_others_meet_before_the_anchor_and_the_common_part_last(
    anchor: str | None, order: tuple[str, ...], task: TaskSpec, batch: Batch
) -> None:
    model = small(task, anchor=anchor)
    heard: list[tuple[torch.Tensor, ...]] = []
    for fusion in model.fusions:
        fusion.register_forward_hook(lambda _module, given, _result: heard.append(given))
    extras = model(batch).extras
    assert [(given[0].shape[1], given[2].shape[1]) for given in heard] == [(6, 6), (6, 12), (18, 6)]
    first, second, last = order
    assert torch.equal(heard[0][2], extras[f"private/{first}"])
    assert torch.equal(heard[0][0], extras[f"private/{second}"])
    assert torch.equal(heard[1][0], extras[f"private/{last}"])
    assert torch.equal(heard[2][2], sum(extras[f"common/{name}"] for name in task.streams))


def test_a_deeper_anchor_is_an_option(task: TaskSpec) -> None:
    model = small(task, anchor="eye", anchor_depth=3)
    assert {name: len(encoder.layers) for name, encoder in model.encoders.items()} == {
        "face": 1,
        "eye": 3,
        "fixation": 1,
    }
    with pytest.raises(UnknownNameError, match="text"):
        small(task, anchor="text")


def test_the_size_is_that_of_the_specification(make_task: MakeTask) -> None:
    """9.7 million, 10.4 with an anchor of six layers; without biases of queries, keys and values, 2 % below."""
    task = make_task(PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == pytest.approx(9.7e6, rel=0.03)
    assert count_parameters(Model(Config(anchor_depth=6), task)) == pytest.approx(10.4e6, rel=0.03)


def test_short_streams_are_repeated_to_the_longest(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = model.repeated_masks(batch)
    assert {name: mask.shape for name, mask in masks.items()} == dict.fromkeys(task.streams, (11, 6))
    assert torch.equal(masks["face"][:, 2], batch.masks["face"][:, 0])
    assert torch.equal(masks["face"][:, 3], batch.masks["face"][:, 1])


def test_lengths_that_cannot_be_repeated_are_refused_with_models_that_take_them(make_task: MakeTask) -> None:
    with pytest.raises(
        UsageError, match="tailor goes through all streams step by step, but the 3 steps of face"
    ) as caught:
        small(make_task({"face": (3, 5), "eye": (7, 4)}))
    assert "emert or mult" in str(caught.value)


def test_an_unlabelled_clip_teaches_neither_discriminator_nor_overlap(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    for label in labels.values():
        label[3] = torch.nan
    partly = dataclasses.replace(batch, labels=labels)
    streams = {name: stream.clone().requires_grad_() for name, stream in batch.streams.items()}
    total, _ = model.loss(model(dataclasses.replace(partly, streams=streams)), partly, START)
    total.backward()
    for stream in streams.values():
        assert not stream.grad[3].any()
        assert stream.grad[2].any()


def test_with_one_stream_there_is_nothing_to_discriminate(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    assert model.discriminator is None
    assert len(model.fusions) == 1
    assert set(parts_of(model, batch)) == {"task/felt", "task/shown", "common", "overlap"}


@pytest.mark.parametrize("divided", [False, True], ids=["one vote", "five votes"])
def test_multilabel_is_a_sigmoid_per_class(divided: bool, task: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(task, multilabel=True), make_batch(task, divided=divided)
    output, parts = model(batch), parts_of(model, batch)
    score = output.extras["score/felt"]
    expected = functional.binary_cross_entropy_with_logits(score, batch.labels["felt"])
    torch.testing.assert_close(parts["task/felt"], expected)
    shares = score.sigmoid() / score.sigmoid().sum(dim=1, keepdim=True)
    torch.testing.assert_close(output.logits["felt"].softmax(dim=1), shares)
    logits = {view: head(output.extras["first"]) for view, head in model.common_heads.items()}
    common = sum(functional.binary_cross_entropy_with_logits(logits[view], batch.labels[view]) for view in logits)
    torch.testing.assert_close(parts["common"], common)


def test_multilabel_leaves_unlabelled_clips_out(task: TaskSpec, batch: Batch) -> None:
    model = small(task, multilabel=True)
    labels = dict(batch.labels) | {"felt": batch.labels["felt"].clone()}
    labels["felt"][:6] = torch.nan
    parts = parts_of(model, dataclasses.replace(batch, labels=labels))
    score = model(batch).extras["score/felt"]
    expected = functional.binary_cross_entropy_with_logits(score[6:], batch.labels["felt"][6:])
    torch.testing.assert_close(parts["task/felt"], expected)


def test_multilabel_values_are_refused(make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match="multilabel asks for classes, but the targets are valence, arousal"):
        small(make_task(SMALL_STREAMS, space=None, targets=("valence", "arousal")), multilabel=True)


def test_the_layer_norm_of_the_code_forgets_by_how_much_one_gaze_channel_is_larger(
    make_task: MakeTask, make_batch: MakeBatch
) -> None:
    """Why `input_norm` is no default."""
    task = make_task(SMALL_STREAMS)
    batch = make_batch(task)
    farther = dict(batch.streams) | {"fixation": 3 * batch.streams["fixation"]}
    for input_norm in (False, True):
        model = small(task, input_norm=input_norm)
        before = model(batch).logits["felt"]
        after = model(dataclasses.replace(batch, streams=farther)).logits["felt"]
        assert torch.allclose(after, before, atol=0.01) == input_norm
    with pytest.raises(UsageError, match="input_norm leaves nothing of pupil, which has one channel"):
        small(make_task({"pupil": (4, 1)}), input_norm=True)


def test_the_recipe_of_the_authors_spares_biases_and_norms(task: TaskSpec) -> None:
    (group,) = NATIVE.groups
    model = small(task, input_norm=True)
    spared = {name for name, _ in model.named_parameters() if any(piece in name for piece in group.names)}
    norms = {
        f"{name}.{weight}"
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.LayerNorm)
        for weight in ("weight", "bias")
    }
    assert spared == norms | {name for name, _ in model.named_parameters() if name.endswith("bias")}
