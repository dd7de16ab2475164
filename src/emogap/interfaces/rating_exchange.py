"""Ratings brought into a study or its store, and taken out of it; what a file cannot hold is said.

Read :func:`import_ratings` and :func:`export_ratings`.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emogap.annotation.answer_maps import MappedAnswers, map_answers
from emogap.annotation.answers import COLUMNS, FURTHER_COLUMNS, Answer
from emogap.annotation.elan import write_elan
from emogap.annotation.exporting import name_question, write_answers
from emogap.annotation.opening import read_rating_file
from emogap.annotation.ratings import QUESTIONS, check_answers
from emogap.annotation.tables import latest_answers
from emogap.annotation.vocabularies import vocabulary_of
from emogap.counted_nouns import counted
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.annotating import items_of
from emogap.interfaces.annotating_book import CsvBook
from emogap.recording.derived import record_derived
from emogap.recording.study import Study, open_session, open_study

if TYPE_CHECKING:
    from emogap.annotation.store import Store

__all__ = ["AnswerMap", "ExchangeReport", "export_ratings", "import_ratings"]

SUFFIXES = (".csv", ".parquet", ".eaf")


@dataclass(frozen=True, slots=True)
class AnswerMap:
    """A map of answers that was asked for: from vocabulary to vocabulary, with what the user decided."""

    source: str
    target: str
    decide: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExchangeReport:
    """What was imported or exported.

    Attributes
    ----------
    place : str
        File or store that was written to.
    num_answers : int
        Rows, every revision counted.
    annotators, questions : tuple of str
        Whose answers to what, sorted.
    rounds : tuple of int
    mapped : MappedAnswers or None
        The map that was applied, with its loss.
    left_out : tuple of str
        What was not taken along, in words.
    """

    place: str
    num_answers: int
    annotators: tuple[str, ...]
    questions: tuple[str, ...]
    rounds: tuple[int, ...]
    mapped: MappedAnswers | None
    left_out: tuple[str, ...]


def import_ratings(
    path: Path,
    files: Sequence[Path],
    *,
    store: "Store | None" = None,
    who: str = "",
    question: str | None = None,
    answer_map: AnswerMap | None = None,
) -> ExchangeReport:
    """Bring the ratings of files into the study's rating folder, or into a store: all of them or none.

    Parameters
    ----------
    path : Path
        Folder of the study.
    files : sequence of Path
        ``.csv``, ``.parquet`` or ``.eaf``.
    store : Store, optional
        Open; where the ratings go. By default they become one file ``ratings/imported-<file>.csv``.
    who : str
        Who enters them, for the store's audit.
    question : str, optional
        What was asked, where a file does not say it.
    answer_map : AnswerMap, optional

    Raises
    ------
    DataError
        If a file cannot be read, an annotator answered a question about a clip twice in one round (in the files or
        with what is kept), a rating is off its scale, or a clip is none of the study; with file and line.
    UsageError
        If the map would have to guess, or there is nothing to import.
    OutputError
        If the ratings cannot be written. In all cases nothing was changed.
    """
    if not files:
        raise UsageError("there is no file to import", fix="name one or several: .csv, .parquet or .eaf")
    items = items_of(open_study(path, with_sessions=False))
    answers: Sequence[Answer] = [answer for file in files for answer in read_rating_file(file)]
    if question is not None:
        answers = name_question(answers, question)
    latest_answers(answers)
    mapped = (
        None
        if answer_map is None
        else map_answers(answers, answer_map.source, answer_map.target, decide=answer_map.decide)
    )
    given = [answer for answer in (answers if mapped is None else mapped.answers) if _says_something(answer)]
    _check(given, items, None if store is not None else QUESTIONS)
    if not given:
        raise UsageError("there is nothing to import: no row holds a rating", where=str(files[0]), fix="rate an item")
    num_empty = len(answers if mapped is None else mapped.answers) - len(given)
    left_out = [f"rows without a rating: {num_empty}"] if num_empty else []
    if store is not None:
        from emogap.interfaces.annotating_store import note_store

        note_store(store, path)
        store.add_ratings(given, who=who)
        place = store.where
    else:
        ordered = sorted(given, key=lambda answer: answer.revision)
        name = re.sub(r"[^A-Za-z0-9-]+", "-", files[0].stem).strip("-") or "ratings"
        place = str(CsvBook(path, items).add_file(f"imported-{name}", ordered))
    return _report(place, given, mapped, left_out)


def export_ratings(
    path: Path,
    out: Path,
    *,
    written_at: datetime,
    store: "Store | None" = None,
    participant: str | None = None,
    question: str | None = None,
    answer_map: AnswerMap | None = None,
) -> ExchangeReport:
    """Write the ratings of the study's clips, from its rating folder or a store, with every round and revision.

    Parameters
    ----------
    path : Path
        Folder of the study.
    out : Path
        ``.csv``, ``.parquet`` or ``.eaf``; a new file.
    written_at : datetime
        ELAN files hold when they were written.
    store : Store, optional
        Open; where the ratings are. By default the study's own rating files.
    participant : str, optional
        Only ratings of this participant's clips. An ELAN file belongs to one video: it needs one, unless the study
        has one session.
    question : str, optional
        Only answers to this one.
    answer_map : AnswerMap, optional

    Returns
    -------
    ExchangeReport
        `left_out` says what the file does not hold.

    Raises
    ------
    UsageError
        If `out` is there already or is called otherwise, or no participant is named for an ELAN file.
    DataError
        If there are no ratings, or what is kept is at fault.
    OutputError
        If the file cannot be written.
    """
    if out.suffix not in SUFFIXES:
        raise UsageError(
            f"'{out.suffix}' is no kind of rating file", where=str(out), fix=f"name it {', '.join(SUFFIXES)}"
        )
    if out.exists():
        raise UsageError("this file is here already", where=str(out), fix="name a new file")
    study = open_study(path, with_sessions=False)
    if participant is not None and participant not in study.session_ids:
        raise UnknownNameError("participant with a session", participant, study.session_ids)
    items = items_of(study)
    kept = CsvBook(path, items).answers() if store is None else store.answers(revisions=True)
    strangers = [answer for answer in kept if answer.item not in items]
    if store is None:
        _check(kept, items, QUESTIONS)
    latest_answers(kept)
    answers: Sequence[Answer] = [answer for answer in kept if answer.item in items]
    left_out = list(_unsaid(path, store))
    if strangers:
        left_out.append(f"answers about what is no clip of this study: {len(strangers)}")
    if question is not None:
        asked = sorted({answer.question for answer in answers})
        if question not in asked:
            raise UnknownNameError("question that was answered", question, asked)
        others = [answer for answer in answers if answer.question != question]
        answers = [answer for answer in answers if answer.question == question]
        left_out += [f"answers to other questions than {question}: {len(others)}"] if others else []
    if out.suffix == ".eaf" and participant is None:
        if len(study.session_ids) != 1:
            raise UsageError(
                f"an ELAN file belongs to one video, the study has {counted(len(study.session_ids), 'session')}",
                where=str(path),
                fix=f"--participant, one of {', '.join(study.session_ids)}",
            )
        participant = study.session_ids[0]
    if participant is not None:
        others = [answer for answer in answers if answer.item.split("/")[0] != participant]
        answers = [answer for answer in answers if answer.item.split("/")[0] == participant]
        if others:
            left_out.append(f"answers about other participants than {participant}: {len(others)}")
    mapped = (
        None
        if answer_map is None
        else map_answers(answers, answer_map.source, answer_map.target, decide=answer_map.decide)
    )
    answers = answers if mapped is None else mapped.answers
    if not answers:
        raise DataError("there are no ratings to write", where=str(path), fix="rate at least one clip")
    record_derived(path, out, by="annotate export")
    if out.suffix == ".eaf" and participant is not None:
        answers, unsaid = _as_they_stand(answers)
        left_out += unsaid
        left_out += _write_elan(study, participant, out, answers, written_at)
    else:
        write_answers(out, answers)
    return _report(str(out), answers, mapped, left_out)


def _says_something(answer: Answer) -> bool:
    """Whether there is a rating, or one that was withdrawn; an empty cell is neither."""
    return answer.text is not None or answer.revision > 1


def _check(answers: Iterable[Answer], items: Iterable[str], questions: Sequence[str] | None) -> None:
    given = tuple(answers)
    check_answers(given, items=items, questions=questions)
    for answer in given:
        if answer.vocabulary is None:
            continue
        asked_in = vocabulary_of(answer.question).name
        if answer.vocabulary.split(" ")[0] != asked_in:
            raise DataError(
                f"'{answer.question}' is answered in {asked_in}, this answer was given in '{answer.vocabulary}'",
                where=answer.where,
                fix="correct the question or the vocabulary of this row",
            )


def _unsaid(path: Path, store: "Store | None") -> Iterable[str]:
    """What is kept beside the answers, and no file of answers holds."""
    if store is not None:
        yield f"lines of the audit, which stays in the store: {len(store.audit())}"
        if any(one.purpose for one in store.rounds()):
            yield "what each round was for"
        unrated = set(store.items()) - {answer.item for answer in store.answers(revisions=True)}
        if unrated:
            yield f"items that nobody rated: {len(unrated)}"
        return
    for file in sorted((path / "ratings").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            columns = [name.strip() for name in next(csv.reader(lines), [])]
        further = [name for name in columns if name not in (*COLUMNS, *FURTHER_COLUMNS)]
        if further:
            yield f"the column {', '.join(further)} of {file.name}"


def _as_they_stand(answers: Sequence[Answer]) -> tuple[list[Answer], list[str]]:
    """Of every round the last revision, as ELAN's tiers hold one answer each; and what is left out."""
    last: dict[tuple[str, str, str, int], Answer] = {}
    for answer in answers:
        key = (answer.item, answer.annotator, answer.question, answer.round_number)
        if key not in last or last[key].revision < answer.revision:
            last[key] = answer
    standing = [answer for answer in last.values() if answer.text is not None]
    counts = {
        "earlier revisions": len(answers) - len(last),
        "withdrawn or empty answers": len(last) - len(standing),
        "times of answering": sum(answer.answered_at is not None for answer in standing),
        "versions of vocabularies": sum(answer.vocabulary is not None for answer in standing),
        "maps beside answers": sum(answer.mapping is not None for answer in standing),
    }
    return standing, [f"{what}, for which ELAN has no place: {number}" for what, number in counts.items() if number]


def _write_elan(
    study: Study, participant: str, out: Path, answers: Sequence[Answer], written_at: datetime
) -> list[str]:
    """Write the file; what is to be known of its clock."""
    session = open_session(study.path, participant, study.stimuli, sam_points=study.sam_points)
    clock = session.clock if session.face_path is not None else None
    to_s = (lambda gaze_s: gaze_s) if clock is None else clock.to_face_s
    intervals = {
        f"{participant}/{trial.stimulus_id}": (to_s(trial.onset_s), to_s(trial.onset_s + trial.duration_s))
        for trial in session.trials
    }
    write_elan(out, answers, intervals=intervals, written_at=written_at, video=session.face_path if clock else None)
    return [] if clock else ["the video: its clock is not known, times are those of the gaze file"]


def _report(
    place: str, answers: Sequence[Answer], mapped: MappedAnswers | None, left_out: Sequence[str]
) -> ExchangeReport:
    return ExchangeReport(
        place=place,
        num_answers=len(answers),
        annotators=tuple(sorted({answer.annotator for answer in answers})),
        questions=tuple(sorted({answer.question for answer in answers})),
        rounds=tuple(sorted({answer.round_number for answer in answers})),
        mapped=mapped,
        left_out=tuple(left_out),
    )
