"""Whether felt and shown differ, as a label that a model can be fitted to."""

import dataclasses

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.files import fingerprint_json
from emogap.scoring import harden
from emogap.types import LabelView

__all__ = ["GAP_SPACE", "gap_labels", "with_gap_labels"]

GAP_SPACE = "gap"


def gap_labels(dataset: Dataset, space: str) -> Float[ndarray, " N"]:
    """1 where the most frequent vote differs from the self-report, 0 where it does not, NaN without both labels.

    Parameters
    ----------
    dataset : Dataset
    space : str
        ``emotion7`` or ``emotion3``.

    Notes
    -----
    Ties of votes go to the first class of the vocabulary, as in every score (:func:`emogap.scoring.harden`). The label
    holds the errors of the self-report and of the raters; how much of it they make up, ``emogap gap`` estimates.
    """
    felt, shown = (label_array(dataset, view, "class", space) for view in (LabelView.FELT, LabelView.SHOWN))
    known = np.isfinite(felt).all(axis=1) & np.isfinite(shown).all(axis=1)
    label = np.full(len(known), np.nan)
    label[known] = harden(felt[known]) != harden(shown[known])
    return label


def with_gap_labels(dataset: Dataset, space: str) -> Dataset:
    """The data set with the gap in `space` as a label of the view shown and the space ``gap``; nothing is written.

    The fingerprint is another, so that no fit to these labels is taken for a fit to the labels of the view.
    """
    label = gap_labels(dataset, space)
    shares = [None if np.isnan(gap) else [1 - gap, gap] for gap in label.tolist()]
    column = pl.Series(f"{LabelView.SHOWN}_{GAP_SPACE}", shares, pl.List(pl.Float64))
    return dataclasses.replace(
        dataset,
        samples=dataset.samples.with_columns(column),
        fingerprint=fingerprint_json({"data": dataset.fingerprint, "label": GAP_SPACE, "space": space}),
    )
