"""Answers taken from one vocabulary to another, with what was lost on the way counted.

Read :func:`map_answers`; the maps themselves are in ``vocabulary_maps``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from emogap.annotation.answers import BARE_QUESTION, Answer
from emogap.annotation.questionnaire import MANIKINS
from emogap.annotation.tables import latest_answers
from emogap.annotation.vocabularies import list_questions, open_vocabulary, view_of, vocabulary_of
from emogap.annotation.vocabulary_maps import map_numbers, map_words
from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.types import LabelView

__all__ = ["MappedAnswers", "map_answers"]


@dataclass(frozen=True, slots=True)
class MappedAnswers:
    """Answers after a map.

    Attributes
    ----------
    answers : tuple of Answer
        Those that were mapped, each with the map's label in `mapping`, and the others as they were; in order.
    label : str
        Name, version and decisions of the map.
    loss : str
        What the target cannot say any more.
    num_mapped : int
    left_out : mapping from word to int
        Answers that the target has no place for, and earlier answers of the same people that would otherwise have
        come to count instead.
    """

    answers: tuple[Answer, ...]
    label: str
    loss: str
    num_mapped: int
    left_out: Mapping[str, int]


def map_answers(
    answers: Iterable[Answer], source: str, target: str, *, decide: Mapping[str, str] | None = None
) -> MappedAnswers:
    """The answers given in the vocabulary `source` as answers to the question that is asked in `target`.

    Parameters
    ----------
    answers : iterable of Answer
        Answers in other vocabularies stay what they are.
    source, target : str
        Such as ``affectnet8`` and ``emer7``, or ``sam9`` and ``valence`` (which takes pleasure only).
    decide : mapping from word to word or ``"drop"``, optional
        As in :func:`emogap.annotation.vocabulary_maps.map_words`.

    Raises
    ------
    UsageError
        If there is no such map, it would have to guess, no answer is in `source`, or a participant's felt category
        would be derived instead of asked.
    DataError
        If an answer is none of `source`, was given in another version of it, or meets one that was given in `target`.

    Notes
    -----
    Where the last word of an annotator on an item is left out, all their words on it are: an earlier one, which they
    have changed, must not come to count again. Where only an earlier one is left out, revisions are numbered anew.

    Examples
    --------
    >>> given = [Answer(f"c{n}", "ann", "emotion7", word, 1, None, "x") for n, word in enumerate(("fear", "surprise"))]
    >>> mapped = map_answers(given, "emer7", "emer3", decide={"surprise": "drop"})
    >>> [(answer.item, answer.question, answer.text) for answer in mapped.answers], mapped.left_out
    ([('c0', 'emotion3', 'negative')], {'surprise': 1})
    """
    label, loss, text_of = _map(source, target, decide)
    given = tuple(answers)
    kept: list[Answer] = []
    dropped: Counter[str] = Counter()
    num_mapped = 0
    of_item: dict[tuple[str, str, str], list[Answer]] = {}
    for answer in given:
        question = _question_after(answer.question, source, target)
        if question is None:
            kept.append(answer)
        else:
            _refuse_felt_words(answer, target)
            _refuse_other_version(answer, source)
            of_item.setdefault((question, answer.item, answer.annotator), []).append(answer)
    if not of_item:
        asked = sorted({answer.question for answer in given})
        raise UsageError(
            f"no answer is in {source} and could be {target} (asked were {', '.join(asked) or 'no questions'})",
            fix="leave the map out, or name another",
        )
    _refuse_asked_too(kept, of_item)
    for (question, _, _), theirs in of_item.items():
        mapped, lost = _mapped(theirs, question, label, text_of)
        kept += mapped
        dropped.update(lost)
        num_mapped += len(mapped)
    return MappedAnswers(tuple(kept), label, loss, num_mapped, dict(sorted(dropped.items())))


def _map(source: str, target: str, decide: Mapping[str, str] | None) -> tuple[str, str, Callable[[Answer], str | None]]:
    """Label and loss of the map, and what an answer becomes; None = left out."""
    before, after = open_vocabulary(source), open_vocabulary(target)
    if before.words:
        words = map_words(source, target, decide=decide)

        def word_of(answer: Answer) -> str | None:
            before.value(str(answer.text), question=answer.question, where=answer.where)
            return words.word(str(answer.text))

        return words.label, words.loss, word_of
    if decide:
        raise UsageError(f"there is nothing to decide in the map from {source} to {target}", fix="leave it out")
    numbers = map_numbers(source, target)

    def number_of(answer: Answer) -> str | None:
        value = numbers.value(before.value(str(answer.text), question=answer.question, where=answer.where))
        return f"{value:.0f}" if after.is_whole else repr(value)

    return numbers.label, numbers.loss, number_of


def _question_after(question: str, source: str, target: str) -> str | None:
    """The question that the answers become answers to; None if they are not mapped."""
    if question == BARE_QUESTION or vocabulary_of(question).name != source:
        return None
    view = view_of(question)
    prefix = "" if view == LabelView.SHOWN else f"{view}-"
    bare = question.removeprefix(prefix)
    asked_in = [name for name in list_questions() if vocabulary_of(name).name == target]
    if open_vocabulary(target).words:
        return prefix + asked_in[0]
    dimension = _dimension(bare)
    return next((prefix + name for name in asked_in if _dimension(name) == dimension), None)


def _dimension(question: str) -> str:
    row = question.split("-")[0]
    return MANIKINS.get(row, row)


def _refuse_asked_too(kept: Iterable[Answer], of_item: Mapping[tuple[str, str, str], Sequence[Answer]]) -> None:
    """Refuse a map onto answers that the annotator gave in the words of the target."""
    met = [answer for answer in kept if (answer.question, answer.item, answer.annotator) in of_item]
    if met:
        first = met[0]
        from_ = of_item[first.question, first.item, first.annotator][0]
        raise DataError(
            f"{first.annotator} answered {first.question} of {first.item} too ({first.where}): mapped from"
            f" {from_.question} it would stand there twice ({counted(len(met), 'such answer')})",
            where=from_.where,
            fix=f"take what was asked, without a map; or {from_.question} alone (emogap annotate export --question)",
        )


def _refuse_felt_words(answer: Answer, target: str) -> None:
    if view_of(answer.question) == LabelView.FELT and open_vocabulary(target).words:
        raise UsageError(
            f"'{answer.question}' is what a participant felt, in the words that were asked for: {target} would be"
            " derived",
            where=answer.where,
            fix="ask the participant in these words too, or map the other questions in a file of their own",
        )


def _refuse_other_version(answer: Answer, source: str) -> None:
    expected = open_vocabulary(source).label
    if answer.vocabulary not in (None, expected):
        raise DataError(
            f"the answer was given in '{answer.vocabulary}', the map is from '{expected}'",
            where=answer.where,
            fix="leave the map out: the answer is kept as it is",
        )


def _mapped(
    theirs: list[Answer], question: str, label: str, text_of: Callable[[Answer], str | None]
) -> tuple[list[Answer], Counter[str]]:
    """One annotator's answers about one item after the map, and the words that were left out."""
    ordered = sorted(theirs, key=lambda answer: (answer.round_number, answer.revision))
    becomes = [None if answer.text is None else text_of(answer) for answer in ordered]
    lost = {id(answer) for answer, text in zip(ordered, becomes, strict=True) if answer.text is not None and not text}
    if any(id(answer) in lost for answer in latest_answers(ordered)):
        return [], Counter(str(answer.text) for answer in ordered if answer.text is not None)
    if not lost:
        return [
            replace(answer, question=question, text=text, mapping=label, vocabulary=None)
            for answer, text in zip(ordered, becomes, strict=True)
        ], Counter()
    mapped: list[Answer] = []
    number: Counter[int] = Counter()
    for answer, text in zip(ordered, becomes, strict=True):
        is_first = number[answer.round_number] == 0
        if id(answer) in lost or (text is None and is_first):
            continue
        number[answer.round_number] += 1
        revision = number[answer.round_number]
        mapped.append(replace(answer, question=question, text=text, mapping=label, vocabulary=None, revision=revision))
    return mapped, Counter(str(answer.text) for answer in ordered if id(answer) in lost)
