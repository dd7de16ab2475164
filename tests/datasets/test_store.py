"""A data set comes back as it was put together, or is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.assemble import assemble
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Cut, Plan
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError
from tests.datasets.conftest import clip_of

Make = Callable[..., Dataset]


def test_samples_are_sorted_by_key_and_streams_follow_them(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert [(key.participant_id, key.stimulus_id) for key in dataset.keys] == [("p1", "s1"), ("p2", "s1"), ("p2", "s2")]
    assert dataset.samples["row"].to_list() == [0, 1, 2]
    gaze_x = [channel.name for channel in dataset.channels["eye"]].index("gaze_x_deg")
    expected = [1000 * ord(person) + 30 + sum(map(ord, "gaze_x_deg")) for person in "122"]
    assert dataset.streams["eye"][:, 3, gaze_x].tolist() == expected


def test_streams_are_mapped_read_only_float32(hand_dataset: Make) -> None:
    stream = hand_dataset().streams["eye"]
    assert isinstance(stream, np.memmap)
    assert (stream.dtype, stream.shape, stream.flags.writeable) == (np.float32, (3, 7, 3), False)


def test_a_channel_that_one_device_lacks_is_nan_there_and_never_zero(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    names = [channel.name for channel in dataset.channels["eye"]]
    assert names == ["gaze_x_deg", "pupil_l_mm", "pupil_r_mm"]
    assert np.isnan(dataset.streams["eye"][0, :, 1]).all()
    assert np.isfinite(dataset.streams["eye"][1, :6, 1]).all()


def test_masked_steps_are_nan(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert dataset.masks["eye"].dtype == np.bool_
    assert dataset.masks["eye"].sum(axis=1).tolist() == [6, 6, 6]
    assert np.isnan(dataset.streams["eye"][:, 6]).all()


def test_the_order_of_jobs_leaves_no_trace(hand_dataset: Make, tmp_path: Path) -> None:
    hand_dataset("D")
    hand_dataset("E", reverse=True)
    for file in sorted((tmp_path / "D").rglob("*.*")):
        assert file.read_bytes() == (tmp_path / "E" / file.relative_to(tmp_path / "D")).read_bytes(), file.name


def test_what_a_simulation_published_is_kept(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert dataset.simulated
    assert dataset.ceilings == {"felt/emotion3": {"war": 0.75}}


@pytest.mark.parametrize("name", ["streams/eye.npy", "streams/eye_mask.npy", "samples.parquet"])
def test_a_changed_file_is_refused(hand_dataset: Make, name: str) -> None:
    path = hand_dataset().path
    content = bytearray((path / name).read_bytes())
    content[-1] ^= 1
    (path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name} changed after the build"):
        open_dataset(path)


def test_an_absent_file_is_named(hand_dataset: Make) -> None:
    path = hand_dataset().path
    (path / "streams" / "eye.npy").unlink()
    with pytest.raises(DataError, match=r"lacks streams/eye\.npy"):
        open_dataset(path)


def test_an_edited_header_is_refused(hand_dataset: Make) -> None:
    header = hand_dataset().path / "dataset.toml"
    header.write_text(header.read_text().replace('unit = "deg"', 'unit = "rad"'))
    with pytest.raises(DataError, match="the header was changed"):
        open_dataset(header.parent)


@pytest.mark.parametrize("content", ["", "schema = 2\n", "schema = ", "\x00"])
def test_a_damaged_header_is_refused_in_words(hand_dataset: Make, content: str) -> None:
    header = hand_dataset().path / "dataset.toml"
    header.write_text(content)
    with pytest.raises(DataError, match="the header"):
        open_dataset(header.parent)


def test_an_unfinished_build_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with pytest.raises(DataError, match="run the same 'emogap build' again"):
        open_dataset(tmp_path)


def test_official_folds_of_clips_are_a_column_and_others_have_none(
    hand_dataset: Make, hand_plan: Plan, tmp_path: Path
) -> None:
    cut = Cut((replace(clip_of("p1", "s1"), official_fold="valid"), clip_of("p2", "s1")))
    write_part(tmp_path / "part.npz", cut)
    parts = [tmp_path / "part.npz"]
    assemble(tmp_path / "F", hand_plan, BuildConfig(), parts, [], source_fingerprint="0" * 16)
    assert open_dataset(tmp_path / "F").samples["official_fold"].to_list() == ["valid", None]
    assert "official_fold" not in hand_dataset().samples.columns
