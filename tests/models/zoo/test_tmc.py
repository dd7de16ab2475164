"""TMC fuses opinions: what each modality says counts as much as it is sure, and an absent one says nothing."""

import dataclasses
import itertools
from collections.abc import Callable

import pytest
import torch
from torch.distributions import Dirichlet, kl_divergence

from emogap.models.batch import Batch, select_rows
from emogap.models.evidence import NormalInverseGamma, uncertainty
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.tmc import NATIVE, Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS
from tests.models.training_steps import learn

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=100, step=0)


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


@pytest.fixture
def values(make_task: MakeTask) -> TaskSpec:
    return make_task(space=None, targets=("valence", "arousal"))


def small(task: TaskSpec, **options: object) -> Model:
    torch.manual_seed(0)
    return Model(Config.model_validate({"encoder_width": 9} | options), task).eval()


def without(batch: Batch, *names: str, clips: slice = slice(None)) -> Batch:
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for name in names:
        masks[name][clips] = False
    return dataclasses.replace(batch, masks=masks)


def test_beliefs_and_uncertainty_sum_to_one_before_and_after_fusion(task: TaskSpec, batch: Batch) -> None:
    output = small(task)(batch)
    evidence_BOK = output.extras["opinions/felt"]
    assert evidence_BOK.shape == (11, 3, 7)
    assert (evidence_BOK >= 0).all()
    belief_BO = (evidence_BOK / (evidence_BOK.sum(-1, keepdim=True) + 7)).sum(-1)
    torch.testing.assert_close(belief_BO.flatten() + uncertainty(evidence_BOK.flatten(0, 1)), torch.ones(33))
    # Logits are logarithms of alpha, so what they leave above 1 is the fused evidence.
    fused_BK = output.logits["felt"].exp() - 1
    belief_B = (fused_BK / output.logits["felt"].exp().sum(-1, keepdim=True)).sum(-1)
    torch.testing.assert_close(belief_B + output.extras["uncertainty/felt"], torch.ones(11))


def test_probabilities_are_those_of_the_fused_dirichlet(task: TaskSpec, batch: Batch) -> None:
    output = small(task)(batch)
    first, second, third = output.extras["opinions/shown"].unbind(dim=1)
    pair = first * second / 7 + first + second
    fused = pair * third / 7 + pair + third
    probability = torch.softmax(output.logits["shown"], dim=-1)
    torch.testing.assert_close(probability, Dirichlet(fused + 1).mean)


