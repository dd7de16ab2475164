"""What is special about MTCNN: its folder of weights, overlaps, and how far its boxes agree with YuNet's."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.detectors import mtcnn, yunet
from emogap.recording.video import frame_times, read_frames_at


def overlap(first: Detection, second: Detection) -> float:
    """Common area over the area of both together, by counting pixels of a drawn picture."""
    masks = np.zeros((2, 720, 1280), np.uint8)
    for mask, face in zip(masks, (first, second), strict=True):
        x0, y0, x1, y1 = (round(edge) for edge in face.box_px)
        cv2.rectangle(mask, (x0, y0), (x1, y1), 1, -1)
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


@pytest.mark.parametrize(
    ("name", "frames"),
    [("single_face.mp4", slice(0, 72, 12)), ("WolfgangLanger_Pexels.mp4", slice(20, 472, 50))],
)
def test_boxes_and_landmarks_agree_with_those_of_yunet(
    shared_data: Path, shared_models: Path, name: str, frames: slice
) -> None:
    path = shared_data / "video" / name
    ours = mtcnn.open_detector(shared_models)
    theirs = yunet.open_detector(shared_models / "face_detection_yunet_2023mar.onnx")
    for _, frame in read_frames_at(path, frame_times(path)[frames]):
        (first,), (second,) = ours(frame), theirs(frame)
        assert overlap(first, second) > 0.75
        assert np.abs(first.landmarks_px - second.landmarks_px).max() < 0.12 * np.sqrt(second.area_px2)


def test_a_face_at_the_border_is_found(shared_data: Path, shared_models: Path) -> None:
    """Windows reach out of the picture there, and what they show outside is black."""
    picture = cv2.cvtColor(cv2.imread(str(shared_data / "video" / "single_face.jpg")), cv2.COLOR_BGR2RGB)
    detect = mtcnn.open_detector(shared_models)
    (whole,) = detect(picture)
    left = int(whole.box_px[0])
    (cut,) = detect(np.ascontiguousarray(picture[:, left:]))
    assert abs(cut.box_px[0]) < 0.2 * (whole.box_px[2] - whole.box_px[0])
    assert cut.box_px[2] + left == pytest.approx(whole.box_px[2], abs=12)


def test_a_folder_without_all_three_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rnet.pt").touch()
    with pytest.raises(UsageError, match=r"no pnet\.pt, onet\.pt here"):
        mtcnn.open_detector(tmp_path)


def test_of_overlapping_boxes_the_best_is_kept() -> None:
    """The first two share 81 of 119 square pixels (0.68); the third lies within the first, a quarter of its area."""
    boxes = np.array([[0.0, 0, 10, 10], [1, 1, 11, 11], [2, 2, 7, 7], [20, 0, 30, 10]])
    scores = np.array([0.8, 0.9, 0.75, 0.7])
    kept = mtcnn._suppressed
    assert kept(boxes, scores, overlap=0.7).tolist() == [1, 0, 2, 3]
    assert kept(boxes, scores, overlap=0.6).tolist() == [1, 2, 3]
    assert kept(boxes, scores, overlap=0.7, of_smaller=True).tolist() == [1, 3]


def test_the_pyramid_looks_for_ever_larger_faces_up_to_the_whole_frame() -> None:
    sides_px = [12 / scale for scale in mtcnn._pyramid(360)]
    assert sides_px[0] == pytest.approx(36)
    assert np.allclose(np.divide(sides_px[1:], sides_px[:-1]), 1 / 0.709)
    assert 360 * 0.709 < sides_px[-1] <= 375
