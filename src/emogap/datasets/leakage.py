"""Naming every leak: what a model could know of a test clip without having earned it.

What it gives are :class:`~emogap.datasets.findings.Finding`; an audit never stops at the first leak.

Read with ``copies`` (recordings that are there twice) and ``run_audit`` (what a finished run did).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.datasets.cells import Keyed, Split
from emogap.datasets.copies import Copies, find_copies
from emogap.datasets.findings import Audit, Finding, Severity, Sides
from emogap.datasets.split_file import is_intact, parse_split, read_split_file
from emogap.datasets.store import Dataset
from emogap.datasets.unknown_ids import are_people_known, are_stimuli_known
from emogap.errors import MismatchError
from emogap.types import SampleKey

__all__ = [
    "audit_dataset",
    "audit_sides",
    "audit_split",
    "audit_split_file",
    "sides_of",
]

TESTED_AND_LEARNT = "test and in training or validation"
"""What must not be on both sides of a split."""

NAMED = 4
"""Names that a finding lists before it says how many more there are."""


def audit_dataset(dataset: Dataset, *, copies: Copies | None = None) -> Audit:
    """Leaks that any split of the data set would inherit: people under two names.

    Parameters
    ----------
    dataset : Dataset
    copies : Copies, optional
        The result of :func:`emogap.datasets.copies.find_copies`, if it is there already.
    """
    people = {key.participant_id for key in dataset.keys}
    groups = {key.stimulus_group for key in dataset.keys}
    stimuli = {key.stimulus_id for key in dataset.keys}
    return Audit(
        dataset.name,
        f"data set {dataset.name}: {counted(len(dataset.keys), 'clip')} of {counted(len(people), 'person')}"
        f" with {counted(len(stimuli), 'stimulus')}"
        f" in {counted(len(groups), 'group')}",
        (_shared_recordings(dataset.keys), _copied(find_copies(dataset) if copies is None else copies)),
    )


def audit_split(data: Keyed, split: Split, *, copies: Copies | None = None) -> Audit:
    """Leaks between the test clips and the training and validation clips of every cell.

    Parameters
    ----------
    data : Keyed
        The data set that the split's rows belong to.
    split : Split
    copies : Copies, optional
        Recordings that are in the data twice; without it they are not looked for.
    """
    findings = list(audit_sides(sides_of(data, split), split_name=split.name, copies=copies))
    if split.data_fingerprint != data.fingerprint:
        findings.append(_other_data("the split", split.data_fingerprint, data.fingerprint))
    name = f"{split.name}-{split.seed}"
    return Audit(name, f"split {name}: {counted(len(split.cells), 'cell')}", tuple(findings))


def audit_split_file(path: Path, data: Keyed, *, copies: Copies | None = None) -> Audit:
    """Leaks in a split file, intact or not: what it does is audited, and whether it is what was once made.

    Raises
    ------
    DataError
        If it is no split file.
    """
    content = read_split_file(path)
    findings = []
    if is_intact(content):
        findings.append(Finding("fingerprint", "ok", "the split is what was made"))
    else:
        findings.append(
            Finding(
                "fingerprint",
                "leak",
                "the split was changed after it was made: its own fingerprint does not fit",
                "remove the file and run the same command again",
            )
        )
    subject = f"split file {path.name}: {counted(len(content['cells']), 'cell')}"
    try:
        split = parse_split(content, data)
    except MismatchError as error:
        return Audit(path.stem, subject, (*findings, Finding("fingerprint", "leak", error.what, error.fix or "")))
    return Audit(path.stem, subject, (*findings, *audit_split(data, split, copies=copies).findings))


def sides_of(data: Keyed, split: Split) -> tuple[Sides, ...]:
    """The sides of every cell of `split`."""

    def keys(rows: Iterable[int]) -> frozenset[SampleKey]:
        return frozenset(data.keys[row] for row in rows)

    return tuple(Sides(cell.name, keys(cell.test), keys(cell.train), keys(cell.validation)) for cell in split.cells)


def audit_sides(sides: Sequence[Sides], *, split_name: str, copies: Copies | None = None) -> tuple[Finding, ...]:
    """What crosses from the learnt clips to the test clips, over all cells or fits together.

    Parameters
    ----------
    sides : sequence of Sides
    split_name : str
        Under ``person+stimulus`` a shared stimulus group is a leak; otherwise it is what the split is, and a
        warning.
    copies : Copies, optional

    Notes
    -----
    A clip that is selected on had a part in the model: which epoch is kept depends on it. So training and
    validation clips count alike, but for the test clips themselves, where the message says which it was.
    """
    findings = [
        _crossing(
            sides,
            "test clips",
            lambda side: {_short(key) for key in side.test & side.train},
            ("test clip", "among the training clips"),
            "make the split again; a clip belongs to one side",
            sides_named="training",
        ),
        _crossing(
            sides,
            "test clips",
            lambda side: {_short(key) for key in side.test & side.validation},
            ("test clip", "in the validation set, which the epoch was selected on"),
            "select on the clips of other people: 'emogap bench' does",
            sides_named="validation",
        ),
        _crossing(
            sides,
            "people",
            lambda side: _names(side.test, "participant_id") & _names(side.learnt, "participant_id"),
            ("person", f"in {TESTED_AND_LEARNT}"),
            "hold out whole people: --splits person",
            sides_named=TESTED_AND_LEARNT,
        ),
        _crossing(
            sides,
            "people",
            lambda side: _names(side.train, "participant_id") & _names(side.validation, "participant_id"),
            ("person", "in training and validation, so that the selected epoch suits people who were seen"),
            "select on the clips of people who are not trained on",
            sides_named="training and validation",
            severity="warning",
        ),
        _shared_stimuli(sides, is_blocked=split_name == "person+stimulus"),
    ]
    unknown = _unknown(sides)
    findings = [each for each in findings if each.severity != "ok" or each.kind not in {same.kind for same in unknown}]
    findings += unknown
    if copies is not None:
        findings.append(_crossing_copies(sides, copies))
    return tuple(findings)


def _unknown(sides: Sequence[Sides]) -> list[Finding]:
    """A warning for each of people and stimuli that an audit cannot judge, because nobody knows them."""
    keys = {key for side in sides for key in side.test | side.learnt}
    judged = (("people", are_people_known(keys)), ("stimuli", are_stimuli_known(keys)))
    return [
        Finding(
            kind,
            "warning",
            f"nobody knows the {kind} of some clips: whether they are on both sides cannot be told",
            "say whose clips they are ([ids] in the file of --release) and build the data set again",
        )
        for kind, is_known in judged
        if not is_known
    ]


def _shared_stimuli(sides: Sequence[Sides], *, is_blocked: bool) -> Finding:
    def shared(side: Sides) -> set[str]:
        return _names(side.test, "stimulus_group") & _names(side.learnt, "stimulus_group")

    where = f"in {TESTED_AND_LEARNT}"
    if is_blocked:
        return _crossing(
            sides,
            "stimuli",
            shared,
            ("stimulus group", where),
            "hold out whole stimulus groups: --splits person+stimulus",
            sides_named=TESTED_AND_LEARNT,
        )
    return _crossing(
        sides,
        "stimuli",
        shared,
        ("stimulus group", f"{where}, as this split has it: a model may know the picture instead of the person"),
        "read the score beside that of person+stimulus on the same clips",
        sides_named=TESTED_AND_LEARNT,
        severity="warning",
    )


def _crossing(
    sides: Sequence[Sides],
    kind: str,
    crossing: Callable[[Sides], set[str]],
    what: tuple[str, str],
    fix: str,
    *,
    sides_named: str,
    severity: Severity = "leak",
) -> Finding:
    """One finding over all sides: how many names cross, where first, and which.

    `what` is a noun and where it is; what follows a comma there is said only if something crosses.
    """
    noun, where = what
    found = {side.name: names for side in sides if (names := crossing(side))}
    if not found:
        return Finding(kind, "ok", f"no {noun} is {where.split(',')[0]}", sides=sides_named)
    everything = sorted({name for names in found.values() for name in names})
    place = f"in {len(found)} of {len(sides)}, first {next(iter(found))}"
    told = f"{counted(len(everything), noun, 'is')} {where} ({place}): {_listed(everything)}"
    return Finding(kind, severity, told, fix, sides_named)


def _crossing_copies(sides: Sequence[Sides], copies: Copies) -> Finding:
    partners: dict[SampleKey, set[SampleKey]] = defaultdict(set)
    for copy in copies.found:
        partners[copy.first].add(copy.second)
        partners[copy.second].add(copy.first)

    def crossing(side: Sides) -> set[str]:
        return {
            f"{_short(key)} is {_short(other)}"
            for key in side.test
            for other in sorted(partners.get(key, ()))
            if other in side.learnt
        }

    return _crossing(
        sides,
        "copies",
        crossing,
        ("test clip", "there again among the training or validation clips"),
        "give one person one participant_id, remove the copies and build the data set again",
        sides_named=TESTED_AND_LEARNT,
    )


def _copied(copies: Copies) -> Finding:
    if not copies.found:
        nearest = f"the nearest are {copies.nearest_other:.2f} apart, copies below {copies.threshold:.2f}"
        return Finding(
            "copies",
            "ok",
            f"no recording is there twice among {counted(copies.num_pairs, 'pair')} of clips ({nearest})",
        )
    of_pair: dict[tuple[str, str], list[float]] = defaultdict(list)
    for copy in copies.found:
        of_pair[copy.first.participant_id, copy.second.participant_id].append(copy.shift_s)
    pairs = sorted(of_pair.items(), key=lambda item: -len(item[1]))
    described = [f"{one} and {two} ({counted(len(shifts), 'clip')}, {_shift(shifts)})" for (one, two), shifts in pairs]
    return Finding(
        "copies",
        "leak",
        f"{counted(len(copies.found), 'pair')} of clips that are one recording under two people: {_listed(described)}",
        "give one person one participant_id, remove the copies and build the data set again",
    )


def _shift(shifts_s: Sequence[float]) -> str:
    middle = sorted(shifts_s)[len(shifts_s) // 2]
    return "in step" if abs(middle) < 0.05 else f"shifted by {abs(middle):.2f} s"


def _shared_recordings(keys: Sequence[SampleKey]) -> Finding:
    people_of: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        people_of[key.recording_id].add(key.participant_id)
    shared = sorted(f"{name} of {_listed(sorted(people))}" for name, people in people_of.items() if len(people) > 1)
    if not shared:
        return Finding("recordings", "ok", "every recording belongs to one person")
    return Finding(
        "recordings",
        "leak",
        f"{counted(len(shared), 'recording', 'belongs')} to several people: {_listed(shared)}",
        "give every recording of a person the same participant_id and build the data set again",
    )


def _other_data(holder: str, fingerprint: str, current: str) -> Finding:
    return Finding(
        "fingerprint",
        "leak",
        f"{holder} was made for the samples {fingerprint}, the data set is {current}",
        "use the data set it was made for, or make it again",
    )


def _names(keys: Iterable[SampleKey], field: str) -> set[str]:
    return {getattr(key, field) for key in keys}


def _short(key: SampleKey) -> str:
    return f"{key.participant_id}/{key.stimulus_id}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
