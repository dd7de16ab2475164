"""Many answers at once: revisions stay what they were, the audit names each, what is missing or twice is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from emogap.annotation.answers import Answer
from emogap.annotation.store import open_store
from emogap.errors import DataError, OutputError

FIRST = Answer("c1", "e1", "emotion7", "fear", 1, "t1", "experts.csv", 2, vocabulary="emer7 1")
CHANGED = replace(FIRST, text="anger", answered_at="t2", line=3, revision=2)
WITHDRAWN = replace(FIRST, text=None, answered_at="t3", line=4, revision=3)
OTHER = Answer("c2", "e2", "pleasure-sam9", "7", 2, None, "experts.csv", 5, mapping="m", vocabulary="sam9 1")


def content(answers: tuple[Answer, ...]) -> list[Answer]:
    return [replace(answer, place="", line=0) for answer in answers]


def test_revisions_come_back_as_they_were_given_whatever_the_order_of_rows(url: str) -> None:
    with open_store(url, create=True) as store:
        assert store.add_ratings([WITHDRAWN, OTHER, CHANGED, FIRST], who="lab") == 4
        assert content(store.answers(revisions=True)) == content((FIRST, CHANGED, WITHDRAWN, OTHER))
        assert [(one.item, one.revision) for one in store.answers()] == [("c2", 1)]
        told = [(entry.what, entry.revision) for entry in store.audit() if entry.revision]
    assert sorted(told) == [("rate", 1), ("rate", 1), ("revise", 2), ("withdraw", 3)]


def test_a_later_revision_may_follow_in_another_file(url: str) -> None:
    with open_store(url, create=True) as store:
        store.add_ratings([FIRST], who="lab")
        store.add_ratings([CHANGED], who="lab")
        assert [one.text for one in store.answers()] == ["anger"]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([CHANGED], "line 3: e1 has not rated|line 3: revision 2 of e1's emotion7 of c1.*without revision 1"),
        ([FIRST, replace(CHANGED, revision=3)], r"line 3: revision 3 .*comes without revision 2"),
        ([FIRST, replace(FIRST, line=9)], r"line 9: e1 rated emotion7 of c1 in round 1 already \(.*line 2"),
        ([OTHER, WITHDRAWN], "line 4: e1 has not rated emotion7 of c1"),
    ],
)
def test_revisions_without_a_beginning_and_answers_twice_are_refused(
    url: str, rows: list[Answer], complaint: str
) -> None:
    with open_store(url, create=True) as store:
        with pytest.raises(DataError, match=complaint):
            store.add_ratings(rows, who="lab")
        assert (store.answers(revisions=True), store.items(), len(store.audit())) == ((), (), 1)


def test_more_items_than_one_query_asks_for_are_all_known_again(url: str) -> None:
    """1,203 items in a store, asked for in portions: the last of them is recognised as rated already."""
    rows = [Answer(f"c{n}", f"e{n % 7}", "intensity", str(n % 4), 1 + n % 2, None, "x", n + 2) for n in range(1203)]
    with open_store(url, create=True) as store:
        assert store.add_ratings(rows, who="lab") == 1203
        with pytest.raises(DataError, match=r"line 1204: e5 rated intensity of c1202 in round 1 already"):
            store.add_ratings(rows[-1:], who="lab")
        assert {(one.item, one.annotator, one.text) for one in store.answers()} == {
            (row.item, row.annotator, row.text) for row in rows
        }
        assert sum(entry.what == "rate" for entry in store.audit()) == 1203
        assert store.add_ratings([replace(row, round_number=3) for row in rows], who="lab") == 1203


def test_a_thousand_ratings_take_few_statements(tmp_path: Path) -> None:
    """Each was looked up and written by itself, 1.2 ms a rating: the number of statements must not grow with them."""
    rows = [Answer(f"c{n % 40}", f"e{n // 40}", "intensity", "1", 1, None, "x", n + 2) for n in range(1200)]
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    with open_store(tmp_path / "r.db", create=True) as store:
        event.listen(Engine, "before_cursor_execute", note)
        store.add_ratings(rows, who="lab")
        event.remove(Engine, "before_cursor_execute", note)
        assert len(store.answers()) == 1200
    assert len(statements) < 30


def test_a_writer_on_postgresql_waits_for_another_and_then_says_so(postgres_url: str) -> None:
    """Two who opened the same round at once met in a unique key, and one was told to run the command again."""
    with open_store(postgres_url, create=True, wait_s=0.3) as store, open_store(postgres_url) as other:
        with other._writing() as session:
            session.connection()
            with pytest.raises(OutputError, match="locked by another process"):
                store.add_ratings([FIRST], who="lab")
        assert store.add_ratings([FIRST], who="lab") == 1
