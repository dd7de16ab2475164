"""Ratings, revisions, rounds and the audit, on SQLite and on a PostgreSQL server alike."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

import emogap
from emogap.annotation.answers import Answer
from emogap.annotation.opening import open_ratings
from emogap.annotation.store import open_store
from emogap.annotation.store.connection import read_url
from emogap.errors import DataError

Clock = Callable[[], datetime]


def answer(item: str, annotator: str, question: str, given: str | None, *, line: int = 2, round_: int = 1) -> Answer:
    return Answer(item, annotator, question, given, round_, "2026-02-01", f"experts.csv, line {line}")


def test_what_was_added_is_there_in_another_session(url: str) -> None:
    with open_store(url, create=True) as store:
        store.add_rating("p1/s2", annotator="e1", question="emotion7", rating="fear", who="e1")
        store.add_rating("p1/s1", annotator="e2", question="emotion7", rating="anger", who="e2")
        store.add_rating("p1/s1", annotator="e2", question="valence", rating=-0.1, who="e2")
    with open_store(url) as store:
        tables = store.tables()
        assert store.items() == ("p1/s1", "p1/s2")
        assert store.annotators() == ("e1", "e2")
    np.testing.assert_array_equal(tables["emotion7"].rating, [[np.nan, 5], [2, np.nan]])
    assert tables["valence"].rating.tolist() == [[-0.1]]
    assert open_ratings(url, question="valence")["valence"].rating.tolist() == [[-0.1]]


def test_a_revision_keeps_what_was_said_before(url: str, clock: Clock) -> None:
    with open_store(url, create=True, clock=clock) as store:
        store.add_rating("c", annotator="e1", question="emotion3", rating="positive", who="e1", answered_at="t0")
        assert store.add_rating("c", annotator="e1", question="emotion3", rating="neutral", who="lab", revise=True) == 2
        first, second = store.revisions("c", annotator="e1", question="emotion3")
        assert (first.number, first.text, first.answered_at, first.vocabulary) == (1, "positive", "t0", "emer3 1")
        assert (second.number, second.text) == (2, "neutral")
        assert [one.text for one in store.answers()] == ["neutral"]


def test_a_withdrawn_rating_counts_no_more_but_is_kept(url: str) -> None:
    with open_store(url, create=True) as store:
        store.add_rating("c1", annotator="e1", question="arousal", rating=0.5, who="e1")
        store.add_rating("c2", annotator="e1", question="arousal", rating=0.25, who="e1")
        store.add_rating("c1", annotator="e1", question="arousal", rating=None, who="e1", revise=True)
        assert [(one.item, one.text) for one in store.answers()] == [("c2", "0.25")]
        assert len(store.revisions("c1", annotator="e1", question="arousal")) == 2


def test_the_last_round_counts(url: str, clock: Clock) -> None:
    with open_store(url, create=True, clock=clock) as store:
        store.add_round(2, purpose="experts blind to self-report", who="lab")
        for number, value in ((2, 1.0), (1, -1.0)):
            store.add_rating("c", annotator="e1", question="valence", rating=value, who="e1", round_number=number)
        assert store.tables()["valence"].rating.tolist() == [[1.0]]
        assert [(one.number, one.purpose) for one in store.rounds()] == [(1, ""), (2, "experts blind to self-report")]
        with pytest.raises(DataError, match="there is a round 2 already"):
            store.add_round(2, purpose="again", who="lab")


def test_the_audit_says_who_did_what_when_and_with_which_version(url: str, clock: Clock) -> None:
    with open_store(url, create=True, clock=clock) as store:
        store.add_items(["c1", "c2", "c1"], who="lab")
        store.add_rating("c1", annotator="e1", question="intensity", rating=2, who="e1")
        store.add_rating("c1", annotator="e1", question="intensity", rating=3, who="lab", revise=True)
        entries = store.audit()
    assert [(entry.who, entry.what, entry.revision) for entry in entries] == [
        ("emogap", "create", None),
        ("lab", "add item", None),
        ("lab", "add item", None),
        ("e1", "add annotator", None),
        ("e1", "open round", None),
        ("e1", "rate", 1),
        ("lab", "revise", 2),
    ]
    assert entries[-1].subject == "intensity of c1 by e1, round 1"
    assert {entry.software for entry in entries} == {f"emogap {emogap.__version__}"}
    assert sorted(entry.at for entry in entries) == [entry.at for entry in entries]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "UPDATE rating SET text = 'anger'"],
)
def test_the_database_itself_refuses_to_rewrite_history(url: str, statement: str) -> None:
    with open_store(url, create=True) as store:
        store.add_rating("c1", annotator="e1", question="emotion7", rating="fear", who="e1")
        before = (store.audit(), store.answers())
        engine = create_engine(read_url(url))
        with pytest.raises(DBAPIError, match="refused: rows are added only"), engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        assert (store.audit(), store.answers()) == before


def test_many_ratings_are_kept_all_or_none(url: str) -> None:
    good = [answer(f"c{index}", "e1", "emotion7", "fear", line=index) for index in range(2, 7)]
    with open_store(url, create=True) as store:
        before = store.audit()
        with pytest.raises(DataError, match=r"experts\.csv, line 9: 'suprise' is no word of emotion7"):
            store.add_ratings([*good, answer("c9", "e1", "emotion7", "suprise", line=9)], who="lab")
        assert (store.answers(), store.items(), store.audit()) == ((), (), before)
        assert store.add_ratings([*good, answer("c9", "e1", "emotion7", None)], who="lab") == 5
        assert len(store.answers()) == 5


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rating": "anger"}, r"e1 rated emotion7 of c in round 1 already \(revision 1"),
        ({"rating": "joy", "item": "d"}, "'joy' is no word of emotion7"),
        ({"question": "valence", "rating": 7}, "valence is 7.0, outside -1 to 1"),
        ({"question": "valance", "rating": 0}, "did you mean 'valence'"),
        ({"question": "pleasure-sam9", "rating": 2.5}, "whole points"),
        ({"rating": "anger", "revise": True, "round_number": 2}, "nothing to revise"),
        ({"rating": None, "item": "d"}, "nothing to revise"),
        ({"annotator": "e 1", "rating": "anger"}, "no annotator"),
        ({"rating": "anger", "item": "d", "who": " "}, "nobody is named"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(url: str, change: dict[str, object], complaint: str) -> None:
    kept: dict[str, object] = {"item": "c", "annotator": "e1", "question": "emotion7", "rating": "fear", "who": "e1"}
    with open_store(url, create=True) as store:
        store.add_rating(**kept)  # type: ignore[arg-type]
        before = (store.answers(), store.audit(), store.items(), store.rounds())
        with pytest.raises(DataError, match=complaint):
            store.add_rating(**(kept | change))  # type: ignore[arg-type]
        assert (store.answers(), store.audit(), store.items(), store.rounds()) == before


def test_an_empty_store_has_no_table(url: str) -> None:
    with open_store(url, create=True) as store, pytest.raises(DataError, match="there are no ratings"):
        store.tables()
    with pytest.raises(DataError, match="there are no ratings"):
        open_ratings(url)


def test_what_was_agreed_on_holds_until_something_else_is_and_stays_in_the_audit(url: str) -> None:
    with open_store(url, create=True) as store:
        assert store.agreed("queue") is None
        assert store.settle("queue", lambda before: before or "four experts", who="ann") == "four experts"
        assert store.settle("queue", lambda before: before or "five experts", who="ben") == "four experts"
        assert store.settle("queue", lambda _: "five experts", who="ben") == "five experts"
        assert (store.agreed("queue"), store.agreed("other")) == ("five experts", None)
        lines = [(entry.who, entry.subject) for entry in store.audit() if entry.what == "settle queue"]
    assert lines == [("ann", "four experts"), ("ben", "five experts")]


def test_a_refusal_agrees_on_nothing(url: str) -> None:
    def refuse(_before: str | None) -> str:
        raise DataError("no")

    with open_store(url, create=True) as store:
        with pytest.raises(DataError, match="no"):
            store.settle("queue", refuse, who="ann")
        assert (store.agreed("queue"), len(store.audit())) == (None, 1)


def test_threads_that_write_at_once_take_turns(url: str) -> None:
    """Nobody waits for the database here: whoever meets another thread's transaction would be refused."""
    with open_store(url, create=True, wait_s=0.0) as store, ThreadPoolExecutor(12) as threads:
        together = threading.Barrier(12)

        def judge(number: int) -> None:
            together.wait()
            for clip in range(5):
                store.add_rating(f"p1/s{clip}", annotator=f"e{number}", question="emotion7", rating="fear", who="e1")

        for done in [threads.submit(judge, number) for number in range(12)]:
            done.result()
        assert len(store.answers()) == 60
