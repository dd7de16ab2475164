"""The tables of a run as text of at most 100 columns: both splits side by side, floors and oracle marked."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from emogap.counted_nouns import counted
from emogap.reporting.ceilings import BEST_POSSIBLE, ceiling_under
from emogap.reporting.numbers import METRIC_TITLES, NOTHING, interval, plain, signed_interval
from emogap.reporting.possible_findings import what_was_possible
from emogap.reporting.results import RunResults
from emogap.reporting.sims_table import sims_lines
from emogap.types.run import FailureRecord, RunRecord
from emogap.types.scores import PartsRecord, ScoreRow, ScoreTable, SplitScores

__all__ = ["WIDTH", "notes_of", "parts_shown", "text_tables", "warning_lines", "warnings_of", "way_of_testing"]

WIDTH = 100
MOST_REASONS = 12
"""How many different failures a table of a run names."""
"""Columns of a terminal that a table may take."""

CLASS_COLUMNS = (("uar", 15), ("war", 15), ("f1_weighted", 4))
VALUE_COLUMNS = (("ccc", 17), ("mae", 5), ("pearson_r", 5), ("r2", 5))
"""Metrics shown and their widths; those of 15 or more have room for their interval."""

LETTERS = 3

CONSTANT = ("majority", "person_mean")
"""Floors that say the same of every clip of an unseen person."""


def text_tables(results: RunResults, *, beside: Sequence[str] = ()) -> str:
    """Every table of the run with what is needed to read it, the lines `beside` them, and the next command."""
    lines: list[str] = []
    for table in results.scores["tables"]:
        lines += [*_heading(table, results.record), "", *_scores(table)]
        lines += [*sims_lines(table, results.record, width=WIDTH)]
        lines += [*_parts(table), *_compat(table, results.scores["metric_compat"]), "", *_listed(notes_of(table)), ""]
    lines += [*beside, *_failures(results.record)]
    lines.append(f"next: emogap report {results.path}")
    return "\n".join(line.rstrip() for line in lines)


def warnings_of(table: ScoreTable, record: RunRecord) -> list[str]:
    """What must be said before any number: simulated people, a preset that is never quoted."""
    said = []
    if record["dataset"]["simulated"]:
        best = "; ".join(
            f"under {split['split']} " + ", ".join(f"{METRIC_TITLES[name]} {plain(value)}" for name, value in known)
            for split in table["splits"]
            if (known := ceiling_under(table, split["split"]).items())
        )
        said.append(
            "SIMULATED people: these numbers say what the software does, nothing about real people."
            + (f" Best possible (Bayes): {best}." if best else "")
        )
    if record["config"]["preset"] == "quick":
        said.append(f"QUICK preset ({counted(record['epochs'], 'epoch')}): a demonstration. Never quote these numbers.")
    return said


def parts_shown(split: SplitScores) -> list[PartsRecord]:
    """The parts of the models and of the stimulus's mean; a constant has none that mean anything."""
    return [parts for parts in split["parts"] if parts["model"] not in CONSTANT]


def warning_lines(results: RunResults) -> frozenset[str]:
    """The lines of :func:`text_tables` that a terminal should make stand out."""
    warnings = [warning for table in results.scores["tables"] for warning in warnings_of(table, results.record)]
    return frozenset(line for warning in warnings for line in wrap(warning, WIDTH))


def notes_of(table: ScoreTable) -> list[str]:
    """What a reader of the table must know, in sentences."""
    primary = METRIC_TITLES[table["primary"]]
    notes = list(_row_notes(table))
    clusters = {
        split["split"]: row["metrics"][table["primary"]]["pooled"]["clusters"]
        for split in table["splits"]
        for row in split["rows"][:1]
    }
    drawn = "; ".join(f"{split}: {what}" for split, what in clusters.items() if what)
    if drawn:
        notes.append(
            "Pooled out-of-fold predictions. 95 % intervals by bootstrap"
            f" (BCa widened for few people, {_draws(table)} draws) of {drawn}."
        )
    for split in table["splits"]:
        notes += _undefined_notes(split)
        if split["groups"]:
            groups = "; ".join(f"{_letter(at)} = {', '.join(group)}" for at, group in enumerate(split["groups"]))
            notes.append(
                f"Not distinguished under {split['split']} ({primary}, {way_of_testing(split)}, Holm, 5 %): {groups}."
            )
        notes += what_was_possible(split, primary)
        notes += _few_people(split)
        if split["incomplete"]:
            notes.append(f"Not scored under {split['split']}, for a cell is missing: {', '.join(split['incomplete'])}.")
    if table["space"] is None:
        notes.append(
            "Floors predict the mean training label of each cell. Pooled over cells that mean is low where the labels"
            " are high, because it leaves them out: CCC and r of a floor fall below 0. Compare MAE and R2 too."
        )
    if table["unlabelled"]:
        notes.append(f"{counted(table['unlabelled'], 'clip', 'has')} no such label: left out.")
    if table["ties"]:
        notes.append(
            f"{counted(table['ties'], 'label', 'is')} tied between classes; the first class in the vocabulary"
            " was taken."
        )
    return notes


