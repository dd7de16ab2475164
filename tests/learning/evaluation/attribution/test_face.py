"""A network that looks at one block of pixels: the patch and the gradient find that block and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pytest
import torch

from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.explained import predicted_classes
from emogap.learning.evaluation.attribution.face import (
    GREY,
    Patch,
    covered,
    encoded_gradient_times_input,
    face_variants,
    gradient_times_input,
)
from emogap.learning.evaluation.attribution.occlusion import variant_importance
from emogap.learning.inputs import Scaler, make_batch
from emogap.models.batch import Batch
from emogap.models.interface import GradientModel, Output
from emogap.models.zoo import new_model
from emogap.types import LabelView, SampleKey, TaskSpec

ROWS, COLUMNS = slice(80, 88), slice(40, 48)
FRAMES_TASK = TaskSpec((LabelView.SHOWN,), ("class",), "emotion3", {"frames": (4, 3, 112, 112)})
FEATURE_TASK = TaskSpec((LabelView.SHOWN,), ("class",), "emotion3", {"face": (4, 2)})


class OneBlock(GradientModel):
    """The more light in one block of 8 x 8 pixels, the more positive."""

    description: ClassVar[str] = "one known block"

    def forward(self, batch: Batch) -> Output:
        frames = batch.streams["frames"]
        scaled = frames.float() / 127.5 - 1 if frames.dtype == torch.uint8 else frames
        light = scaled[..., ROWS, COLUMNS].mean(dim=(2, 3, 4)).sum(dim=1) / 4
        return Output({"shown": torch.stack([light, -light, 0 * light], dim=1)})


class FirstFeature(GradientModel):
    """Looks at the first feature of the face."""

    description: ClassVar[str] = "one known feature"

    def forward(self, batch: Batch) -> Output:
        light = batch.streams["face"][:, :, 0].sum(dim=1) / 4
        return Output({"shown": torch.stack([light, -light, 0 * light], dim=1)})


def encode(frames: np.ndarray) -> np.ndarray:
    """The light of the block, and that of the whole face."""
    scaled = frames.astype(np.float32) / 127.5 - 1
    return np.stack([scaled[:, :, ROWS, COLUMNS].mean(axis=(1, 2, 3)), scaled.mean(axis=(1, 2, 3))], axis=1)


@pytest.fixture
def dataset() -> Dataset:
    """Two clips of four frames, the block bright; the second clip has but two frames, the last of them unseen."""
    frames = np.random.default_rng(0).integers(0, 256, (2, 4, 3, 112, 112), np.uint8)
    frames[..., ROWS, COLUMNS] = 255
    mask = np.array([[True] * 4, [True, False, True, False]])
    keys = tuple(SampleKey("hand", f"r{clip}", f"p{clip}", "s", "s", 0.0, 8.0) for clip in range(2))
    face = np.stack([encode(clip) for clip in frames])
    face[~mask] = np.nan
    return Dataset(
        path=Path("D"),
        name="hand",
        catalogue="hand",
        cleaning="none",
        samples=pl.DataFrame({"shown_emotion3": [[1.0, 0.0, 0.0]] * 2}),
        keys=keys,
        streams={"frames": frames, "face": face},
        masks={"frames": mask, "face": mask},
        channels={"frames": (), "face": (Channel("block", "1"), Channel("whole", "1"))},
        simulated=True,
        ceilings={},
        fingerprint="0" * 16,
    )


def test_the_patch_finds_the_block_and_nothing_else(dataset: Dataset) -> None:
    model, patch = OneBlock(FRAMES_TASK), Patch(16, 8)
    scaler = Scaler.fit(dataset, [0, 1], ["frames"])
    batch = make_batch(dataset, [0], scaler, FRAMES_TASK)
    variants = face_variants(dataset, 0, patch=patch, scaler=scaler, encode=None)
    assert variants is not None
    assert variants.shape == (13 * 13, 4, 3, 112, 112)
    found = variant_importance(model, batch, predicted_classes(model, batch), name="frames", variants_VTX=variants)
    places = found["shown"].reshape(13, 13).nonzero().tolist()
    assert places == [[9, 4], [9, 5], [10, 4], [10, 5]]
    assert (found["shown"].reshape(13, 13)[9:11, 4:6] > 0.1).all()


def test_covered_frames_are_encoded_once_more(dataset: Dataset) -> None:
    model, patch = FirstFeature(FEATURE_TASK), Patch(16, 8)
    scaler = replace(Scaler.fit(dataset, [0, 1], ["face"]), mean={"face": np.zeros(2)}, sd={"face": np.ones(2)})
    batch = make_batch(dataset, [1], scaler, FEATURE_TASK)
    variants = face_variants(dataset, 1, patch=patch, scaler=scaler, encode=encode)
    assert variants is not None
    assert (variants[:, 1] == 0).all()
    found = variant_importance(model, batch, predicted_classes(model, batch), name="face", variants_VTX=variants)
    assert (found["shown"].reshape(13, 13).abs() > 1e-6).nonzero().tolist() == [[9, 4], [9, 5], [10, 4], [10, 5]]


def test_the_gradient_finds_the_cell_and_nothing_else(dataset: Dataset) -> None:
    """The block is white: light 1 from grey, so that the whole logit of a clip of four frames lies in its cell."""
    batch = make_batch(dataset, [0, 1], Scaler.fit(dataset, [0, 1], ["frames"]), FRAMES_TASK)
    model = OneBlock(FRAMES_TASK)
    found = gradient_times_input(model, batch, predicted_classes(model, batch), cell_px=8)["shown"]
    assert found.shape == (2, 14, 14)
    assert found[0].nonzero().tolist() == [[10, 5]]
    torch.testing.assert_close(found[:, 10, 5], torch.tensor([1.0, 0.5]))


def pull_back(frames: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Of :func:`encode`, by hand: each pixel of a mean counts one share, in units of 127.5."""
    gradient = np.zeros(frames.shape, np.float32)
    gradient += weight[:, 1, None, None, None] / (3 * 112 * 112 * 127.5)
    gradient[:, :, ROWS, COLUMNS] += weight[:, 0, None, None, None] / (3 * 8 * 8 * 127.5)
    return gradient


