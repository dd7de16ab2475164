import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.preprocessing.face import DETECTORS, Detection, align
from emogap.preprocessing.face.align import TEMPLATE_PX, similarity
from emogap.simulation.face import FaceIdentity, HeadPose, draw_face, face_landmarks, pure_expression

NEUTRAL = pure_expression("neutral")


def marked(landmarks: np.ndarray, height: int, width: int) -> np.ndarray:
    """A black frame with one soft white dot on each landmark."""
    y, x = np.mgrid[:height, :width]
    dots = [np.exp(-((x - a) ** 2 + (y - b) ** 2) / 8.0) for a, b in landmarks]
    return np.repeat((255 * np.max(dots, axis=0)).astype(np.uint8)[..., None], 3, axis=2)


def centroid(picture: np.ndarray, near: np.ndarray, reach: int = 5) -> np.ndarray:
    column, row = np.rint(near).astype(int)
    window = picture[row - reach : row + reach + 1, column - reach : column + reach + 1, 0].astype(float)
    y, x = np.mgrid[row - reach : row + reach + 1, column - reach : column + reach + 1]
    return np.array([(window * x).sum(), (window * y).sum()]) / window.sum()


@pytest.mark.parametrize(("angle_deg", "scale"), [(0.0, 1.0), (20.0, 1.7), (-35.0, 0.8), (10.0, 4.5)])
def test_landmarks_land_on_the_template(angle_deg: float, scale: float) -> None:
    angle = np.deg2rad(angle_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (TEMPLATE_PX - 56) @ turn.T + np.array([330.0, 290.0])
    frame = marked(landmarks, 600, 680)
    aligned = align(frame, Detection((0, 0, 1, 1), landmarks, 1.0))
    assert aligned.shape == (112, 112, 3)
    for place in TEMPLATE_PX:
        assert np.abs(centroid(aligned, place) - place).max() < 0.75


def test_another_size_scales_the_template() -> None:
    landmarks = TEMPLATE_PX + 40
    aligned = align(marked(landmarks, 220, 200), Detection((0, 0, 1, 1), landmarks, 1.0), size=224)
    assert aligned.shape == (224, 224, 3)
    assert np.abs(centroid(aligned, 2 * TEMPLATE_PX[1]) - 2 * TEMPLATE_PX[1]).max() < 1.5


def test_the_eyes_of_a_drawn_face_are_where_the_template_says() -> None:
    """Neutral eyes look into the camera: the pupil is the darkest place near each eye."""
    pose = HeadPose((5.0, 3.0), roll_deg=9.0)
    frame = draw_face(FaceIdentity(), NEUTRAL, pose=pose)
    aligned = align(frame, Detection((0, 0, 1, 1), face_landmarks(FaceIdentity(), NEUTRAL, pose=pose), 1.0))
    for x, y in TEMPLATE_PX[:2]:
        window = aligned[round(y) - 4 : round(y) + 5, round(x) - 8 : round(x) + 9].sum(axis=2)
        row, column = np.unravel_index(window.argmin(), window.shape)
        assert abs(column - 8) <= 2
        assert abs(row - 4) <= 2


def test_from_a_haar_box_the_eyes_are_near_the_template() -> None:
    detect = DETECTORS.open("haar").open_detector(None)
    errors = []
    for shift in range(-8, 9, 4):
        pose = HeadPose((shift, -shift))
        (face,) = detect(draw_face(FaceIdentity(), NEUTRAL, pose=pose))
        x0, y0, x1, _ = face.box_px
        eyes = face_landmarks(FaceIdentity(), NEUTRAL, pose=pose)[:2]
        scale = 0.38 * (x1 - x0) / (TEMPLATE_PX[1, 0] - TEMPLATE_PX[0, 0])
        left_edge, top_edge = x0 + 0.5 * (x1 - x0) - 56 * scale, y0 + 0.4 * (x1 - x0) - 51.6 * scale
        errors.append((eyes - (left_edge, top_edge)) / scale - TEMPLATE_PX[:2])
    assert np.abs(errors).mean() < 4


def test_what_lies_outside_the_frame_is_black() -> None:
    aligned = align(np.full((60, 50, 3), 200, np.uint8), Detection((0, 0, 1, 1), TEMPLATE_PX + 20, 1.0))
    assert aligned[-1, -1].sum() == 0
    assert aligned[20, 20].min() > 150


@given(st.floats(-3, 3), st.floats(0.05, 20), st.floats(-500, 500), st.floats(-500, 500))
def test_a_similarity_is_recovered_exactly(angle: float, scale: float, right: float, down: float) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = similarity(TEMPLATE_PX, TEMPLATE_PX @ turn.T + (right, down))
    assert np.allclose(matrix[:, :2], turn, atol=1e-9 * max(scale, 1))
    assert np.allclose(matrix[:, 2], (right, down), atol=1e-6)


def test_a_mirrored_face_is_not_reflected_back() -> None:
    matrix = similarity(TEMPLATE_PX * (-1, 1), TEMPLATE_PX)
    assert np.linalg.det(matrix[:, :2]) > 0


def umeyama(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Umeyama (1991), doi:10.1109/34.88573, equations 34-43, by singular value decomposition."""
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    covariance = (target - target_mean).T @ (source - source_mean) / len(source)
    u, singular, vt = np.linalg.svd(covariance)
    sign = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ sign @ vt
    scale = np.trace(np.diag(singular) @ sign) / ((source - source_mean) ** 2).sum(axis=1).mean()
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])


@pytest.mark.parametrize("seed", range(5))
def test_on_noisy_landmarks_it_is_the_solution_of_umeyama(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = 2.3 * TEMPLATE_PX @ np.array([[0.9, -0.4], [0.4, 0.9]]) + [31, -12] + rng.normal(0, 6, (5, 2))
    np.testing.assert_allclose(similarity(source, TEMPLATE_PX), umeyama(source, TEMPLATE_PX), atol=1e-9)
