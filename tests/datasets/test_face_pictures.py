"""Face streams from pictures that were aligned already: which are taken, and what becomes of those that are damaged."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.datasets import BuildConfig
from emogap.datasets.emer_layout import numbered
from emogap.datasets.face_pictures import cut_pictures, even_pictures, settle_pictures
from emogap.errors import UsageError
from emogap.preprocessing.face.encoders import hog

CONFIG = settle_pictures(BuildConfig(catalogue="emer", face_steps=3, frames=True))


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, ...]:
    """Twelve pictures without leading zeros, lossless, each of another grey with an edge at another column."""
    for number in range(1, 13):
        picture = np.full((112, 112, 3), 10 * number, np.uint8)
        picture[:, 8 * number :] = 250
        picture[..., 0] = 7
        (tmp_path / f"f{number}.jpg").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return numbered(tmp_path.glob("*.jpg"))


def test_frames_are_ordered_by_their_whole_number(pictures: tuple[Path, ...]) -> None:
    assert [path.name for path in pictures] == [f"f{number}.jpg" for number in range(1, 13)]


def test_pictures_are_those_at_the_centres_of_equal_parts(pictures: tuple[Path, ...]) -> None:
    """Parts of 4 frames have their centre between the second and the third; the third begins there."""
    assert [path.stem for path in even_pictures(pictures, 3)] == ["f3", "f7", "f11"]
    assert [path.stem for path in even_pictures(pictures[:2], 3)] == ["f1", "f2", "f2"]
    assert even_pictures((), 3) == ()


def test_features_are_those_of_the_encoder_and_colours_stand_as_red_green_blue(pictures: tuple[Path, ...]) -> None:
    chosen = even_pictures(pictures, 3)
    face = cut_pictures(chosen, CONFIG)
    images = np.stack([cv2.imread(str(path))[..., ::-1] for path in chosen])
    np.testing.assert_array_equal(face.streams["face"].values, hog.encode(images))
    np.testing.assert_array_equal(face.streams["frames"].values, images.transpose(0, 3, 1, 2))
    assert (face.streams["frames"].values[:, 2] == 7).all()
    assert face.quality["face_found_share"] == 1


def test_a_damaged_picture_is_masked_and_told(pictures: tuple[Path, ...]) -> None:
    pictures[6].write_bytes(b"no picture")
    face = cut_pictures(even_pictures(pictures, 3), CONFIG)
    assert face.streams["face"].mask.tolist() == [True, False, True]
    assert np.isnan(face.streams["face"].values[1]).all()
    assert (face.streams["frames"].values[1] == 0).all()
    assert face.doubts == ("1 of 3 face pictures cannot be decoded, first f7.jpg",)


def test_a_clip_without_pictures_has_no_face_stream() -> None:
    face = cut_pictures((), CONFIG)
    assert not face.streams
    assert face.quality["face_found_share"] == 0


def test_a_detector_is_refused_where_faces_are_aligned() -> None:
    with pytest.raises(UsageError, match="aligned faces already"):
        settle_pictures(BuildConfig(catalogue="emer", face_detector="haar"))
