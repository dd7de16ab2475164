"""One self-contained HTML page of a run: no script, no font, no image from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from emogap.reporting.audit_findings import AuditFinding
from emogap.reporting.ceilings import ceiling_under
from emogap.reporting.confound_tables import confound_tables
from emogap.reporting.data_quality import DataQuality
from emogap.reporting.figures.confusion import confusion
from emogap.reporting.figures.forest import SPLIT_COLOURS, forest
from emogap.reporting.figures.people import people_strip
from emogap.reporting.id_order import id_order
from emogap.reporting.numbers import METRIC_TITLES, p_value, plain, signed
from emogap.reporting.result_cells import WrittenTable, column_title, write_cells
from emogap.reporting.results import RunResults
from emogap.reporting.tables import notes_of, parts_shown, warnings_of
from emogap.types.result_table import ResultTable
from emogap.types.scores import PairRecord, PartsRecord, ScoreRow, ScoreTable, SplitScores

__all__ = ["build_page", "figures_of"]


@dataclass(frozen=True, slots=True)
class _SplitView:
    """What the template shows of one split."""

    scores: SplitScores
    colour: str
    ceiling: dict[str, float]
    confusions: tuple[Markup, ...]
    people: Markup | None
    support: tuple[int, ...]
    pairs: tuple[PairRecord, ...]
    parts: tuple[PartsRecord, ...]
    person_rows: tuple[tuple[str, int, tuple[float | None, ...]], ...]
    person_models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _TableView:
    """What the template shows of one table."""

    table: ScoreTable
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    forest: Markup
    names: tuple[tuple[str, str], ...]
    splits: tuple[_SplitView, ...]


@dataclass(frozen=True, slots=True)
class _ResultView:
    """What the template shows of one table of results."""

    table: ResultTable
    titles: tuple[str, ...]
    headings: tuple[tuple[str, int], ...]
    written: WrittenTable


def build_page(
    results: RunResults,
    *,
    quality: DataQuality | None,
    findings: Sequence[AuditFinding] | None,
    subgroups: Sequence[ResultTable] | None = None,
) -> str:
    """The page as one HTML document; the same run gives the same bytes.

    Parameters
    ----------
    results : RunResults
    quality : DataQuality or None
        None if the data set is no longer where it was; the page then says so.
    findings : sequence of AuditFinding, or None
        What the leakage audit of the run looked for and found; None if it was not made.
    subgroups : sequence of ResultTable, or None
        Scores of subgroups of the people; None if nothing is known of the people.
    """
    environment = Environment(
        loader=PackageLoader("emogap.reporting"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {
        "plain": plain,
        "signed": signed,
        "p_value": p_value,
        "metric_title": METRIC_TITLES.get,
    }
    environment.filters.update(words)
    return environment.get_template("report.html.j2").render(
        results=results,
        record=results.record,
        views=[_view(table, results) for table in results.scores["tables"]],
        title=_title(results.scores["tables"]),
        quality=quality,
        findings=findings,
        confounds=tuple(map(_result_view, confound_tables(results))),
        subgroups=None if subgroups is None else tuple(map(_result_view, subgroups)),
    )


def figures_of(results: RunResults) -> dict[str, str]:
    """The figures of the page as SVG documents, by file name."""
    figures = {}
    for view in (_view(table, results) for table in results.scores["tables"]):
        stem = f"{view.table['protocol']}-{view.table['target']}"
        figures[f"scores-{stem}.svg"] = str(view.forest)
        for split in view.splits:
            models = [row["model"] for row in _with_confusion(split.scores)]
            for model, figure in zip(models, split.confusions, strict=True):
                figures[f"confusion-{stem}-{split.scores['split']}-{model}.svg"] = str(figure)
            if split.people is not None:
                figures[f"people-{stem}-{split.scores['split']}.svg"] = str(split.people)
    return figures


def _result_view(table: ResultTable) -> _ResultView:
    headings = tuple(
        (name, len(list(same))) for name, same in groupby(column["heading"] for column in table["columns"])
    )
    return _ResultView(table, tuple(map(column_title, table["columns"])), headings, write_cells(table))


def _title(tables: Sequence[ScoreTable]) -> str:
    """Titles of what was asked; those of the other view, trained along, stand further down."""
    return " and ".join(table["title"] for table in tables if table["view"] == tables[0]["view"])


def _view(table: ScoreTable, results: RunResults) -> _TableView:
    names = {row["model"]: row["role"] for split in table["splits"] for row in split["rows"]}
    ordered = sorted(names.items(), key=lambda item: ("model", "floor", "oracle").index(item[1]))
    return _TableView(
        table=table,
        warnings=tuple(warnings_of(table, results.record)),
        notes=tuple(notes_of(table)),
        forest=Markup(forest(table)),
        names=tuple(ordered),
        splits=tuple(_split_view(split, table) for split in table["splits"]),
    )


def _split_view(split: SplitScores, table: ScoreTable) -> _SplitView:
    colour = SPLIT_COLOURS[split["split"]]
    shown = [row for row in split["rows"] if row["per_person"] and row["role"] != "oracle"]
    score = "WAR of a participant" if table["space"] else "MAE of a participant"
    scores = [{person["participant_id"]: person["score"] for person in row["per_person"]} for row in shown]
    people = shown[0]["per_person"] if shown else []
    figure = people_strip(shown, title=score, colour=colour, most=1.0 if table["space"] else None)
    return _SplitView(
        scores=split,
        colour=colour,
        ceiling=ceiling_under(table, split["split"]),
        confusions=tuple(
            Markup(confusion(row["confusion"], table["classes"], model=row["model"], colour=colour))
            for row in _with_confusion(split)
        ),
        people=Markup(figure) if shown else None,
        support=tuple(round(sum(counts)) for counts in split["rows"][0]["confusion"]),
        pairs=tuple(pair for pair in split["pairs"] if {pair["first"], pair["second"]} & {split["best"], "emert"}),
        parts=tuple(parts_shown(split)),
        person_rows=tuple(
            (person["participant_id"], person["num_clips"], tuple(by[person["participant_id"]] for by in scores))
            for person in sorted(people, key=lambda person: id_order(person["participant_id"]))
        ),
        person_models=tuple(row["model"] for row in shown),
    )


def _with_confusion(split: SplitScores) -> list[ScoreRow]:
    """The models; where none was asked for, the floors."""
    rows = [row for row in split["rows"] if row["confusion"] and row["per_person"]]
    return [row for row in rows if row["role"] == "model"] or [row for row in rows if row["role"] == "floor"]
