"""ELAN files: what experts mark there becomes ratings, and what is written can be read again."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emogap.annotation.answers import Answer
from emogap.annotation.elan import read_elan_answers, write_elan
from emogap.annotation.opening import open_ratings
from emogap.errors import DataError

WRITTEN_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INTERVALS = {"p1/s2": (8.5, 16.25), "p1/s1": (0.0, 8.5), "p1/s3": (20.0, 21.0)}

SLOTS = {"ts1": 0, "ts2": 4000, "ts3": 4000, "ts4": 9000, "ts5": 1000, "ts6": 3500}


def eaf(*tiers: str, slots: dict[str, int | None] | None = None, before: str = "") -> str:
    times = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + ("/>" if value is None else f' TIME_VALUE="{value}"/>')
        for name, value in (SLOTS | (slots or {})).items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00+00:00"'
        f' FORMAT="3.0" VERSION="3.0"><HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/><TIME_ORDER>{times}</TIME_ORDER>'
        + "".join(tiers)
        + '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>'
    )


def tier(name: str, *annotations: str) -> str:
    inner = "".join(f"<ANNOTATION>{annotation}</ANNOTATION>" for annotation in annotations)
    return f'<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="{name}">{inner}</TIER>'


def aligned(name: str, first: str, second: str, value: str) -> str:
    return (
        f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{second}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>"
    )


def referring(name: str, other: str, value: str) -> str:
    return (
        f'<REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{other}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION>"
    )


ITEMS = tier("item", aligned("a1", "ts1", "ts2", "p1/s1"), aligned("a2", "ts3", "ts4", "p1/s2"))


def read(tmp_path: Path, content: str) -> list[tuple[str, str, str, str | None, int]]:
    (tmp_path / "p1.eaf").write_text(content)
    answers = read_elan_answers(tmp_path / "p1.eaf")
    return [(one.item, one.annotator, one.question, one.text, one.round_number) for one in answers]


def test_a_rating_belongs_to_the_item_that_it_lies_on(tmp_path: Path) -> None:
    content = eaf(
        ITEMS,
        tier("emotion7@e1", aligned("a3", "ts5", "ts6", " fear "), referring("a4", "a2", "anger")),
        tier("emotion7@e2#2", referring("a5", "a4", "neutral"), aligned("a6", "ts1", "ts2", "")),
    )
    assert read(tmp_path, content) == [
        ("p1/s1", "e1", "emotion7", "fear", 1),
        ("p1/s2", "e1", "emotion7", "anger", 1),
        ("p1/s1", "e2", "emotion7", None, 2),
        ("p1/s2", "e2", "emotion7", "neutral", 2),
    ]
    assert open_ratings(tmp_path / "p1.eaf")["emotion7"].annotators == ("e1", "e2")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    answers = [
        Answer("p1/s1", "e1", "emotion7", "fear", 1, None, "x"),
        Answer("p1/s2", "e1", "emotion7", "happiness", 1, None, "x"),
        Answer("p1/s2", "e-2", "felt-pleasure-sam9", "7", 3, None, "x"),
        Answer("p1/s1", "e-2", "valence", "-0.125", 1, None, "x"),
    ]
    video = tmp_path / "face & eyes.mp4"
    write_elan(tmp_path / "p1.eaf", answers, intervals=INTERVALS, written_at=WRITTEN_AT, video=video)
    again = read_elan_answers(tmp_path / "p1.eaf")
    assert {(a.item, a.annotator, a.question, a.text, a.round_number) for a in again} == {
        (a.item, a.annotator, a.question, a.text, a.round_number) for a in answers
    }
    root = ElementTree.parse(tmp_path / "p1.eaf").getroot()
    assert [child.tag for child in root][:2] == ["HEADER", "TIME_ORDER"]
    assert [slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")] == ["0", "8500", "16250", "20000", "21000"]
    listed = {one.get("CV_ID"): len(list(one.iter("CV_ENTRY_ML"))) for one in root.iter("CONTROLLED_VOCABULARY")}
    assert listed == {"emotion7": 7}
    assert str(next(root.iter("MEDIA_DESCRIPTOR")).get("MEDIA_URL")).endswith("face%20%26%20eyes.mp4")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (eaf(ITEMS, before=BOMB), "line 1: the file declares a document type"),
        (eaf(tier("item", aligned("a1", "ts1", "ts2", "&a;")), before=OUTSIDE), "declares a document type"),
        (eaf(ITEMS, before='<!DOCTYPE x SYSTEM "http://x/y.dtd">'), "declares a document type"),
        ("<html/>", "no ELAN file, but one of <html>"),
        ("<ANNOTATION_DOCUMENT>", "no ELAN file: no element found"),
        ("", "no ELAN file"),
        (eaf(tier("emotion7@e1")), r"no tier 'item' \(there are emotion7@e1\)"),
        (eaf(ITEMS, tier("notes")), "the tier 'notes' does not say question and annotator"),
        (eaf(ITEMS, tier("arousal@e1", aligned("a3", "ts1", "ts4", "1"))), "at 0.000 s: the rating lies on several"),
        (
            eaf(ITEMS, tier("arousal@e1", aligned("a3", "ts7", "ts8", "1")), slots={"ts7": 9500, "ts8": 9900}),
            "lies on no item",
        ),
        (eaf(ITEMS, tier("arousal@e1", aligned("a3", "ts1", "ts7", "1")), slots={"ts7": None}), "a3 has no time"),
        (eaf(ITEMS, tier("arousal@e1", referring("a3", "a4", "1"), referring("a4", "a3", "1"))), "refers to none"),
        (eaf(tier("item", aligned("a1", "ts1", "ts2", ""))), "the item has no name"),
        (
            eaf(tier("item", aligned("a1", "ts1", "ts2", "c"), aligned("a2", "ts3", "ts4", "c"))),
            "the item c stands there twice",
        ),
    ],
)
def test_what_is_no_sound_elan_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        read(tmp_path, content)


def test_a_document_type_in_another_encoding_is_seen_too(tmp_path: Path) -> None:
    """A search for the bytes of <!DOCTYPE would miss it in UTF-16."""
    (tmp_path / "p1.eaf").write_bytes(eaf(ITEMS, before=BOMB).replace("UTF-8", "UTF-16").encode("utf-16"))
    with pytest.raises(DataError, match="declares a document type"):
        read_elan_answers(tmp_path / "p1.eaf")


def test_a_file_too_large_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "p1.eaf").open("wb") as stream:
        stream.truncate(65_000_000)
    with pytest.raises(DataError, match="65 MB, more than 64"):
        read_elan_answers(tmp_path / "p1.eaf")


def test_a_rater_twice_on_one_item_is_refused_with_both_times(tmp_path: Path) -> None:
    annotations = (aligned("a3", "ts5", "ts6", "fear"), aligned("a4", "ts1", "ts5", "anger"))
    (tmp_path / "p1.eaf").write_text(eaf(ITEMS, tier("emotion7@e1", *annotations)))
    with pytest.raises(DataError, match=r"at 1\.000 s: e1 rated emotion7 of p1/s1 already, in .* at 0\.000 s"):
        open_ratings(tmp_path / "p1.eaf")


@pytest.mark.parametrize(
    ("intervals", "complaint"),
    [
        ({"p1/s2": (0.0, 1.0)}, "not known when the item p1/s1 is seen"),
        ({"p1/s1": (0.0, 2.0), "p1/s2": (1.5, 3.0)}, "begins before the end of another"),
        ({"p1/s1": (2.0, 2.0)}, "from 2.000 to 2.000 s"),
        ({"p1/s1": (-1.0, 2.0)}, "before 0"),
    ],
)
def test_items_without_a_sound_interval_are_refused(
    tmp_path: Path, intervals: dict[str, tuple[float, float]], complaint: str
) -> None:
    answer = Answer("p1/s1", "e1", "arousal", "0.5", 1, None, "x")
    with pytest.raises(DataError, match=complaint):
        write_elan(tmp_path / "p1.eaf", [answer], intervals=intervals, written_at=WRITTEN_AT)
    assert not (tmp_path / "p1.eaf").exists()
