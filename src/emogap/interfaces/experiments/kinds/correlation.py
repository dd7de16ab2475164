"""``correlation``: eye measures against felt and shown labels, over all clips and within people."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap.analysis.correlation import (
    COEFFICIENTS,
    LEAST_PEOPLE,
    MODES,
    Coefficient,
    Correlation,
    Difference,
    Mode,
    correlate,
)
from emogap.counted_nouns import counted
from emogap.datasets.measure_table import MEASURES, read_measures
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import DataError, UnknownNameError
from emogap.interfaces.experiments.correlation_tables import (
    COEFFICIENT_TITLES,
    FOUND,
    MODE_TITLES,
    Found,
    bars,
    correlation_table,
    difference_table,
    heat_map,
)
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.label_columns import (
    VALUES,
    VIEW_TITLES,
    LabelColumn,
    Value,
    View,
    label_columns,
    pairs_of,
    views_of,
)
from emogap.scoring.resampling import MOST_UNDEFINED
from emogap.types import Space
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]

CORRECTED = "q: Benjamini and Hochberg over all measures, labels and views of this mode and coefficient"


class Options(BaseModel):
    """Which measures and labels, and how they are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    measures: tuple[str, ...] = Field(
        (), description="Columns of measures.parquet; all that are known and vary, if empty."
    )
    views: tuple[View, ...] = Field(
        (), description="Whose labels; if empty felt and shown, or the target where neither was labelled."
    )
    values: tuple[Value, ...] = Field(VALUES, description="Labels that are numbers.")
    spaces: tuple[Space, ...] = Field(
        ("emotion3", "emotion7", "quadrant"), description="Label spaces whose classes are taken one against the rest."
    )
    coefficients: tuple[Coefficient, ...] = Field(COEFFICIENTS, min_length=1, description="Coefficients.")
    modes: tuple[Mode, ...] = Field(MODES, min_length=1, description="Over all clips, and within people.")
    least_people: int = Field(
        LEAST_PEOPLE, ge=3, description="So many people must show a class, or vary in a measure, to be correlated."
    )
    draws: int = Field(2_000, ge=100, description="Draws of people for intervals.")
    seed: int = Field(0, ge=0, description="Of the draws.")


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Correlate; tables for each view and mode, a map for each coefficient, bars of felt and shown.

    Raises
    ------
    DataError
        If the data set was built without eye measures, or knows none of them, or has no labels of a view.
    UnknownNameError
        If there is no such measure.
    """
    dataset = open_dataset(place.data)
    measures = _measures(dataset, options)
    views = views_of(dataset, options.views, spaces=options.spaces)
    columns = {one.key: one for one in label_columns(dataset, views, spaces=options.spaces, values=options.values)}
    correlations, differences = correlate(
        measures,
        {key: one.values for key, one in columns.items()},
        people=dataset.samples["participant_id"].to_numpy(),
        stimuli=dataset.samples["stimulus_id"].to_numpy(),
        coefficients=options.coefficients,
        modes=options.modes,
        pairs=pairs_of(columns),
        least_people=options.least_people,
        draws=options.draws,
        seed=options.seed,
    )
    found = {(one.measure, one.label, one.mode, one.coefficient): one for one in correlations}
    labels, names = tuple(columns.values()), tuple(measures)
    tables = [*_tables(options, place, dataset, found, labels, names)]
    tables += _difference_tables(options, place, dataset, differences, columns)
    figures, captions = _figures(options, place, dataset, found, labels, names)
    return ExperimentResult(tuple(tables), figures, captions, _notes(options, dataset, measures, correlations, labels))


def _tables(
    options: Options,
    place: ExperimentPlace,
    dataset: Dataset,
    found: Found,
    labels: Sequence[LabelColumn],
    names: Sequence[str],
) -> Iterator[ResultTable]:
    other = " Other stimuli too: over people and stimuli." if "pearson" in options.coefficients else ""
    for mode in options.modes:
        for view in dict.fromkeys(label.view for label in labels):
            yield correlation_table(
                found,
                [label for label in labels if label.view == view],
                names,
                mode=mode,
                coefficients=options.coefficients,
                name=f"{place.name}_{mode}_{view}",
                title=f"{place.title}: {view}, {MODE_TITLES[mode]}",
                caption=f"{_about(dataset)} Labels: {VIEW_TITLES[view]}, {MODE_TITLES[mode]}. {_meaning(mode)}"
                f" Intervals and q are over people, the stimuli being these; {CORRECTED}. All at once: limits that hold"
                f" for all of these together.{other}",
                is_simulated=dataset.simulated,
            )


def _difference_tables(
    options: Options,
    place: ExperimentPlace,
    dataset: Dataset,
    differences: Sequence[Difference],
    columns: Mapping[str, LabelColumn],
) -> Iterator[ResultTable]:
    coefficient = options.coefficients[0]
    for mode in options.modes:
        own = [one for one in differences if one.mode == mode and one.coefficient == coefficient]
        if own:
            yield difference_table(
                own,
                columns,
                name=f"{place.name}_{mode}_difference",
                title=f"{place.title}: felt minus shown, {MODE_TITLES[mode]}",
                caption=f"{_about(dataset)} {COEFFICIENT_TITLES[coefficient]} {MODE_TITLES[mode]} with the felt label"
                " minus that with the shown one; intervals over people, q over all rows.",
                is_simulated=dataset.simulated,
            )


def _figures(
    options: Options,
    place: ExperimentPlace,
    dataset: Dataset,
    found: Found,
    labels: Sequence[LabelColumn],
    names: Sequence[str],
) -> tuple[dict[str, str], dict[str, str]]:
    figures, captions = {}, {}
    about, titled = _about(dataset), f"{dataset.name}, SIMULATED" if dataset.simulated else dataset.name
    for mode in options.modes:
        for coefficient in options.coefficients:
            name = f"{place.name}_{mode}_{coefficient}"
            what = f"{COEFFICIENT_TITLES[coefficient]} {MODE_TITLES[mode]}"
            figures[name] = heat_map(
                found, labels, names, mode=mode, coefficient=coefficient, title=f"{titled}: {what}"
            )
            dots = f" Dots: q < {FOUND} for other people and other stimuli too." if coefficient == "pearson" else ""
            captions[name] = (
                f"{about} {what}; values in grey are not found at q < {FOUND}. {_meaning(mode)} q is over people, the"
                f" stimuli being these; {CORRECTED}.{dots}"
            )
    name, coefficient = f"{place.name}_bars", options.coefficients[0]
    title = f"{titled}: eye measures and labels"
    figures[name] = bars(found, labels, names, modes=options.modes, coefficient=coefficient, title=title)
    captions[name] = (
        f"{about} {COEFFICIENT_TITLES[coefficient]}; bars: 95 % limits over people, the stimuli being these, that"
        " hold for all measures, labels and views of a mode at once."
    )
    return figures, captions


def _measures(dataset: Dataset, options: Options) -> dict[str, Float[ndarray, " N"]]:
    table = read_measures(dataset)
    for name in options.measures:
        if name not in MEASURES:
            raise UnknownNameError("eye measure", name, MEASURES)
    columns = {name: table[name].to_numpy() for name in options.measures or MEASURES}
    known = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    if not known:
        raise DataError(
            "none of the eye measures is known in any clip",
            where=dataset.name,
            fix="correlate a data set that was recorded with an eye tracker",
        )
    return known


def _about(dataset: Dataset) -> str:
    people = "simulated people" if dataset.simulated else "people"
    samples = dataset.samples
    return (
        f"{dataset.name}: {counted(samples.height, 'clip')} of {samples['participant_id'].n_unique()} {people} and"
        f" {counted(samples['stimulus_id'].n_unique(), 'stimulus')}, eye measures at the native rate, cleaning"
        f" {dataset.cleaning}."
    )


def _meaning(mode: str) -> str:
    said = (
        "Each person's mean is taken out of measure and label first."
        if mode == "within"
        else "How people differ and what happens within them are mixed here."
    )
    return f"{said} A class is its share, one against the rest."


def _notes(
    options: Options,
    dataset: Dataset,
    measures: dict[str, Float[ndarray, " N"]],
    correlations: tuple[Correlation, ...],
    labels: tuple[LabelColumn, ...],
) -> tuple[str, ...]:
    unknown = [name for name in options.measures or MEASURES if name not in measures]
    notes = []
    if unknown:
        notes.append(f"not known in any clip, so left out: {', '.join(unknown)}")
    pearson = [one for one in correlations if one.coefficient == "pearson" and one.interval is not None]
    for mode in options.modes:
        own = [one for one in pearson if one.mode == mode]
        if own:
            over_people = sum(one.q < FOUND for one in own)
            over_both = sum(one.q_two_way < FOUND for one in own)
            notes.append(
                f"Pearson's r {MODE_TITLES[mode]}: of {len(own)} correlations {over_people} are found for other people"
                f" and these stimuli, {over_both} for other people and other stimuli (q < {FOUND})"
            )
    notes += _undefined_notes(options, correlations)
    notes.append(
        "a correlation over people alone holds for these stimuli: what else sets a stimulus apart, its light, its"
        " motion, its length, correlates with whatever it makes people feel or show"
    )
    shared = [label for label in labels if label.view == "target"]
    if shared:
        notes.append("the target is a property of the stimulus: nobody's feeling and nobody's face")
    return tuple(notes)


def _undefined_notes(options: Options, correlations: Sequence[Correlation]) -> Iterator[str]:
    """What became of draws in which a coefficient does not exist."""
    known = [one.interval for one in correlations if one.interval is not None]
    lacking = [interval.undefined_draws for interval in known if interval.undefined_draws]
    if lacking:
        yield (
            f"draws in which a coefficient does not exist are left out of its interval: of {len(lacking)} of"
            f" {len(known)} correlations, at most {max(lacking)} of {options.draws} draws; with more than"
            f" {100 * MOST_UNDEFINED:g} % there is no interval"
        )
    for mode in options.modes:
        for coefficient in options.coefficients:
            own = [one for one in correlations if (one.mode, one.coefficient) == (mode, coefficient)]
            undefined = max((one.undefined_draws for one in own), default=0)
            if undefined:
                is_few = undefined <= MOST_UNDEFINED * options.draws
                left_out = "which is left out" if undefined == 1 else "which are left out"
                became = left_out if is_few else "too many for such limits"
                yield (
                    f"{COEFFICIENT_TITLES[coefficient]} {MODE_TITLES[mode]}, all at once: one of them does not exist in"
                    f" {undefined} of {options.draws} draws, {became}"
                )
