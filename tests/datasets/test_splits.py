"""Splits hold out what they say, do not depend on the order of rows, and are refused for changed data."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.datasets.split_file import is_intact, read_split, read_split_file, write_split
from emogap.datasets.splits import Cell, Split, load_or_make_split, make_split, target_classes
from emogap.datasets.store import Dataset
from emogap.errors import DataError, MismatchError, UnknownNameError, UsageError
from emogap.types import SampleKey


@dataclass(frozen=True)
class Keys:
    """The least a split needs."""

    keys: tuple[SampleKey, ...]
    fingerprint: str = "f" * 16


def key_of(person: str, stimulus: str, group: str | None = None) -> SampleKey:
    return SampleKey("d", f"r-{person}", person, stimulus, group or f"g-{stimulus}", 0.0, 8.0)


def crossed(num_people: int, num_stimuli: int, *, per_group: int = 1) -> Keys:
    return Keys(
        tuple(
            key_of(f"p{p:02d}", f"s{s:02d}", f"g{s // per_group:02d}")
            for p in range(num_people)
            for s in range(num_stimuli)
        )
    )


def target_of(key: SampleKey, num_classes: int) -> str:
    return f"class{int(key.stimulus_id[1:]) % num_classes}"


def keys_in(data: Keys, rows: tuple[int, ...]) -> set[SampleKey]:
    return {data.keys[row] for row in rows}


def named_cells(data: Keys, split: Split) -> dict[str, tuple[set[SampleKey], ...]]:
    return {
        cell.name: tuple(keys_in(data, rows) for rows in (cell.test, cell.train, cell.validation, cell.unused))
        for cell in split.cells
    }


@st.composite
def tables(draw: st.DrawFn) -> Keys:
    """People who saw some of the stimuli, several stimuli to a group; nobody and nothing is complete."""
    num_people, num_stimuli = draw(st.integers(6, 11)), draw(st.integers(4, 13))
    group = draw(st.lists(st.integers(0, 5), min_size=num_stimuli, max_size=num_stimuli))
    group[:2] = [0, 1]
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    keys = []
    for person in range(num_people):
        seen = {0, 1, *np.flatnonzero(rng.random(num_stimuli) < 0.6).tolist()}
        keys += [key_of(f"p{person}", f"s{s}", f"g{group[s]}") for s in sorted(seen)]
    return Keys(tuple(keys))


NAMES = st.sampled_from(["person", "person+stimulus", "person-thinned"])


@settings(deadline=None, max_examples=40)
@given(tables(), NAMES, st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_order_of_rows_leaves_no_trace(data: Keys, name: str, seed: int, random: object) -> None:
    order = list(range(len(data.keys)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = Keys(tuple(data.keys[row] for row in order))
    one, two = (make_split(table, name, seed=seed, folds=3) for table in (data, shuffled))
    assert named_cells(data, one) == named_cells(shuffled, two)
    assert one.fingerprint == two.fingerprint


@settings(deadline=None, max_examples=40)
@given(tables(), NAMES, st.integers(0, 99))
def test_every_clip_is_tested_once_and_every_cell_accounts_for_all_clips(data: Keys, name: str, seed: int) -> None:
    split = make_split(data, name, seed=seed, folds=3)
    assert sorted(row for cell in split.cells for row in cell.test) == list(range(len(data.keys)))
    for cell in split.cells:
        together = cell.test + cell.train + cell.validation + cell.unused
        assert sorted(together) == list(range(len(data.keys)))


@settings(deadline=None, max_examples=40)
@given(tables(), NAMES, st.integers(0, 99))
def test_nobody_is_on_two_sides(data: Keys, name: str, seed: int) -> None:
    for cell in make_split(data, name, seed=seed, folds=3).cells:
        people = [{data.keys[row].participant_id for row in rows} for rows in (cell.test, cell.train, cell.validation)]
        assert not people[0] & people[1]
        assert not people[0] & people[2]
        assert not people[1] & people[2]


@settings(deadline=None, max_examples=40)
@given(tables(), st.integers(0, 99))
def test_a_blocked_test_clip_is_of_an_unseen_person_and_an_unseen_stimulus(data: Keys, seed: int) -> None:
    for cell in make_split(data, "person+stimulus", seed=seed, folds=3).cells:
        groups = [{data.keys[row].stimulus_group for row in rows} for rows in (cell.test, cell.train + cell.validation)]
        assert not groups[0] & groups[1]


def test_train_is_neither_and_everything_else_is_unused() -> None:
    """5 x 5 folds of 10 people and 10 stimuli: 4 % tested, 64 % to learn from and select on, 32 % unused."""
    data = crossed(10, 10)
    split = make_split(data, "person+stimulus", seed=3)
    assert [cell.name for cell in split.cells] == [f"p{p}s{s}" for p in range(5) for s in range(5)]
    for cell in split.cells:
        assert (len(cell.test), len(cell.train) + len(cell.validation), len(cell.unused)) == (4, 64, 32)


@pytest.mark.parametrize(("num_people", "expected"), [(5, 1), (7, 1), (15, 2), (25, 4)])
def test_a_fifth_of_the_training_people_and_at_least_one_is_selected_on(num_people: int, expected: int) -> None:
    data = crossed(num_people, 6)
    for name in ("person", "person+stimulus"):
        cell = make_split(data, name, seed=1).cells[0]
        assert len({data.keys[row].participant_id for row in cell.validation}) == expected


def test_both_splits_hold_out_the_same_people_and_select_on_the_same() -> None:
    data = crossed(16, 9)
    person = {cell.person_fold: cell for cell in make_split(data, "person", seed=5).cells}
    for cell in make_split(data, "person+stimulus", seed=5).cells:
        for rows in ("test", "validation"):
            blocked = {data.keys[row].participant_id for row in getattr(cell, rows)}
            assert blocked == {data.keys[row].participant_id for row in getattr(person[cell.person_fold], rows)}


def test_clips_are_dealt_nearly_evenly_though_people_have_unequal_numbers() -> None:
    clips = dict(
        zip((f"p{n:02d}" for n in range(17)), [40, 3, 17, 9, 9, 9, 25, 1, 30, 12, 12, 8, 5, 5, 21, 2, 7], strict=True)
    )
    data = Keys(tuple(key_of(person, f"s{s}") for person, number in clips.items() for s in range(number)))
    sizes = [len(cell.test) for cell in make_split(data, "person", seed=0).cells]
    assert sum(sizes) == sum(clips.values())
    assert max(sizes) - min(sizes) <= 3


def test_another_seed_deals_other_people() -> None:
    data = crossed(16, 4)
    first, second = (make_split(data, "person", seed=seed) for seed in (0, 1))
    assert named_cells(data, first) != named_cells(data, second)
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize("seed", range(4))
def test_stimuli_are_dealt_evenly_over_target_classes(seed: int) -> None:
    """14 stimuli of 3 classes (5, 5 and 4) in 5 folds: no fold has two of a class, one fold lacks the third."""
    data = crossed(6, 14)
    strata = [target_of(key, 3) for key in data.keys]
    split = make_split(data, "person+stimulus", seed=seed, strata=strata)
    stimuli = defaultdict(set)
    for cell in split.cells:
        stimuli[cell.stimulus_fold] |= {data.keys[row].stimulus_id for row in cell.test}
    for held in stimuli.values():
        counts = Counter(int(stimulus[1:]) % 3 for stimulus in held)
        assert max(counts.values()) == 1
        assert 2 <= len(held) <= 3
    assert any("do not allow equal folds" in note and "class2" in note for note in split.notes)


def test_stimuli_that_do_allow_it_are_not_remarked_upon() -> None:
    data = crossed(6, 15)
    assert not make_split(data, "person+stimulus", seed=0, strata=[target_of(key, 3) for key in data.keys]).notes


def test_a_group_that_holds_several_classes_is_balanced_too() -> None:
    """Twelve groups of three stimuli, one of each class: any deal of whole groups is even."""
    data = crossed(6, 36, per_group=3)
    split = make_split(data, "person+stimulus", seed=2, folds=4, strata=[target_of(key, 3) for key in data.keys])
    assert not split.notes
    assert {len(cell.test) for cell in split.cells if cell.person_fold == 2} == {9}


def test_fewer_stimulus_groups_than_folds_make_fewer_stimulus_folds() -> None:
    split = make_split(crossed(7, 6, per_group=2), "person+stimulus", seed=0)
    assert {cell.stimulus_fold for cell in split.cells} == {0, 1, 2}
    assert any("3 stimulus groups" in note for note in split.notes)


def test_the_diagonal_is_a_part_of_all_cells_with_the_same_fingerprint() -> None:
    data = crossed(10, 10)
    everything = make_split(data, "person+stimulus", seed=0)
    diagonal = make_split(data, "person+stimulus", seed=0, cells="diagonal")
    assert [cell.name for cell in diagonal.cells] == ["p0s0", "p1s1", "p2s2", "p3s3", "p4s4"]
    assert set(diagonal.cells) <= set(everything.cells)
    assert diagonal.fingerprint == everything.fingerprint
    assert len(make_split(data, "person", seed=0, cells="diagonal").cells) == 5


def test_thinning_keeps_the_test_clips_the_people_and_their_numbers_of_clips() -> None:
    data = crossed(11, 9)
    blocked, thinned = (make_split(data, name, seed=4) for name in ("person+stimulus", "person-thinned"))

    def clips_per_person(cell: Cell, role: str) -> Counter[str]:
        return Counter(data.keys[row].participant_id for row in getattr(cell, role))

    for one, two in zip(blocked.cells, thinned.cells, strict=True):
        assert (one.name, one.test) == (two.name, two.test)
        for role in ("train", "validation"):
            assert clips_per_person(one, role) == clips_per_person(two, role)
    held_out = {data.keys[row].stimulus_group for row in thinned.cells[0].test}
    assert held_out & {data.keys[row].stimulus_group for row in thinned.cells[0].train}


def test_official_folds_are_taken_as_they_are_and_what_is_odd_is_said() -> None:
    data = crossed(7, 5)
    official = [f"set{(row % 3) + 1}" if row else None for row in range(35)]
    split = make_split(data, "official", seed=0, official=official)
    assert [cell.name for cell in split.cells] == ["set1", "set2", "set3"]
    assert split.cells[1].test == tuple(range(1, 35, 3))
    assert 0 in split.cells[0].unused
    assert any("7 participants are in more than one official fold" in note for note in split.notes)
    assert any("1 clip is in no official fold" in note for note in split.notes)


def test_a_participant_with_one_clip_is_used_and_mentioned() -> None:
    data = Keys((*crossed(6, 5).keys, key_of("p99", "s01", "g01")))
    split = make_split(data, "person+stimulus", seed=0)
    assert any("single clip: p99" in note for note in split.notes)
    assert sorted(row for cell in split.cells for row in cell.test) == list(range(31))


def test_a_cell_without_a_test_clip_is_left_out_and_named() -> None:
    """Five people in five folds, one of whom saw two stimuli of five."""
    data = Keys(tuple(key for key in crossed(5, 5).keys if key.participant_id != "p03" or key.stimulus_id < "s02"))
    split = make_split(data, "person+stimulus", seed=0)
    assert len(split.cells) == 22
    assert any("no clip to test in the cells" in note for note in split.notes)


@pytest.mark.parametrize(
    ("data", "name", "folds", "message"),
    [
        (crossed(4, 6), "person", 5, "4 people cannot be dealt into 5 folds"),
        (crossed(2, 6), "person", 2, "2 people are too few"),
        (crossed(4, 6), "person", 1, "at least 2 folds"),
        (crossed(6, 3, per_group=3), "person+stimulus", 5, "one stimulus group"),
        (crossed(6, 3), "official", 5, "no official folds"),
        (Keys(()), "person", 5, "0 people"),
    ],
)
def test_what_cannot_be_split_is_refused_with_a_remedy(data: Keys, name: str, folds: int, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        make_split(data, name, seed=0, folds=folds)
    assert caught.value.fix


def test_a_blocked_cell_with_nobody_left_to_train_on_is_refused() -> None:
    """Everybody saw only the first stimulus, but for one who saw both."""
    data = Keys((*(key_of(f"p{n}", "s0") for n in range(6)), key_of("p5", "s1")))
    with pytest.raises(UsageError, match=r"leaves \d clips of \d participants"):
        make_split(data, "person+stimulus", seed=0, folds=3)


def test_an_unknown_split_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"person\+stimulus"):
        make_split(crossed(6, 6), "person-stimulus", seed=0)


def test_the_same_key_twice_is_refused() -> None:
    data = crossed(6, 3)
    with pytest.raises(DataError, match="same key"):
        make_split(Keys((*data.keys, data.keys[4])), "person", seed=0)


def test_a_stimulus_of_two_target_classes_is_refused() -> None:
    data = crossed(6, 4)
    with pytest.raises(UsageError, match="s00 has the target classes 'a' and 'b'"):
        make_split(data, "person+stimulus", seed=0, strata=["a"] + ["b"] * 23)


def test_a_clip_without_a_target_belongs_to_the_class_of_its_stimulus() -> None:
    data = crossed(6, 5)
    strata = [target_of(key, 5) for key in data.keys]
    whole = make_split(data, "person+stimulus", seed=0, strata=strata)
    assert make_split(data, "person+stimulus", seed=0, strata=["", *strata[1:]]) == whole


def test_a_stored_split_comes_back(tmp_path: Path) -> None:
    data = crossed(7, 6)
    split = make_split(data, "person+stimulus", seed=2)
    write_split(tmp_path / "s.json", split, data)
    assert read_split(tmp_path / "s.json", data, name="person+stimulus", seed=2) == split


def test_a_stored_split_finds_its_clips_in_another_order_of_rows(tmp_path: Path) -> None:
    data = crossed(7, 6)
    split = make_split(data, "person+stimulus", seed=2)
    write_split(tmp_path / "s.json", split, data)
    turned = Keys(data.keys[::-1])
    assert named_cells(turned, read_split(tmp_path / "s.json", turned, name="person+stimulus", seed=2)) == named_cells(
        data, split
    )


def test_changed_data_under_a_stored_split_are_refused(tmp_path: Path) -> None:
    data = crossed(7, 6)
    write_split(tmp_path / "s.json", make_split(data, "person", seed=0), data)
    with pytest.raises(MismatchError, match=r"f{16}.*0{16}") as caught:
        read_split(tmp_path / "s.json", replace(data, fingerprint="0" * 16), name="person", seed=0)
    assert "move the file away" in str(caught.value)


def test_an_edited_split_is_refused(tmp_path: Path) -> None:
    data, path = crossed(7, 6), tmp_path / "s.json"
    write_split(path, make_split(data, "person", seed=0), data)
    content = json.loads(path.read_text())
    content["cells"][0]["train"].append(content["cells"][0]["test"].pop())
    path.write_text(json.dumps(content))
    assert not is_intact(read_split_file(path))
    with pytest.raises(DataError, match="changed after it was made"):
        read_split(path, data, name="person", seed=0)


def test_a_split_under_another_name_is_refused(tmp_path: Path) -> None:
    data = crossed(7, 6)
    write_split(tmp_path / "s.json", make_split(data, "person", seed=0), data)
    with pytest.raises(MismatchError, match="person of seed 0"):
        read_split(tmp_path / "s.json", data, name="person", seed=1)


@pytest.mark.parametrize("content", ["", "{", '{"schema": 2}', '{"schema": 1, "cells": 3}', "[1]", "\x00"])
def test_a_damaged_split_is_refused_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(DataError, match="split"):
        read_split_file(tmp_path / "s.json")


def stored_dataset(dataset: Dataset, data: Keys, columns: dict[str, list[object]]) -> Dataset:
    """`dataset` with the samples of `data`; its folder is what counts here."""
    samples = pl.DataFrame({"row": list(range(len(data.keys)))} | columns)
    return replace(dataset, keys=data.keys, samples=samples, fingerprint=data.fingerprint)


def test_a_split_is_stored_in_the_data_set_and_read_from_there(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = stored_dataset(hand_dataset(), crossed(7, 6), {})
    split = load_or_make_split(dataset, "person+stimulus", seed=0, cells="diagonal")
    stored = dataset.path / "splits" / "person+stimulus-0.json"
    assert json.loads(stored.read_text())["fingerprint"] == split.fingerprint
    before = stored.stat().st_mtime_ns
    assert load_or_make_split(dataset, "person+stimulus", seed=0, cells="diagonal") == split
    assert stored.stat().st_mtime_ns == before
    assert len(load_or_make_split(dataset, "person+stimulus", seed=0).cells) == 25


def test_another_number_of_folds_is_another_file(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = stored_dataset(hand_dataset(), crossed(7, 6), {})
    assert len(load_or_make_split(dataset, "person", seed=0).cells) == 5
    assert len(load_or_make_split(dataset, "person", seed=0, folds=3).cells) == 3
    assert (dataset.path / "splits" / "person-0-3folds.json").is_file()


def test_stimuli_are_dealt_over_the_target_view_and_no_other(hand_dataset: Callable[..., Dataset]) -> None:
    data = crossed(6, 5)
    target = [[float(key.stimulus_id == "s03"), float(key.stimulus_id != "s03"), 0.0] for key in data.keys]
    target[0] = None
    felt = [[1.0, 0.0, 0.0]] * 30
    dataset = stored_dataset(hand_dataset(), data, {"felt_emotion3": felt, "target_emotion3": target})
    assert (
        target_classes(dataset)
        == ("", "negative", "negative", "positive", "negative") + (("negative",) * 3 + ("positive", "negative")) * 5
    )
    assert target_classes(stored_dataset(hand_dataset("E"), data, {"felt_emotion3": felt})) is None


ROLES = ["train", "train", "valid", "test", "train", None, "test"]
"""Of each person's clips; seven stimuli."""


