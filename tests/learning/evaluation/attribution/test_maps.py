"""All maps of a few clips of one network, and those that cannot be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from emogap.datasets.channels import Channel
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.attribution.clip_maps import AttributionSettings, maps_of_clips
from emogap.learning.evaluation.attribution.control import randomised
from emogap.learning.evaluation.attribution.maps import chosen_clips
from emogap.learning.inputs import Scaler
from emogap.learning.training.checkpoint import Trained, origin_of
from emogap.learning.training.config import TrainingConfig
from emogap.models.zoo import emert, new_model
from emogap.preprocessing.face.encoders import hog
from emogap.types import LabelView, SampleKey, TaskSpec

SMALL = emert.Config(encoder_width=6, encoder_layers=1, mlp_width=5, width=4, num_heads=1, head_width=3)
SETTINGS = AttributionSettings(controls=1, patch_px=56, stride_px=28)


@pytest.fixture
def dataset() -> Dataset:
    """Three clips of two frames and five steps of the eyes; the second clip has no face."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 2, 3, 112, 112), np.uint8)
    mask = np.array([[True, True], [False, False], [True, False]])
    face = np.stack([hog.encode(clip.transpose(0, 2, 3, 1)) for clip in frames])
    face[~mask] = np.nan
    return Dataset(
        path=Path("D"),
        name="hand",
        catalogue="hand",
        cleaning="none",
        samples=pl.DataFrame({"felt_emotion3": [[1.0, 0.0, 0.0]] * 3}),
        keys=tuple(SampleKey("hand", f"r{clip}", f"p{clip}", "s", "s", 0.0, 8.0) for clip in range(3)),
        streams={"eye": rng.normal(size=(3, 5, 3)).astype(np.float32), "face": face, "frames": frames},
        masks={"eye": np.ones((3, 5), bool), "face": mask, "frames": mask},
        channels={
            "eye": tuple(Channel(f"eye_{at}", "1") for at in range(3)),
            "face": tuple(Channel(name, "1") for name in hog.CHANNELS),
            "frames": (),
        },
        simulated=True,
        ceilings={},
        fingerprint="0" * 16,
        config=BuildConfig(face_encoder="hog").model_dump(),
    )


def trained_on(dataset: Dataset, name: str, config: object, streams: dict[str, tuple[int, ...]]) -> Trained:
    """A network as it would lie in a checkpoint; its weights do not matter here."""
    task = TaskSpec((LabelView.FELT,), ("class",), "emotion3", streams)
    torch.manual_seed(5)
    model = new_model(name, task, config=config)  # type: ignore[arg-type]
    return Trained(
        name=name,
        config=model.config,  # type: ignore[arg-type]
        task=task,
        model=model.eval(),
        scaler=Scaler.fit(dataset, [0, 1, 2], list(streams)),
        training=TrainingConfig(),
        origin=origin_of(dataset),
        validation_keys=(),
        before=(),
        history=(),
        best_epoch=0,
        job="0" * 16,
    )


def test_a_network_of_features_has_every_map_but_the_gradient(dataset: Dataset) -> None:
    trained = trained_on(dataset, "emert", SMALL, {"eye": (5, 3), "face": (2, 324)})
    arrays, missing = maps_of_clips(dataset, [0, 1, 2], trained, SETTINGS)
    assert {name: array.shape for name, array in arrays.items()} == {
        "class": (1, 3),
        "probability": (2, 1, 3),
        "stream": (2, 1, 3, 2),
        "step": (2, 1, 3, 7),
        "attention": (2, 3, 7),
        "relevance": (2, 1, 3, 7),
        "face": (2, 1, 3, 3, 3),
    }
    assert missing == {"gradient": "it reads features, and the encoder hog has no gradient"}
    assert np.isnan(arrays["face"][:, :, 1]).all()
    assert (arrays["face"][:, :, [0, 2]] != 0).any(axis=(2, 3, 4)).all()
    assert np.isnan(arrays["attention"][:, 1, 5:]).all()
    np.testing.assert_allclose(np.nansum(arrays["attention"], axis=-1), 1, rtol=1e-5)


def test_a_network_of_frames_has_the_gradient_too(dataset: Dataset) -> None:
    trained = trained_on(dataset, "c3d_transformer", None, {"frames": (2, 3, 112, 112)})
    arrays, missing = maps_of_clips(dataset, [0, 2], trained, replace(SETTINGS, controls=0))
    assert missing == {}
    assert arrays["gradient"].shape == (1, 1, 2, 4, 4)
    assert np.isfinite(arrays["gradient"]).all()


def test_without_the_face_nothing_is_encoded(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hog, "encode", None)
    trained = trained_on(dataset, "emert", SMALL, {"eye": (5, 3), "face": (2, 324)})
    arrays, missing = maps_of_clips(dataset, [0, 2], trained, replace(SETTINGS, face=False))
    assert set(missing) == {"face", "gradient"}
    assert "face" not in arrays


def test_a_control_follows_from_its_seed_and_leaves_the_generator_alone(dataset: Dataset) -> None:
    trained = trained_on(dataset, "emert", SMALL, {"eye": (5, 3), "face": (2, 324)})
    before = torch.random.get_rng_state()
    first, again, other = (randomised(trained, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    name = "private_position_SW"
    assert not torch.equal(first[name], other[name])
    assert not torch.equal(first[name], trained.model.state_dict()[name])


def test_clips_are_chosen_evenly() -> None:
    assert chosen_clips(tuple(range(100, 109)), 3) == (100, 104, 108)
