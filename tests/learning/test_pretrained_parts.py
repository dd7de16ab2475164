"""A fit that starts from a pre-training: its weights, its scale, and nobody tested whom it saw."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.datasets.cells import Cell, Split
from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError, UsageError
from emogap.learning.evaluation.grid import fit_options, plan_fits
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.experiment import BenchConfig
from emogap.learning.inputs import stream_shapes
from emogap.learning.prediction import predict_rows
from emogap.learning.pretraining.checkpoint import Pretrained, load_glass, save_glass
from emogap.learning.training.checkpoint import Trained, load_model
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass
from emogap.models.zoo.emert import Config
from emogap.types import LabelView, TaskSpec

MakeDataset = Callable[..., Dataset]
SIZES = GlassConfig(num_channels=2, patch_frames=3, width=16, num_heads=2, encoder_layers=1, decoder_layers=1)
TRAIN, VALIDATION, TEST = tuple(range(12)), (12, 13, 14, 15), (16, 17, 18, 19)
"""Rows of p0 to p2, of p3 and of p4; four clips each."""


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    """24 clips of six people with 20 frames of gaze at 10 Hz, some of them lost."""
    noise = make_dataset()
    rng = np.random.default_rng(5)
    mask = rng.random((24, 20)) > 0.1
    gaze = np.where(mask[..., None], 4 + 3 * rng.standard_normal((24, 20, 2)), np.nan).astype(np.float32)
    return replace(
        noise,
        streams={**noise.streams, "gaze": gaze},
        masks={**noise.masks, "gaze": mask},
        channels={**noise.channels, "gaze": (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg"))},
        config={"gaze_rate": 10.0},
    )


def written(folder: Path, *people: tuple[str, str], seed: int = 3, **changes: object) -> str:
    """A checkpoint of random weights that saw `people`; the folder as text."""
    torch.manual_seed(seed)
    pretrained = Pretrained(
        model=Glass(SIZES),
        config=SIZES,
        mean=np.array([1.0, -2.0]),
        sd=np.array([5.0, 0.5]),
        channels=("gaze_x_deg", "gaze_y_deg"),
        units=("deg", "deg"),
        rate_hz=10.0,
        past_frames=9,
        future_frames=6,
        training_people=people,
        validation_people=(),
        held_out=(),
        people_known=True,
        origin=None,
        pretraining=None,
        history=(),
        best=None,
        scores={},
        job=f"job-{seed}",
    )
    save_glass(folder, replace(pretrained, **changes))  # type: ignore[arg-type]
    return str(folder)


def glass(checkpoint: str, **options: object) -> Config:
    small = {"encoder_width": 10, "mlp_width": 9, "width": 8, "eye_encoder": "glass"}
    return Config.model_validate({**small, "glass_checkpoint": checkpoint, **options})


def fitted(dataset: Dataset, config: Config, folder: Path, *, test_rows: tuple[int, ...] = TEST) -> Trained:
    shapes = stream_shapes(dataset, ("gaze", "face"))
    task = TaskSpec((LabelView.FELT,), ("class",), "emotion3", shapes)
    training = TrainingConfig(epochs=2, accelerator="cpu", learning_rate=0.01)
    return fit_model(
        "emert", config, task, dataset, TRAIN, VALIDATION, training=training, folder=folder, test_rows=test_rows
    )


def encoder_weights(trained: Trained) -> dict[str, torch.Tensor]:
    part = "encoders.gaze.encoder."
    return {name.removeprefix(part): v for name, v in trained.model.state_dict().items() if name.startswith(part)}


@pytest.mark.parametrize("is_frozen", [True, False])
def test_the_weights_of_the_checkpoint_stay_or_are_tuned(dataset: Dataset, is_frozen: bool, tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "C", ("noise", "p0"))
    trained = fitted(dataset, glass(checkpoint, glass_frozen=is_frozen), tmp_path / "F")
    before = load_glass(Path(checkpoint)).model.encoder.state_dict()
    found = encoder_weights(trained)
    assert set(found) == set(before)
    distances = [float((found[name] - before[name]).abs().max()) for name in before]
    assert all(distance == 0 for distance in distances) == is_frozen
    # Two epochs at 0.01 move a weight by little: other weights than these would be far away.
    assert max(distances) < 0.1


def test_gaze_is_standardised_as_in_the_pre_training_and_other_streams_by_the_training_clips(
    dataset: Dataset, tmp_path: Path
) -> None:
    checkpoint = written(tmp_path / "C")
    pretrained = fitted(dataset, glass(checkpoint), tmp_path / "F").scaler
    control = fitted(dataset, glass(checkpoint, glass_start="random"), tmp_path / "R").scaler
    assert pretrained.mean["gaze"].tolist() == [1.0, -2.0]
    assert pretrained.sd["gaze"].tolist() == [5.0, 0.5]
    assert np.allclose(control.mean["gaze"], 4, atol=0.6)
    assert pretrained.mean["face"].tolist() == control.mean["face"].tolist()


def test_a_fitted_model_needs_its_checkpoint_no_more(dataset: Dataset, tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "C")
    said = predict_rows(fitted(dataset, glass(checkpoint), tmp_path / "F"), dataset, TEST)
    shutil.rmtree(checkpoint)
    again = predict_rows(load_model(tmp_path / "F"), dataset, TEST)
    assert np.array_equal(said["felt"], again["felt"])


@pytest.mark.parametrize(("person", "role"), [("p3", "validation"), ("p4", "test")])
def test_nobody_who_is_tested_or_validated_may_have_been_seen(
    dataset: Dataset, person: str, role: str, tmp_path: Path
) -> None:
    leaky = written(tmp_path / "C", ("noise", "p0"), ("noise", person))
    with pytest.raises(MismatchError, match=f"seen in pre-training, the first is {person} of noise") as told:
        fitted(dataset, glass(leaky), tmp_path / "F")
    assert leaky in str(told.value)
    assert not (tmp_path / "F").exists()


def test_a_finished_fit_is_not_given_back_for_other_test_people_who_were_seen(dataset: Dataset, tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "C", ("noise", "p5"))
    fitted(dataset, glass(checkpoint), tmp_path / "F")
    with pytest.raises(MismatchError, match="p5 of noise"):
        fitted(dataset, glass(checkpoint), tmp_path / "F", test_rows=(20, 21))


def test_people_of_other_data_are_other_people(dataset: Dataset, tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "C", ("elsewhere", "p3"), ("elsewhere", "p4"), ("noise", "p1"))
    assert fitted(dataset, glass(checkpoint), tmp_path / "F").best_epoch is not None


def test_a_pre_training_that_does_not_know_its_people_may_have_seen_anybody(dataset: Dataset, tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "C", people_known=False)
    with pytest.raises(MismatchError, match="does not know all people"):
        fitted(dataset, glass(checkpoint), tmp_path / "F")


def test_the_control_takes_no_weights_and_so_may_be_tested_on_anybody(dataset: Dataset, tmp_path: Path) -> None:
    leaky = written(tmp_path / "C", ("noise", "p4"))
    trained = fitted(dataset, glass(leaky, glass_start="random"), tmp_path / "F")
    before = load_glass(Path(leaky)).model.encoder.state_dict()
    found = encoder_weights(trained)
    assert {name: value.shape for name, value in found.items()} == {name: v.shape for name, v in before.items()}
    assert (found["embedding.linear.weight"] - before["embedding.linear.weight"]).abs().max() > 0.1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rate_hz": 30.0}, "10.0 frames a second, the pre-trained network reads 30"),
        ({"channels": ("gaze_x_share", "gaze_y_share")}, "reads gaze_x_share, gaze_y_share"),
    ],
)
def test_other_gaze_than_that_of_the_pre_training_is_refused(
    dataset: Dataset, changes: dict[str, object], told: str, tmp_path: Path
) -> None:
    with pytest.raises(MismatchError, match=told):
        fitted(dataset, glass(written(tmp_path / "C", **changes)), tmp_path / "F")


def test_another_pre_training_in_the_same_place_is_another_fit(dataset: Dataset, tmp_path: Path) -> None:
    fitted(dataset, glass(written(tmp_path / "C")), tmp_path / "F")
    with pytest.raises(MismatchError, match="fitted with other options"):
        fitted(dataset, glass(written(tmp_path / "C", seed=4)), tmp_path / "F")


def test_gaze_is_a_stream_of_a_task_only_where_it_is_asked_for(dataset: Dataset) -> None:
    assert list(stream_shapes(dataset)) == ["face", "eye", "fixation"]
    assert stream_shapes(dataset, instead={"eye": "gaze"}) == {"face": (3, 5), "gaze": (20, 2), "fixation": (6, 2)}


def test_a_data_set_without_the_stream_says_how_to_get_it(make_dataset: MakeDataset) -> None:
    with pytest.raises(MismatchError, match="build it with --gaze-rate"):
        stream_shapes(make_dataset(), instead={"eye": "gaze"})


def bench(checkpoint: str, *models: str) -> BenchConfig:
    options = {"eye_encoder": "glass", "glass_checkpoint": checkpoint}
    return BenchConfig(protocol="er3", models=models, splits=("person",), options={"emert": options})


def two_folds() -> Split:
    """Both test p4, and then p5."""
    cells = (
        Cell("p0", TEST, TRAIN, VALIDATION, unused=(20, 21, 22, 23), person_fold=0),
        Cell("p1", (20, 21, 22, 23), TRAIN, VALIDATION, unused=TEST, person_fold=1),
    )
    return Split("person", 0, 2, cells, (), "d", "f")


def test_a_benchmark_leaves_out_a_model_that_saw_a_test_person_of_one_fold(dataset: Dataset, tmp_path: Path) -> None:
    config = bench(written(tmp_path / "C", ("noise", "p5")), "emert", "linear")
    fits, refused = plan_fits(dataset, config, open_protocol("er3"), (two_folds(),))
    assert set(refused) == {"emert"}
    assert "p5 of noise" in refused["emert"]
    assert {fit.model for fit in fits} == {"linear", "majority", "person_mean", "stimulus_mean"}


def test_a_benchmark_of_nothing_else_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    config = bench(written(tmp_path / "C", ("noise", "p5")), "emert")
    with pytest.raises(MismatchError, match="p5 of noise"):
        plan_fits(dataset, config, open_protocol("er3"), (two_folds(),))


def test_every_fold_may_have_a_pre_training_of_its_own(dataset: Dataset, tmp_path: Path) -> None:
    """The people of one fold train the other's network."""
    written(tmp_path / "C-0-0", ("noise", "p5"), seed=7)
    written(tmp_path / "C-0-1", ("noise", "p4"), seed=8)
    config = bench(str(tmp_path / "C-{seed}-{fold}"), "emert")
    fits, refused = plan_fits(dataset, config, open_protocol("er3"), (two_folds(),))
    networks = [fit_options(config, fit) for fit in fits if fit.model == "emert"]
    assert not refused
    assert [network.glass.job for network in networks if isinstance(network, Config) and network.glass] == [
        "job-7",
        "job-8",
    ]
    assert list(fits[0].task.streams) == ["face", "gaze", "fixation"]


def test_a_network_without_a_checkpoint_is_refused_before_anything_is_fitted(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="no checkpoint is named"):
        plan_fits(dataset, bench("", "emert"), open_protocol("er3"), (two_folds(),))
