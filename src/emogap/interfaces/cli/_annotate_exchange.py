"""``emogap annotate import`` and ``export``: ratings from files into a study or its store, and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emogap.annotation.store import Store
    from emogap.interfaces.rating_exchange import AnswerMap

__all__ = ["export_file", "import_files", "read_map"]


def read_map(words: str, decisions: list[str]) -> "AnswerMap | None":
    """The map that ``--map FROM:TO`` and ``--decide WORD=WORD`` ask for; None if there is none."""
    from emogap.errors import UsageError
    from emogap.interfaces.rating_exchange import AnswerMap

    if not words:
        if decisions:
            raise UsageError("--decide goes with --map only", fix="--map emer7:emer3 --decide surprise=drop")
        return None
    source, _, target = words.partition(":")
    if not source or not target:
        raise UsageError(f"'{words}' is no map", fix="name two vocabularies, such as --map affectnet8:emer7")
    decide = dict(word.split("=", 1) for word in decisions if "=" in word)
    if len(decide) != len(decisions):
        raise UsageError("a decision is no WORD=WORD, or stands twice", fix="--decide surprise=drop")
    return AnswerMap(source, target, decide)


def import_files(
    study: Path,
    what: list[str],
    store: "Store | None",
    who: str,
    question: str | None,
    answer_map: "AnswerMap | None",
    *,
    as_json: bool,
) -> None:
    """Bring files into the study or the store, and print what came."""
    from emogap.errors import UsageError
    from emogap.interfaces.cli._annotate_telling import tell_exchange
    from emogap.interfaces.rating_exchange import import_ratings

    if (store is None) == bool(who):
        raise UsageError(
            "the audit of a store names who enters ratings" if store else "--who goes with a store only",
            fix="--who NAME" if store else "leave it out",
        )
    files = [Path(word) for word in what]
    report = import_ratings(study, files, store=store, who=who, question=question, answer_map=answer_map)
    tell_exchange(report, done="imported into", as_json=as_json)


def export_file(
    study: Path,
    what: list[str],
    store: "Store | None",
    participant: str | None,
    question: str | None,
    answer_map: "AnswerMap | None",
    *,
    as_json: bool,
) -> None:
    """Write the ratings to a file, and print what it holds and what it does not."""
    from emogap.errors import UsageError
    from emogap.interfaces.cli._annotate_telling import tell_exchange
    from emogap.interfaces.rating_exchange import export_ratings

    if len(what) != 1:
        raise UsageError("ratings are exported to one file", fix="emogap annotate export STUDY ratings.csv")
    report = export_ratings(
        study,
        Path(what[0]),
        written_at=datetime.now(UTC),
        store=store,
        participant=participant,
        question=question,
        answer_map=answer_map,
    )
    tell_exchange(report, done="exported to", as_json=as_json)
