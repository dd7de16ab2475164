"""Labels that only one view of a data set carries: their shares as tables and figures, with nothing to set against."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.analysis.distribution import BIN_CENTRES, binned, mean_shares
from emogap.counted_nouns import counted
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.label_columns import VIEW_TITLES
from emogap.interfaces.experiments.table_cells import OVER_PEOPLE, interval_cell, plain_cell, plain_column
from emogap.reporting.figures.views import view_distribution
from emogap.types import LabelView, Space, Target, vocabulary
from emogap.types.result_table import ResultTable

__all__ = ["VALUES", "one_view"]

VALUES: tuple[Target, ...] = ("valence", "arousal")

COUNTED_CLASSES = "Share of each class; a clip counts in parts where its votes do."
COUNTED_VALUES = "Share of clips around each answer of a nine-point manikin."


def one_view(
    dataset: Dataset,
    place: ExperimentPlace,
    spaces: Sequence[Space],
    values: Sequence[Target],
    *,
    draws: int,
    seed: int,
) -> ExperimentResult:
    """Shares of the classes of `spaces`, and of `values` in bins, for each view that labels a clip with them.

    Parameters
    ----------
    dataset : Dataset
    place : ExperimentPlace
    spaces, values : sequences
        Those that are not in both views, felt and shown.
    draws, seed : int
        Of people, for intervals.

    Returns
    -------
    ExperimentResult
        Without tables if there are no such labels.
    """
    tables: list[ResultTable] = []
    figures: dict[str, str] = {}
    captions: dict[str, str] = {}
    bins = [f"{centre:+g}" if centre else "0" for centre in BIN_CENTRES]
    for view in LabelView:
        asked: list[tuple[str, Sequence[str], Float[ndarray, "N K"]]] = [
            (space, vocabulary(space), label_array(dataset, view, "class", space)) for space in spaces
        ]
        asked += [(value, bins, binned(label_array(dataset, view, value))) for value in values]
        for what, words, shares in asked:
            known = np.isfinite(shares).all(axis=1)
            people = np.array([key.participant_id for key in dataset.keys])
            if len(np.unique(people[known])) < 2:
                continue
            found = mean_shares(shares, people=people, draws=draws, seed=seed)
            caption = _about(dataset, view, int(known.sum()), people[known])
            name, title = f"{place.name}_{what}_{view}", f"{place.title}: {what}, {VIEW_TITLES[view]}"
            columns = [
                plain_column("class", "class" if what in spaces else "around"),
                plain_column("clips", "clips", decimals=1),
                plain_column("share", "share", unit="percent", decimals=1),
            ]
            counts = shares[known].sum(axis=0)
            rows = [
                [plain_cell(word), plain_cell(float(counts[at])), interval_cell(found[at])]
                for at, word in enumerate(words)
            ]
            tables.append(
                ResultTable(
                    name=name,
                    title=title,
                    caption=f"{caption} {COUNTED_CLASSES if what in spaces else COUNTED_VALUES} {OVER_PEOPLE}",
                    columns=columns,
                    rows=rows,
                    row_groups=[""] * len(rows),
                    is_simulated=dataset.simulated,
                    notes=[],
                )
            )
            titled = f"{dataset.name}, SIMULATED" if dataset.simulated else dataset.name
            figures[name] = view_distribution(
                [interval.estimate for interval in found], words, view=view, title=f"{titled}: {what}"
            )
            captions[name] = f"{caption} {COUNTED_CLASSES if what in spaces else COUNTED_VALUES}"
    return ExperimentResult(tuple(tables), figures, captions)


def _about(dataset: Dataset, view: LabelView, num_clips: int, people: ndarray) -> str:
    whose = "simulated people" if dataset.simulated else "people"
    return (
        f"{dataset.name}: {counted(num_clips, 'clip')} of {len(np.unique(people))} {whose}, view {view}; no"
        " other view to set it against."
    )
