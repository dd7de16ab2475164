"""Four ways to annotate, compared by Cronbach's alpha: table VI of the EMER paper on any annotated set.

The paper (arXiv:2512.16485) does not say what plays the items of the test in each row. Here it is said, row by row.
Read :func:`compare_ways` first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emogap.annotation.active import PRESETS, ClipEvidence, build_queue
from emogap.annotation.agreement import AgreementResult, complete_items, measure_agreement
from emogap.annotation.annotators import machines_of, only_annotators, people_of
from emogap.annotation.opening import open_ratings
from emogap.counted_nouns import counted
from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.annotating import felt_answer
from emogap.interfaces.annotating_faces import read_machine_clips
from emogap.recording.study import open_study
from emogap.types import RatingTable

__all__ = [
    "WAYS",
    "WayAgreement",
    "accepted_items",
    "compare_ways",
    "felt_answers",
    "filled_by_acceptance",
    "with_one_machine",
]

WAYS = ("machine", "experts", "experts + machine", "ALA", "ALA, judged clips")
"""Rows of the table. The last is ours: ALA without the clips whose label was accepted unseen."""

LABELS = ("category", "valence", "arousal")


@dataclass(frozen=True, slots=True)
class WayAgreement:
    """One cell of the table.

    Attributes
    ----------
    way : str
        Of :data:`WAYS`.
    label : str
        category, valence or arousal.
    question : str or None
        What was asked; None if it was not.
    played_by : str
        What plays the items of Cronbach's test.
    alpha, krippendorff : AgreementResult or None
        Cronbach's alpha, and beside it Krippendorff's of a single rating; None where `why` says why.
    why : str or None
    """

    way: str
    label: str
    question: str | None
    played_by: str
    alpha: AgreementResult | None = None
    krippendorff: AgreementResult | None = None
    why: str | None = None


def compare_ways(
    source: str | Path,
    *,
    question: str | None = None,
    machine: str | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> tuple[WayAgreement, ...]:
    """Cronbach's alpha of machine, experts, both, and ALA, for category, valence and arousal.

    Parameters
    ----------
    source : str or Path
        As for :func:`emogap.annotation.opening.open_ratings`. A study adds what a file lacks: the halves of clips that
        a machine judged, and the self-reports that ALA accepts labels by.
    question : str, optional
        What the category is: ``emotion7`` (the default, if it was asked), ``emotion3``, or another nominal question.
    machine : str, optional
        Leave out all machines but this one.
    draws : int
        Resamples of clips; 0 = no intervals.
    seed : int

    Returns
    -------
    tuple of WayAgreement
        Rows of :data:`WAYS`, each for category, valence and arousal.

    Raises
    ------
    UnknownNameError
        If no machine has this name.
    UsageError
        If the question was not asked, or is not answered in words.
    DataError
        If the source is no table of ratings, or a file of the study is damaged.

    Notes
    -----
    *machine*: two machines or more are the items of the test; a single one is judged by the first against the second
    half of each clip, where ``emogap annotate auto`` kept them, or the simulation for its machine. *experts*: all
    people. *experts + machine*: all annotators. *ALA*: all annotators, after the preset ``ala-paper``: on a clip where
    the machine says what the participant reported, its label stands for every annotator. These clips agree by
    construction, whatever they show. Only clips that everybody in the row rated count. Reliability weights choose the
    label and are not part of alpha.
    """
    tables = with_one_machine(open_ratings(source), machine)
    category = _category(tables, question, source)
    names = {"category": category, "valence": "valence", "arousal": "arousal"}
    folder = Path(source)
    study = folder if (folder / "study.toml").is_file() else None
    felt = {} if study is None else felt_answers(study)
    cells = []
    for label, name in names.items():
        table = tables.get(name) if name is not None else None
        if name is None or table is None:
            cells += [WayAgreement(way, label, None, "", why="was not asked") for way in WAYS]
            continue
        for way, (candidate, played_by) in _candidates(table, name, study, felt.get(name)).items():
            cells.append(_cell(way, label, name, candidate, played_by, draws=draws, seed=seed))
    return tuple(sorted(cells, key=lambda cell: (WAYS.index(cell.way), LABELS.index(cell.label))))


def with_one_machine(tables: Mapping[str, RatingTable], machine: str | None) -> dict[str, RatingTable]:
    """The tables without the machines that are not `machine`; as they are if it is None.

    Raises
    ------
    UnknownNameError
        If no machine has this name.
    """
    machines = {name for table in tables.values() for name in machines_of(table)}
    if machine is None:
        return dict(tables)
    if machine not in machines:
        raise UnknownNameError("machine among the annotators", machine, machines)
    kept = {question: only_annotators(table, (*people_of(table), machine)) for question, table in tables.items()}
    return {question: table for question, table in kept.items() if table is not None}


def felt_answers(study: Path) -> dict[str, dict[str, float]]:
    """The self-reports of a study by question and item, on the scale of the question.

    Words of emotion7 and emotion3 are indices into their vocabularies; pleasure and arousal lie in [-1, 1].

    Raises
    ------
    DataError
        If a table of the study is at fault.
    """
    opened = open_study(study)
    felt: dict[str, dict[str, float]] = {"emotion7": {}, "emotion3": {}, "valence": {}, "arousal": {}}
    for session in opened.sessions:
        for report in session.self_report:
            for question, by_item in felt.items():
                answer = felt_answer(report, question, opened.sam_points)
                if answer is not None:
                    by_item[f"{session.participant_id}/{report.stimulus_id}"] = answer
    return felt


def accepted_items(
    table: RatingTable, question: str, machine: str, felt: Mapping[str, float], *, preset: str = "ala-paper"
) -> frozenset[str]:
    """The items whose machine label ALA accepts without experts, by a preset of :mod:`emogap.annotation.active`."""
    column = table.rating[:, table.annotators.index(machine)]
    clips = (
        ClipEvidence(item, felt.get(item), None if np.isnan(label) else float(label))
        for item, label in zip(table.items, column, strict=True)
    )
    return frozenset(build_queue(clips, question, PRESETS[preset]).accepted)


def filled_by_acceptance(table: RatingTable, machine: str, accepted: frozenset[str]) -> RatingTable:
    """The table in which the machine's rating of an accepted item stands for every annotator."""
    is_accepted = np.array([item in accepted for item in table.items])
    own = table.rating[:, [table.annotators.index(machine)]]
    return replace(table, rating=np.where(is_accepted[:, None], own, table.rating))


