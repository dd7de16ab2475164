"""MMSA's feature files become a data set: keys, labels, roles, doubts."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.build import build
from emogap.datasets.copies import find_copies
from emogap.datasets.labels import label_array
from emogap.datasets.leakage import audit_split
from emogap.datasets.plan import BuildConfig
from emogap.datasets.splits import load_or_make_split
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError, UsageError
from tests.datasets.mmsa_miniature import CLIPS, SHAPES, VIDEOS, miniature, write_miniature

CONFIG = BuildConfig(catalogue="mmsa_pickle")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "Processed" / "unaligned_39.pkl"


def built(source: Path) -> Dataset:
    report = build(source, source.parent / "D", CONFIG, jobs=1)
    assert report.failures == ()
    return open_dataset(report.path)


def test_every_clip_keeps_its_values_its_label_and_its_role(source: Path) -> None:
    content = miniature()
    dataset = built(write_miniature(source, content))
    assert dataset.name == "mmsa-sims-unaligned-39"
    assert {name: stream.shape for name, stream in dataset.streams.items()} == {
        name: (sum(CLIPS.values()), *shape) for name, shape in SHAPES.items()
    }
    row_of = {key.recording_id: row for row, key in enumerate(dataset.keys)}
    valence = label_array(dataset, "shown", "valence")  # type: ignore[arg-type]
    words = label_array(dataset, "shown", "class", "emotion3")  # type: ignore[arg-type]
    roles = dataset.samples["official_fold"].to_list()
    for role, table in content.items():
        for position, name in enumerate(table["id"]):
            row = row_of[name.replace("_", "-").replace("$", "-").replace("---", "-")]
            key = dataset.keys[row]
            assert key.participant_id == key.stimulus_group == name.split("$")[0].replace("_", "-")
            assert roles[row] == role
            assert valence[row] == table["regression_labels"][position]
            word = ("positive", "negative", "neutral")[int(words[row].argmax())]
            assert word == table["annotations"][position].lower()
            audio, length = table["audio"][position], table["audio_lengths"][position]
            np.testing.assert_array_equal(dataset.streams["audio"][row][:length], audio[:length])
            assert dataset.masks["audio"][row].sum() == length


def test_a_folder_with_one_file_will_do(source: Path) -> None:
    write_miniature(source)
    assert len(built(source.parent).keys) == sum(CLIPS.values())


def test_values_of_mosi_are_divided_by_three_and_that_is_said(source: Path) -> None:
    content = miniature(sims=False)
    report = build(write_miniature(source, content), source.parent / "D", CONFIG, jobs=1)
    assert "[-3, 3] divided by 3" in report.header.label_sources["shown"]
    assert any("over 3" in doubt for doubt in report.header.doubts)
    valence = label_array(open_dataset(report.path), "shown", "valence")  # type: ignore[arg-type]
    published = np.concatenate([table["regression_labels"] for table in content.values()])
    np.testing.assert_allclose(np.sort(valence), np.sort(published) / 3, atol=1e-7)


def test_the_doubts_name_speakers_times_shared_videos_and_missing_values(source: Path) -> None:
    content = miniature()
    content["train"]["audio_lengths"][2] = 11
    content["train"]["audio"][2, 1, 1] = -np.inf
    dataset = built(write_miniature(source, content))
    assert "name no speakers" in dataset.doubts[0]
    assert f"{VIDEOS} of {VIDEOS} videos with test clips have training or validation clips too" in dataset.doubts[2]
    assert "train: 1 value of audio in 1 clip: -inf, inf or NaN, not measured" in dataset.doubts


def test_the_official_split_is_run_as_published_and_the_audit_counts_shared_videos(source: Path) -> None:
    dataset = built(write_miniature(source))
    split = load_or_make_split(dataset, "official", seed=0)
    (cell,) = split.cells
    assert [len(cell.train), len(cell.validation), len(cell.test)] == list(CLIPS.values())
    (people,) = audit_split(dataset, split, copies=find_copies(dataset)).leaks
    assert people.what.startswith(f"{VIDEOS} people are in test and in training or validation")


def test_a_malicious_file_builds_nothing_and_runs_nothing(source: Path, tmp_path: Path) -> None:
    class Calls:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path / 'was-run'}",)

    content = miniature()
    content["test"]["raw_text"] = Calls()
    source.parent.mkdir()
    source.write_bytes(pickle.dumps(content))
    with pytest.raises(DataError, match=r"posix\.system|nt\.system"):
        build(source, tmp_path / "D", CONFIG, jobs=1)
    assert not (tmp_path / "was-run").exists()
    assert not (tmp_path / "D").exists()


@pytest.mark.parametrize(
    ("first", "second"), [("a_b$_$1", "a-b$_$2"), ("a$_$b_1", "a$_$b-1"), ("a-1$_$2", "a$_$1-2"), ("a$_$1", "a$_$1")]
)
def test_ids_that_become_one_are_refused_by_name(source: Path, first: str, second: str) -> None:
    content = miniature()
    content["train"]["id"][0], content["test"]["id"][0] = first, second
    with pytest.raises(DataError, match="have the same id once it is written") as caught:
        built(write_miniature(source, content))
    assert caught.value.where == f"{source}, test, id"


def test_even_steps_give_every_stream_the_steps_of_the_text(source: Path) -> None:
    write_miniature(source)
    report = build(source, source.parent / "E", CONFIG.model_copy(update={"even_steps": True}), jobs=1)
    dataset = open_dataset(report.path)
    steps = SHAPES["text"][0]
    assert {name: stream.shape[1:] for name, stream in dataset.streams.items()} == {
        name: (steps, width) for name, (_, width) in SHAPES.items()
    }
    for name in ("audio", "vision"):
        np.testing.assert_array_equal(dataset.masks[name], dataset.masks["text"])
    assert "means over equal parts" in dataset.doubts[3]


def test_even_steps_of_another_source_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="even steps are for feature files, and the source is 'study'"):
        build(tmp_path, tmp_path / "D", BuildConfig(even_steps=True))


def test_several_files_in_a_folder_are_refused_with_their_names(source: Path) -> None:
    write_miniature(source)
    write_miniature(source.with_name("aligned_50.pkl"))
    with pytest.raises(UsageError, match=r"here are 2 \(\*\.pkl\): aligned_50\.pkl, unaligned_39\.pkl"):
        built(source.parent)


def test_options_of_recordings_are_refused(source: Path) -> None:
    with pytest.raises(UsageError, match="neither gaze nor video"):
        build(write_miniature(source), source.parent / "D", CONFIG.model_copy(update={"frames": True}))
