from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.preprocessing.face import DETECTORS
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE
from emogap.simulation.face import FaceIdentity, HeadPose, draw_face, face_landmarks, pure_expression

YUNET = "face_detection_yunet_2023mar.onnx"
FACE = draw_face(FaceIdentity(), pure_expression("neutral"), pose=HeadPose((6.0, -5.0)))
LANDMARKS = face_landmarks(FaceIdentity(), pure_expression("neutral"), pose=HeadPose((6.0, -5.0)))


@pytest.fixture(params=DETECTORS.names())
def detect(request: pytest.FixtureRequest):
    """Each detector of the shelf, with its weights from the folder of weights."""
    if request.param != "haar":
        folder = request.getfixturevalue("shared_models")
        request.getfixturevalue("monkeypatch").setenv(WEIGHTS_VARIABLE, str(folder))
    return DETECTORS.open(request.param).open_detector(None)


def test_a_face_is_found_where_it_was_drawn(detect) -> None:
    (face,) = detect(FACE)
    x0, y0, x1, y1 = face.box_px
    assert (LANDMARKS.min(axis=0) > np.array([x0, y0])).all()
    assert (LANDMARKS.max(axis=0) < np.array([x1, y1])).all()
    assert 0 < face.confidence <= 1


def test_no_face_is_found_in_an_empty_room(detect) -> None:
    assert detect(np.full((180, 320, 3), 120, np.uint8)) == ()


def test_boxes_are_in_pixels_of_the_frame_that_was_given(detect) -> None:
    """A frame of 1024 pixels is reduced inside; the box must not be."""
    (small,), (large,) = detect(FACE), detect(cv2.resize(FACE, (1024, 1024), interpolation=cv2.INTER_CUBIC))
    assert np.allclose(np.array(large.box_px) / 4, small.box_px, atol=8)


def test_two_faces_come_largest_first(detect) -> None:
    frame = np.full((256, 512, 3), 170, np.uint8)
    frame[:, 256:] = FACE
    frame[60:220, 20:180] = cv2.resize(FACE, (160, 160), interpolation=cv2.INTER_AREA)
    large, small = detect(frame)
    assert large.centre_px[0] > 256 > small.centre_px[0]
    assert large.area_px2 > small.area_px2


def test_the_entry_says_how_many_landmarks_it_gives(shared_models: Path) -> None:
    for name, weights in (("haar", None), ("mtcnn", shared_models), ("yunet", shared_models / YUNET)):
        entry = DETECTORS.open(name)
        (face,) = entry.open_detector(weights)(FACE)
        num_landmarks = 0 if face.landmarks_px is None else len(face.landmarks_px)
        assert num_landmarks == entry.NUM_LANDMARKS


@pytest.mark.parametrize("name", ["yunet", "mtcnn"])
def test_landmarks_name_right_and_left_as_the_person_does(
    shared_models: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared_models))
    (face,) = DETECTORS.open(name).open_detector(None)(FACE)
    assert np.abs(face.landmarks_px - LANDMARKS).max() < 15


@pytest.mark.parametrize(("name", "file"), [("yunet", YUNET), ("mtcnn", "pnet.pt")])
def test_a_detector_without_its_weights_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, file: str
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    with pytest.raises(UsageError, match=f"(?s){file}.*emogap weights add"):
        DETECTORS.open(name).open_detector(None)


def test_a_lower_score_adds_candidates_and_changes_no_face(detect, request: pytest.FixtureRequest) -> None:
    """What stands below the usual score says how sure it is that there is no face."""
    name = request.node.callspec.params["detect"]
    entry = DETECTORS.open(name)
    frame = cv2.addWeighted(FACE, 0.5, np.full_like(FACE, 120), 0.5, 0)
    faces = detect(frame)
    candidates = entry.open_detector(None, min_score=0.05)(frame)
    assert [face.box_px for face in candidates if face.confidence >= entry.MIN_SCORE] == [f.box_px for f in faces]
    assert len(candidates) >= len(faces)


def test_yunet_refuses_another_network(shared_models: Path) -> None:
    """OpenCV opens any ONNX file as a face detector, and once failed at the first frame without a word."""
    with pytest.raises(DataError, match=r"fer2013_mini_xception\.onnx: not the weights of YuNet"):
        DETECTORS.open("yunet").open_detector(shared_models / "fer2013_mini_xception.onnx")


def test_yunet_with_an_absent_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.onnx: .*no such file"):
        DETECTORS.open("yunet").open_detector(tmp_path / "gone.onnx")


def test_yunet_with_a_damaged_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"not a network")
    with pytest.raises(DataError, match=r"damaged\.onnx: not the weights"):
        DETECTORS.open("yunet").open_detector(tmp_path / "damaged.onnx")


def test_haar_refuses_weights_that_it_would_not_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes no weights"):
        DETECTORS.open("haar").open_detector(tmp_path / "some.onnx")


def test_an_unknown_detector_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'yunet'"):
        DETECTORS.open("yunnet")


def test_real_faces_are_found_and_counted(shared_data: Path, shared_models: Path) -> None:
    """multi_face.jpg shows five people."""
    picture = cv2.cvtColor(cv2.imread(str(shared_data / "video" / "multi_face.jpg")), cv2.COLOR_BGR2RGB)
    assert len(DETECTORS.open("yunet").open_detector(shared_models / YUNET)(picture)) == 5
    assert len(DETECTORS.open("mtcnn").open_detector(shared_models)(picture)) == 5
