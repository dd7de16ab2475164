"""A batch is scaled by what training held, and by nothing else."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError, UsageError
from emogap.learning.inputs import Scaler, clips_at_once, make_batch, stream_shapes
from emogap.types import LabelView, TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]


def with_stream(dataset: Dataset, name: str, stream: np.ndarray) -> Dataset:
    streams, channels = {**dataset.streams, name: stream}, {**dataset.channels, name: ()}
    return dataclasses.replace(dataset, streams=streams, channels=channels)


def test_training_clips_get_mean_zero_and_sd_one(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset, task = make_dataset(), make_task()
    rows = [*range(3, 17), 21]
    batch = make_batch(dataset, rows, Scaler.fit(dataset, rows, tuple(task.streams)), task)
    for name, stream in batch.streams.items():
        known = np.isfinite(dataset.streams[name][rows])
        steps = np.where(known, stream.numpy(), np.nan)[batch.masks[name].numpy()]
        np.testing.assert_allclose(np.nanmean(steps, axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(np.nanstd(steps, axis=0), 1, atol=1e-5)


def test_what_was_not_measured_is_average(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset, task = make_dataset(), make_task()
    batch = make_batch(dataset, range(24), Scaler.fit(dataset, range(8), tuple(task.streams)), task)
    lost = np.isnan(dataset.streams["eye"])
    assert lost.sum() > 5
    assert not batch.streams["eye"].numpy()[lost].any()
    assert all(stream.isfinite().all() for stream in batch.streams.values())


def test_the_scaler_does_not_see_masked_steps_or_other_clips(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset, rows = make_dataset(), list(range(10))
    changed = dataset.streams["fixation"].copy()
    changed[~dataset.masks["fixation"]] = 1e6
    changed[10:] = -1e6
    before = Scaler.fit(dataset, rows, ("fixation",))
    after = Scaler.fit(with_stream(dataset, "fixation", changed), rows, ("fixation",))
    np.testing.assert_array_equal(after.mean["fixation"], before.mean["fixation"])
    np.testing.assert_array_equal(after.sd["fixation"], before.sd["fixation"])
    assert before.keys == dataset.keys[:10]


def test_a_channel_that_training_never_held_is_average_wherever_it_appears(
    make_dataset: MakeDataset, make_task: MakeTask
) -> None:
    dataset = make_dataset()
    eye = dataset.streams["eye"].copy()
    eye[:12, :, 2] = np.nan
    eye[12:, :, 2] = 77.0
    dataset = with_stream(dataset, "eye", eye)
    batch = make_batch(dataset, range(12, 24), Scaler.fit(dataset, range(12), ("eye",)), make_task("eye"))
    assert not batch.streams["eye"][..., 2].any()


def test_a_constant_channel_is_centred_not_blown_up(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    eye = dataset.streams["eye"].copy()
    eye[..., 1] = 600.1
    dataset = with_stream(dataset, "eye", eye)
    batch = make_batch(dataset, range(24), Scaler.fit(dataset, range(12), ("eye",)), make_task("eye"))
    assert batch.streams["eye"][..., 1].abs().max() < 1e-3


def test_labels_are_votes_or_one_value_per_target(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    scaler = Scaler.fit(dataset, range(8), ("eye",))
    votes = make_batch(dataset, [1, 5], scaler, make_task("eye")).labels
    assert votes["felt"].tolist() == [dataset.samples["felt_emotion3"][row].to_list() for row in (1, 5)]
    assert votes["shown"].isnan().all(dim=1).tolist() == [True, False]
    values = make_batch(dataset, [1, 5], scaler, make_task("eye", values=True)).labels["felt"]
    expected = [[dataset.samples[f"felt_{target}"][row] for target in ("valence", "arousal")] for row in (1, 5)]
    np.testing.assert_allclose(values.numpy(), expected, rtol=1e-6)


def test_the_index_counts_from_zero_in_the_order_of_the_rows(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    batch = make_batch(dataset, [9, 2, 17], Scaler.fit(dataset, [2], ("eye",)), make_task("eye"))
    assert batch.keys == tuple(dataset.keys[row] for row in (9, 2, 17))
    assert torch.equal(batch.index, torch.arange(3))


def test_other_channels_are_refused_by_name(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    scaler = Scaler.fit(dataset, range(8), ("eye",))
    channels = (*dataset.channels["eye"][:3], Channel("pupil_l_au", "arbitrary"))
    other = dataclasses.replace(dataset, channels={**dataset.channels, "eye": channels})
    with pytest.raises(MismatchError, match="it lacks eye_3; the model does not know pupil_l_au"):
        make_batch(other, range(3), scaler, make_task("eye"))


def test_an_absent_stream_is_refused_by_name(make_dataset: MakeDataset) -> None:
    with pytest.raises(MismatchError, match=r"no stream 'head' \(it has face, eye, fixation\)"):
        stream_shapes(make_dataset(), ["head"])


def test_frames_are_read_only_where_they_are_named(make_dataset: MakeDataset) -> None:
    dataset = with_stream(make_dataset(), "frames", np.zeros((24, 2, 3, 5, 4), np.uint8))
    assert stream_shapes(dataset) == {"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)}
    assert list(stream_shapes(dataset, instead={"face": "frames"})) == ["frames", "eye", "fixation"]
    assert list(stream_shapes(dataset, ["eye", "face"], instead={"face": "frames"})) == ["eye", "face"]


def test_frames_stay_as_they_are(make_dataset: MakeDataset) -> None:
    images = np.random.default_rng(0).integers(256, size=(24, 2, 3, 5, 4)).astype(np.uint8)
    dataset = with_stream(make_dataset(), "frames", images)
    scaler = Scaler.fit(dataset, range(4), ("frames",))
    np.testing.assert_array_equal(scaler.apply("frames", images[3:5]), images[3:5])
    assert scaler.mean["frames"].size == 0


def test_a_stream_of_another_shape_is_refused(make_dataset: MakeDataset) -> None:
    dataset = with_stream(make_dataset(), "maps", np.zeros((24, 2, 5, 4), np.float32))
    with pytest.raises(UsageError, match="neither steps x channels nor frames"):
        Scaler.fit(dataset, range(4), ("maps",))


def test_absent_frames_are_refused_with_what_to_do(make_dataset: MakeDataset) -> None:
    with pytest.raises(MismatchError, match="no stream 'frames'") as caught:
        stream_shapes(make_dataset(), instead={"face": "frames"})
    assert "--frames" in caught.value.fix


def test_fewer_clips_of_frames_go_through_at_once() -> None:
    frames = TaskSpec((LabelView.FELT,), ("class",), "emotion3", {"frames": (8, 3, 112, 112)})
    assert clips_at_once(frames) == 13


def test_an_empty_training_set_is_refused(make_dataset: MakeDataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no training clip is left"):
        Scaler.fit(make_dataset(), [], ("eye",))
