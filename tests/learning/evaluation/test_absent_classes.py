"""Classes that cells lack, counted by hand on the small study."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split, make_split
from emogap.datasets.store import Dataset, open_dataset
from emogap.learning.evaluation.absent_classes import absent_classes
from emogap.learning.evaluation.protocols import open_protocol
from emogap.types import LabelView, vocabulary
from tests.learning.evaluation.small_study import write_small_dataset

WORDS = vocabulary("emotion3")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_dataset(write_small_dataset(tmp_path_factory.mktemp("study")))


@pytest.fixture
def without(dataset: Dataset) -> Callable[..., Split]:
    """The five folds of people, without the clips of a class in one part of some cells."""
    words = label_array(dataset, LabelView.FELT, "class", "emotion3").argmax(axis=1)

    def make(word: int, side: str, cells: tuple[int, ...], name: str = "person") -> Split:
        split = make_split(dataset, "person", seed=0, folds=5)
        changed = list(split.cells)
        for at in cells:
            kept = tuple(row for row in getattr(changed[at], side) if words[row] != word)
            changed[at] = replace(changed[at], **{side: kept})
        return replace(split, cells=tuple(changed), name=name)

    return make


def test_a_split_says_in_one_sentence_what_its_cells_lack(dataset: Dataset, without: Callable[..., Split]) -> None:
    er3 = open_protocol("er3")
    (note,) = absent_classes(dataset, er3, [without(1, "train", (0, 3))])
    assert note == f"er3, split person (seed 0): of 5 cells, the training clips lack {WORDS[1]} in 2."
    (note,) = absent_classes(dataset, er3, [without(2, "test", (4,))])
    assert note == f"er3, split person (seed 0): of 5 cells, the test clips lack {WORDS[2]} in 1."


def test_the_test_clips_of_thinned_training_sets_are_told_once(dataset: Dataset, without: Callable[..., Split]) -> None:
    assert absent_classes(dataset, open_protocol("er3"), [without(0, "test", (1,), "person-thinned")]) == ()
    (note,) = absent_classes(dataset, open_protocol("er3"), [without(0, "train", (1,), "person-thinned")])
    assert "person-thinned" in note


def test_whole_folds_and_values_have_nothing_to_say(dataset: Dataset) -> None:
    split = make_split(dataset, "person", seed=0, folds=5)
    assert absent_classes(dataset, open_protocol("er3"), [split]) == ()
    assert absent_classes(dataset, open_protocol("er-va"), [split]) == ()