def test_a_published_split_is_one_cell_with_its_own_validation_clips() -> None:
    data = crossed(5, 7)
    split = make_split(data, "official", seed=0, official=ROLES * 5)
    (cell,) = split.cells
    assert (cell.name, split.folds) == ("test", 1)
    given = {role: {row for row in range(35) if ROLES[row % 7] == role} for role in ("train", "valid", "test", None)}
    assert [set(rows) for rows in (cell.train, cell.validation, cell.test, cell.unused)] == list(given.values())
    assert "5 participants are in more than one official fold, first p00" in split.notes
    assert "5 clips are in no official fold: not used" in split.notes


def test_a_published_split_without_validation_selects_on_training_people() -> None:
    data = crossed(10, 3)
    split = make_split(data, "official", seed=0, official=["test" if row < 6 else "train" for row in range(30)])
    (cell,) = split.cells
    assert cell.test == tuple(range(6))
    people = [{data.keys[row].participant_id for row in rows} for rows in (cell.train, cell.validation)]
    assert [len(names) for names in people] == [6, 2]
    assert not people[0] & people[1]


def test_a_published_split_without_training_clips_is_refused() -> None:
    with pytest.raises(UsageError, match="no clip has the role train"):
        make_split(crossed(4, 2), "official", seed=0, official=["valid", "test"] * 4)


