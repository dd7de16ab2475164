"""Holding clips out so that what is tested was not seen: by person, and by person and stimulus.

Splits are data: computed from sorted keys, stored in the data set's folder ``splits/`` with the fingerprint of
the samples they were made for, and refused when the samples have changed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from emogap.counted_nouns import counted
from emogap.datasets.cells import SPLITS, Cell, Keyed, Split, WhichCells
from emogap.datasets.dealing import deal_people, deal_stimulus_groups, strata_note, validation_people
from emogap.datasets.labels import label_array
from emogap.datasets.split_file import read_split, split_fingerprint, split_path, write_split
from emogap.datasets.store import OFFICIAL_COLUMN, Dataset
from emogap.datasets.unknown_ids import are_people_known, are_stimuli_known
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.types import LabelView, SampleKey, vocabulary

__all__ = ["SPLITS", "Cell", "Split", "load_or_make_split", "make_split", "official_folds", "target_classes"]

OFFICIAL_ROLES = ("train", "valid", "test")
"""What stands in the place of folds where the authors of a data set published a single split."""

THINNING = 3
"""Stream of random numbers of the thinning; 0 to 2 are those of :mod:`emogap.datasets.dealing`."""


def load_or_make_split(dataset: Dataset, name: str, *, seed: int, folds: int = 5, cells: WhichCells = "all") -> Split:
    """The split stored in the data set's folder, made and stored there if it is not.

    Stimuli are dealt over the target classes of the data set, never over the labels of a protocol, so that all
    protocols are scored on the same cells.

    Parameters
    ----------
    dataset : Dataset
    name : str
        ``person``, ``person+stimulus``, ``person-thinned`` or ``official``.
    seed : int
    folds : int
        Folds of people.
    cells : WhichCells
        The file always holds all cells; this says which are returned.

    Raises
    ------
    MismatchError
        If the stored split was made for other samples.
    DataError
        If the stored split is damaged.
    UsageError
        If the split cannot be made of these data; see :func:`make_split`.
    OutputError
        If it cannot be stored.
    """
    path = split_path(dataset.path, name, seed=seed, folds=folds)
    if path.is_file():
        return read_split(path, dataset, name=name, seed=seed).restricted(cells)
    split = make_split(
        dataset,
        name,
        seed=seed,
        folds=folds,
        strata=target_classes(dataset),
        official=official_folds(dataset) if name == "official" else None,
    )
    write_split(path, split, dataset)
    return split.restricted(cells)


def make_split(
    data: Keyed,
    name: str,
    *,
    seed: int,
    folds: int = 5,
    cells: WhichCells = "all",
    strata: Sequence[str] | None = None,
    official: Sequence[str | None] | None = None,
) -> Split:
    """The split `name` of `data`; the same for the same keys, in whatever order they come.

    Parameters
    ----------
    data : Keyed
        A data set, or anything else with `keys` and a `fingerprint`.
    name : str
    seed : int
    folds : int
    cells : WhichCells
    strata : sequence of str, optional
        Target class of each row's stimulus (empty = none); stimuli are dealt evenly over them.
    official : sequence of str or None, optional
        For ``official``: the given fold of each row; None = never tested nor trained on. Or its role in a single
        split, ``train``, ``valid`` or ``test``: then there is one cell, ``test``, and the epoch is selected on the
        clips of ``valid``; without any, on 20 % of the training people.

    Returns
    -------
    Split
        ``person``: `folds` cells ``p0``.. of people. ``person+stimulus``: cells ``p0s0``.. of people by stimulus
        groups; a clip of a held-out person with a seen stimulus, or of a seen person with a held-out stimulus,
        is unused. ``person-thinned``: the test clips of ``person+stimulus``; training on every stimulus, but each
        person keeps only as many clips, drawn at random, as in the blocked training set. The epoch is always
        selected on the clips of 20 % of the training people, who are not trained on.

    Raises
    ------
    UnknownNameError
        If there is no such split.
    UsageError
        If there are too few people or stimulus groups, no official folds, or nothing left to train on; or if people
        or stimuli are to be held out and it is not known of every clip whose it is.
    DataError
        If two samples have the same key.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> people, stimuli = [f"p{number}" for number in range(5)], [f"s{number}" for number in range(4)]
    >>> keys = tuple(SampleKey("d", p, p, s, s, 0.0, 8.0) for p in people for s in stimuli)
    >>> split = make_split(SimpleNamespace(keys=keys, fingerprint="f"), "person+stimulus", seed=0)
    >>> len(split.cells), [len(rows) for rows in (split.cells[0].train, split.cells[0].validation)]
    (20, [9, 3])
    >>> [keys[row].participant_id for row in split.cells[0].test]
    ['p0']
    """
    if name not in SPLITS:
        raise UnknownNameError("split", name, SPLITS)
    _require_known(data.keys, name)
    rows = _sorted_rows(data.keys)
    keys = [data.keys[row] for row in rows]
    reordered = [strata[row] for row in rows] if strata is not None else None
    if name == "official":
        found, notes = _official_cells(keys, [official[row] for row in rows] if official else None, seed=seed)
        folds = len(found)
    elif name == "person":
        found, notes = _person_cells(keys, folds=folds, seed=seed), []
    else:
        found, notes = _blocked_cells(keys, reordered, folds=folds, seed=seed)
        if name == "person-thinned":
            found = [_thinned(cell, keys, seed=seed) for cell in found]
    split = Split(
        name=name,
        seed=seed,
        folds=folds,
        cells=tuple(_in_rows(cell, rows) for cell in found),
        notes=(*notes, *_notes_on_people(keys)),
        data_fingerprint=data.fingerprint,
        fingerprint="",
    )
    return replace(split, fingerprint=split_fingerprint(split, data)).restricted(cells)


def _require_known(keys: Sequence[SampleKey], name: str) -> None:
    """Refuse to hold out people or stimuli of whom nobody knows which clips are theirs."""
    if name == "official":
        return
    needed = [("people", are_people_known(keys))]
    if name != "person":
        needed.append(("stimuli", are_stimuli_known(keys)))
    unknown = [what for what, is_known in needed if not is_known]
    if unknown:
        raise UsageError(
            f"the split '{name}' holds out {' and '.join(unknown)}, and of some clips these are not known",
            fix="say whose clips they are and build the data set again, or use --splits official",
        )


def target_classes(dataset: Dataset) -> tuple[str, ...] | None:
    """Target class of each row's stimulus: emotion7 where the data have it, else emotion3, else None."""
    for space in ("emotion7", "emotion3"):
        share = label_array(dataset, LabelView.TARGET, "class", space)
        known = np.isfinite(share).all(axis=1)
        if known.any():
            words = vocabulary(space)
            return tuple(
                words[int(row.argmax())] if is_known else "" for row, is_known in zip(share, known, strict=True)
            )
    return None