def _category(tables: Mapping[str, RatingTable], question: str | None, source: str | Path) -> str | None:
    if question is not None:
        if question not in tables or tables[question].scale != "nominal":
            words = [name for name, table in tables.items() if table.scale == "nominal"]
            raise UsageError(
                f"'{question}' is no question that was answered in words",
                where=str(source),
                fix=f"--question, one of {', '.join(words)}" if words else "leave --question out",
            )
        return question
    nominal = [name for name, table in tables.items() if table.scale == "nominal"]
    return next((name for name in ("emotion7", "emotion3", *nominal) if name in tables), None)


def _candidates(
    table: RatingTable, question: str, study: Path | None, felt: Mapping[str, float] | None
) -> dict[str, tuple[RatingTable | str, str]]:
    """For each way, the table of the test or why there is none, and what plays its items."""
    machines, people = machines_of(table), people_of(table)
    by_machine = _machine_test(table, question, machines, study)
    experts = only_annotators(table, people) if people else None
    no_people = "no person answered this question"
    no_machine = f"no machine gives {question}"
    both: RatingTable | str = table if machines and people else (no_machine if people else no_people)
    ways: dict[str, tuple[RatingTable | str, str]] = {
        "machine": by_machine,
        "experts": (experts if experts is not None else no_people, ", ".join(people)),
        "experts + machine": (both, ", ".join(table.annotators)),
    }
    ala = both if isinstance(both, str) else _by_ala(both, question, machines, felt)
    if isinstance(ala, str):
        return ways | {"ALA": (ala, ""), "ALA, judged clips": (ala, "")}
    filled, judged, num_accepted = ala
    played_by = f"{', '.join(table.annotators)}; {num_accepted} of {counted(len(table.items), 'clip')} accepted"
    return ways | {
        "ALA": (filled, played_by),
        "ALA, judged clips": (
            judged,
            f"the same, {counted(len(table.items) - num_accepted, 'clip')} that experts judge",
        ),
    }


