"""The confound probe: how well the length of a clip, lost data, light, motion or loudness predict the label alone.

A model may be paid for emotion and live off brightness. The probe says how much there is to live off: each fact of
``nuisances.parquet`` alone and all together go through the same small regression, in the same cells as the models, and
out-of-fold predictions are scored the same way. Beside them stand the stimulus's mean and the majority.

Shapes: N clips, F facts, K classes or targets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from scipy.special import softmax
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.labels import label_array
from emogap.datasets.nuisances import nuisance_title, read_nuisances
from emogap.datasets.splits import Split
from emogap.datasets.store import KEY_COLUMNS, Dataset
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.comparison import pair_test
from emogap.learning.evaluation.predictions import prediction_frame
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.rows import Scoring, interval_record, metrics_of, number, without_interval
from emogap.models.linear_fit import fit_linear
from emogap.scoring import METRICS, bootstrap_metric, holm
from emogap.scoring.sums import ratio
from emogap.types import LabelView, Prediction, Target
from emogap.types.confounds import ConfoundRole, ConfoundRow, Confounds, ConfoundSplit, ConfoundTable, UnusedFact
from emogap.types.scores import IntervalRecord, Scores, ScoreTable

__all__ = ["ALL_FACTS", "MAJORITY", "STIMULUS", "probe_confounds"]

SCHEMA = 1

ALL_FACTS = "all"
STIMULUS, MAJORITY = "stimulus_mean", "majority"
"""Rows that the run has as floors."""

SPLITS = ("person", "person+stimulus", "official")
"""Where the probe is fitted: the thinned training set is there for the models alone."""

CONSTANT_SD = 1e-9
"""A fact whose SD over the training clips is below this share of its size says nothing."""


def probe_confounds(
    dataset: Dataset,
    predictions: pl.DataFrame,
    scores: Scores,
    splits: Sequence[Split],
    *,
    scoring: Scoring | None = None,
) -> Confounds:
    """What facts that are no emotion predict of the labels of a run, in the cells of its splits.

    Parameters
    ----------
    dataset : Dataset
    predictions : polars.DataFrame
        Of the run, with the floors ``majority`` and ``stimulus_mean``.
    scores : Scores
        Of the run: which tables there are.
    splits : sequence of Split
        All splits of the run, with the cells that were run.
    scoring : Scoring, optional

    Returns
    -------
    Confounds
        The content of ``confounds.json``; the same for the same run.

    Raises
    ------
    DataError
        If the nuisance facts of the data set are damaged.

    Notes
    -----
    Each fact is standardised by the training clips of its cell; a clip of which it is not known counts as average. The
    regression is :func:`emogap.models.linear_fit.fit_linear`: logistic for classes, ridge for values, its penalty
    chosen on held-out training people. Every class weighs the same in training, as it does in the UAR: a probe that
    always says the largest class would find nothing where classes are unequal. Along one fact each class may win one
    stretch. What follows from several facts only in a curve is not found: the probe is a lower bound.

    The test against the majority exchanges the predictions of whole people; p is adjusted by Holm over the rows of a
    split.
    """
    facts = read_nuisances(dataset).drop(KEY_COLUMNS)
    used, unused = _sorted_out(facts)
    with threadpool_limits(1):
        tables = [
            _table(table, dataset, facts, used, unused, predictions, splits, scoring or Scoring())
            for table in scores["tables"]
        ]
    return {
        "schema": SCHEMA,
        "protocol": scores["protocol"],
        "simulated": scores["simulated"],
        "tables": tables,
    }


def _sorted_out(facts: pl.DataFrame) -> tuple[dict[str, tuple[str, ...]], list[UnusedFact]]:
    """The columns of each probe, and the facts that cannot be probed."""
    used, unused = [], []
    for name in facts.columns:
        values = facts[name].to_numpy()
        known = values[np.isfinite(values)]
        if not len(known):
            unused.append(UnusedFact(title=nuisance_title(name), reason="not known of any clip"))
        elif np.ptp(known) <= CONSTANT_SD * np.abs(known).max():
            unused.append(UnusedFact(title=nuisance_title(name), reason=f"the same for all clips ({known[0]:g})"))
        else:
            used.append(name)
    alone = {name: (name,) for name in used}
    return alone | ({ALL_FACTS: tuple(used)} if len(used) > 1 else {}), unused


def _table(
    table: ScoreTable,
    dataset: Dataset,
    facts: pl.DataFrame,
    used: Mapping[str, tuple[str, ...]],
    unused: list[UnusedFact],
    predictions: pl.DataFrame,
    splits: Sequence[Split],
    scoring: Scoring,
) -> ConfoundTable:
    protocol = open_protocol(table["protocol"])
    target = next(target for target in protocol.targets if target == table["target"])
    label = label_array(dataset, LabelView(table["view"]), target, table["space"])
    floors = predictions.filter(
        (pl.col("view") == table["view"]) & (pl.col("target") == target) & pl.col("model").is_in([STIMULUS, MAJORITY])
    )
    columns = {name: facts.select(members).to_numpy().astype(np.float64) for name, members in used.items()}
    known = {name: float(np.isfinite(values).any(axis=1).mean()) for name, values in columns.items()}
    made = []
    for name in dict.fromkeys(split.name for split in splits if split.name in SPLITS):
        own = [split for split in splits if split.name == name]
        frames = [
            prediction_frame(prediction, protocol=table["protocol"], fold=0)
            for probe, values in columns.items()
            for prediction in _probed(probe, values, label, dataset, own, table, target)
        ]
        rows = pl.concat([floors.filter(pl.col("split") == name), *frames])
        aligned = align(rows, space=table["space"], models=[*columns, STIMULUS, MAJORITY])
        made.append(_split(name, aligned, table["primary"], known, scoring))
    return {
        "protocol": table["protocol"],
        "view": table["view"],
        "target": table["target"],
        "space": table["space"],
        "title": table["title"],
        "primary": metrics_of(table["space"])[0],
        "unused": unused,
        "splits": made,
    }


def _probed(
    probe: str,
    values: Float[ndarray, "N F"],
    label: Float[ndarray, "N ..."],
    dataset: Dataset,
    splits: Iterable[Split],
    table: ScoreTable,
    target: Target,
) -> Iterator[Prediction]:
    """The out-of-fold predictions of one probe, cell by cell."""
    is_labelled = np.isfinite(label).reshape(len(label), -1).all(axis=1)
    for split in splits:
        for cell in split.cells:
            train = np.array([row for row in cell.train if is_labelled[row]], np.int64)
            if not len(train):
                continue
            yield Prediction(
                keys=tuple(dataset.keys[row] for row in cell.test),
                view=LabelView(table["view"]),
                target=target,
                space=table["space"],
                output=_fitted_output(values, label, train, np.array(cell.test, np.int64), dataset),
                label=label[list(cell.test)],
                model=probe,
                split=split.name,
                cell=cell.name,
                seed=split.seed,
            )


def _fitted_output(
    values: Float[ndarray, "N F"],
    label: Float[ndarray, "N ..."],
    train: Int[ndarray, " T"],
    test: Int[ndarray, " B"],
    dataset: Dataset,
) -> Float[ndarray, "B ..."]:
    """What the regression on `values` says of the test clips of a cell: probabilities, or values."""
    is_classification = label.ndim == 2
    mean, sd = _scale(values[train])
    standard = np.nan_to_num((values - mean) / sd)
    people = np.array([dataset.keys[row].participant_id for row in train])
    wanted = label[train].reshape(len(train), -1)
    if is_classification:
        share = wanted.mean(axis=0)
        wanted = wanted * ratio(1 / (share > 0).sum(), share, undefined=0.0)
    fitted = fit_linear(standard[train], wanted, people=people, is_classification=is_classification)
    output = fitted(standard[test])
    return np.asarray(softmax(output, axis=1) if is_classification else output[:, 0])


def _scale(values: Float[ndarray, "B F"]) -> tuple[Float[ndarray, " F"], Float[ndarray, " F"]]:
    """Mean and SD of each fact over the clips of which it is known; 0 and 1 where that is none, or says nothing."""
    is_known: Bool[ndarray, "B F"] = np.isfinite(values)
    count = np.maximum(is_known.sum(axis=0), 1)
    mean = np.where(is_known, values, 0.0).sum(axis=0) / count
    sd = np.sqrt((np.where(is_known, values - mean, 0.0) ** 2).sum(axis=0) / count)
    return mean, np.where(sd > CONSTANT_SD * np.abs(mean), sd, 1.0)


def _split(name: str, aligned: Aligned, metric: str, known: Mapping[str, float], scoring: Scoring) -> ConfoundSplit:
    two_way = name == "person+stimulus"
    p = [_against_majority(model, aligned, scoring, two_way=two_way) for model in aligned.raw]
    rows = [
        ConfoundRow(
            name=model,
            title=_title(model),
            role=_role(model),
            known_share=known.get(model, 1.0),
            score=_score(model, aligned, metric, scoring, two_way=two_way),
            p=number(own),
            p_holm=number(adjusted),
        )
        for model, own, adjusted in zip(aligned.raw, p, holm(p), strict=True)
    ]
    num_classes = len(np.unique(aligned.hard_label)) if aligned.space is not None else 0
    return {
        "split": name,
        "num_clips": aligned.index.select(KEY_COLUMNS).n_unique(),
        "num_people": len(np.unique(aligned.people)),
        "num_stimuli": aligned.index["stimulus_id"].n_unique(),
        "chance": 1 / num_classes if num_classes else 0.0,
        "rows": rows,
    }


def _score(model: str, aligned: Aligned, metric: str, scoring: Scoring, *, two_way: bool) -> IntervalRecord:
    label, output = aligned.hard_label, aligned.output(model)
    if len(np.unique(aligned.people)) < 2:
        return without_interval(METRICS.open(metric).score(label, output))
    interval = bootstrap_metric(
        metric,
        label,
        output,
        people=aligned.people,
        stimuli=aligned.groups if two_way and len(np.unique(aligned.groups)) > 1 else None,
        draws=scoring.draws,
        seed=scoring.seed,
    )
    return interval_record(interval)


def _against_majority(model: str, aligned: Aligned, scoring: Scoring, *, two_way: bool) -> float:
    """p of no difference from the majority; NaN where there is nothing to test."""
    if MAJORITY not in aligned.raw or len(np.unique(aligned.people)) < 2:
        return np.nan
    output, floor = aligned.output(model), aligned.output(MAJORITY)
    if np.array_equal(output, floor):
        return np.nan
    return pair_test(aligned, output, floor, two_way=two_way, scoring=scoring).p


def _title(model: str) -> str:
    named = {ALL_FACTS: "all of these together", STIMULUS: "stimulus identity (its training mean)", MAJORITY: MAJORITY}
    return named.get(model) or nuisance_title(model)


def _role(model: str) -> ConfoundRole:
    roles: dict[str, ConfoundRole] = {ALL_FACTS: "all", STIMULUS: "stimulus", MAJORITY: "floor"}
    return roles.get(model, "fact")
