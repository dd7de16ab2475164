"""A build at a lower rate stands for a data set, or is refused with what differs; only its eyes are taken."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.channels import Channel
from emogap.datasets.plan import Clip
from emogap.datasets.store import open_dataset
from emogap.errors import MismatchError, UsageError
from emogap.learning.evaluation.robustness.conditions import Condition
from emogap.learning.evaluation.robustness.slower import open_slower, slowed
from tests.learning.evaluation.slower_build import write_slower
from tests.learning.evaluation.small_study import write_small_dataset

STREAMS = ("face", "eye", "fixation")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people, three stimuli: clip 5 is of the second person with the third stimulus."""
    return write_small_dataset(tmp_path_factory.mktemp("study"), people=4, stimuli=3)


def renamed(clip: Clip) -> Clip:
    eye = clip.streams["eye"]
    channels = (Channel("pupil_l_mm", "mm"), *eye.channels[1:])
    return replace(clip, streams={**clip.streams, "eye": replace(eye, channels=channels)})


def shortened(clip: Clip) -> Clip:
    fixation = clip.streams["fixation"]
    short = replace(fixation, values=fixation.values[:-1], mask=fixation.mask[:-1])
    return replace(clip, streams={**clip.streams, "fixation": short})


def without_fixations(clip: Clip) -> Clip:
    return replace(clip, streams={name: stream for name, stream in clip.streams.items() if name != "fixation"})


def unfelt(clip: Clip) -> Clip:
    return replace(clip, labels=clip.labels[1:]) if clip.key.participant_id == "p2" else clip


def another_person(clip: Clip) -> Clip:
    return replace(clip, key=replace(clip.key, participant_id=f"x{clip.key.participant_id}"))


def test_rates_are_those_of_the_two_builds(full: Path, tmp_path: Path) -> None:
    build = open_slower(full, write_slower(full, tmp_path / "D30"))
    assert build.condition == Condition("rate", 30.0, build=tmp_path / "D30")
    assert build.condition.title == "tracker of 30 Hz"
    assert (build.full_hz, build.without_eyes) == (120.0, ())


def test_the_rate_of_thinned_data_is_the_one_they_were_thinned_to(full: Path, tmp_path: Path) -> None:
    sixty, thirty = (write_slower(full, tmp_path / f"D{rate_hz}", rate_hz=rate_hz) for rate_hz in (60, 30))
    assert open_slower(sixty, thirty).full_hz == 60
    with pytest.raises(UsageError, match="60 Hz are no slower tracker: the data set has 30 Hz"):
        open_slower(thirty, sixty)


def test_the_eyes_are_those_of_the_slower_tracker_and_the_face_is_not(full: Path, tmp_path: Path) -> None:
    dataset, slower = open_dataset(full), open_dataset(write_slower(full, tmp_path / "D30"))
    rows = [7, 2, 9]
    clips = slowed(dataset, slower, rows, streams=STREAMS)
    assert clips.keys == tuple(dataset.keys[row] for row in rows)
    assert clips.samples.equals(dataset.samples[rows])
    for name in ("eye", "fixation"):
        np.testing.assert_array_equal(clips.streams[name], 2 * dataset.streams[name][rows])
    np.testing.assert_array_equal(clips.streams["face"], dataset.streams["face"][rows])
    assert np.array_equal(dataset.streams["eye"][rows] * 2, slower.streams["eye"][rows])


def test_a_clip_without_gaze_at_the_lower_rate_has_its_face_alone(full: Path, tmp_path: Path) -> None:
    path = write_slower(full, tmp_path / "D30", dark=[5])
    (key,) = open_slower(full, path).without_eyes
    assert (key.participant_id, key.stimulus_id) == ("p1", "s2")
    dataset = open_dataset(full)
    rows = [4, 5, 6]
    clips = slowed(dataset, open_dataset(path), rows, streams=STREAMS)
    assert [bool(mask.any()) for mask in clips.masks["eye"]] == [True, False, True]
    assert np.isnan(clips.streams["eye"][1]).all()
    assert np.isnan(clips.streams["fixation"][1]).all()
    np.testing.assert_array_equal(clips.streams["eye"][2], 2 * dataset.streams["eye"][6])
    assert clips.masks["face"].all()
    np.testing.assert_array_equal(clips.streams["face"], dataset.streams["face"][rows])


def test_streams_that_a_model_does_not_read_are_left_out(full: Path, tmp_path: Path) -> None:
    dataset, slower = open_dataset(full), open_dataset(write_slower(full, tmp_path / "D30"))
    assert set(slowed(dataset, slower, [0], streams=("eye",)).streams) == {"eye"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (renamed, "its stream eye is not that of the data set: 7 steps of pupil_l_mm"),
        (shortened, r"its stream fixation is not that of the data set: 5 steps .* not 6 steps"),
        (without_fixations, "its stream fixation is not that of the data set: absent, not 6 steps"),
        (unfelt, "its labels are not those of the data set: felt_emotion3, felt_valence, felt_arousal"),
        (another_person, "12 clips that the data set has not, first r0-0 s0"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    full: Path, tmp_path: Path, change: Callable[[Clip], Clip], says: str
) -> None:
    with pytest.raises(MismatchError, match=says):
        open_slower(full, write_slower(full, tmp_path / "D30", change=change))


def test_other_options_and_another_source_are_refused(full: Path, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="it has cleaning standard, not emer"):
        open_slower(full, write_slower(full, tmp_path / "standard", cleaning="standard"))
    with pytest.raises(MismatchError, match="built from another state of the source"):
        open_slower(full, write_slower(full, tmp_path / "later", source="1" * 16))


def test_a_clip_that_is_missing_for_another_reason_is_refused(full: Path, tmp_path: Path) -> None:
    with pytest.raises(
        MismatchError, match="lacks 2 clips for another reason than that no gaze is left, first r1-0 s0"
    ):
        open_slower(full, write_slower(full, tmp_path / "D30", dark=[5, 3], stage="failed"))


def test_a_data_set_as_recorded_is_no_slower_tracker(full: Path) -> None:
    with pytest.raises(UsageError, match=r"gaze is as recorded(.|\n)*--as-rate 30"):
        open_slower(full, full)