def _machine_test(
    table: RatingTable, question: str, machines: tuple[str, ...], study: Path | None
) -> tuple[RatingTable | str, str]:
    if not machines:
        return f"no machine gives {question}", ""
    if len(machines) > 1:
        several = only_annotators(table, machines)
        assert several is not None
        return several, ", ".join(machines)
    halves = _halves(table, question, machines[0], study) if study is not None else None
    if halves is None:
        return (
            f"one machine ({machines[0]}) gives one answer for each clip, and there are none for halves of clips "
            "(emogap annotate auto STUDY keeps them)",
            "",
        )
    return halves, f"first and second half of each clip, by {machines[0]}"


def _halves(table: RatingTable, question: str, machine: str, study: Path) -> RatingTable | None:
    """What a machine says of the two halves of each clip; None if it was not kept."""
    columns = [f"{question}_first_half", f"{question}_second_half"]
    kept = read_machine_clips(study, machine)
    if kept is None or not {"item", *columns} <= set(kept.column_names):
        return None
    cells = [kept[column].to_pylist() for column in columns]
    rating = np.array([[_rating_of(cell, table) for cell in column] for column in cells], dtype=np.float64).T
    return replace(
        table,
        items=tuple(kept["item"].to_pylist()),
        annotators=("first half", "second half"),
        rating=rating,
    )


def _rating_of(cell: str | float | None, table: RatingTable) -> float:
    if cell is None:
        return float("nan")
    if isinstance(cell, str):
        return float(table.categories.index(cell))
    low, high = table.limits or (-np.inf, np.inf)
    return float(np.clip(cell, low, high))


def _by_ala(
    table: RatingTable, question: str, machines: tuple[str, ...], felt: Mapping[str, float] | None
) -> tuple[RatingTable, RatingTable, int] | str:
    """All clips, the judged ones, and how many were accepted; or why ALA cannot be had."""
    if len(machines) > 1:
        return f"ALA has one machine, here are {len(machines)} (--machine names one)"
    if not felt:
        return "ALA compares the machine with self-reports, which only a study has"
    accepted = accepted_items(table, question, machines[0], felt)
    is_judged = np.array([item not in accepted for item in table.items])
    if is_judged.sum() < 2:
        return "machine and self-report agree on every clip but one at most"
    judged = replace(
        table,
        items=tuple(item for item in table.items if item not in accepted),
        rating=table.rating[is_judged],
    )
    return filled_by_acceptance(table, machines[0], accepted), judged, len(accepted)


def _cell(
    way: str, label: str, question: str, candidate: RatingTable | str, played_by: str, *, draws: int, seed: int
) -> WayAgreement:
    if isinstance(candidate, str):
        return WayAgreement(way, label, question, played_by, why=candidate)
    try:
        whole = complete_items(candidate)
        alpha = measure_agreement(whole, "cronbach_alpha", draws=draws, seed=seed)
        krippendorff = measure_agreement(candidate, "krippendorff_alpha", draws=draws, seed=seed)
    except UsageError as error:
        return WayAgreement(way, label, question, played_by, why=error.what)
    return WayAgreement(way, label, question, played_by, alpha, krippendorff)