def official_folds(dataset: Dataset) -> tuple[str | None, ...] | None:
    """The fold that the authors of the data tested each clip in; None if they gave none."""
    if OFFICIAL_COLUMN not in dataset.samples.columns:
        return None
    return tuple(None if fold is None else str(fold) for fold in dataset.samples[OFFICIAL_COLUMN].to_list())


@dataclass(frozen=True, slots=True)
class _Held:
    """What a cell holds out, over positions in the sorted keys."""

    is_test: Callable[[SampleKey], bool]
    is_seen: Callable[[SampleKey], bool]


def _person_cells(keys: Sequence[SampleKey], *, folds: int, seed: int) -> list[Cell]:
    fold_of = deal_people(keys, folds=folds, seed=seed)

    def held(fold: int) -> _Held:
        return _Held(lambda key: fold_of[key.participant_id] == fold, lambda key: fold_of[key.participant_id] != fold)

    return [_cell(f"p{fold}", keys, held(fold), seed=seed, person_fold=fold) for fold in range(folds)]


def _blocked_cells(
    keys: Sequence[SampleKey], strata: Sequence[str] | None, *, folds: int, seed: int
) -> tuple[list[Cell], list[str]]:
    person_fold = deal_people(keys, folds=folds, seed=seed)
    group_fold = deal_stimulus_groups(keys, folds=folds, seed=seed, strata=strata)
    num_groups, num_stimulus_folds = len(group_fold), max(group_fold.values()) + 1

    def held(person: int, stimulus: int) -> _Held:
        def folds_of(key: SampleKey) -> tuple[bool, bool]:
            return person_fold[key.participant_id] == person, group_fold[key.stimulus_group] == stimulus

        return _Held(lambda key: all(folds_of(key)), lambda key: not any(folds_of(key)))

    made = [
        _cell(f"p{p}s{s}", keys, held(p, s), seed=seed, person_fold=p, stimulus_fold=s)
        for p in range(folds)
        for s in range(num_stimulus_folds)
    ]
    empty = [cell.name for cell in made if not cell.test]
    notes = [f"no clip to test in the cells {', '.join(empty)}: they are left out"] if empty else []
    if num_stimulus_folds < folds:
        notes.append(f"there are {num_groups} stimulus groups, so that there are {num_stimulus_folds} stimulus folds")
    uneven = strata_note(keys, group_fold, strata) if strata is not None else None
    return [cell for cell in made if cell.test], notes + ([uneven] if uneven else [])