def test_the_gradient_goes_on_through_the_encoder(dataset: Dataset) -> None:
    """As with frames, whatever the scale that the model sees the features in."""
    scaler = replace(
        Scaler.fit(dataset, [0, 1], ["face"]), mean={"face": np.zeros(2)}, sd={"face": np.array([4.0, np.nan])}
    )
    batch, model = make_batch(dataset, [0, 1], scaler, FEATURE_TASK), FirstFeature(FEATURE_TASK)
    found = encoded_gradient_times_input(
        model,
        batch,
        predicted_classes(model, batch),
        frames=np.asarray(dataset.streams["frames"]),
        scaler=scaler,
        pull_back=pull_back,
        cell_px=8,
    )["shown"]
    assert found.nonzero().tolist() == [[0, 10, 5], [1, 10, 5]]
    torch.testing.assert_close(found[:, 10, 5], torch.tensor([1.0, 0.5]) / 4)


def test_a_network_of_the_shelf_sees_scaled_frames_as_it_sees_bytes(dataset: Dataset) -> None:
    torch.manual_seed(0)
    model = new_model("c3d_transformer", FRAMES_TASK).eval()
    batch = make_batch(dataset, [0, 1], Scaler.fit(dataset, [0, 1], ["frames"]), FRAMES_TASK)
    scaled = {"frames": batch.streams["frames"].float() / 127.5 - 1}
    with torch.no_grad():
        torch.testing.assert_close(model(replace(batch, streams=scaled)).logits["shown"], model(batch).logits["shown"])
    found = gradient_times_input(model, batch, predicted_classes(model, batch), cell_px=16)["shown"]
    assert found.shape == (2, 7, 7)
    assert found.isfinite().all()


def test_a_patch_is_grey_and_stays_in_its_place() -> None:
    frames = np.zeros((2, 3, 112, 112), np.uint8)
    hidden = covered(frames, Patch(24, 8), row=2, column=11)
    assert np.unique(np.argwhere(hidden == GREY)[:, 2]).tolist() == list(range(16, 40))
    assert np.unique(np.argwhere(hidden == GREY)[:, 3]).tolist() == list(range(88, 112))
    assert not frames.any()


def test_a_clip_without_a_face_has_no_map(dataset: Dataset) -> None:
    gone = replace(dataset, masks={name: np.zeros((2, 4), bool) for name in ("frames", "face")})
    scaler = Scaler.fit(dataset, [0, 1], ["frames"])
    assert face_variants(gone, 0, patch=Patch(16, 8), scaler=scaler, encode=None) is None


@pytest.mark.parametrize(("side", "stride"), [(24, 7), (24, 9), (8, 16), (120, 8), (16, 0)])
def test_a_patch_that_does_not_fit_is_refused(side: int, stride: int) -> None:
    with pytest.raises(UsageError, match=f"a patch of {side} px"):
        Patch(side, stride)
