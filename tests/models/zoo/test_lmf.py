"""LMF is a linear layer of low rank on the outer product of all streams: its wiring, its size and its options."""

import dataclasses
from collections.abc import Callable, Mapping

import pytest
import torch

from emogap.models.batch import Batch, select_rows
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.layers.tensor_fusion import outer_product, with_one
from emogap.models.zoo.lmf import NATIVE, Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS
from tests.models.training_steps import learn

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
    """A narrow LMF without dropout."""
    torch.manual_seed(0)
    sizes = {"pooled_width": 6, "lstm_width": 5, "sequence_width": 4, "fused_width": 8, "rank": 3}
    return Model(Config.model_validate(sizes | {"dropout": 0, "fused_dropout": 0} | options), task).eval()


def contracted(model: Model, name: str, vectors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The outer product of all vectors, formed, times the weight tensor, formed."""
    fusion = model.fusions[name]
    weight = torch.einsum("r,iro,jro,kro->ijko", fusion.rank_weight[0], *(fusion.factors[stream] for stream in vectors))
    product = outer_product([with_one(vector) for vector in vectors.values()])
    return torch.einsum("bijk,ijko->bo", product, weight) + fusion.bias


def test_the_fused_vector_is_the_weight_tensor_contracted_with_the_outer_product(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    expected = contracted(model, "all", model.vectors(batch))
    torch.testing.assert_close(model(batch).extras["fused"], expected, rtol=1e-4, atol=1e-6)


def test_one_linear_head_per_view_reads_the_fused_vector(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    output = model(batch)
    for view, logits in output.logits.items():
        head = model.heads[view][-1]
        assert len(model.heads[view]) == 1
        torch.testing.assert_close(logits, output.extras["fused"] @ head.weight.T + head.bias)


def test_fusing_directly_gives_the_logits_of_each_view_from_factors_of_its_own(task: TaskSpec, batch: Batch) -> None:
    model = small(task, direct=True)
    output = model(batch)
    assert model.heads is None
    assert not output.extras
    for view in ("felt", "shown"):
        expected = contracted(model, view, model.vectors(batch))
        torch.testing.assert_close(output.logits[view], expected, rtol=1e-4, atol=1e-6)
    before = output.logits["shown"]
    torch.nn.init.ones_(model.fusions["felt"].bias)
    assert torch.equal(model(batch).logits["shown"], before)
    assert not torch.equal(model(batch).logits["felt"], output.logits["felt"])


def test_a_clip_without_any_stream_is_answered_by_the_products_of_ones(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for mask in masks.values():
        mask[3] = False
    fused = model(dataclasses.replace(batch, masks=masks)).extras["fused"][3]
    fusion = model.fusions["all"]
    ones = torch.stack([fusion.factors[name][0] for name in task.streams]).prod(dim=0)
    torch.testing.assert_close(fused, fusion.rank_weight[0] @ ones + fusion.bias)


def test_the_face_is_taken_on_average_and_the_eye_in_its_order(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    full = dataclasses.replace(batch, masks={name: torch.ones_like(mask) for name, mask in batch.masks.items()})
    before = model(full).extras["fused"]

    def turned(name: str) -> torch.Tensor:
        streams = dict(full.streams) | {name: full.streams[name].flip(1)}
        return model(dataclasses.replace(full, streams=streams)).extras["fused"]

    torch.testing.assert_close(turned("face"), before, rtol=1e-4, atol=1e-6)
    assert not torch.allclose(turned("eye"), before, atol=1e-4)


@pytest.mark.parametrize(("direct", "expected"), [(False, 0.13e6), (True, 0.1e6)], ids=["fused vector", "direct"])
def test_the_number_of_parameters_is_that_of_the_published_layers(direct: bool, expected: float) -> None:
    """Direct, by hand: 42 176 for the face, 28 960 and 19 488 for the others, 2 (4 (65 + 33 + 33) 7 + 4 + 7)."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    model = Model(Config(direct=direct), task)
    assert count_parameters(model) == pytest.approx(expected, rel=0.1)
    if direct:
        assert count_parameters(model) == 42_176 + 28_960 + 19_488 + 2 * (4 * 131 * 7 + 4 + 7)


def test_a_training_batch_of_one_clip_gives_finite_gradients(task: TaskSpec, batch: Batch) -> None:
    model = small(task).train()
    clip = select_rows(batch, torch.tensor([4]))
    output = model(clip)
    assert output.logits["felt"].shape == (1, 7)
    model.loss(output, clip, START)[0].backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_the_authors_recipe_gives_the_factors_a_rate_of_their_own(task: TaskSpec) -> None:
    (group,) = NATIVE.groups
    named = [name for name, _ in small(task).named_parameters() if any(piece in name for piece in group.names)]
    assert sorted(named) == [f"fusions.all.factors.{stream}" for stream in sorted(task.streams)]


def test_dropout_acts_in_training_only(task: TaskSpec, batch: Batch) -> None:
    for options in ({"dropout": 0.5}, {"fused_dropout": 0.5}):
        model = small(task, **options)
        assert torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])
        model.train()
        assert not torch.equal(model(batch).logits["felt"], model(batch).logits["felt"])


@pytest.mark.parametrize("direct", [False, True])
def test_the_training_loss_falls_below_the_majority(direct: bool, task: TaskSpec, make_batch: MakeBatch) -> None:
    """Labels of noise: what lies below the entropy of the class shares has been learned by heart."""
    batch = make_batch(task, 20, seed=5)
    model = small(task, direct=direct)
    floor = sum(torch.special.entr(labels.mean(0)).sum() for labels in batch.labels.values())
    before, _ = model.loss(model(batch), batch, START)
    learn(model, batch, num_epochs=60, learning_rate=0.01)
    after, _ = model.eval().loss(model(batch), batch, START)
    assert after < 0.5 * floor < before
