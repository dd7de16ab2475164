"""What every model on the shelf promises."""

import dataclasses
from collections.abc import Callable

import pytest
import torch
from pydantic import BaseModel, ValidationError
from torch.nn.functional import cross_entropy

from emogap.errors import DataError, EmogapError, MismatchError, UsageError
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import ClosedFormModel, GradientModel
from emogap.models.recipe import Recipe
from emogap.models.zoo import ZOO, default_config, native_recipe, new_model, streams_instead
from emogap.types import TaskSpec
from tests.models.training_steps import gradients_of_stages, learn, losses_of_stages

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]

WITHOUT_EFFECT = ("norm_key.bias",)
"""A bias of the keys adds the same to all scores of a query, which the softmax ignores."""

LEFT_OUT = ("noise_share", "reversal")
"""Options besides dropouts that keep a model from learning its training clips by heart."""

SMALLER: dict[str, dict[str, object]] = {
    "emert": {"encoder_width": 24},
    "linear": {"penalties": (1e-4,)},
    "mult": {"width": 10, "depth": 1},
    "mma_dfer": {"freeze": False},
    "mmim": {"alpha": 0, "beta": 0},
    "norm_tr": {"width": 32, "num_heads": 2, "head_width": 16},
    "tailor": {"width": 32, "depth": 1, "anchor_depth": 1, "fusion_depth": 1},
    "tmt": {"width": 32, "num_heads": 2, "head_width": 16},
}
"""Options that let a model learn a few clips by heart in a few steps: smaller, or without its other aims."""

RATES = {"mma_dfer": 0.001, "tailor": 0.003, "tmt": 0.003}
"""Learning rates of networks whose attention a rate of 0.01 throws off."""


NATIVE_VALUES: dict[str, dict[str, object]] = {
    "tmc": {"optimizer": "adam", "learning_rate": 3e-4, "weight_decay": 1e-5, "batch_size": 200},
    "tailor": {
        "optimizer": "adamw", "learning_rate": 5e-5, "weight_decay": 0.01, "batch_size": 64, "epochs": 20,
        "schedule": "linear", "warmup": 0.1, "clip_norm": 1.0,
    },
    "mult": {
        "optimizer": "adam", "learning_rate": 1e-3, "batch_size": 24, "epochs": 40, "schedule": "plateau",
        "clip_norm": 0.8,
    },
    "lmf": {"optimizer": "adam", "learning_rate": 2e-3, "weight_decay": 5e-3, "batch_size": 64},
    "self_mm": {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 32, "accumulate": 4, "patience": 8},
    "mmim": {
        "optimizer": "adam", "learning_rate": 1e-3, "weight_decay": 1e-4, "batch_size": 32, "epochs": 40,
        "schedule": "plateau", "plateau_factor": 0.5, "clip_norm": 1.0,
    },
    "tmt": {
        "optimizer": "adam", "learning_rate": 1e-4, "batch_size": 64, "epochs": 200, "schedule": "cosine",
        "warmup": 0.1,
    },
    "mma_dfer": {
        "optimizer": "adamw", "learning_rate": 1e-4, "weight_decay": 0.01, "batch_size": 8, "epochs": 25,
        "schedule": "cosine",
    },
    "tfn": {"optimizer": "adam", "learning_rate": 5e-4, "batch_size": 32},
    "mfn": {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 32},
}  # fmt: skip
"""How the authors of each model, or of its port to SIMS, train it: their papers and released scripts."""


def fitting_config(name: str) -> BaseModel:
    """The configuration without dropout, noise and adversary."""
    entry = ZOO.open(name).Config
    noisy = {option: 0 for option in entry.model_fields if option.endswith("dropout") or option in LEFT_OUT}
    config: BaseModel = entry(**noisy | SMALLER.get(name, {}))
    return config


LEARNERS = [name for name in ZOO.names() if not ZOO.open(name).Model.description.startswith("floor")]


HEEDING_UNLABELLED = ("lmf", "tfn")
"""Models in which an unlabelled clip does teach: as one of those that batch normalisation sees in training."""

DESCENDING = [
    name for name in LEARNERS if issubclass(ZOO.open(name).Model, GradientModel) and not streams_instead(name)
]
"""Models that learn by gradient descent from features, at which a gradient can be asked for."""


