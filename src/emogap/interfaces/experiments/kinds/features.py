"""``features``: the fused features of test clips in the plane (t-SNE), by felt and shown class, with numbers beside."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field

from emogap.analysis.attention import mean_importance
from emogap.analysis.embedding import NEIGHBOURS, neighbour_excess, tsne
from emogap.counted_nouns import counted
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import ProtocolRun, run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.table_cells import interval_cell, plain_cell, plain_column
from emogap.learning.evaluation.fitting import opened_dataset
from emogap.learning.evaluation.fused_features import FusedFeatures, fused_features
from emogap.learning.evaluation.grid import Fit, make_splits, plan_fits
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.experiment import BenchSettings
from emogap.reporting.figures.plane_of_clips import ClipPanel, plane_of_clips
from emogap.scoring import harden
from emogap.types import LabelView, vocabulary
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]


class Options(BenchSettings):
    """The options of a benchmark, and how the features are drawn."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions whose answers are classes, such as er3.")
    fits: int = Field(
        default=1, ge=1, description="Of how many fits: each is a network of its own, with a picture of its own."
    )
    perplexity: float = Field(default=20.0, gt=0, description="Of t-SNE: effective number of neighbours.")
    seed: int = Field(default=0, ge=0, description="Of t-SNE, and of the random weights beside.")
    draws: int = Field(default=2_000, ge=100, description="Draws of people for intervals.")


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The features of one fit, and what is known of its clips."""

    fit: Fit
    features: FusedFeatures
    classes: dict[str, Int[ndarray, " N"]]
    people: ndarray
    stimuli: ndarray


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit the models or find them fitted, take the features of their test clips, draw and count neighbours.

    Raises
    ------
    UsageError
        If a protocol asks for values, a model has no fused features, or the clips are too few for the perplexity.
    """
    for name in options.protocols:
        if open_protocol(name).space is None:
            raise UsageError(f"{name} asks for values, and clips are coloured by classes", fix="name er3 or er7")
    tables: list[ResultTable] = []
    drawn: dict[str, tuple[str, str]] = {}
    runs: list[ProtocolRun] = []
    for name in options.protocols:
        done = run_protocol(settings_for(options, name), place)
        runs.append(done)
        if done.failures:
            continue
        dataset = opened_dataset(place.data, done.config)
        for shown in _of_run(options, dataset, done):
            title = f"{shown.fit.model}, {shown.fit.split}, fold {shown.fit.fold}"
            words = [place.name, name, shown.fit.split, shown.fit.model, shown.fit.cell, str(shown.fit.seed)]
            key = "_".join(words).replace("-", "_").replace("+", "_").replace("@", "_")
            drawn[key] = _figure(options, dataset, shown, title)
            tables.append(_table(options, dataset, shown, key, f"{place.title}: {title}"))
    return ExperimentResult(
        tables=tuple(tables),
        figures={name: svg for name, (svg, _) in drawn.items()},
        captions={name: caption for name, (_, caption) in drawn.items()},
        notes=tuple(dict.fromkeys(note for one in runs for note in one.notes)),
        runs=tuple(one.report.path for one in runs),
        failures=tuple(failure for one in runs for failure in one.failures),
    )


def _of_run(options: Options, dataset: Dataset, done: ProtocolRun) -> Iterator[_Shown]:
    protocol = open_protocol(done.config.protocol)
    planned = plan_fits(dataset, done.config, protocol, make_splits(dataset, done.config))[0]
    for model in options.models:
        for split in options.splits:
            fits = [fit for fit in planned if fit.model == model and fit.split == split]
            for fit in fits[: options.fits]:
                found = fused_features(dataset, done.report.path, fit, seed=options.seed)
                classes = {view.value: _classes(dataset, view, fit) for view in fit.task.views}
                keys = [dataset.keys[row] for row in fit.test]
                people = np.array([key.participant_id for key in keys])
                yield _Shown(fit, found, classes, people, np.array([key.stimulus_id for key in keys]))


def _classes(dataset: Dataset, view: LabelView, fit: Fit) -> Int[ndarray, " N"]:
    """Class of each test clip, the first of equals; -1 = unlabelled."""
    share = label_array(dataset, view, "class", fit.task.space)[list(fit.test)]
    is_known = np.isfinite(share).all(axis=1)
    return np.where(is_known, harden(np.where(is_known[:, None], share, 1.0)), -1)


def _figure(options: Options, dataset: Dataset, shown: _Shown, title: str) -> tuple[str, str]:
    places, divergence = tsne(shown.features.trained, perplexity=options.perplexity, seed=options.seed)
    assert shown.fit.task.space is not None
    words = tuple(vocabulary(shown.fit.task.space))
    panels = [ClipPanel(view, words, tuple(known.tolist())) for view, known in shown.classes.items()]
    people = "SIMULATED people; " if dataset.simulated else ""
    explanation = (
        f"{people}{counted(len(places), 'test clip')}, t-SNE, perplexity {options.perplexity:g}; nearness alone counts"
    )
    svg = plane_of_clips(places, panels, title=f"Fused features: {title}", explanation=explanation)
    caption = (
        f"{_about(options, dataset, shown)} t-SNE of the standardised features, perplexity {options.perplexity:g},"
        f" started from principal components, seed {options.seed}, divergence {divergence:.2f}. Distances between"
        " groups and their sizes mean nothing. The views colour the same places: all heads read the same features."
    )
    return svg, caption


def _table(options: Options, dataset: Dataset, shown: _Shown, name: str, title: str) -> ResultTable:
    asked = {
        **{f"same {view} class": (known, known >= 0) for view, known in shown.classes.items()},
        "same person": (shown.people, np.ones(len(shown.people), bool)),
        "same stimulus": (shown.stimuli, np.ones(len(shown.stimuli), bool)),
    }
    columns = [
        plain_column("group", "nearest clips of the"),
        plain_column("trained", "trained", unit="percent", decimals=1),
        plain_column("random", "random weights", unit="percent", decimals=1),
        plain_column("difference", "trained minus random", unit="percent", decimals=1),
    ]
    rows = []
    for words, (groups, is_known) in asked.items():
        pair = [_excess(features, groups, is_known) for features in (shown.features.trained, shown.features.random)]
        values = np.stack([*pair, pair[0] - pair[1]], axis=1)
        means = mean_importance(values, shown.people[is_known], draws=options.draws)
        rows.append([plain_cell(words), *(interval_cell(mean) for mean in means)])
    return ResultTable(
        name=f"{name}_neighbours",
        title=f"{title}: neighbours",
        caption=(
            f"{_about(options, dataset, shown)} Share of a clip's {NEIGHBOURS} nearest clips that are of its own group,"
            " less the share among all other clips; 0 = the features know nothing of it. Distances in all standardised"
            " features, not in the picture; 95 % intervals over people, the network being this one."
        ),
        columns=columns,
        rows=rows,
        row_groups=["" for _ in rows],
        is_simulated=dataset.simulated,
        notes=[],
    )


def _excess(features_NF: Float[ndarray, "N F"], groups: ndarray, is_known: ndarray) -> Float[ndarray, " M"]:
    return neighbour_excess(features_NF[is_known], groups[is_known])


def _about(options: Options, dataset: Dataset, shown: _Shown) -> str:
    people = "simulated people" if dataset.simulated else "people"
    return (
        f"{dataset.name}: features before the heads of {shown.fit.model} for"
        f" {counted(len(shown.people), 'test clip')} of"
        f" {len(set(shown.people.tolist()))} {people} that it never saw, split {shown.fit.split}, cell"
        f" {shown.fit.cell}, preset {options.preset}."
    )