def test_a_modality_that_a_clip_lacks_gives_no_evidence(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    evidence_BOK = model(without(batch, "eye", clips=slice(4))).extras["opinions/felt"]
    assert not evidence_BOK[:4, 1].any()
    assert evidence_BOK[4:, 1].all()
    assert evidence_BOK[:4, 0].all()


def test_fewer_modalities_leave_more_uncertainty_and_none_leaves_all(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    uncertainty = [
        model(without(batch, *names)).extras["uncertainty/felt"]
        for names in ((), ("face",), ("face", "eye"), ("face", "eye", "fixation"))
    ]
    assert all((fewer > more).all() for more, fewer in itertools.pairwise(uncertainty))
    assert torch.equal(uncertainty[-1], torch.ones(11))


@pytest.mark.parametrize("divided", [False, True], ids=["one vote", "five votes"])
def test_the_loss_is_the_sum_over_modalities_and_their_fusion(
    divided: bool, task: TaskSpec, make_batch: MakeBatch
) -> None:
    """By hand with torch's Dirichlet distributions: E[-log p_k] = psi(S) - psi(alpha_k)."""
    model, batch = small(task, annealing_epochs=20), make_batch(task, divided=divided)
    output = model(batch)
    total, parts = model.loss(output, batch, dataclasses.replace(START, epoch=4))
    expected = torch.zeros(())
    for view in ("felt", "shown"):
        share = batch.labels[view]
        fused = output.logits[view].exp() - 1
        for evidence in (*output.extras[f"opinions/{view}"].unbind(dim=1), fused):
            alpha = evidence + 1
            fit = (share * (alpha.sum(-1, keepdim=True).digamma() - alpha.digamma())).sum(-1)
            wrong = kl_divergence(Dirichlet(1 + (1 - share) * evidence), Dirichlet(torch.ones(11, 7)))
            expected = expected + (fit + 5 / 20 * wrong).mean()
    torch.testing.assert_close(total, expected, rtol=1e-4, atol=1e-5)
    assert set(parts) == {f"{part}/{view}" for part in ("task", "fit", "divergence") for view in ("felt", "shown")}


@pytest.mark.parametrize(("epoch", "expected"), [(0, 0.1), (4, 0.5), (9, 1.0), (30, 1.0)])
def test_the_divergence_gains_weight_epoch_by_epoch(epoch: int, expected: float, task: TaskSpec, batch: Batch) -> None:
    model = small(task, annealing_epochs=10)
    total, parts = model.loss(model(batch), batch, dataclasses.replace(START, epoch=epoch))
    fit = parts["fit/felt"] + parts["fit/shown"]
    divergence = parts["divergence/felt"] + parts["divergence/shown"]
    assert ((total - fit) / divergence).item() == pytest.approx(expected, rel=1e-3)


def test_a_clip_teaches_the_modalities_it_has(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    partly = without(without(batch, "eye", clips=slice(6)), "face", "fixation", clips=slice(2))
    output = model(partly)
    fused = output.logits["felt"].exp() - 1
    expected = torch.zeros(())
    singles = output.extras["opinions/felt"].unbind(dim=1)
    for evidence, first in zip((*singles, fused), (2, 6, 2, 2), strict=True):
        alpha, share = evidence[first:] + 1, batch.labels["felt"][first:]
        expected = expected + (share * (alpha.sum(-1, keepdim=True).digamma() - alpha.digamma())).sum(-1).mean()
    torch.testing.assert_close(model.loss(output, partly, START)[1]["fit/felt"], expected)


def test_unlabelled_clips_leave_the_loss_as_it_is_without_them(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    for label in labels.values():
        label[4:] = torch.nan
    partly = dataclasses.replace(batch, labels=labels)
    labelled = select_rows(batch, torch.arange(4))
    expected, _ = model.loss(model(labelled), labelled, START)
    torch.testing.assert_close(model.loss(model(partly), partly, START)[0], expected)


def test_the_joint_opinion_hears_all_modalities(task: TaskSpec, batch: Batch) -> None:
    model = small(task, joint_opinion=True)
    evidence_BOK = model(batch).extras["opinions/felt"]
    assert evidence_BOK.shape == (11, 4, 7)
    for name in task.streams:
        changed = model(without(batch, name)).extras["opinions/felt"][:, 3]
        assert not torch.allclose(changed, evidence_BOK[:, 3], atol=1e-5)
    total, _ = model.loss(model(batch), batch, START)
    assert total.isfinite()


def test_one_modality_is_not_counted_twice(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)}, views=("felt",))
    model, batch = small(task), make_batch(task)
    output = model(batch)
    alpha = output.extras["opinions/felt"][:, 0] + 1
    expected = (batch.labels["felt"] * (alpha.sum(-1, keepdim=True).digamma() - alpha.digamma())).sum(-1).mean()
    _, parts = model.loss(output, batch, START)
    torch.testing.assert_close(parts["fit/felt"], expected)
    torch.testing.assert_close(output.logits["felt"], alpha.log())


def test_values_are_weighed_by_what_they_are_worth(values: TaskSpec, make_batch: MakeBatch) -> None:
    batch = make_batch(values)
    output = small(values)(batch)
    opinion = NormalInverseGamma.from_outputs(output.extras["opinions/felt"])
    expected = (opinion.count * opinion.mean).sum(dim=1) / opinion.count.sum(dim=1)
    torch.testing.assert_close(output.logits["felt"], expected)
    assert output.extras["uncertainty/felt"].shape == (11, 2)


def test_an_absent_modality_does_not_move_a_value(values: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(values), make_batch(values)
    partly = without(batch, "face", "fixation")
    opinion = NormalInverseGamma.from_outputs(model(partly).extras["opinions/shown"])
    torch.testing.assert_close(model(partly).logits["shown"], opinion.mean[:, 1])


def test_a_value_without_a_label_teaches_nothing(values: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(values), make_batch(values)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    labels["felt"][:, 1] = torch.nan
    model.loss(model(batch), dataclasses.replace(batch, labels=labels), START)[0].backward()
    gradient = model.opinions["felt"].layers[0].weight.grad.view(2, 4, -1)
    assert gradient[0].any()
    assert not gradient[1].any()


def test_the_number_of_parameters_is_that_of_the_specification() -> None:
    """0.25 million: a Linear on the face, two LSTMs of 128, three opinions of seven classes per view."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == pytest.approx(0.25e6, rel=0.1)


@pytest.mark.parametrize("joint_opinion", [False, True])
def test_training_falls_below_the_majority_floor(joint_opinion: bool, task: TaskSpec, make_batch: MakeBatch) -> None:
    batch = make_batch(task, 10)
    shares = batch.labels["felt"].mean(dim=0)
    floor = -(shares * shares.clamp(min=1e-9).log()).sum().item()
    model = small(task, joint_opinion=joint_opinion)
    learn(model, batch, num_epochs=40, learning_rate=0.02)
    _, parts = model.loss(model(batch), batch, START)
    assert parts["task/felt"].item() < 0.8 * floor


def test_the_recipe_is_that_of_the_authors_script() -> None:
    assert (NATIVE.batch_size, NATIVE.learning_rate, NATIVE.weight_decay, NATIVE.epochs) == (200, 3e-4, 1e-5, 500)
