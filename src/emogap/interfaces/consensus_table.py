"""Consensus of every question of a source of ratings, as tables to print and to keep."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from emogap.annotation.annotators import only_annotators, people_of
from emogap.annotation.consensus import CONSENSUS, Consensus, fitting_methods
from emogap.annotation.opening import open_ratings
from emogap.annotation.ratings import is_machine
from emogap.errors import DataError, UsageError
from emogap.files import write_aside, write_bytes
from emogap.recording.derived import record_derived
from emogap.recording.study import study_around
from emogap.reporting.figures.reliabilities import AnnotatorMark, reliability_figure

__all__ = [
    "ConsensusReport",
    "annotator_frame",
    "item_frame",
    "note_items",
    "report_consensus",
    "require_suffix",
    "write_figure",
    "write_frame",
]

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class ConsensusReport:
    """Consensus by question; questions that the method does not fit, and failures with what was wrong."""

    method: str
    questions: dict[str, Consensus]
    left_out: tuple[tuple[str, str], ...]
    failures: tuple[tuple[str, str], ...]


def report_consensus(
    source: str | Path,
    *,
    method: str = "em_reliability",
    question: str | None = None,
    scale: str | None = None,
    machines: bool = False,
) -> ConsensusReport:
    """The consensus of every question of `source`, or of one.

    Parameters
    ----------
    source : str or Path
        As for :func:`emogap.annotation.opening.open_ratings`.
    method : str
        Name on the shelf.
    question, scale : str, optional
        As for ``open_ratings``. A question that was named must fit the method; others that do not are left out.
    machines : bool
        Whether annotators named ``machine-*`` count too; by default only people do.

    Raises
    ------
    UnknownNameError
        If no method, question or scale has this name.
    UsageError
        If no question fits the method, or only machines rated.
    DataError
        If the source is no table of ratings, or nothing can be learned from the question that was named.
    """
    entry = CONSENSUS.open(method)
    questions: dict[str, Consensus] = {}
    left_out, failures = [], []
    for name, table in open_ratings(source, question=question, scale=scale).items():
        counted = table if machines else only_annotators(table, people_of(table), keep_unrated=True)
        if counted is None:
            left_out.append((name, "only machines rated: --machines lets them vote"))
        elif table.scale not in entry.SCALES and name != question:
            fitting = ", ".join(fitting_methods(table.scale))
            left_out.append((name, f"{method} does not work on {table.scale} ratings; {fitting} do"))
        elif name == question:
            questions[name] = entry.fit(counted)
        else:
            try:
                questions[name] = entry.fit(counted)
            except DataError as error:
                failures.append((name, str(error)))
    if not questions and not failures:
        raise UsageError(
            f"no question fits: {'; '.join(f'{name}: {why}' for name, why in left_out)}",
            where=str(source),
            fix="choose another --method, or --machines",
        )
    return ConsensusReport(method, questions, tuple(left_out), tuple(failures))


def item_frame(questions: dict[str, Consensus]) -> pl.DataFrame:
    """One row per question and item.

    Returns
    -------
    polars.DataFrame
        question, item, label, state, value, value_sd, posterior (of the label), num_ratings, disagreement, and a
        column share_<category> for every category of any question; null = does not apply or is not known.
    """
    words = list(dict.fromkeys(word for consensus in questions.values() for word in consensus.categories))
    frames = [_item_rows(name, consensus, words) for name, consensus in questions.items()]
    return pl.concat(frames).with_columns(pl.selectors.float().fill_nan(None)) if frames else pl.DataFrame()


def _item_rows(question: str, consensus: Consensus, words: Iterable[str]) -> pl.DataFrame:
    unknown = np.full(len(consensus.items), np.nan)
    share = dict.fromkeys(words, unknown)
    for index, word in enumerate(consensus.categories):
        assert consensus.share is not None
        share[word] = consensus.share[:, index]
    labels = consensus.labels or (None,) * len(consensus.items)
    return pl.DataFrame(
        {
            "question": [question] * len(consensus.items),
            "item": consensus.items,
            "label": pl.Series(labels, dtype=pl.String),
            "state": consensus.states,
            "value": unknown if consensus.value is None else consensus.value,
            "value_sd": unknown if consensus.value_sd is None else consensus.value_sd,
            "posterior": _posterior_of_label(consensus),
            "num_ratings": consensus.num_ratings,
            "disagreement": consensus.disagreement,
            **{f"share_{word}": column for word, column in share.items()},
        }
    )


def _posterior_of_label(consensus: Consensus) -> list[float]:
    if consensus.posterior is None:
        return [math.nan] * len(consensus.items)
    place = {word: index for index, word in enumerate(consensus.categories)}
    return [
        math.nan if label is None else float(row[place[label]])
        for label, row in zip(consensus.labels, consensus.posterior, strict=True)
    ]


def annotator_frame(questions: dict[str, Consensus]) -> pl.DataFrame:
    """One row per question and annotator.

    Returns
    -------
    polars.DataFrame
        question, annotator, num_rated, reliability, bias, sd (of the annotator's errors); null = does not apply.
    """
    frames = []
    for question, consensus in questions.items():
        unknown = np.full(len(consensus.annotators), np.nan)
        columns = {
            "question": [question] * len(consensus.annotators),
            "annotator": consensus.annotators,
            "num_rated": consensus.num_rated,
            "reliability": unknown if consensus.reliability is None else consensus.reliability,
            "bias": unknown if consensus.bias is None else consensus.bias,
            "sd": unknown if consensus.variance is None else np.sqrt(consensus.variance),
        }
        frames.append(pl.DataFrame(columns))
    return pl.concat(frames).with_columns(pl.selectors.float().fill_nan(None)) if frames else pl.DataFrame()


def note_items(ratings: str, out: Path, *, by: str) -> None:
    """Note in the study that the ratings lie in, if they lie in one, that `out` is about to be made of its clips.

    Parameters
    ----------
    ratings : str
        Folder of a study, file, or address of a store, as :func:`report_consensus` takes it.
    out : Path
    by : str
        The command.

    Raises
    ------
    OutputError
        If the study cannot be written.
    """
    if (study := study_around(Path(ratings.removeprefix("sqlite:///")) / "item")) is not None:
        record_derived(study, out, by=by)


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the suffix of `path`; whole or not at all.

    Raises
    ------
    UsageError
        If the suffix is another.
    OutputError
        If the file cannot be written.
    """
    require_suffix(path)
    with write_aside(path) as partial:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(partial)
        else:
            frame.write_csv(partial)


def write_figure(report: ConsensusReport, path: Path) -> None:
    """Write the reliability of every annotator, question by question, as SVG.

    Raises
    ------
    UsageError
        If no question has reliabilities.
    OutputError
        If the file cannot be written.
    """
    marks = {
        name: [
            AnnotatorMark(annotator, float(reliability), int(number), is_machine(annotator))
            for annotator, reliability, number in zip(
                consensus.annotators, consensus.reliability, consensus.num_rated, strict=True
            )
        ]
        for name, consensus in report.questions.items()
        if consensus.reliability is not None
    }
    if not marks:
        raise UsageError(
            f"{report.method} found no reliabilities to draw", where=str(path), fix="choose another --method"
        )
    title = str(CONSENSUS.open(report.method).TITLE)
    write_bytes(path, reliability_figure(marks, title=title).encode())


def require_suffix(path: Path | None, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Refuse a file of another kind; None is no file.

    Raises
    ------
    UsageError
        Naming the suffix.
    """
    if path is not None and path.suffix.lower() not in suffixes:
        what = "a table" if suffixes == SUFFIXES else "a figure"
        raise UsageError(
            f"cannot write {what} as '{path.suffix}'", where=str(path), fix=f"name it {' or '.join(suffixes)}"
        )
