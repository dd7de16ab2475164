"""Ratings from wherever they lie, as tables: the one door for agreement, consensus and the gap."""

from pathlib import Path

from emogap.annotation.answers import Answer, read_csv_answers, read_parquet_answers
from emogap.annotation.elan import read_elan_answers
from emogap.annotation.tables import rating_tables
from emogap.annotation.votes import recognise_counts
from emogap.errors import DataError
from emogap.types import RatingTable

__all__ = ["open_ratings", "read_answers", "read_rating_file"]

READERS = {".csv": read_csv_answers, ".parquet": read_parquet_answers, ".eaf": read_elan_answers}

STORE_SUFFIXES = (".db", ".sqlite")
"""What files of stores are called."""


def open_ratings(
    source: str | Path, *, question: str | None = None, scale: str | None = None
) -> dict[str, RatingTable]:
    """The ratings of a source, one table of items by annotators for each question; NaN = not rated.

    Parameters
    ----------
    source : str or Path
        A file ``.csv`` or ``.parquet`` with the columns item, annotator, question, rating, round, answered_at,
        or only item, annotator, rating (the question is then called ``rating``); an ELAN file ``.eaf`` with tiers
        ``question@annotator`` and ``item``; a folder of such CSV files;
        a study, whose ``ratings/*.csv`` are read; or a store: ``sqlite:///FILE``, ``postgresql://...``, or a
        file ``.db`` or ``.sqlite``.
    question : str, optional
        Only this one; by default all that were asked.
    scale : str, optional
        ``nominal``, ``ordinal`` or ``interval``; by default words are nominal and numbers interval.

    Returns
    -------
    dict from question to RatingTable
        Machines (annotators ``machine-*``) are annotators like any other here.

    Raises
    ------
    DataError
        If the source cannot be read, is empty, holds a rating off its scale, words of several vocabularies, an
        annotator who rated an item twice in one round (both rows are named), or an item that nobody rated.
    UnknownNameError
        If `question` was not asked, or there is no such scale.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "votes.csv"
    ...     _ = file.write_text("item,annotator,rating\\nclip1,ann,fear\\nclip1,ben,anger\\nclip2,ann,anger\\n")
    ...     table = open_ratings(file)["rating"]
    >>> table.categories, table.rating.tolist()
    (('anger', 'fear'), [[1.0, 0.0], [0.0, nan]])
    """
    answers = read_answers(source)
    if not answers:
        raise DataError("there are no ratings: the table is empty", where=str(source), fix="rate at least one item")
    return rating_tables(answers, question=question, scale=scale)


def read_answers(source: str | Path) -> tuple[Answer, ...]:
    """All answers of a source, as text, every round; see :func:`open_ratings` for what a source may be.

    Raises
    ------
    DataError
        If there is no such source, it cannot be read, or it holds counts of votes without who gave them.
    """
    if "://" in str(source) or Path(source).suffix.lower() in STORE_SUFFIXES:
        from emogap.annotation.store import open_store

        with open_store(source) as store:
            return store.answers()
    path = Path(source)
    if path.is_dir() and recognise_counts(path) is None:
        folder = path / "ratings" if (path / "ratings").is_dir() else path
        files = sorted(folder.glob("*.csv"))
        if not files:
            raise DataError(
                "there is no rating file in this folder", where=str(folder), fix="put *.csv there, or name a file"
            )
        return tuple(answer for file in files for answer in read_csv_answers(file))
    return read_rating_file(path)


def read_rating_file(path: Path) -> tuple[Answer, ...]:
    """All answers of one file ``.csv``, ``.parquet`` or ``.eaf``, as text, every round and revision.

    Raises
    ------
    DataError
        If there is no such file, it cannot be read, or it holds counts of votes without who gave them.
    """
    if (counts := recognise_counts(path)) is not None:
        raise DataError(
            f"this file ({counts}) holds counts of votes, not who gave them: it is no table of items by annotators",
            where=str(path),
            fix="read it with emogap.annotation.votes; emogap agreement and emogap consensus --method majority take it",
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"'{path.suffix}' is no kind of rating file" if path.exists() else "there is no such file or folder",
            where=str(path),
            fix="name a .csv, .parquet, .eaf or .db file, a folder of CSV files, a study, or the address of a store",
        )
    return reader(path)
