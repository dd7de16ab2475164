"""Nobody is on two sides, and nobody is tested whom pre-training saw."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import MismatchError, UnknownNameError, UsageError
from emogap.learning.finetuning.index_windows import windows_of_index
from emogap.learning.finetuning.people import split_people
from emogap.learning.finetuning.question import LABEL_FILE_QUESTIONS
from emogap.learning.finetuning.windows import LabelledWindows
from tests.learning.finetuning.miniature import index_of, small_pretrained, videos_of, write_labels

PEOPLE = [str(number) for number in range(100, 110)]


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> LabelledWindows:
    videos = videos_of("vad", num_people=10, num_videos=1)
    path = write_labels(tmp_path_factory.mktemp("people") / "l.json", videos)
    return windows_of_index(index_of(videos), path, LABEL_FILE_QUESTIONS["vad"], window_frames=30)


def named(windows: LabelledWindows, rows: np.ndarray) -> set[str]:
    return {windows.people[row] for row in rows}


def test_every_window_is_on_one_side_and_no_person_on_two(windows: LabelledWindows) -> None:
    split = split_people(windows, small_pretrained())
    sides = [named(windows, rows) for rows in (split.training, split.validation, split.test)]
    assert [len(side) for side in sides] == [6, 2, 2]
    assert set.union(*sides) == set(PEOPLE)
    rows = np.concatenate([split.training, split.validation, split.test])
    assert sorted(rows.tolist()) == list(range(windows.num_windows))


def test_the_seed_decides_who_is_tested(windows: LabelledWindows) -> None:
    drawn = [named(windows, split_people(windows, small_pretrained(), seed=seed).test) for seed in (0, 0, 1, 2, 3)]
    assert drawn[0] == drawn[1]
    assert len({frozenset(names) for names in drawn}) > 1


def test_a_test_person_seen_in_pretraining_is_refused(windows: LabelledWindows) -> None:
    with pytest.raises(MismatchError, match="the first is 103 of miniature"):
        split_people(windows, small_pretrained(seen=["103", "104"]), test=["103", "105"])


def test_test_people_are_drawn_from_those_whom_pretraining_did_not_see(windows: LabelledWindows) -> None:
    for seed in range(5):
        split = split_people(windows, small_pretrained(seen=PEOPLE[:8]), seed=seed)
        assert named(windows, split.test) == {"108", "109"}


def test_pretraining_that_saw_nearly_everybody_leaves_nobody_to_test(windows: LabelledWindows) -> None:
    with pytest.raises(MismatchError, match="1 of 10 labelled people are certain") as caught:
        split_people(windows, small_pretrained(seen=PEOPLE[1:]))
    assert caught.value.fix is not None
    assert "--held-out 100,101" in caught.value.fix


@pytest.mark.parametrize("test", [None, ["101"]])
def test_a_pretraining_of_unknown_people_tests_nobody(windows: LabelledWindows, test: list[str] | None) -> None:
    with pytest.raises(MismatchError):
        split_people(windows, small_pretrained(people_known=False), test=test)
    split = split_people(windows, small_pretrained(people_known=False), test=[])
    assert not len(split.test)
    assert len(named(windows, split.training)) == 8


def test_people_of_other_data_with_the_same_ids_are_other_people(windows: LabelledWindows) -> None:

    other = dataclasses.replace(small_pretrained(), training_people=(("elsewhere", "103"),))
    assert named(windows, split_people(windows, other, test=["103", "104"]).test) == {"103", "104"}


def test_a_person_without_a_labelled_window_cannot_be_tested(windows: LabelledWindows) -> None:
    with pytest.raises(UnknownNameError, match="no labelled participant named '1030'"):
        split_people(windows, small_pretrained(), test=["1030"])


def test_somebody_must_train_and_somebody_validate(windows: LabelledWindows) -> None:
    with pytest.raises(UsageError, match="1 of 10 people are left when 9 are tested"):
        split_people(windows, small_pretrained(), test=PEOPLE[1:])