def _official_cells(
    keys: Sequence[SampleKey], official: Sequence[str | None] | None, *, seed: int
) -> tuple[list[Cell], list[str]]:
    if official is None or not any(official):
        raise UsageError(
            "the data have no official folds: their authors published none, or the build did not read them",
            fix="use the split 'person' or 'person+stimulus'",
        )
    names = sorted({name for name in official if name is not None})
    bad = [name for name in names if not (name.isascii() and name.isalnum())]
    if bad or len(names) < 2:
        raise UsageError(
            f"official folds must be at least two, named by letters and digits, got {', '.join(names)}",
            fix=f"correct the column {OFFICIAL_COLUMN}",
        )
    fold_of = dict(zip(keys, official, strict=True))
    if "test" in names and set(names) <= set(OFFICIAL_ROLES):
        return [_role_cell(keys, official, seed=seed)], _notes_on_folds(fold_of)

    def held(name: str) -> _Held:
        return _Held(lambda key: fold_of[key] == name, lambda key: fold_of[key] not in (name, None))

    cells = [_cell(name, keys, held(name), seed=seed, order=position) for position, name in enumerate(names)]
    return cells, _notes_on_folds(fold_of)


def _role_cell(keys: Sequence[SampleKey], official: Sequence[str | None], *, seed: int) -> Cell:
    """The one cell of a published split into ``train``, ``valid`` and ``test``; people may be on several sides."""
    rows = {role: tuple(row for row, given in enumerate(official) if given == role) for role in OFFICIAL_ROLES}
    if not rows["train"]:
        raise UsageError("no clip has the role train", fix=f"correct the column {OFFICIAL_COLUMN}")
    if not rows["valid"]:
        role_of = dict(zip(keys, official, strict=True))
        held = _Held(lambda key: role_of[key] == "test", lambda key: role_of[key] == "train")
        return _cell("test", keys, held, seed=seed)
    return Cell(
        name="test",
        test=rows["test"],
        train=rows["train"],
        validation=rows["valid"],
        unused=_others(len(keys), *rows.values()),
    )


def _notes_on_folds(fold_of: Mapping[SampleKey, str | None]) -> list[str]:
    """Who is in several official folds, and how many clips are in none."""
    folds_of_person: dict[str, set[str]] = defaultdict(set)
    for key, fold in fold_of.items():
        if fold is not None:
            folds_of_person[key.participant_id].add(fold)
    shared = sorted(person for person, folds in folds_of_person.items() if len(folds) > 1)
    notes = []
    if shared:
        notes.append(f"{counted(len(shared), 'participant', 'is')} in more than one official fold, first {shared[0]}")
    missing = sum(fold is None for fold in fold_of.values())
    if missing:
        notes.append(f"{counted(missing, 'clip', 'is')} in no official fold: not used")
    return notes


