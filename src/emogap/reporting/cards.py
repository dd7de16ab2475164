"""Data card and model card in Markdown: what is known of data and models, what is not, and what they are not for."""

from collections.abc import Iterator, Sequence

from emogap.reporting.methods import run_passages
from emogap.reporting.methods_of_data import data_passages
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.paper_facts import DataFacts, RunFacts
from emogap.reporting.passages import Passage, Sentence, gap, markdown_passages
from emogap.reporting.result_markdown import escape_markdown, markdown_result
from emogap.reporting.result_of_run import interval_cell, metric_column, number_cell, text_column, words_cell
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores

__all__ = ["data_card", "model_card"]


def data_card(data: Sequence[DataFacts], *, notice: str) -> str:
    """A card for each data set under one heading; ends in a line break.

    Parameters
    ----------
    data : sequence of DataFacts
    notice : str
        What emogap states of its use, as Markdown.
    """
    lines = ["# Data card", ""]
    for one in data:
        lines += [f"## {escape_markdown(one.name)}", ""]
        lines.append(markdown_passages(_data_passages(one), level=3))
    return "\n".join([*lines, "## Notice", "", notice]) + "\n"


def _data_passages(data: DataFacts) -> tuple[Passage, ...]:
    stated = data.study.intended_use if data.study is not None else ""
    simulated = (Sentence("Simulated people: useful to test software, useless to learn about people."),)
    use = Passage(
        "Intended use",
        (
            *(simulated if data.is_simulated else ()),
            Sentence(f"Stated by the study: {stated}.") if stated else gap("intended use"),
            Sentence(
                "Not for assessing, selecting, monitoring or disciplining people, and not for inferring the emotions of"
                " people at work or in education."
            ),
        ),
    )
    consent = data.study.consent if data.study is not None else ""
    about_people = (
        Sentence(consent) if consent else gap("consent levels, and until when a participant may withdraw"),
        gap("whom the participants stand for, and whom they do not (age, culture, health, glasses)"),
    )
    privacy = Passage(
        "Privacy and representativeness",
        (
            Sentence("Gaze can reveal identity and health: data without names are not anonymous."),
            *(() if data.is_simulated else about_people),
        ),
    )
    care = Passage("Maintenance", (gap("who maintains the data, and where errors are reported"),))
    return (use, *data_passages(data, is_named=False), privacy, care)


def model_card(runs: Sequence[RunFacts], *, notice: str) -> str:
    """A card for the models of each run under one heading; ends in a line break."""
    lines = ["# Model card", ""]
    for facts in runs:
        lines += [f"## {escape_markdown(facts.name)}", "", markdown_passages(_model_passages(facts), level=3)]
        for table in facts.results.scores["tables"]:
            lines += [markdown_result(_card_table(table, is_simulated=facts.data.is_simulated))]
    return "\n".join([*lines, "## Notice", "", notice]) + "\n"


def _model_passages(facts: RunFacts) -> tuple[Passage, ...]:
    views = sorted({table["view"] for table in facts.results.scores["tables"]})
    use = Passage(
        "Intended use",
        (
            Sentence(f"Research on the label view {' and '.join(views)}: what a model can tell of it from signals."),
            Sentence("It does not read feelings. Not a medical device; not for decisions about a person."),
        ),
    )
    return (use, *run_passages([facts]), Passage("Limits", tuple(_limits(facts))))


def _limits(facts: RunFacts) -> Iterator[Sentence]:
    data = facts.data
    if data.is_simulated:
        yield Sentence("Fitted and tested on simulated people only: nothing is known of its errors with real people.")
    yield Sentence(
        f"Fitted and tested on parts of one data set ({data.name}): its errors with other people, rooms and devices are"
        " not known."
    )
    for table in facts.results.scores["tables"]:
        yield from (Sentence(words) for split in table["splits"] if (words := _beside_floors(table, split)))
    if facts.has_subgroups:
        yield Sentence("Scores of subgroups of the people stand in tables of their own.")
    elif data.people:
        yield gap("scores by sex, age and glasses: run an experiment of the kind subgroups, or name the run itself")
    else:
        yield gap("scores by sex, age and glasses: the data set does not say who is who")
    yield gap("performance on another data set: run an experiment of the kind transfer")


def _beside_floors(table: ScoreTable, split: SplitScores) -> str:
    """Which models the paired tests do not tell from a prediction that looks at no signal."""
    floors = {row["model"] for row in split["rows"] if row["role"] == "floor"}
    models = [row["model"] for row in split["rows"] if row["role"] == "model"]
    alike = [model for model in models if any(model in group and floors & set(group) for group in split["groups"])]
    if not alike or not split["groups"]:
        return ""
    who = "No model is" if len(alike) == len(models) else f"Not {', '.join(alike)}: these are not"
    metric = METRIC_TITLES[table["primary"]]
    return f"{who} distinguished from every floor in {metric} of {table['protocol']} under {split['split']}."


def _card_table(table: ScoreTable, *, is_simulated: bool) -> ResultTable:
    columns = [text_column("model", "model")]
    for split in table["splits"]:
        heading = split["split"]
        columns += [metric_column(table["primary"], heading=heading, is_ranked=False)]
        columns += [_column(name, title, heading) for name, title in _MORE if name == "least" or table["space"]]
    names = dict.fromkeys(row["model"] for split in table["splits"] for row in split["rows"] if row["role"] == "model")
    rows = []
    for name in names:
        cells = [words_cell(name, is_ranked=False)]
        for split in table["splits"]:
            cells += _cells(next((row for row in split["rows"] if row["model"] == name), None), table)
        rows.append(cells)
    return ResultTable(
        name="model_card",
        title=f"{table['protocol']}: {table['title']}",
        caption=(
            f"{METRIC_TITLES[table['primary']]} with 95 % intervals; the score that nine of ten participants"
            f" reach ({'WAR' if table['space'] else 'MAE'})"
            + (
                "; recall of the class that is found least; ECE and Brier score of its probabilities."
                if table["space"]
                else "."
            )
        ),
        columns=columns,
        rows=rows,
        row_groups=[""] * len(rows),
        is_simulated=is_simulated,
        notes=[],
    )


_MORE = (("least", "nine of ten"), ("recall", "least recall"), ("ece", "ECE"), ("brier", "Brier"))


def _column(name: str, title: str, heading: str) -> ResultColumn:
    return ResultColumn(name=name, title=title, heading=heading, unit="", decimals=2, better="")


def _cells(row: ScoreRow | None, table: ScoreTable) -> list[ResultCell]:
    wide = 5 if table["space"] else 2
    if row is None:
        return [number_cell(None, note="not scored under this split")] * wide
    cells = [
        interval_cell(row["metrics"][table["primary"]]["pooled"]),
        _reached_by_nine_of_ten(row, is_error=not table["space"]),
    ]
    if table["space"]:
        found = {name: recall for name, recall in row["recall"].items() if recall is not None}
        least = min(found, key=found.__getitem__, default=None)
        cells.append(words_cell("" if least is None else f"{found[least]:.2f} {least}"))
        known = row["calibration"]
        cells += [number_cell(known[name] if known else None, note="not computed") for name in ("ece", "brier")]
    return cells


def _reached_by_nine_of_ten(row: ScoreRow, *, is_error: bool) -> ResultCell:
    """The score that nine of ten participants reach; of an error, the one that they stay below."""
    scores = sorted((one["score"] for one in row["per_person"] if one["score"] is not None), reverse=is_error)
    return number_cell(scores[len(scores) // 10] if scores else None, note="no participant was scored")
