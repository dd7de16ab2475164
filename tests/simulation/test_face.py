from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.errors import DataError, UnknownNameError
from emogap.simulation.face import (
    ACTION_UNITS_OF,
    FaceExpression,
    FaceIdentity,
    HeadPose,
    action_units,
    add_camera_noise,
    draw_face,
    face_landmarks,
    pure_expression,
    sample_identity,
)
from emogap.types import vocabulary

EMOTIONS = vocabulary("emotion7")
NEUTRAL = FaceExpression()


def seeded_faces(num_identities: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Noisy pictures over identities x emotions x head poses, one in ten with closed eyes, and true landmarks."""
    rng = np.random.default_rng(20)
    faces = []
    for _ in range(num_identities):
        identity = sample_identity(rng)
        for emotion in EMOTIONS:
            opening = 0.0 if rng.random() < 0.1 else 1.0
            expression = pure_expression(emotion, intensity=rng.uniform(0.2, 1), eyelid_opening=opening)
            shift = rng.normal(0, 5, size=2)
            pose = HeadPose((shift[0], shift[1]), roll_deg=rng.normal(0, 3), scale=1 + rng.normal(0, 0.03))
            picture = add_camera_noise(draw_face(identity, expression, pose=pose), rng)
            faces.append((picture, face_landmarks(identity, expression, pose=pose)))
    return faces


def test_the_haar_cascade_finds_the_drawn_face_in_95_percent_of_pictures() -> None:
    cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture, _ in seeded_faces(18)]
    found = [len(cascade.detectMultiScale(grey, 1.1, 4, minSize=(64, 64))) > 0 for grey in greys]
    assert len(found) == 126
    assert np.mean(found) >= 0.95


def test_yunet_finds_the_drawn_face_in_every_picture(shared_models: Path) -> None:
    weights = str(shared_models / "face_detection_yunet_2023mar.onnx")
    detector = cv2.FaceDetectorYN.create(weights, "", (256, 256), 0.7)
    errors = []
    for picture, landmarks in seeded_faces(18):
        _, faces = detector.detect(np.ascontiguousarray(picture[..., ::-1]))
        assert faces is not None
        errors.append(np.abs(faces[0, 4:14].reshape(5, 2) - landmarks).mean())
    # YuNet was trained on photographs; on drawings its mouth corners are some pixels high.
    assert np.mean(errors) < 6


def test_every_emotion_of_the_vocabulary_has_action_units() -> None:
    assert set(ACTION_UNITS_OF) == set(EMOTIONS)


def test_the_emotions_are_drawn_apart() -> None:
    pictures = np.stack([draw_face(FaceIdentity(), pure_expression(emotion)) for emotion in EMOTIONS]).astype(float)
    distance = np.abs(pictures[:, None] - pictures[None]).mean(axis=(2, 3, 4))
    assert distance[~np.eye(7, dtype=bool)].min() > 0.4


def test_intensity_zero_is_the_neutral_face() -> None:
    faded = draw_face(FaceIdentity(), pure_expression("disgust", intensity=0.0))
    assert np.array_equal(faded, draw_face(FaceIdentity(), pure_expression("neutral")))


def test_a_mixture_moves_the_units_of_its_parts_in_proportion() -> None:
    happy, surprised = EMOTIONS.index("happiness"), EMOTIONS.index("surprise")
    weights = [0.0] * len(EMOTIONS)
    weights[happy], weights[surprised] = 0.25, 0.5
    units = action_units(FaceExpression(tuple(weights), intensity=0.8))
    assert units[12] == pytest.approx(0.8 * 0.25)
    assert units[26] == pytest.approx(0.8 * 0.5)
    assert units[4] == 0


def test_happiness_lifts_the_corners_of_the_mouth_and_sadness_lowers_them() -> None:
    corner_y = {
        e: face_landmarks(FaceIdentity(), pure_expression(e))[3, 1] for e in ("happiness", "neutral", "sadness")
    }
    assert corner_y["happiness"] < corner_y["neutral"] - 4 < corner_y["sadness"] - 8


def test_a_closed_eye_shows_no_white() -> None:
    identity = sample_identity(np.random.default_rng(4), has_glasses=False)
    brightest = []
    for opening in (1.0, 0.0):
        picture = draw_face(identity, FaceExpression(eyelid_opening=opening))
        x, y = np.rint(face_landmarks(identity, NEUTRAL)[0]).astype(int)
        brightest.append(int(picture[y - 5 : y + 6, x - 14 : x + 15].min(axis=2).max()))
    assert brightest[0] > 200
    assert brightest[1] < 140


def test_the_iris_follows_the_gaze() -> None:
    left, right = (draw_face(FaceIdentity(), FaceExpression(gaze_xy=(x, 0.0))) for x in (-1.0, 1.0))
    eye_x, eye_y = np.rint(face_landmarks(FaceIdentity(), NEUTRAL)[1]).astype(int)
    darkness = [255.0 - p[eye_y - 3 : eye_y + 4, eye_x - 13 : eye_x + 14].mean(axis=(0, 2)) for p in (left, right)]
    centre = [float((row * np.arange(27)).sum() / row.sum()) for row in darkness]
    assert centre[1] - centre[0] > 2


def test_landmarks_move_with_the_head_and_the_picture_size() -> None:
    pose = HeadPose((7.0, -3.0))
    still, moved = (face_landmarks(FaceIdentity(), NEUTRAL, pose=p, size_px=512) for p in (None, pose))
    assert np.allclose(moved - still, (14.0, -6.0))


def test_the_eyes_stay_where_the_landmarks_say_when_the_head_moves() -> None:
    pose = HeadPose((9.0, 4.0), roll_deg=8.0, scale=0.9)
    picture = draw_face(FaceIdentity(), NEUTRAL, pose=pose)
    for x, y in np.rint(face_landmarks(FaceIdentity(), NEUTRAL, pose=pose)[:2]).astype(int):
        assert picture[y - 3 : y + 3, x - 3 : x + 3].mean(axis=2).min() < 50


def test_the_same_seed_draws_the_same_person_and_picture() -> None:
    first, second = (sample_identity(np.random.default_rng(11)) for _ in range(2))
    assert first == second
    assert np.array_equal(draw_face(first, NEUTRAL), draw_face(second, NEUTRAL))


def test_drawing_does_not_touch_what_was_drawn_before() -> None:
    identity = sample_identity(np.random.default_rng(2))
    before = draw_face(identity, NEUTRAL)
    kept = before.copy()
    draw_face(identity, pure_expression("surprise"))
    assert np.array_equal(before, kept)
    assert np.array_equal(draw_face(identity, NEUTRAL), kept)


def test_camera_noise_has_the_strength_asked_for() -> None:
    grey = np.full((96, 96, 3), 128, np.uint8)
    rng = np.random.default_rng(5)
    first, second = (add_camera_noise(grey, rng, noise_sd=4.0).astype(float) for _ in range(2))
    assert first.std() == pytest.approx(4.0, rel=0.05)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("size_px", [128, 512])
def test_the_picture_has_the_size_asked_for(size_px: int) -> None:
    picture = draw_face(FaceIdentity(), pure_expression("fear"), size_px=size_px)
    assert picture.shape == (size_px, size_px, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"weights": (0.5,) * 7}, "weights"),
        ({"weights": (1.0, 0.0)}, "weights"),
        ({"intensity": 1.2}, "intensity"),
        ({"eyelid_opening": -0.1}, "eyelid_opening"),
        ({"gaze_xy": (0.0, 1.5)}, "gaze y"),
    ],
)
def test_an_impossible_expression_is_refused_by_name(options: dict[str, object], named: str) -> None:
    with pytest.raises(DataError, match=named):
        FaceExpression(**options)


def test_an_unknown_emotion_is_refused_with_the_vocabulary() -> None:
    with pytest.raises(UnknownNameError, match="happiness"):
        pure_expression("joy")
