"""MMSA's layout: what is read, and what is refused by role and key."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emogap.datasets.mmsa_features import read_features
from emogap.errors import DataError
from tests.datasets.mmsa_miniature import CLIPS, SHAPES, miniature, write_miniature

Content = dict[str, dict[str, Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unaligned_39.pkl"


def test_streams_have_their_own_steps_and_masks_follow_the_stated_lengths(path: Path) -> None:
    content = miniature()
    file = read_features(write_miniature(path, content))
    assert [(role.role, len(role.ids)) for role in file.roles] == list(CLIPS.items())
    for role in file.roles:
        table = content[role.role]
        for name, shape in SHAPES.items():
            assert role.values[name].shape == (CLIPS[role.role], *shape)
            assert role.values[name].dtype == np.float32
        assert role.masks["audio"].sum(axis=1).tolist() == table["audio_lengths"]
        assert role.masks["vision"].sum(axis=1).tolist() == table["vision_lengths"]
        np.testing.assert_array_equal(role.masks["text"], table["text_bert"][:, 1] == 1)
        known = role.masks["vision"]
        np.testing.assert_array_equal(role.values["vision"][known], table["vision"][known])
        assert np.isnan(role.values["vision"][~known]).all()
        assert role.doubts == ()


def test_a_step_of_zeros_within_the_stated_length_is_there(path: Path) -> None:
    content = miniature()
    content["train"]["vision_lengths"][3] = 6
    content["train"]["vision"][3, :6] = 1
    content["train"]["vision"][3, 2] = 0
    file = read_features(write_miniature(path, content))
    assert file.roles[0].masks["vision"][3].tolist() == [True] * 6 + [False]
    assert (file.roles[0].values["vision"][3, 2] == 0).all()


def test_without_lengths_steps_of_zeros_are_padding_and_that_is_said(path: Path) -> None:
    content = miniature(sims=False, aligned=True)
    (train, *_) = read_features(write_miniature(path, content)).roles
    np.testing.assert_array_equal(train.masks["audio"], (content["train"]["audio"] != 0).any(axis=2))
    assert "train: no lengths of audio are stated: steps that are all zero count as padding" in train.doubts


def test_values_that_are_not_finite_are_missing_and_counted(path: Path) -> None:
    content = miniature()
    content["valid"]["audio_lengths"][:2] = [11, 11]
    content["valid"]["audio"][0, 3, 1] = -np.inf
    content["valid"]["audio"][1, 4, :] = np.nan
    (_, valid, _) = read_features(write_miniature(path, content)).roles
    assert np.isnan(valid.values["audio"][0, 3, 1])
    assert valid.masks["audio"][0, 3]
    assert not valid.masks["audio"][1, 4]
    assert valid.doubts == ("valid: 6 values of audio in 2 clips: -inf, inf or NaN, not measured",)


def test_what_lies_beyond_a_stated_length_is_left_out_and_said(path: Path) -> None:
    content = miniature()
    content["test"]["audio"][5] = 1
    content["test"]["audio_lengths"][5] = 4
    (*_, test) = read_features(write_miniature(path, content)).roles
    assert test.masks["audio"][5].sum() == 4
    assert test.doubts == ("test: 1 clip holds audio beyond their stated length: it is left out",)


def test_annotations_are_the_class_and_their_difference_to_the_numbers_is_counted(path: Path) -> None:
    content = miniature()
    content["train"]["annotations"][:2] = ["Positive", "Mixed"]
    content["train"]["classification_labels"][:2] = [0, 1]
    (train, *_) = read_features(write_miniature(path, content)).roles
    assert train.word[:2] == ("positive", None)
    assert train.doubts == (
        "train: classification_labels differ from annotations in 2 clips: the annotations are taken",
        "train: 1 clip is called neither negative, neutral nor positive: no class",
    )


def test_the_numbers_are_the_class_where_there_are_no_annotations(path: Path) -> None:
    content = miniature()
    for table in content.values():
        del table["annotations"]
    (train, *_) = read_features(write_miniature(path, content)).roles
    label = content["train"]["regression_labels"]
    assert train.word == tuple("negative" if y < 0 else "positive" if y > 0 else "neutral" for y in label)


def without(key: str) -> Callable[[Content], None]:
    return lambda content: content["valid"].pop(key)


def put(role: str, key: str, value: Any) -> Callable[[Content], None]:
    return lambda content: content[role].update({key: value})


def nan_label(content: Content) -> None:
    content["test"]["regression_labels"][4] = np.nan


def wide_audio(content: Content) -> None:
    content["test"]["audio"] = np.zeros((13, 12, 5), np.float32)


@pytest.mark.parametrize(
    ("spoil", "where", "said"),
    [
        (without("audio"), "valid", "the key audio is missing"),
        (without("id"), "valid", "the key id is missing"),
        (without("regression_labels"), "valid", "the key regression_labels is missing"),
        (lambda content: content.pop("test"), "", "no table 'test' (it holds: train, valid)"),
        (nan_label, "test, regression_labels, first clip 4", "1 of 13 are NaN"),
        (put("train", "regression_labels", np.full(25, 1.5)), "train, regression_labels, clip 0", "outside [-1, 1]"),
        (put("train", "regression_labels", [0.5] * 24), "train, regression_labels", "shape is (24,)"),
        (put("train", "vision", np.zeros((24, 7, 4), np.float32)), "train, vision", "shape (24, 7, 4)"),
        (put("train", "vision", np.zeros((25, 7, 4), "U2")), "train, vision", "<U2"),
        (put("train", "text", [1, 2]), "train, text", "list"),
        (put("valid", "text_bert", np.zeros((10, 3, 9))), "valid, text_bert", "(10, 3, 8)"),
        (put("valid", "audio_lengths", [3] * 9), "valid, audio_lengths", "shape is (9,)"),
        (put("valid", "audio_lengths", [3] * 9 + [12]), "valid, audio_lengths, clip 9", "11 steps of audio, first 12"),
        (put("valid", "annotations", ["Neutral"]), "valid, annotations", "1 entry"),
        (put("train", "id", ["video_1"] * 25), "train, id", "'video_1' is not video$_$clip"),
        (put("train", "classification_labels", ["a"] * 25), "train, classification_labels", "not all numbers"),
        (wide_audio, "", "train 11 x 5, valid 11 x 5, test 12 x 5"),
    ],
)
def test_a_wrong_layout_is_refused_by_role_and_key(
    path: Path, spoil: Callable[[Content], None], where: str, said: str
) -> None:
    content = miniature()
    spoil(content)
    with pytest.raises(DataError, match=re.escape(said)) as caught:
        read_features(write_miniature(path, content))
    assert caught.value.where == (f"{path}, {where}" if where else str(path))


def test_something_else_than_tables_is_refused(path: Path) -> None:
    with pytest.raises(DataError, match=r"no table 'train' \(it holds: list\)"):
        read_features(write_miniature(path, [1, 2]))  # type: ignore[arg-type]
