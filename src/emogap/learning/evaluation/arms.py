"""The arms of an ablation against one of them: on the same clips, in the same folds, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from emogap.errors import MismatchError, UsageError
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.comparison import pair_test
from emogap.learning.evaluation.rows import PRIMARY, Scoring, interval_record, number
from emogap.scoring import bootstrap_difference, holm
from emogap.types.run import RunRecord
from emogap.types.scores import IntervalRecord

__all__ = ["Arm", "ArmDifference", "arm_differences", "require_same_folds"]


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One variant.

    Attributes
    ----------
    name : str
    model : str
        As it stands in the predictions of its run.
    record : RunRecord
        Of its run; says which data and folds it has.
    predictions : polars.DataFrame
        Of its run.
    """

    name: str
    model: str
    record: RunRecord
    predictions: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ArmDifference:
    """An arm minus the reference, in the primary metric, on the same clips.

    Attributes
    ----------
    arm : str
    metric : str
    difference : IntervalRecord
        With its interval over people; over people and stimuli under ``person+stimulus``.
    p : float or None
        Of the paired permutation test over people, or under ``person+stimulus`` of the two-way test; None where the
        two say the same of every clip.
    p_holm : float or None
        Adjusted for all arms of the table.
    """

    arm: str
    metric: str
    difference: IntervalRecord
    p: float | None
    p_holm: float | None


def require_same_folds(arms: Sequence[Arm]) -> None:
    """Raise unless all arms were fitted on the same data, in the same folds and seeds, with as many epochs.

    Raises
    ------
    MismatchError
        Naming the first arm that differs from the first, and in what.
    """
    first, *others = arms
    for other in others:
        differences = [*_differences(_facts(first), _facts(other))]
        if differences:
            raise MismatchError(
                f"the arms '{first.name}' and '{other.name}' cannot be compared: they have other"
                f" {'; '.join(differences)}",
                fix="run both on one data set with the same splits, folds, seeds and preset",
            )


def arm_differences(
    arms: Sequence[Arm],
    reference: str,
    *,
    view: str,
    target: str,
    space: str | None,
    split: str,
    scoring: Scoring,
) -> tuple[ArmDifference, ...]:
    """Every arm but `reference` minus `reference`, in the primary metric.

    Parameters
    ----------
    arms : sequence of Arm
        Of the same folds; see :func:`require_same_folds`.
    reference : str
        Name of one of them.
    view, target : str
        What is scored.
    space : str or None
        Label space; None for values.
    split : str
    scoring : Scoring

    Raises
    ------
    MismatchError
        If an arm did not predict all clips that another did, or not all that the view labels.
    UsageError
        If fewer than two people are tested.

    Notes
    -----
    People (and stimuli, under ``person+stimulus``) are drawn with all their clips, both arms on the same in each draw,
    and the test is about the same: other people, or other people and stimuli. The p values of all arms are adjusted
    together by Holm's step-down.
    """
    aligned = _side_by_side(arms, view=view, target=target, space=space, split=split)
    if len(np.unique(aligned.people)) < 2:
        raise UsageError(
            f"two arms are compared over people, and {split} tests {len(np.unique(aligned.people))}",
            fix="use a data set with more people",
        )
    metric = PRIMARY["regression" if space is None else "classification"]
    others = [arm.name for arm in arms if arm.name != reference]
    stimuli = aligned.groups if split == "person+stimulus" and len(np.unique(aligned.groups)) > 1 else None
    differences, p = [], []
    for name in others:
        outputs = aligned.output(name), aligned.output(reference)
        interval = bootstrap_difference(
            metric,
            aligned.hard_label,
            *outputs,
            people=aligned.people,
            stimuli=stimuli,
            draws=scoring.draws,
            seed=scoring.seed,
        )
        differences.append(interval_record(interval))
        test = pair_test(aligned, *outputs, two_way=stimuli is not None, scoring=scoring)
        p.append(np.nan if np.array_equal(*outputs) else test.p)
    adjusted = holm(p)
    return tuple(
        ArmDifference(name, metric, difference, number(raw), number(corrected))
        for name, difference, raw, corrected in zip(others, differences, p, adjusted, strict=True)
    )


def _side_by_side(arms: Sequence[Arm], *, view: str, target: str, space: str | None, split: str) -> Aligned:
    asked = (pl.col("view") == view) & (pl.col("target") == target) & (pl.col("split") == split)
    frames = [
        arm.predictions.filter(asked & (pl.col("model") == arm.model)).with_columns(pl.lit(arm.name).alias("model"))
        for arm in arms
    ]
    aligned = align(pl.concat(frames), space=space, models=[arm.name for arm in arms])
    absent = [arm.name for arm in arms if arm.name not in aligned.raw]
    if absent:
        raise MismatchError(
            f"the arm '{absent[0]}' lacks predictions of {split} that others have",
            fix="run the same command again: fits that failed are tried again",
        )
    return aligned


def _facts(arm: Arm) -> Mapping[str, str]:
    record = arm.record
    folds = {f"folds ({name})": fingerprint for name, fingerprint in record["splits"].items()}
    data = f"{record['dataset']['name']} {record['dataset']['fingerprint']}"
    return {"data": data, "preset": str(record["config"]["preset"]), "epochs": str(record["epochs"])} | folds


def _differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    names = list(dict.fromkeys([*one, *other]))
    return [
        f"{name}: {one.get(name, 'none')} and {other.get(name, 'none')}"
        for name in names
        if one.get(name) != other.get(name)
    ]
