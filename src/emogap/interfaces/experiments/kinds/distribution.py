"""``distribution``: how labels of both views are distributed, and which class was shown for which was felt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap.analysis import ClassGap, PlaneGap, class_gap, plane_gap
from emogap.analysis.distribution import BIN_CENTRES, binned, joint_shares, mean_shares
from emogap.counted_nouns import counted
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError, UsageError
from emogap.interfaces.experiments.distribution_tables import gap_table, joint_table, share_table, shift_table
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.one_view import VALUES, one_view
from emogap.interfaces.gap_labels import ClassLabels, PlaneLabels, class_labels, plane_labels
from emogap.reporting.figures.views import felt_against_shown, label_distribution
from emogap.scoring import Interval
from emogap.types import vocabulary
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]


class Options(BaseModel):
    """What is counted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    spaces: tuple[Literal["emotion3", "emotion7"], ...] = Field(
        ("emotion3", "emotion7"), description="Label spaces; of one that is not in both views each view is shown alone."
    )
    draws: int = Field(2_000, ge=100, description="Draws of people for intervals.")
    seed: int = Field(0, ge=0, description="Of the draws.")


@dataclass(frozen=True, slots=True, eq=False)
class _Classes:
    """One label space in both views; without a gap where `problem` says why it cannot be corrected."""

    space: str
    labels: ClassLabels
    felt: tuple[Interval, ...]
    shown: tuple[Interval, ...]
    joint: Float[ndarray, "K K"]
    gap: ClassGap | None
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """Valence and arousal in both views."""

    labels: PlaneLabels
    gap: PlaneGap


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Count shares, join the views, and draw both.

    Raises
    ------
    DataError
        If the data set carries none of these labels of two people or more.
    """
    dataset = open_dataset(place.data)
    spaces = [found for space in options.spaces if (found := _classes(dataset, space, options)) is not None]
    plane = _plane(dataset, options)
    alone = one_view(
        dataset,
        place,
        [space for space in options.spaces if space not in [found.space for found in spaces]],
        VALUES if plane is None else (),
        draws=options.draws,
        seed=options.seed,
    )
    tables = [*_class_tables(place, dataset, spaces), *_plane_tables(place, dataset, plane), *alone.tables]
    if not tables:
        raise DataError(
            f"no clip of two people or more is labelled in {', '.join(options.spaces)}, valence or arousal",
            where=dataset.name,
            fix="build a data set with labels",
        )
    figures, captions = dict(alone.figures), dict(alone.captions)
    titled = f"{dataset.name}, SIMULATED" if dataset.simulated else dataset.name
    for found in spaces:
        words, about = vocabulary(found.space), _about(dataset, found.labels)
        name = f"{place.name}_{found.space}"
        felt, shown = ([interval.estimate for interval in view] for view in (found.felt, found.shown))
        figures[name] = label_distribution(felt, shown, words, title=f"{titled}: {found.space}")
        captions[name] = f"{about} Share of each class among self-reports (ER) and among votes (FER)."
        figures[f"{name}_joint"] = felt_against_shown(found.joint.tolist(), words, title=f"{titled}: {found.space}")
        captions[f"{name}_joint"] = f"{about} Labels as they are: the errors of both views are in it."
    for axis, value in enumerate(VALUES if plane is not None else ()):
        assert plane is not None
        felt, shown = (binned(view[:, axis]).mean(axis=0).tolist() for view in (plane.labels.felt, plane.labels.shown))
        bins = [f"{centre:+g}" if centre else "0" for centre in BIN_CENTRES]
        name = f"{place.name}_{value}"
        figures[name] = label_distribution(felt, shown, bins, title=f"{titled}: {value}")
        captions[name] = (
            f"{_about(dataset, plane.labels)} Share of clips around each answer of a nine-point manikin; a mean of"
            " several ratings spreads less than single answers do."
        )
    return ExperimentResult(tuple(tables), figures, captions, _notes(options, spaces, plane))


def _classes(dataset: Dataset, space: str, options: Options) -> _Classes | None:
    """None where the space is not in both views."""
    if not _has_both(dataset, space):
        return None
    labels = class_labels(dataset, space)
    people = labels.clips["participant_id"].to_numpy()
    votes = labels.votes.sum(axis=1)
    shown = votes / votes.sum(axis=1, keepdims=True)
    answers = np.eye(shown.shape[1])[labels.felt]
    felt_shares, shown_shares = (
        mean_shares(view, people=people, draws=options.draws, seed=options.seed) for view in (answers, shown)
    )
    gap, problem = _gap(labels, options)
    return _Classes(space, labels, felt_shares, shown_shares, joint_shares(labels.felt, shown), gap, problem)


def _gap(labels: ClassLabels, options: Options) -> tuple[ClassGap | None, str]:
    """The gap freed of what raters mix up, or why their votes do not tell that."""
    clips = labels.clips
    try:
        gap = class_gap(
            labels.felt,
            labels.votes,
            people=clips["participant_id"].to_numpy(),
            stimuli=clips["stimulus_id"].to_numpy(),
            draws=options.draws,
            seed=options.seed,
        )
    except UsageError as problem:
        return None, problem.what
    return gap, ""


def _plane(dataset: Dataset, options: Options) -> _Plane | None:
    if not all(_has_both(dataset, value) for value in VALUES):
        return None
    labels = plane_labels(dataset)
    gap = plane_gap(
        labels.felt,
        labels.shown,
        people=labels.clips["participant_id"].to_numpy(),
        stimuli=labels.clips["stimulus_id"].to_numpy(),
        draws=options.draws,
        seed=options.seed,
    )
    return _Plane(labels, gap)


def _has_both(dataset: Dataset, name: str) -> bool:
    columns = (f"felt_{name}", f"shown_{name}")
    return all(column in dataset.samples.columns and dataset.samples[column].count() for column in columns)


def _class_tables(place: ExperimentPlace, dataset: Dataset, spaces: Sequence[_Classes]) -> Iterator[ResultTable]:
    for found in spaces:
        about, words = _about(dataset, found.labels), vocabulary(found.space)
        votes = found.labels.votes.sum(axis=(0, 1))
        yield share_table(
            words,
            np.bincount(found.labels.felt, minlength=len(words)),
            votes,
            found.felt,
            found.shown,
            name=f"{place.name}_{found.space}",
            title=f"{place.title}: {found.space}",
            caption=f"{about} Shares with intervals over people; a clip's votes count together as one.",
            is_simulated=dataset.simulated,
        )
        yield joint_table(
            words,
            found.joint,
            name=f"{place.name}_{found.space}_joint",
            title=f"{place.title}: {found.space}, felt against shown",
            caption=f"{about} Percent of all clips; rows felt, columns shown; off the diagonal the labels differ.",
            is_simulated=dataset.simulated,
        )
    if spaces:
        yield gap_table(
            {found.space: (1 - float(np.trace(found.joint)), found.gap, found.problem) for found in spaces},
            name=f"{place.name}_gap",
            title=f"{place.title}: how often they differ",
            caption=f"{_about(dataset, spaces[0].labels)} Corrected: without what raters mix up, the self-report taken"
            " as free of errors; intervals over people, and over people and stimuli.",
            is_simulated=dataset.simulated,
        )


def _plane_tables(place: ExperimentPlace, dataset: Dataset, plane: _Plane | None) -> Iterator[ResultTable]:
    if plane is not None:
        yield shift_table(
            plane.labels.felt,
            plane.labels.shown,
            plane.gap,
            VALUES,
            name=f"{place.name}_va",
            title=f"{place.title}: valence and arousal",
            caption=f"{_about(dataset, plane.labels)} Means and standard deviations over clips; shown minus felt with"
            " intervals over people, and over people and stimuli.",
            is_simulated=dataset.simulated,
        )


def _about(dataset: Dataset, labels: ClassLabels | PlaneLabels) -> str:
    people = "simulated people" if dataset.simulated else "people"
    clips = labels.clips
    return (
        f"{dataset.name}: {counted(clips.height, 'clip')} with labels of both views, of"
        f" {clips['participant_id'].n_unique()}"
        f" {people} and {counted(clips['stimulus_id'].n_unique(), 'stimulus')}."
    )


def _notes(options: Options, spaces: Sequence[_Classes], plane: _Plane | None) -> tuple[str, ...]:
    absent: list[str] = [space for space in options.spaces if space not in [found.space for found in spaces]]
    absent += list(VALUES) if plane is None else []
    notes = [f"not labelled in both views, so not set against each other: {', '.join(absent)}"] if absent else []
    left_out = {found.space: found.labels.num_left_out for found in spaces if found.labels.num_left_out}
    notes += [
        f"{space}: {counted(number, 'clip')} without a label of both views left out"
        for space, number in left_out.items()
    ]
    if not spaces and plane is None:
        return tuple(notes)
    notes.append(
        "a difference of the views holds the errors of both labels; 'emogap gap' says what is left without them"
    )
    return tuple(notes)
