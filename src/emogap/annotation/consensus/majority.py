"""Every annotator counts the same: shares of the votes, or the mean of the numbers."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from emogap.annotation.consensus._consensus import Consensus
from emogap.annotation.consensus._given import disagreement, given_ratings
from emogap.types import RatingTable

__all__ = ["SCALES", "TITLE", "Config", "fit"]

TITLE = "Majority vote, or mean"
SCALES = ("nominal", "ordinal", "interval")


class Config(BaseModel):
    """Counting has no settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def fit(table: RatingTable, config: Config | None = None) -> Consensus:
    """Vote shares of every item (nominal), or the mean of its ratings (ordinal, interval).

    Parameters
    ----------
    table : RatingTable
        I items, A annotators; NaN = not rated.
    config : Config, optional
        Has no settings.

    Returns
    -------
    Consensus
        With `share` or `value`; no reliability, for nobody is weighed.

    Raises
    ------
    DataError
        If the table holds no rating.

    Notes
    -----
    Ties stay ties: two votes of four for either class are shares of one half, and the item has no label. The
    mean of an ordinal scale takes its points as equally far apart.

    Examples
    --------
    >>> votes = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, np.nan, 1.0]])
    >>> table = RatingTable(("p1/s1", "p1/s2"), ("a", "b", "c", "d"), votes, "nominal", categories=("calm", "tense"))
    >>> fit(table).labels, fit(table).states
    ((None, 'calm'), ('tie', 'settled'))
    """
    given = given_ratings(table)
    share = value = None
    number = given.by_item()
    if table.scale == "nominal":
        share = given.among_all(given.vote_counts(len(table.categories)) / number[:, None])
    else:
        value = given.among_all(given.by_item(given.rating) / number)
    return Consensus(
        method="majority",
        items=table.items,
        annotators=table.annotators,
        categories=table.categories,
        num_ratings=np.isfinite(table.rating).sum(axis=1),
        num_rated=np.isfinite(table.rating).sum(axis=0),
        disagreement=disagreement(given, table),
        share=share,
        value=value,
        log_likelihood=np.zeros(0),
    )