def _few_people(split: SplitScores) -> Iterator[str]:
    """What so few people cannot show, where an exact permutation test of them cannot reach 5 %."""
    num_people, least = split["num_people"], 2 / 2 ** split["num_people"]
    if least > 0.05:
        is_crossed = any(pair.get("num_stimuli") for pair in split["pairs"])
        reach = "" if is_crossed else f" The least p that exchanging them can give is {least:g}: nothing is told apart."
        yield (
            f"Only {counted(num_people, 'person')} under {split['split']}: intervals are rough, and one without width"
            f" says that these people scored alike, not that the score is certain.{reach}"
        )


def way_of_testing(split: SplitScores) -> str:
    """How models were compared under a split, in a few words."""
    is_crossed = any(pair.get("num_stimuli") for pair in split["pairs"])
    return "paired t over people and stimuli" if is_crossed else "paired permutation over people"


def _heading(table: ScoreTable, record: RunRecord) -> Iterator[str]:
    left = f"{table['protocol']}: {table['title']}"
    right = (
        f"preset {record['config']['preset']} ({counted(record['epochs'], 'epoch')}), cleaning"
        f" {record['dataset']['cleaning']}"
    )
    yield f"{left}{right:>{max(len(right) + 2, WIDTH - len(left))}}"
    yield from wrap(table["meaning"], WIDTH)
    for warning in warnings_of(table, record):
        yield from wrap(warning, WIDTH)


def _scores(table: ScoreTable) -> Iterator[str]:
    columns = CLASS_COLUMNS if table["space"] else VALUE_COLUMNS
    block = sum(width + 1 for _, width in columns) + LETTERS
    names = [row["model"] for split in table["splits"] for row in split["rows"]]
    name_width = max(map(len, [*names, BEST_POSSIBLE]))
    is_side_by_side = name_width + len(table["splits"]) * (block + 3) <= WIDTH
    for splits in [table["splits"]] if is_side_by_side else [[split] for split in table["splits"]]:
        if splits[0] is not table["splits"][0]:
            yield ""
        yield from _score_block(splits, table, columns, name_width=name_width, block=block)


def _score_block(
    splits: Sequence[SplitScores],
    table: ScoreTable,
    columns: Sequence[tuple[str, int]],
    *,
    name_width: int,
    block: int,
) -> Iterator[str]:
    def line(name: str, cells: Iterable[str]) -> str:
        return " | ".join([f"{name:<{name_width}}", *(f"{cell[:block]:<{block}}" for cell in cells)])

    rule = "-" * (name_width + len(splits) * (block + 3))
    heading = " ".join(f"{METRIC_TITLES[name]:<{width}}" for name, width in columns) + " grp"
    yield line("", map(_title, splits))
    yield line("model", [heading] * len(splits))
    for role in ("model", "floor", "oracle"):
        names = dict.fromkeys(row["model"] for split in splits for row in split["rows"] if row["role"] == role)
        if names:
            yield rule
        for name in names:
            yield line(name, (_cells(_find(split, name), columns) for split in splits))
    if table["ceiling"]:
        yield rule
        best = [ceiling_under(table, split["split"]) for split in splits]
        yield line(BEST_POSSIBLE, (" ".join(f"{plain(b.get(name)):<{width}}" for name, width in columns) for b in best))


def _title(split: SplitScores) -> str:
    seeds = f", {counted(split['seeds'], 'seed')}" if split["seeds"] > 1 else ""
    return f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')}{seeds}"


def _find(split: SplitScores, name: str) -> ScoreRow | None:
    return next((row for row in split["rows"] if row["model"] == name), None)


def _cells(row: ScoreRow | None, columns: Sequence[tuple[str, int]]) -> str:
    if row is None:
        return NOTHING
    pooled = [(row["metrics"][name]["pooled"], width) for name, width in columns]
    texts = [f"{interval(record) if width >= 15 else plain(record['estimate']):<{width}}" for record, width in pooled]
    return f"{' '.join(texts)} {row['letters']}"


