"""How close the labels of each way and method are to the truth of a simulated study, and which gap they measure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.annotators import machines_of, only_annotators
from emogap.annotation.consensus import CONSENSUS, Consensus
from emogap.annotation.opening import open_ratings
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.interfaces.ways_to_annotate import accepted_items, felt_answers, with_one_machine
from emogap.scoring import METRICS, Interval, bootstrap_metric, harden, is_tied
from emogap.simulation.affect import AROUSAL, VALENCE
from emogap.simulation.truth import Truth, read_truth
from emogap.types import RatingTable, vocabulary

__all__ = ["CategoryCloseness", "TruthReport", "ValueCloseness", "compare_with_truth"]

CATEGORY_METHODS = ("majority", "em_reliability", "dawid_skene")
VALUE_METHODS = ("majority", "em_reliability", "gaussian")


@dataclass(frozen=True, slots=True)
class CategoryCloseness:
    """Labels of emotion7 by one way and method.

    Attributes
    ----------
    way, method : str
    num_clips, num_tied : int
        Clips with a label, and those among them whose label was a tie, settled by the order of the vocabulary.
    right : Interval
        Share of clips with the label of the truth; over people.
    uar : float
    gap : Interval or None
        Share of clips whose label is not what the participant reported; over people. None without self-reports.
    """

    way: str
    method: str
    num_clips: int
    num_tied: int
    right: Interval
    uar: float
    gap: Interval | None


@dataclass(frozen=True, slots=True)
class ValueCloseness:
    """Labels of valence or arousal by one way and method: root mean squared error and CCC against the truth."""

    question: str
    way: str
    method: str
    num_clips: int
    rmse: float
    ccc: float


@dataclass(frozen=True, slots=True)
class TruthReport:
    """Everything about the truth of one study.

    Attributes
    ----------
    true_gap : float
        Share of the clips whose shown emotion is not the felt one.
    num_clips : int
    num_accepted, num_accepted_wrong : int
        Clips that ``ala-paper`` accepts unseen, and those whose accepted label is not what was shown. As the label is
        the self-report, no gap is measured on any of them.
    categories : tuple of CategoryCloseness
    values : tuple of ValueCloseness
    """

    true_gap: float
    num_clips: int
    num_accepted: int
    num_accepted_wrong: int
    categories: tuple[CategoryCloseness, ...]
    values: tuple[ValueCloseness, ...]


def compare_with_truth(
    study: str | Path, *, machine: str | None = None, draws: int = 10_000, seed: int = 0
) -> TruthReport:
    """Labels by machine, experts, both and ALA against what a simulated study drew.

    Parameters
    ----------
    study : str or Path
        A simulated study; its ``truth.parquet`` is opened here.
    machine : str, optional
        Leave out all machines but this one.
    draws : int
        Resamples of people; at least 1.
    seed : int

    Raises
    ------
    UsageError
        If it is no study, or no single machine and person answered emotion7.
    DataError
        If there is no truth, or a table of the study is at fault.

    Notes
    -----
    The truth of valence and arousal is what the shown emotion means, times the strength of the expression: what the
    simulated annotators see before their noise. ALA keeps the machine's answers, and the experts' on the clips that the
    preset sends to them; accepted clips have the machine's label alone.
    """
    folder = Path(study)
    truth, felt = read_truth(folder), felt_answers(folder)
    tables = with_one_machine(open_ratings(folder), machine)
    if "emotion7" not in tables:
        raise UsageError("emotion7 was not asked", where=str(study), fix="collect ratings of emotion7 first")
    shown = _by_item(truth, truth.emotions("shown_emotion7").astype(np.float64))
    table = tables["emotion7"]
    machine = _only_machine(table, study)
    accepted = accepted_items(table, "emotion7", machine, felt["emotion7"])
    column = table.rating[:, table.annotators.index(machine)]
    wrong = sum(item in accepted and label != shown[item] for item, label in zip(table.items, column, strict=True))
    categories = [
        _category_row(way, method, one, shown, felt["emotion7"], draws=draws, seed=seed)
        for way, one in _ways(table, "emotion7", machine, felt["emotion7"]).items()
        for method in (CATEGORY_METHODS if way != "machine" else ("majority",))
    ]
    values = []
    for question, centre in (("valence", VALENCE), ("arousal", AROUSAL)):
        if question in tables and machine in tables[question].annotators:
            meant = centre[truth.emotions("shown_emotion7")] * truth.values("strength")
            values += _value_rows(question, tables[question], machine, felt[question], _by_item(truth, meant))
    gap = float(np.mean(truth.emotions("shown_emotion7") != truth.emotions("felt_emotion7")))
    return TruthReport(gap, len(truth.columns), len(accepted), wrong, tuple(categories), tuple(values))


def _by_item(truth: Truth, values: Float[ndarray, " N"]) -> dict[str, float]:
    people, stimuli = (truth.columns[name].to_list() for name in ("participant_id", "stimulus_id"))
    return {f"{person}/{stimulus}": float(one) for person, stimulus, one in zip(people, stimuli, values, strict=True)}


def _only_machine(table: RatingTable, study: str | Path) -> str:
    machines = machines_of(table)
    if len(machines) != 1 or len(machines) == len(table.annotators):
        raise UsageError(
            f"{len(machines)} machines and {counted(len(table.annotators) - len(machines), 'person')} answered"
            " emotion7",
            where=str(study),
            fix="the comparison is of people and one machine: --machine names it",
        )
    return machines[0]


def _ways(table: RatingTable, question: str, machine: str, felt: Mapping[str, float]) -> dict[str, RatingTable]:
    """The ratings that each way would have collected."""
    people = tuple(name for name in table.annotators if name != machine)
    ways = {"machine": only_annotators(table, (machine,)), "experts": only_annotators(table, people)}
    ways["experts + machine"] = table
    for preset in ("ala-paper", "ala-blind"):
        accepted = accepted_items(table, question, machine, felt, preset=preset)
        unseen = np.array([item in accepted for item in table.items])[:, None]
        is_person = np.array([name != machine for name in table.annotators])[None, :]
        ways[preset] = replace(table, rating=np.where(unseen & is_person, np.nan, table.rating))
    return {way: one for way, one in ways.items() if one is not None}


def _category_row(
    way: str,
    method: str,
    table: RatingTable,
    shown: Mapping[str, float],
    felt: Mapping[str, float],
    *,
    draws: int,
    seed: int,
) -> CategoryCloseness:
    consensus = CONSENSUS.open(method).fit(table)
    assert isinstance(consensus, Consensus)
    assert consensus.share is not None
    has_label = np.isfinite(consensus.share).all(axis=1)
    share = consensus.share[has_label]
    items = [item for item, has in zip(consensus.items, has_label, strict=True) if has]
    place = [vocabulary("emotion7").index(word) for word in consensus.categories]
    label = np.array(place)[harden(share)]
    people = np.array([item.partition("/")[0] for item in items])
    true = np.array([shown[item] for item in items]).astype(np.int64)
    right = bootstrap_metric("war", true, label, people=people, draws=draws, seed=seed)
    reported = np.array([felt.get(item, np.nan) for item in items])
    known = np.isfinite(reported)
    gap = None
    if known.any():
        same = bootstrap_metric(
            "war", reported[known].astype(np.int64), label[known], people=people[known], draws=draws, seed=seed
        )
        gap = replace(same, estimate=1 - same.estimate, low=1 - same.high, high=1 - same.low)
    uar = METRICS.open("uar").score(true, label)
    return CategoryCloseness(way, method, len(items), int(is_tied(share).sum()), right, uar, gap)


def _value_rows(
    question: str, table: RatingTable, machine: str, felt: Mapping[str, float], meant: Mapping[str, float]
) -> list[ValueCloseness]:
    rows = []
    for way, one in _ways(table, question, machine, felt).items():
        for method in VALUE_METHODS if way != "machine" else ("majority",):
            consensus = CONSENSUS.open(method).fit(one)
            value = np.asarray(consensus.value, np.float64)
            known = np.isfinite(value)
            true = np.array([meant[item] for item in consensus.items])[known]
            rmse, ccc = (float(METRICS.open(name).score(true, value[known])) for name in ("rmse", "ccc"))
            rows.append(ValueCloseness(question, way, method, int(known.sum()), rmse, ccc))
    return rows