FRAMES = (3, 3, 8, 8)
"""Three frames of 8 x 8 pixels."""


REPEATING = ("mfn", "tailor")
"""Models that repeat the steps of a short stream, and so take lengths only of which the longest is a multiple."""


def repeatable(streams: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The streams, shortened to lengths of which the longest is a multiple."""
    longest = max(shape[0] for shape in streams.values())
    return {
        name: (max(length for length in range(1, shape[0] + 1) if longest % length == 0), *shape[1:])
        for name, shape in streams.items()
    }


def streams_of(name: str, streams: dict[str, tuple[int, ...]] | None = None) -> dict[str, tuple[int, ...]]:
    """The streams as the model reads them: frames in place of features, where it says so."""
    features = {"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)} if streams is None else streams
    if name in REPEATING:
        features = repeatable(features)
    instead = dict(streams_instead(name))
    if instead and not set(instead) & set(features):
        features = {"face": (3, 5), **features}
    return {instead.get(stream, stream): FRAMES if stream in instead else shape for stream, shape in features.items()}


def fitted(name: str, task: TaskSpec, batch: Batch, *, seed: int = 0) -> GradientModel | ClosedFormModel:
    torch.manual_seed(seed)
    model = new_model(name, task)
    if isinstance(model, ClosedFormModel):
        model.fit(batch)
    return model.eval()


def with_garbage_where_masked(batch: Batch) -> Batch:
    streams = {name: stream.clone() for name, stream in batch.streams.items()}
    for name, stream in streams.items():
        stream[~batch.masks[name]] = 250 if stream.dtype == torch.uint8 else 1e3
    return dataclasses.replace(batch, streams=streams)


def without(batch: Batch, name: str, clips: slice) -> Batch:
    masks = {other: mask.clone() for other, mask in batch.masks.items()}
    masks[name][clips] = False
    return dataclasses.replace(batch, masks=masks)


@pytest.mark.parametrize("name", ZOO.names())
@pytest.mark.parametrize(
    ("streams", "views", "space", "targets", "num_clips"),
    [
        ({"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)}, ("felt", "shown"), "emotion7", ("class",), 11),
        ({"eye": (7, 4)}, ("felt",), "emotion3", ("class",), 5),
        ({"face": (1, 9), "text": (2, 3)}, ("shown",), None, ("valence", "arousal"), 4),
        ({"a": (2, 3), "b": (4, 1), "c": (3, 2), "d": (5, 6)}, ("target",), "quadrant", ("class",), 1),
    ],
    ids=["three streams", "one stream", "values", "four streams, one clip"],
)
def test_a_head_per_view_of_the_size_of_the_task(
    name: str,
    streams: dict[str, tuple[int, ...]],
    views: tuple[str, ...],
    space: str | None,
    targets: tuple[str, ...],
    num_clips: int,
    make_task: MakeTask,
    make_batch: MakeBatch,
) -> None:
    task = make_task(streams_of(name, streams), views=views, space=space, targets=targets)
    batch = make_batch(task, num_clips)
    output = fitted(name, task, batch)(batch)
    assert tuple(output.logits) == views
    assert {logits.shape for logits in output.logits.values()} == {(num_clips, task.head_size)}
    assert all(logits.isfinite().all() for logits in output.logits.values())


@pytest.mark.parametrize("name", ZOO.names())
def test_what_stands_in_masked_steps_does_not_change_the_answer(
    name: str, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    clean, dirty = batch, with_garbage_where_masked(batch)
    expected = fitted(name, task, clean)(clean).logits
    found = fitted(name, task, dirty)(dirty).logits
    for view in expected:
        torch.testing.assert_close(found[view], expected[view], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_real_step_does_change_the_answer(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    model = fitted(name, task, batch)
    for stream in task.streams:
        changed = {other: value.clone() for other, value in batch.streams.items()}
        changed[stream][:, 0] += 40 if changed[stream].dtype == torch.uint8 else 1
        other = model(dataclasses.replace(batch, streams=changed)).logits["felt"]
        assert not torch.allclose(other, model(batch).logits["felt"], atol=1e-5), stream


@pytest.mark.parametrize("name", ZOO.names())
def test_clips_do_not_look_at_each_other(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    model = fitted(name, task, batch)
    rows = torch.tensor([7, 2, 9])
    torch.testing.assert_close(
        model(select_rows(batch, rows)).logits["felt"], model(batch).logits["felt"][rows], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", ZOO.names())
def test_a_clip_that_lacks_a_modality_or_all_of_them_is_answered(
    name: str, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task(streams_of(name))
    first, *others = task.streams
    batch = without(make_batch(task), first, slice(0, 4))
    for other in others:
        batch = without(batch, other, slice(0, 2))
    model = fitted(name, task, batch)
    output = model(batch)
    assert output.logits["felt"].isfinite().all()
    if isinstance(model, GradientModel):
        sums = gradients_of_stages(model.train(), batch)
        assert all(size.isfinite().all() for size in sums.values())


@pytest.mark.parametrize("name", LEARNERS)
def test_a_stream_that_is_not_there_at_all_is_refused_in_words(
    name: str, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    model = fitted(name, task, batch)
    streams = {other: stream for other, stream in batch.streams.items() if other != "eye"}
    with pytest.raises(MismatchError, match=f"needs {', '.join(task.streams)}, but eye is not there"):
        model(dataclasses.replace(batch, streams=streams))


@pytest.mark.parametrize("name", [name for name in LEARNERS if not streams_instead(name)])
def test_frames_are_refused_in_words(name: str, make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match="frames has shape"):
        new_model(name, make_task({"frames": (2, 3, 5, 4)}))


@pytest.mark.parametrize("name", ZOO.names())
def test_an_unlabelled_clip_is_answered_and_its_training_is_finite(
    name: str, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    labels["felt"][3] = torch.nan
    labels["shown"][:6] = torch.nan
    batch = dataclasses.replace(batch, labels=labels)
    model = fitted(name, task, batch)
    assert all(logits.isfinite().all() for logits in model(batch).logits.values())
    if isinstance(model, GradientModel):
        assert all(size.isfinite().all() for size in gradients_of_stages(model, batch).values())


@pytest.mark.parametrize("name", [name for name in DESCENDING if name not in HEEDING_UNLABELLED])
def test_an_unlabelled_clip_teaches_nothing(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    """No loss of any stage has a gradient at its streams, and some loss has one at those of the others."""
    task = make_task(streams_of(name))
    batch = make_batch(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    for label in labels.values():
        label[3:5] = torch.nan
    streams = {stream: value.clone().requires_grad_() for stream, value in batch.streams.items()}
    batch = dataclasses.replace(batch, labels=labels, streams=streams)
    torch.manual_seed(0)
    model = new_model(name, task, config=fitting_config(name))
    for _, total, _ in losses_of_stages(model, batch):
        total.backward()
    for value in streams.values():
        assert value.grad is not None
        size_B = value.grad.abs().flatten(1).sum(dim=1)
        assert not size_B[3:5].any()
        assert size_B[:3].all()


@pytest.mark.parametrize("name", ZOO.names())
def test_a_view_without_any_label_is_refused_or_ignored(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    batch = dataclasses.replace(batch, labels=batch.labels | {"shown": torch.full((11, 7), torch.nan)})
    torch.manual_seed(0)
    model = new_model(name, task)
    if isinstance(model, ClosedFormModel):
        with pytest.raises(EmogapError, match="none of 11 training clips has a label of the view shown"):
            model.fit(batch)
    else:
        last = [parts for stage, _, parts in losses_of_stages(model, batch) if stage == model.stages()[-1]]
        assert all(parts["task/shown"] == 0 for parts in last)


@pytest.mark.parametrize("name", ZOO.names())
def test_gradients_reach_every_parameter(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    torch.manual_seed(0)
    model = new_model(name, task)
    if isinstance(model, ClosedFormModel):
        assert not list(model.parameters())
        return
    with torch.no_grad():  # away from the start, where a gate may be shut
        for parameter in model.parameters():
            parameter += 0.01 * torch.randn_like(parameter)
    for parameter_name, size in gradients_of_stages(model.eval(), batch).items():
        assert size.any() or parameter_name.endswith(WITHOUT_EFFECT), parameter_name


@pytest.mark.parametrize("name", ZOO.names())
def test_a_stage_leaves_alone_what_it_does_not_train(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    torch.manual_seed(0)
    model = new_model(name, task)
    if isinstance(model, ClosedFormModel):
        return
    for stage, total, _ in losses_of_stages(model, make_batch(task)):
        model.zero_grad()
        total.backward()
        with_gradient = {key for key, parameter in model.named_parameters() if parameter.grad is not None}
        assert stage.trains is None or all(key.startswith(stage.trains) for key in with_gradient)
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("name", LEARNERS)
def test_a_number_that_is_none_is_refused_with_the_clip(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    eye = batch.streams["eye"].clone()
    eye[4, 2, 1] = torch.nan
    with pytest.raises(DataError, match="step 2 of the stream eye holds nan") as caught:
        new_model(name, task)(dataclasses.replace(batch, streams={**batch.streams, "eye": eye}))
    assert "r4" in str(caught.value)


@pytest.mark.parametrize("name", ZOO.names())
def test_the_recipe_of_the_authors_is_a_recipe(name: str) -> None:
    assert isinstance(native_recipe(name), Recipe)


@pytest.mark.parametrize("name", NATIVE_VALUES)
def test_the_recipe_is_that_of_the_authors(name: str) -> None:
    recipe = native_recipe(name).model_dump()
    assert {option: recipe[option] for option in NATIVE_VALUES[name]} == NATIVE_VALUES[name]


@pytest.mark.parametrize("name", ZOO.names())
def test_the_same_seed_gives_the_same_answer(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    first, second = (fitted(name, task, batch, seed=3)(batch).logits["shown"] for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("name", ZOO.names())
def test_a_saved_model_answers_the_same(name: str, make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(streams_of(name))
    batch = make_batch(task)
    model = fitted(name, task, batch)
    torch.manual_seed(99)
    other = new_model(name, task).eval()
    if isinstance(model, ClosedFormModel):
        assert isinstance(other, ClosedFormModel)
        other.restore(model.identity())
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(batch).logits["felt"], model(batch).logits["felt"])


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("values", [False, True], ids=["classes", "values"])
def test_eight_clips_are_learned_by_heart(name: str, values: bool, make_task: MakeTask, make_batch: MakeBatch) -> None:
    """Labels of noise: who only knows how frequent the classes are cannot get below their entropy."""
    streams = streams_of(name)
    task = make_task(streams, space=None, targets=("valence", "arousal")) if values else make_task(streams)
    batch = make_batch(task, 8)
    torch.manual_seed(0)
    model = new_model(name, task, config=fitting_config(name))
    if isinstance(model, ClosedFormModel):
        model.fit(batch)
    else:
        learn(model, batch, num_epochs=80, learning_rate=RATES.get(name, 0.01))
    for view, logits in model.eval()(batch).logits.items():
        if values:
            assert (logits - batch.labels[view]).abs().max() < 0.15
        else:
            assert torch.equal(logits.argmax(1), batch.labels[view].argmax(1))
            majority = torch.special.entr(batch.labels[view].mean(0)).sum()
            assert cross_entropy(logits, batch.labels[view]) < 0.5 * majority


@pytest.mark.parametrize("name", ["emert", "lmf", "mfn"])
def test_divided_votes_move_the_probabilities_towards_the_shares(
    name: str, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    """Of three models with the one task loss that most share."""
    task = make_task(streams_of(name), views=("felt",))
    batch = make_batch(task, 8, divided=True)
    assert (batch.labels["felt"].amax(dim=1) < 1).sum() >= 6
    torch.manual_seed(0)
    model = new_model(name, task, config=fitting_config(name))
    before = distance_to_shares(model, batch)
    learn(model.train(), batch, num_epochs=30, learning_rate=RATES.get(name, 0.01))
    assert distance_to_shares(model, batch) < 0.7 * before


def distance_to_shares(model: GradientModel, batch: Batch) -> float:
    """Mean over the clips of the share of votes that the probabilities put elsewhere."""
    probability_BK = model.eval()(batch).logits["felt"].softmax(dim=1)
    return ((probability_BK - batch.labels["felt"]).abs().sum(dim=1) / 2).mean().item()


@pytest.mark.parametrize("name", ZOO.names())
def test_an_unknown_option_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        ZOO.open(name).Config(colour="blue")


@pytest.mark.parametrize("name", ZOO.names())
def test_every_model_says_what_it_is(name: str) -> None:
    assert len(ZOO.open(name).Model.description) > 20


def test_the_configuration_of_another_model_is_refused(make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match="which the model 'emert' does not take"):
        new_model("emert", make_task(), config=default_config("linear"))
