"""Ratings in ELAN's annotation files (``.eaf``), so that experts can work in ELAN.

A file belongs to one video. The tier ``item`` says from when to when each item is seen; every other tier is named
``question@annotator`` (``question@annotator#2`` in a second round) and holds the ratings.

References
----------
Wittenburg et al. (2006), "ELAN: a professional framework for multimodality research", LREC; format EAF 3.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

from emogap.annotation.answers import Answer
from emogap.annotation.tables import latest_answers
from emogap.annotation.vocabularies import vocabulary_of
from emogap.errors import DataError
from emogap.files import write_bytes
from emogap.rows import place_of

__all__ = ["ITEM_TIER", "read_elan_answers", "write_elan"]

ITEM_TIER = "item"

MOST_BYTES = 64_000_000
"""Larger files are refused: an hour of dense annotation has about a hundredth of it."""

TIER_NAME = re.compile(r"(?P<question>[A-Za-z0-9-]+)@(?P<annotator>[A-Za-z0-9-]+)(#(?P<round>[0-9]{1,9}))?")

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class _Span:
    onset_ms: int
    offset_ms: int
    text: str | None


def read_elan_answers(path: Path) -> tuple[Answer, ...]:
    """All ratings of an ELAN file. An empty annotation is a missing rating.

    A rating belongs to the item that it overlaps; it may touch one item only.

    Raises
    ------
    DataError
        If the file is no ELAN file, is larger than 64 MB, declares a document type or entities, has no tier
        ``item``, a tier of another name, an annotation without a time, or a rating on no item or on several.
    """
    place = place_of(path)
    root = _parse(path, place)
    tiers = {str(tier.get("TIER_ID")): tier for tier in root.iter("TIER")}
    if ITEM_TIER not in tiers:
        raise DataError(
            f"there is no tier '{ITEM_TIER}' (there are {', '.join(sorted(tiers)) or 'none'})",
            where=place,
            fix=f"add a tier '{ITEM_TIER}' that says from when to when each item is seen",
        )
    spans = _spans(root, place)
    items = _items(spans[ITEM_TIER], place)
    answers = []
    for name in sorted(set(tiers) - {ITEM_TIER}):
        match = TIER_NAME.fullmatch(name)
        if match is None:
            raise DataError(
                f"the tier '{name}' does not say question and annotator",
                where=place,
                fix="name it question@annotator, such as emotion7@expert-1, or remove it",
            )
        round_number = int(match["round"] or 1)
        for span in spans[name]:
            where = f"{place}, tier {name} at {span.onset_ms / 1000:.3f} s"
            item = _item_of(span, items, where)
            answers.append(Answer(item, match["annotator"], match["question"], span.text, round_number, None, where))
    return tuple(answers)


def write_elan(
    path: Path,
    answers: Iterable[Answer],
    *,
    intervals: Mapping[str, tuple[float, float]],
    written_at: datetime,
    video: Path | None = None,
) -> None:
    """Write ratings as an ELAN file, whole or not at all; words can then be chosen from a list in ELAN.

    Parameters
    ----------
    path : Path
    answers : iterable of Answer
        Of each annotator, item, question and round one.
    intervals : mapping from item to (onset, offset)
        In seconds of the video; kept to 1 ms. Items without a rating are written too.
    written_at : datetime
        ELAN demands the date of writing.
    video : Path, optional
        The video that ELAN shows.

    Raises
    ------
    DataError
        If an item has no interval, an interval is empty, two overlap, or a rating is given twice.
    OutputError
        If the file cannot be written.
    """
    kept = tuple(answers)
    latest_answers(kept)
    spans_ms = _checked_intervals(kept, intervals)
    tiers: dict[str, list[_Span]] = {ITEM_TIER: [_Span(*span, item) for item, span in spans_ms.items()]}
    for answer in kept:
        if answer.text is not None:
            suffix = "" if answer.round_number == 1 else f"#{answer.round_number}"
            name = f"{answer.question}@{answer.annotator}{suffix}"
            tiers.setdefault(name, []).append(_Span(*spans_ms[answer.item], answer.text))
    root = _document(tiers, written_at, video)
    ElementTree.indent(root)
    write_bytes(path, ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")


def _parse(path: Path, place: str) -> Element:
    if not path.is_file():
        raise DataError("there is no such file", where=place, fix=f"put it at {path}")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(
            f"the file has {size / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}", where=place, fix="split it"
        )
    content = path.read_bytes()
    checker = expat.ParserCreate()

    def refuse(*_declaration: object) -> None:
        raise DataError(
            "the file declares a document type, which may define entities: it is not read",
            where=f"{place}, line {checker.CurrentLineNumber}",
            fix="save it again with ELAN, which writes none",
        )

    checker.StartDoctypeDeclHandler = refuse
    checker.EntityDeclHandler = refuse
    try:
        checker.Parse(content, True)
        root = ElementTree.fromstring(content)
    except (expat.ExpatError, ElementTree.ParseError, LookupError, ValueError) as error:
        raise DataError(f"this is no ELAN file: {error}", where=place, fix="save it again with ELAN") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise DataError(f"this is no ELAN file, but one of <{root.tag}>", where=place, fix="save it again with ELAN")
    return root


def _spans(root: Element, place: str) -> dict[str, list[_Span]]:
    """Annotations of each tier, in order of time; those that refer to others have the time of these."""
    times = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    bounds: dict[str | None, tuple[int, int]] = {}
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        name = annotation.get("ANNOTATION_ID")
        ends = [times.get(annotation.get(f"TIME_SLOT_REF{end}")) for end in (1, 2)]
        if not all(end is not None and end.isdecimal() for end in ends):
            raise DataError(f"the annotation {name} has no time", where=place, fix="align it in ELAN")
        bounds[name] = (int(str(ends[0])), int(str(ends[1])))
    parents = {ref.get("ANNOTATION_ID"): ref.get("ANNOTATION_REF") for ref in root.iter("REF_ANNOTATION")}
    spans: dict[str, list[_Span]] = {}
    for tier in root.iter("TIER"):
        found = spans.setdefault(str(tier.get("TIER_ID")), [])
        for annotation in (*tier.iter("ALIGNABLE_ANNOTATION"), *tier.iter("REF_ANNOTATION")):
            name = annotation.get("ANNOTATION_ID")
            found.append(_Span(*_bounds_of(name, bounds, parents, place), _text(annotation)))
        found.sort(key=lambda span: (span.onset_ms, span.offset_ms))
    return spans


def _bounds_of(
    name: str | None,
    bounds: Mapping[str | None, tuple[int, int]],
    parents: Mapping[str | None, str | None],
    place: str,
) -> tuple[int, int]:
    reached = name
    for _ in range(len(parents) + 1):
        if reached in bounds:
            return bounds[reached]
        reached = parents.get(reached)
    raise DataError(f"the annotation {name} refers to none that has a time", where=place, fix="save it again with ELAN")


def _text(annotation: Element) -> str | None:
    return (annotation.findtext("ANNOTATION_VALUE") or "").strip() or None


def _items(spans: Sequence[_Span], place: str) -> dict[str, _Span]:
    items: dict[str, _Span] = {}
    for span in spans:
        where = f"{place}, tier {ITEM_TIER} at {span.onset_ms / 1000:.3f} s"
        if span.text is None:
            raise DataError("the item has no name", where=where, fix="write which item it is")
        if span.text in items:
            raise DataError(f"the item {span.text} stands there twice", where=where, fix="remove one of them")
        items[span.text] = span
    return items


def _item_of(span: _Span, items: Mapping[str, _Span], where: str) -> str:
    touched = [
        name for name, item in items.items() if span.onset_ms < item.offset_ms and item.onset_ms < span.offset_ms
    ]
    if len(touched) != 1:
        what = f"several items: {', '.join(touched[:3])}" if touched else "no item"
        raise DataError(
            f"the rating lies on {what}", where=where, fix=f"align it with one annotation of the tier '{ITEM_TIER}'"
        )
    return touched[0]


def _checked_intervals(
    answers: Sequence[Answer], intervals: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[int, int]]:
    without = next((answer for answer in answers if answer.item not in intervals), None)
    if without is not None:
        raise DataError(
            f"it is not known when the item {without.item} is seen",
            where=without.where,
            fix="give its onset and offset in seconds of the video",
        )
    spans = {item: (round(onset * 1000), round(offset * 1000)) for item, (onset, offset) in intervals.items()}
    ordered = dict(sorted(spans.items(), key=lambda pair: pair[1]))
    last = 0
    for item, (onset, offset) in ordered.items():
        if onset < last or offset <= onset:
            raise DataError(
                f"the item {item} is seen from {onset / 1000:.3f} to {offset / 1000:.3f} s, which is before 0, empty, "
                "or begins before the end of another item",
                fix="correct the intervals: ELAN's tiers hold one annotation at a time",
            )
        last = offset
    return ordered


def _document(tiers: Mapping[str, Sequence[_Span]], written_at: datetime, video: Path | None) -> Element:
    """The elements in the order that EAF 3.0 prescribes: header, times, tiers, types, language, vocabularies."""
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "emogap",
            "DATE": written_at.isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": XSI,
            "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        },
    )
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if video is not None:
        kind = "video/mp4" if video.suffix.lower() == ".mp4" else "unknown"
        SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=video.resolve().as_uri(), MIME_TYPE=kind)
    order = SubElement(root, "TIME_ORDER")
    slots: dict[int, str] = {}
    for moment in sorted(
        {end for spans in tiers.values() for span in spans for end in (span.onset_ms, span.offset_ms)}
    ):
        slots[moment] = f"ts{len(slots) + 1}"
        SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slots[moment], TIME_VALUE=str(moment))
    number = 0
    questions = {name: name.split("@")[0] for name in tiers}
    for name, spans in tiers.items():
        annotator = {"ANNOTATOR": name.split("@")[1].split("#")[0]} if "@" in name else {}
        tier = SubElement(root, "TIER", annotator | {"LINGUISTIC_TYPE_REF": questions[name], "TIER_ID": name})
        for span in sorted(spans, key=lambda one: one.onset_ms):
            number += 1
            ends = {"TIME_SLOT_REF1": slots[span.onset_ms], "TIME_SLOT_REF2": slots[span.offset_ms]}
            holder = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", ANNOTATION_ID=f"a{number}")
            holder.attrib.update(ends)
            SubElement(holder, "ANNOTATION_VALUE").text = span.text
    lists = {question: _words(question) for question in dict.fromkeys(questions.values()) if question != ITEM_TIER}
    for question in dict.fromkeys(questions.values()):
        chosen = {"CONTROLLED_VOCABULARY_REF": question} if lists.get(question) else {}
        plain = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": question, "TIME_ALIGNABLE": "true"}
        SubElement(root, "LINGUISTIC_TYPE", chosen | plain)
    SubElement(root, "LANGUAGE", LANG_DEF="http://cdb.iso.org/lg/CDB-00138502-001", LANG_ID="eng", LANG_LABEL="English")
    for question, words in lists.items():
        if words:
            _add_word_list(root, question, words)
    return root


def _words(question: str) -> tuple[str, ...]:
    return vocabulary_of(question).words


def _add_word_list(root: Element, question: str, words: Sequence[str]) -> None:
    listed = SubElement(root, "CONTROLLED_VOCABULARY", CV_ID=question)
    SubElement(listed, "DESCRIPTION", LANG_REF="eng").text = vocabulary_of(question).label
    for word in words:
        entry = SubElement(listed, "CV_ENTRY_ML", CVE_ID=f"{question}-{word}")
        SubElement(entry, "CVE_VALUE", DESCRIPTION="", LANG_REF="eng").text = word
