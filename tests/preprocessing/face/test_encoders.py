from pathlib import Path

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.face import ALIGNED, ENCODERS, Detection, Encoder, align, crop_face
from emogap.preprocessing.face.encoders import hog
from emogap.simulation.face import (
    HeadPose,
    add_camera_noise,
    draw_face,
    face_landmarks,
    pure_expression,
    sample_identity,
)
from emogap.types import vocabulary
from tests.preprocessing.face.random_resnet import save_random_resnet

EMOTIONS = vocabulary("emotion7")

FIRST_VERSION = [102.126511, 0.340232, 0.321381, 0.298284]


def aligned_faces(num_identities: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Aligned drawn faces (F, 112, 112, 3) and the emotion of each; one picture per identity and emotion."""
    rng = np.random.default_rng(seed)
    faces = []
    for _ in range(num_identities):
        identity = sample_identity(rng)
        for emotion in EMOTIONS:
            expression = pure_expression(emotion, intensity=rng.uniform(0.5, 1))
            shift = rng.normal(0, 4, size=2)
            pose = HeadPose((shift[0], shift[1]), roll_deg=rng.normal(0, 3))
            picture = add_camera_noise(draw_face(identity, expression, pose=pose), rng)
            landmarks = face_landmarks(identity, expression, pose=pose) + rng.normal(0, 1.5, size=(5, 2))
            faces.append(align(picture, Detection((0, 0, 1, 1), landmarks, 1.0)))
    return np.stack(faces), np.tile(np.arange(len(EMOTIONS)), num_identities)


@pytest.fixture(scope="module", params=ENCODERS.names())
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Each encoder of the shelf; skipped, in words, where its weights cannot be had."""
    name = request.param
    if name == "hog":
        return hog.open_encoder()
    if name == "fer_onnx":
        weights = request.getfixturevalue("shared_models") / "fer2013_mini_xception.onnx"
        return ENCODERS.open(name).open_encoder(weights)
    if name == "resnet18":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("weights") / "random-resnet-18"
        save_random_resnet(folder)
        return ENCODERS.open(name).open_encoder(folder)
    pytest.skip(f"the weights of '{name}' could not be had; its card is tried in test_expression_network.py")


def crops(encoder: Encoder, num_people: int, *, seed: int) -> np.ndarray:
    faces, _ = aligned_faces(num_people, seed=seed)
    whole = Detection((0, 0, 112, 112), None, 1.0)
    return faces if encoder.crop == ALIGNED else np.stack([crop_face(face, whole, encoder.crop) for face in faces])


def test_every_encoder_gives_finite_named_values_of_its_dimension(encoder: Encoder) -> None:
    features = encoder.encode(crops(encoder, 1, seed=1))
    assert features.shape == (7, encoder.dimension)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert len(set(encoder.channels)) == encoder.dimension


def test_every_encoder_treats_frames_one_by_one(encoder: Encoder) -> None:
    pictures = crops(encoder, 3, seed=2)[:19]
    together = encoder.encode(pictures)
    assert np.allclose(together[17], encoder.encode(pictures[17:18])[0], atol=1e-5)


def test_every_encoder_tells_people_and_expressions_apart(encoder: Encoder) -> None:
    features = encoder.encode(crops(encoder, 1, seed=6))
    assert np.linalg.norm(features[1:] - features[:-1], axis=1).min() > 0


def test_only_an_encoder_with_weights_has_their_hash(encoder: Encoder) -> None:
    assert (encoder.weights_sha256 == "") == (encoder.encode is hog.encode)
    assert len(encoder.weights_sha256) in (0, 64)


def test_hog_refuses_weights_that_it_would_not_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no weights"):
        hog.open_encoder(tmp_path / "some.onnx")


def test_the_features_of_one_drawn_face_are_those_of_the_first_version() -> None:
    """Sum and three values as computed when the encoder was written; data sets are told apart by these numbers."""
    x, y = np.meshgrid(np.arange(112), np.arange(112))
    picture = ((7 * x * x + 3 * x * y + 11 * y) % 251).astype(np.uint8)
    features = hog.encode(np.stack([picture, picture.T, 255 - picture], axis=-1)[None])[0]
    assert [features.sum(), *features[[0, 100, 323]]] == pytest.approx(FIRST_VERSION, rel=1e-5)


def test_a_vertical_edge_is_a_gradient_at_0_degrees_in_its_blocks_only() -> None:
    """Two of a block's four cells hold the edge: each is 1/sqrt(2) of the unit block, and half the sum is kept."""
    frame = np.zeros((1, 112, 112, 3), np.uint8)
    frame[:, :, 40:] = 200
    features = hog.encode(frame).reshape(6, 6, 9)
    assert features[:, [0, 3, 4, 5]].max() == 0
    assert np.allclose(features[:, [1, 2], 0], np.sqrt(0.5), atol=1e-4)
    assert features[:, [1, 2], 1:].max() == 0
    assert hog.CHANNELS[features.reshape(-1).argmax()].endswith("_0deg")


def test_an_oblique_edge_is_shared_between_the_two_nearest_orientations() -> None:
    """A ramp whose brightness grows along 30 degrees lies half way between the bins at 20 and at 40 degrees."""
    y, x = np.mgrid[:112, :112]
    ramp = 1.2 * (x * np.cos(np.deg2rad(30)) + y * np.sin(np.deg2rad(30))) + 20
    features = hog.encode(np.repeat(ramp[None, ..., None], 3, axis=3).astype(np.uint8)).reshape(36, 9)
    assert set(np.argsort(features.mean(axis=0))[-2:]) == {1, 2}


@pytest.mark.parametrize(("contrast", "brightness"), [(0.5, 0.0), (0.7, 60.0), (1.0, -15.0)])
def test_brightness_and_contrast_hardly_change_the_features(contrast: float, brightness: float) -> None:
    faces, _ = aligned_faces(2, seed=3)
    usual = np.clip(faces.astype(float), 20, 190)
    changed = np.clip(contrast * usual + brightness, 0, 255).astype(np.uint8)
    before, after = hog.encode(usual.astype(np.uint8)), hog.encode(changed)
    assert np.linalg.norm(after - before, axis=1).max() < 0.12 * np.linalg.norm(before, axis=1).min()


def test_a_uniform_frame_has_no_edges() -> None:
    assert (hog.encode(np.full((2, 112, 112, 3), 93, np.uint8)) == 0).all()


def test_the_expression_of_unseen_people_can_be_told_from_the_features() -> None:
    """The nearest class mean of 8 other people; chance is 1/7."""
    faces, labels = aligned_faces(14, seed=4)
    features = hog.encode(faces)
    known = np.arange(len(labels)) < 8 * len(EMOTIONS)
    means = np.stack([features[known & (labels == label)].mean(axis=0) for label in range(len(EMOTIONS))])
    nearest = np.linalg.norm(features[~known, None] - means, axis=2).argmin(axis=1)
    assert (nearest == labels[~known]).mean() > 0.6
