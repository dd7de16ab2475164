import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.preprocessing.face import ENCODERS, Detection, crop_face, face_features
from emogap.preprocessing.face.encoders import hog
from emogap.preprocessing.face.features import follow
from emogap.recording.video import frame_times, read_frames_at
from emogap.simulation.face import FaceIdentity, HeadPose, draw_face, pure_expression

FACE = draw_face(FaceIdentity(), pure_expression("happiness"))
EMPTY = np.full((256, 256, 3), 140, np.uint8)


def clip(*pictures: np.ndarray) -> list[tuple[float, np.ndarray]]:
    return [(0.25 + 0.5 * number, picture) for number, picture in enumerate(pictures)]


def box(x0: float, y0: float, side: float) -> Detection:
    return Detection((x0, y0, x0 + side, y0 + side), None, 0.5)


def test_a_frame_without_a_face_is_kept_as_nan_and_counted() -> None:
    result = face_features(clip(FACE, EMPTY, FACE, EMPTY, EMPTY), video="face.mp4")
    assert result.found.tolist() == [True, False, True, False, False]
    assert result.features.shape == (5, hog.DIMENSION)
    assert (np.isnan(result.features).all(axis=1) == ~result.found).all()
    assert np.isfinite(result.features[result.found]).all()
    assert (result.aligned[~result.found] == 0).all()
    assert result.doubts == ("no face in 3 of 5 frames, first at 0.750 s",)


def test_the_track_holds_times_boxes_and_the_video() -> None:
    track = face_features(clip(FACE, EMPTY, FACE), video="face.mp4").track
    assert track.time_s.tolist() == [0.25, 0.75, 1.25]
    assert np.isnan(track.box_px).all(axis=1).tolist() == [False, True, False]
    assert track.landmarks_px.shape == (3, 0, 2)
    assert np.isnan(track.confidence).tolist() == [False, True, False]
    assert track.video == "face.mp4"


def test_with_yunet_the_track_has_landmarks(shared_models: Path) -> None:
    weights = shared_models / "face_detection_yunet_2023mar.onnx"
    result = face_features(clip(FACE, EMPTY), video="face.mp4", detector="yunet", weights=weights)
    assert result.track.landmarks_px.shape == (2, 5, 2)
    assert np.isnan(result.track.landmarks_px[1]).all()
    assert result.found.tolist() == [True, False]


def test_the_features_are_those_of_the_aligned_frames() -> None:
    result = face_features(clip(FACE, FACE), video="face.mp4")
    assert np.array_equal(result.features, hog.encode(result.aligned))


def test_light_is_evened_out_before_the_face_is_looked_for() -> None:
    dark = (FACE * 0.2).astype(np.uint8)
    plain, lit = (face_features(clip(dark), video="v", illumination=method) for method in ("none", "ying"))
    assert lit.found.all()
    assert lit.aligned.mean() > 2 * dark.mean()
    assert not plain.found.any() or plain.aligned.mean() < 0.5 * lit.aligned.mean()


def test_an_encoder_sees_the_crop_that_it_asks_for(shared_models: Path) -> None:
    weights = shared_models / "fer2013_mini_xception.onnx"
    result = face_features(clip(FACE, EMPTY), video="v", encoder="fer_onnx", encoder_weights=weights)
    encoder = ENCODERS.open("fer_onnx").open_encoder(weights)
    face = Detection(tuple(result.track.box_px[0]), None, 1.0)
    expected = encoder.encode(crop_face(FACE, face, encoder.crop)[None])
    np.testing.assert_array_equal(result.features[:1], expected)
    assert result.aligned.shape == (2, 112, 112, 3)


def test_no_frames_are_refused() -> None:
    with pytest.raises(UsageError, match=r"face\.mp4: no frames"):
        face_features([], video="face.mp4")


def test_frames_are_consumed_one_at_a_time() -> None:
    class Taken:
        count = 0

    def frames() -> Iterator[tuple[float, np.ndarray]]:
        for number in range(3):
            Taken.count += 1
            yield float(number), FACE if number else EMPTY

    assert face_features(frames(), video="face.mp4").found.tolist() == [False, True, True]
    assert Taken.count == 3


def test_a_second_face_is_a_doubt_and_the_first_is_followed() -> None:
    pair = np.full((256, 512, 3), 170, np.uint8)
    pair[40:240, 20:220] = cv2.resize(FACE, (200, 200), interpolation=cv2.INTER_AREA)
    alone = pair.copy()
    pair[:, 256:] = draw_face(FaceIdentity(), pure_expression("anger"), pose=HeadPose((0.0, 2.0)))
    result = face_features(clip(alone, pair, pair), video="two.mp4")
    assert (result.track.box_px[:, 2] < 256).all()
    assert "more than one face in 2 of 3 frames, first at 0.750 s" in result.doubts[0]


def test_the_largest_face_near_the_last_position_is_followed() -> None:
    last, near, far = box(100, 50, 60), box(90, 55, 50), box(300, 40, 90)
    assert follow((far, near), last) is near
    assert follow((far, near), None) is far


def test_if_no_face_is_near_the_largest_is_taken() -> None:
    assert follow((box(300, 40, 90), box(400, 40, 30)), box(10, 10, 40)).box_px[0] == 300


def test_no_candidates_are_no_face() -> None:
    assert follow((), box(0, 0, 10)) is None


def test_a_jump_to_another_place_is_a_doubt() -> None:
    left, right = np.full((2, 256, 512, 3), 170, np.uint8)
    left[:, :256] = FACE
    right[:, 256:] = FACE
    (doubt,) = face_features(clip(left, right, right), video="jump.mp4").doubts
    assert doubt.startswith("the face is suddenly elsewhere 1 times, first at 0.750 s")


def test_unknown_names_and_missing_weights_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="face detector"):
        face_features(clip(FACE), video="v", detector="hare")
    with pytest.raises(UnknownNameError, match="frame encoder"):
        face_features(clip(FACE), video="v", encoder="hogg")
    with pytest.raises(UsageError, match="weights"):
        face_features(clip(FACE), video="v", detector="yunet")


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("face_noface.mov", slice(5, 65, 20), slice(80, 160, 30)),
        ("noface_face.mov", slice(100, 160, 20), slice(5, 90, 30)),
    ],
)
def test_a_real_face_is_found_where_it_is_and_nowhere_else(
    shared_data: Path, name: str, shown: slice, hidden: slice
) -> None:
    """face_noface.mov shows a face in frames 0-68 and none from 72, noface_face.mov none in 0-92 and one in 96-164."""
    path = shared_data / "video" / name
    times_s = frame_times(path)
    wanted_s = np.sort(np.concatenate([times_s[shown], times_s[hidden]]))
    result = face_features(read_frames_at(path, wanted_s), video=name)
    assert result.found.tolist() == np.isin(wanted_s, times_s[shown]).tolist()


def test_a_video_without_a_face_says_so(shared_data: Path) -> None:
    path = shared_data / "video" / "no_face.mp4"
    result = face_features(read_frames_at(path, np.array([0.4, 1.9, 3.4])), video=path.name)
    assert not result.found.any()
    assert result.doubts == ("no face in 3 of 3 frames, first at 0.417 s",)


def test_the_room_leaves_torch_unloaded() -> None:
    code = "import sys, emogap.preprocessing.face; assert not {'torch', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
