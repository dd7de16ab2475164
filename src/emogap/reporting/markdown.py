"""The tables of a run in Markdown, for a README or a paper's supplement."""

from collections.abc import Iterator, Sequence

from emogap.counted_nouns import counted
from emogap.reporting.ceilings import BEST_POSSIBLE, ceiling_under
from emogap.reporting.numbers import METRIC_TITLES, NOTHING, interval, plain, signed_interval
from emogap.reporting.results import RunResults
from emogap.reporting.tables import notes_of, parts_shown, warnings_of
from emogap.scoring.sims import SIMS_METRICS
from emogap.types.scores import ScoreTable

__all__ = ["markdown_tables"]

CLASS_COLUMNS = ("uar", "war", "f1_weighted")
VALUE_COLUMNS = ("ccc", "mae", "r2")


def markdown_tables(results: RunResults) -> str:
    """Every table of the run: splits side by side, floors and oracle marked, notes below."""
    lines: list[str] = []
    for table in results.scores["tables"]:
        preset = f"preset {results.record['config']['preset']}, cleaning {results.record['dataset']['cleaning']}"
        lines += [f"**{table['protocol']}: {table['title']}** ({preset}). {table['meaning']}", ""]
        lines += [f"**{warning}**\n" for warning in warnings_of(table, results.record)]
        lines += [*_scores(table), "", *_parts(table)]
        lines += [*(f"- {note}" for note in notes_of(table)), ""]
    return "\n".join(lines)


def _scores(table: ScoreTable) -> Iterator[str]:
    usual = CLASS_COLUMNS if table["space"] else VALUE_COLUMNS
    columns = (*usual, *(name for name in SIMS_METRICS if name in table["metrics"]))
    headings = [
        f"{split['split']}, {counted(split['num_clips'], 'clip')}: {METRIC_TITLES[column]}"
        if column == columns[0]
        else METRIC_TITLES[column]
        for split in table["splits"]
        for column in columns
    ]
    yield from _heading(["model", *headings])
    rows = {row["model"]: row["role"] for split in table["splits"] for row in split["rows"]}
    for name, role in sorted(rows.items(), key=lambda item: ("model", "floor", "oracle").index(item[1])):
        cells = [name if role == "model" else f"*{name}* ({role})"]
        for split in table["splits"]:
            row = next((row for row in split["rows"] if row["model"] == name), None)
            cells += [interval(row["metrics"][column]["pooled"]) if row else NOTHING for column in columns]
        yield _line(cells)
    if table["ceiling"]:
        best = [ceiling_under(table, split["split"]) for split in table["splits"]]
        yield _line([f"*{BEST_POSSIBLE}* (simulated)", *(plain(known.get(name)) for known in best for name in columns)])


def _parts(table: ScoreTable) -> Iterator[str]:
    for split in table["splits"]:
        if not parts_shown(split):
            continue
        yield from _heading(["model", "person", "thinned", "blocked", "size part", "stimulus part"])
        for parts in parts_shown(split):
            alone = [interval(parts[name]) for name in ("person", "thinned", "blocked")]
            differences = [signed_interval(parts[name]) for name in ("size_part", "stimulus_part")]
            yield _line([parts["model"], *alone, *differences])
        yield ""
        yield f"{METRIC_TITLES[table['primary']]} on the same {counted(split['num_clips'], 'clip')}."
        yield ""


def _heading(cells: Sequence[str]) -> Iterator[str]:
    yield _line(cells)
    yield _line(["---"] * len(cells))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