def _cell(
    name: str,
    keys: Sequence[SampleKey],
    held: _Held,
    *,
    seed: int,
    person_fold: int | None = None,
    stimulus_fold: int | None = None,
    order: int = 0,
) -> Cell:
    """The cell that holds out `held`; rows are positions in the sorted keys."""
    test = [row for row, key in enumerate(keys) if held.is_test(key)]
    seen = [row for row, key in enumerate(keys) if held.is_seen(key)]
    people = sorted({keys[row].participant_id for row in seen})
    if test and len(people) < 2:
        raise UsageError(
            f"the cell {name} leaves {counted(len(seen), 'clip')} of {counted(len(people), 'participant')}; at"
            " least two participants are"
            " needed, to train and to select the epoch on",
            fix="use fewer folds, or the split 'person'",
        )
    selecting = validation_people(people, seed=seed, fold=order if person_fold is None else person_fold)
    return Cell(
        name=name,
        test=tuple(test),
        train=tuple(row for row in seen if keys[row].participant_id not in selecting),
        validation=tuple(row for row in seen if keys[row].participant_id in selecting),
        unused=_others(len(keys), test, seen),
        person_fold=person_fold,
        stimulus_fold=stimulus_fold,
    )


def _thinned(cell: Cell, keys: Sequence[SampleKey], *, seed: int) -> Cell:
    """The same people and numbers of clips as the blocked `cell`, drawn from all stimuli."""
    assert cell.person_fold is not None
    assert cell.stimulus_fold is not None
    rng = np.random.default_rng([seed, THINNING, cell.person_fold, cell.stimulus_fold])
    clips_of: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        clips_of[key.participant_id].append(row)

    def thin(rows: tuple[int, ...]) -> tuple[int, ...]:
        number = Counter(keys[row].participant_id for row in rows)
        kept = [rng.choice(clips_of[person], number[person], replace=False) for person in sorted(number)]
        return tuple(sorted(np.concatenate(kept).tolist())) if kept else ()

    train, validation = thin(cell.train), thin(cell.validation)
    return replace(cell, train=train, validation=validation, unused=_others(len(keys), cell.test, train, validation))


def _sorted_rows(keys: Sequence[SampleKey]) -> list[int]:
    """Rows in the order of their keys."""
    rows = sorted(range(len(keys)), key=lambda row: keys[row])
    for before, after in pairwise(rows):
        if keys[before] == keys[after]:
            raise DataError(
                f"two samples have the same key {keys[after]}",
                where=f"rows {min(before, after)} and {max(before, after)}",
                fix="build the data set again without the copy",
            )
    return rows


def _in_rows(cell: Cell, rows: Sequence[int]) -> Cell:
    """`cell` over rows of the data set instead of positions in the sorted keys."""

    def moved(positions: Iterable[int]) -> tuple[int, ...]:
        return tuple(rows[position] for position in positions)

    return replace(
        cell,
        test=moved(cell.test),
        train=moved(cell.train),
        validation=moved(cell.validation),
        unused=moved(cell.unused),
    )


def _others(number: int, *taken: Iterable[int]) -> tuple[int, ...]:
    known = {row for rows in taken for row in rows}
    return tuple(row for row in range(number) if row not in known)


def _notes_on_people(keys: Sequence[SampleKey]) -> list[str]:
    if not are_people_known(keys):
        return [
            "nobody knows who the people are: people may be on both sides, every clip counts as a person of its own,"
            " and intervals and tests, which are about people, are too narrow"
        ]
    clips = Counter(key.participant_id for key in keys)
    single = sorted(person for person, number in clips.items() if number == 1)
    return [f"{counted(len(single), 'participant', 'has')} a single clip: {', '.join(single[:5])}"] if single else []