def _parts(table: ScoreTable) -> Iterator[str]:
    for split in table["splits"]:
        if not split["parts"]:
            continue
        primary = METRIC_TITLES[table["primary"]]
        yield ""
        yield (
            f"{primary} on the same {counted(split['num_clips'], 'clip')}: with the stimuli seen (person), seen"
            " but trained on"
            " fewer clips"
        )
        yield "(thinned), and unseen (blocked). Only thinned - blocked is the stimulus."
        wide = _name_width(split)
        yield f"{'':<{wide}} {'person':<7} {'thinned':<7} {'blocked':<7} {'size part':<17} {'stimulus part':<17}"
        for parts in parts_shown(split):
            alone = [plain(parts[name]["estimate"]) for name in ("person", "thinned", "blocked")]
            numbers = " ".join(f"{number:<7}" for number in alone)
            differences = f"{signed_interval(parts['size_part']):<17} {signed_interval(parts['stimulus_part']):<17}"
            yield f"{parts['model']:<{wide}} {numbers} {differences}"


def _compat(table: ScoreTable, metric_compat: str) -> Iterator[str]:
    if metric_compat != "emer-batch16":
        return
    yield ""
    yield "pooled / averaged per batch of 16 as in EMER's public code (for comparison with its tables only)"
    for split in table["splits"]:
        names = [name for name in table["metrics"] if split["rows"][0]["metrics"][name]["emer_batch16"] is not None]
        wide = _name_width(split)
        yield f"{split['split']:<{wide}} " + " ".join(f"{METRIC_TITLES[name]:<14}" for name in names)
        for row in split["rows"]:
            records = [row["metrics"][name] for name in names]
            if all(record["emer_batch16"] is not None for record in records):
                pairs = [f"{plain(r['pooled']['estimate'])} / {plain(r['emer_batch16'])}" for r in records]
                yield f"{row['model']:<{wide}} " + " ".join(f"{pair:<14}" for pair in pairs)


def _name_width(split: SplitScores) -> int:
    """Room for the longest name of a model."""
    return max(16, *(len(row["model"]) for row in split["rows"]))


def _row_notes(table: ScoreTable) -> Iterator[str]:
    splits_of: dict[tuple[str, str], list[str]] = {}
    for split in table["splits"]:
        for row in split["rows"]:
            if row["note"]:
                splits_of.setdefault((row["model"], row["note"]), []).append(split["split"])
    for (model, note), splits in splits_of.items():
        yield f"{model} under {' and '.join(splits)}: {note}."


def _undefined_notes(split: SplitScores) -> Iterator[str]:
    """Of which metrics some draws were left out, and which have no interval because there were too many of them."""
    for metric in split["rows"][0]["metrics"]:
        pooled = {row["model"]: row["metrics"][metric]["pooled"] for row in split["rows"]}
        lacking = {
            model: one for model, one in pooled.items() if one["undefined_draws"] and one["estimate"] is not None
        }
        for is_left_out in (True, False):
            named = [model for model, one in lacking.items() if (one["low"] is not None) == is_left_out]
            if named:
                most = max(pooled[model]["undefined_draws"] / pooled[model]["draws"] for model in named)
                became = "which the interval leaves out" if is_left_out else "too many for an interval"
                yield (
                    f"{METRIC_TITLES[metric]} of {', '.join(named)} under {split['split']} does not exist in up to"
                    f" {100 * most:.2g} % of the draws, {became}."
                )


def _draws(table: ScoreTable) -> str:
    draws = max(
        row["metrics"][table["primary"]]["pooled"]["draws"] for split in table["splits"] for row in split["rows"]
    )
    return f"{draws:,}".replace(",", " ")


def _letter(position: int) -> str:
    return chr(ord("A") + position) if position < 26 else f"({position + 1})"


def _listed(notes: Sequence[str]) -> Iterator[str]:
    for note in notes:
        yield from wrap(note, WIDTH - 2, initial_indent="- ", subsequent_indent="  ")


def _failures(record: RunRecord) -> Iterator[str]:
    failures = record["failures"]
    if not failures:
        return
    fits = [failure for failure in failures if failure["split"]]
    for failure in failures:
        if not failure["split"]:
            yield from _hanging(f"{failure['model']} was not run: {failure['problem']}")
    if fits:
        yield (
            f"{len(fits)} of {counted(record['num_fits'], 'fit')} failed; the rest is saved, and the same"
            " command tries again:"
        )
    by_reason: dict[tuple[str, str], list[FailureRecord]] = {}
    for failure in fits:
        by_reason.setdefault((failure["model"], failure["problem"]), []).append(failure)
    for (model, problem), alike in list(by_reason.items())[:MOST_REASONS]:
        first = alike[0]
        place = f"{first['target']} {first['split']} cell {first['cell']} seed {first['seed']}"
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        yield from _hanging(f"  {model} {place}{more}: {problem}")
    if len(by_reason) > MOST_REASONS:
        yield f"  and {len(by_reason) - MOST_REASONS} more reasons (run.toml lists all fits)"
    yield ""


def _hanging(words: str) -> list[str]:
    return wrap(words.replace("\n", "; "), WIDTH - 2, subsequent_indent="    ")