def test_official_folds_are_a_column_of_the_samples(hand_dataset: Callable[..., Dataset]) -> None:
    folds = [str(row % 2) for row in range(30)]
    dataset = stored_dataset(hand_dataset(), crossed(6, 5), {"official_fold": folds})
    assert [cell.name for cell in load_or_make_split(dataset, "official", seed=0).cells] == ["0", "1"]
    assert (dataset.path / "splits" / "official-0.json").is_file()


def test_people_whom_nobody_knows_are_not_held_out() -> None:
    known, keys = crossed(6, 4), crossed(6, 4).keys
    unknown = Keys((*keys[:-1], replace(keys[-1], participant_id="unknown-7")))
    assert make_split(known, "person", seed=0).cells
    for name in ("person", "person+stimulus", "person-thinned"):
        with pytest.raises(UsageError, match="people"):
            make_split(unknown, name, seed=0)


def test_stimuli_that_nobody_knows_are_not_held_out_while_people_are() -> None:
    keys = crossed(6, 4).keys
    unknown = Keys((*keys[:-1], replace(keys[-1], stimulus_group="unknown-7")))
    assert make_split(unknown, "person", seed=0).cells
    with pytest.raises(UsageError, match="stimuli"):
        make_split(unknown, "person+stimulus", seed=0)
