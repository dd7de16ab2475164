"""The methods of a paper, filled from the records of runs and the headers of data sets; gaps stay visible.

Read :func:`methods_passages` first. Every sentence stands once; one that is not true of everything that is reported
names the runs or experiments that it is true of.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from emogap.counted_nouns import counted
from emogap.reporting.methods_of_data import data_passages
from emogap.reporting.numbers import METRIC_TITLES, rounded
from emogap.reporting.paper_facts import DataFacts, ModelFacts, RunFacts
from emogap.reporting.passages import Passage, Sentence, gap, merged_passage
from emogap.types.scores import ScoreTable

__all__ = ["methods_passages", "run_passages"]

SPLITS = {
    "person": "no person of a test clip is in the training set",
    "person+stimulus": "neither the person nor the stimulus of a test clip is in the training set",
    "official": "the folds published with the data",
}

OPTIMISERS = {"adam": "Adam", "adamw": "AdamW"}

RESAMPLED = {"bca": "BCa bootstrap widened for few people", "percentile": "percentile bootstrap widened for few people"}


def methods_passages(runs: Sequence[RunFacts], data: Sequence[DataFacts]) -> tuple[Passage, ...]:
    """Passages on people, recording, exclusions, cleaning, labels, models, evaluation, statistics and software.

    Parameters
    ----------
    runs : sequence of RunFacts
        Without any nothing is said of models.
    data : sequence of DataFacts
        Those of the runs, and others that results were made from.
    """
    passages = [passage for one in data for passage in data_passages(one, is_named=len(data) > 1)]
    return (*passages, *(run_passages(runs) if runs else ()))


def run_passages(runs: Sequence[RunFacts]) -> tuple[Passage, ...]:
    """Passages on what was asked, how it was split, trained and tested, and with what software."""
    told: dict[str, Callable[[RunFacts], Iterator[Sentence]]] = {
        "Questions": _questions,
        "Splits": _splits,
        "Models": _models,
        "Training": _training,
        "Statistics": _statistics,
        "Software and time": _software,
    }
    passages = [merged_passage(title, _said(runs, tell)) for title, tell in told.items()]
    return (*passages[:-1], Passage(passages[-1].title, (*passages[-1].sentences, Sentence(_effort(runs)))))


def _said(runs: Sequence[RunFacts], tell: Callable[[RunFacts], Iterator[Sentence]]) -> Mapping[str, Sequence[Sentence]]:
    """Everything that is said of each run that was named, and of all runs of each experiment."""
    said: dict[str, list[Sentence]] = {}
    for facts in runs:
        for name in facts.experiments or (facts.name,):
            said.setdefault(name, []).extend(tell(facts))
    return said


def _questions(facts: RunFacts) -> Iterator[Sentence]:
    for table in facts.results.scores["tables"]:
        known = f" Clips without such a label, left out: {table['unlabelled']}." if table["unlabelled"] else ""
        ties = (
            f" Ties between classes, of which the first in the vocabulary was taken: {table['ties']}."
            if table["ties"]
            else ""
        )
        yield Sentence(f"{table['protocol']} ({table['title']}): {table['meaning']}{_classes(table)}{known}{ties}")


def _classes(table: ScoreTable) -> str:
    if not table["classes"]:
        return ""
    listed = ", ".join(f"{name} {table['support'].get(name, 0)}" for name in table["classes"])
    return f" Labelled clips by class: {listed}."


def _splits(facts: RunFacts) -> Iterator[Sentence]:
    record = facts.results.record
    config = record["config"]
    for split in facts.results.scores["tables"][0]["splits"]:
        name = split["split"]
        meaning = f" ({SPLITS[name]})" if name in SPLITS else ""
        yield Sentence(
            f"Split {name}{meaning}: {counted(split['cells'], 'cell')} for each seed, seeds: {split['seeds']};"
            f" {counted(split['num_clips'], 'test clip')} of {counted(split['num_people'], 'person')} and"
            f" {counted(split['num_stimuli'], 'stimulus')}."
        )
    folds = config.get("folds")
    yield Sentence(f"{folds} folds of people were dealt.") if folds is not None else gap("number of folds")
    if any(name.startswith("person-thinned") for name in record["splits"]):
        yield Sentence(
            f"Cells of the split person+stimulus: {config.get('cells') or 'those of the preset'}; training sets of the"
            " split person were also thinned to their size, so that only the rest of a difference is the stimulus."
        )
    if any(split["split"] != "official" for split in facts.results.scores["tables"][0]["splits"]):
        yield Sentence("A fifth of the training people (at least one) served for validation.")
    for note in record["split_notes"]:
        yield Sentence(f"{note}.")
    prints = ", ".join(f"{name} {value}" for name, value in sorted(record["splits"].items()))
    yield Sentence(f"Fingerprints of the splits: {prints}.")


def _models(facts: RunFacts) -> Iterator[Sentence]:
    told = [_model(model) for model in facts.models if not model.is_closed_form or model.parameters]
    if told:
        yield Sentence(f"Networks, with their trainable parameters: {'; '.join(told)}.")
    closed = [model.name for model in facts.models if model.is_closed_form and not model.parameters]
    if closed:
        yield Sentence(f"Closed forms and floors, fitted without gradient descent: {', '.join(closed)}.")
    unknown = [model.name for model in facts.models if model.parameters is None]
    if unknown:
        yield gap(f"number of parameters of {', '.join(unknown)}: the checkpoints are not there")
    heads = facts.results.record["config"].get("heads")
    if heads == "all":
        yield Sentence("Each model had a head for every view that the data label, trained together.")
    elif heads == "single":
        yield Sentence("Each model had a single head, for the view that is scored.")


def _model(model: ModelFacts) -> str:
    size = "" if model.parameters is None else f" ({_thousands(model.parameters)})"
    return f"{model.name}{size}"


def _training(facts: RunFacts) -> Iterator[Sentence]:
    record = facts.results.record
    config = record["config"]
    yield Sentence(
        f"Preset {config['preset']}: {counted(record['epochs'], 'epoch')}; recipe {config.get('recipe', 'protocol')};"
        f" seeds: {config.get('seeds', 1)}."
    )
    if config["preset"] == "quick":
        yield Sentence("The preset quick is a demonstration; its numbers are never quoted.")
    trained = [model for model in facts.models if model.training and not model.is_closed_form]
    for names, words in _alike(trained):
        who = "All networks" if len(names) == len(trained) else ", ".join(names)
        yield Sentence(f"{who}: {words}.")
    if not trained and any(model.parameters is None for model in facts.models):
        yield gap("optimiser, learning rate and batch size: the checkpoints are not there")
    options = config.get("options")
    if isinstance(options, Mapping) and options:
        told = [f"{name}: {_pairs(values)}" for name, values in options.items() if isinstance(values, Mapping)]
        yield Sentence(f"Run with options of models other than the default: {'; '.join(told)}.")


def _alike(models: Iterable[ModelFacts]) -> list[tuple[list[str], str]]:
    names: dict[str, list[str]] = {}
    for model in models:
        names.setdefault(_recipe(model.training), []).append(model.name)
    return [(alike, words) for words, alike in names.items()]


def _recipe(training: Mapping[str, object]) -> str:
    optimiser = OPTIMISERS.get(str(training.get("optimizer")), str(training.get("optimizer")))
    words = [
        optimiser,
        f"learning rate {training.get('learning_rate')}",
        f"schedule {training.get('schedule')}",
        f"weight decay {training.get('weight_decay')}",
        f"batches of {training.get('batch_size')} clips",
        f"{training.get('epochs')} epochs",
        "the epoch with the least loss on the validation clips was kept"
        if training.get("select") == "loss"
        else "the last epoch was kept",
    ]
    more = {
        name: training[name] for name in ("warmup", "clip_norm", "patience") if training.get(name) not in (None, 0, 0.0)
    }
    more |= {"accumulate": training["accumulate"]} if training.get("accumulate", 1) != 1 else {}
    return ", ".join([*words, *(f"{name} {value}" for name, value in more.items())])


def _pairs(values: Mapping[object, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _statistics(facts: RunFacts) -> Iterator[Sentence]:
    yield Sentence("Predictions of all test cells were pooled, and every metric was computed once from them.")
    tables = facts.results.scores["tables"]
    for table in tables:
        kind = "classes" if table["space"] else "values"
        yield Sentence(f"Primary metric of {kind}: {METRIC_TITLES[table['primary']]}.")
    records = [
        (split["split"], row["metrics"][table["primary"]]["pooled"])
        for table in tables
        for split in table["splits"]
        for row in split["rows"]
        if row["metrics"][table["primary"]]["pooled"]["clusters"]
    ]
    for split, method, level, draws, clusters in dict.fromkeys(
        (split, one["method"], one["level"], one["draws"], one["clusters"]) for split, one in records
    ):
        yield Sentence(
            f"Split {split}: {100 * level:g} % intervals by {RESAMPLED.get(method, method)},"
            f" {_thousands(draws)} draws of {clusters}."
        )
    pairs = [pair for table in tables for split in table["splits"] for pair in split["pairs"]]
    if pairs:
        ways = " and ".join(dict.fromkeys(pair["method"] for pair in pairs if not pair.get("num_stimuli")))
        exchanged = f"by paired permutation tests that exchange whole people ({ways} exchanges)" if ways else ""
        both = "by Student's t over people and stimuli" if any(pair.get("num_stimuli") for pair in pairs) else ""
        tests = " and, where stimuli are unseen too, ".join(part for part in (exchanged, both) if part)
        yield Sentence(
            f"Models were compared in the primary metric {tests}, p adjusted by Holm over all pairs of a table and"
            " split, 5 % two-sided."
        )
    if any(split["parts"] for table in tables for split in table["splits"]):
        yield Sentence("Floors, an oracle and the share of the score owed to seen stimuli are given beside the models.")
    if facts.results.scores["metric_compat"] != "pooled":
        yield Sentence(
            "Averages over batches of 16, as in EMER's public code, were computed too; only tables that name them hold"
            " them."
        )


def _software(facts: RunFacts) -> Iterator[Sentence]:
    record = facts.results.record
    yield Sentence(f"Software: {', '.join(f'{name} {version}' for name, version in record['versions'].items())}.")
    if facts.data.versions:
        listed = ", ".join(f"{name} {version}" for name, version in facts.data.versions.items())
        yield Sentence(f"The data set was built with {listed}.")
    yield Sentence(f"Machine: {', '.join(f'{name} {value}' for name, value in record['machine'].items())}.")
    if not record["is_finished"] or record["failures"]:
        yield Sentence(
            f"{len(record['failures'])} of {counted(record['num_fits'], 'fit')} failed and are missing from the tables."
        )


def _effort(runs: Sequence[RunFacts]) -> str:
    records = [facts.results.record for facts in runs]
    seconds = sum(record["seconds"] for record in records)
    num_fits = sum(record["num_fits"] for record in records)
    fits = f"{_thousands(num_fits)} {'fit' if num_fits == 1 else 'fits'}"
    jobs = " or ".join(map(str, sorted({record["jobs"] for record in records})))
    minutes = seconds / 60
    time = f"{rounded(seconds, digits=0)} s" if minutes < 2 else f"{rounded(minutes, digits=1)} minutes"
    return f"{fits} took {time} in all (processes: {jobs}), as far as no other run had made them."


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")
