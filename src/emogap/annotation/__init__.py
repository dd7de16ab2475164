"""Ratings in, labels out.

Read in this order: ``sam`` (points of a form to [-1, 1]), ``ratings`` (rating files, checked), ``shares``
(votes and means as labels of the view SHOWN).
"""

from emogap.annotation.ratings import Rating, is_machine, rating_table, read_ratings
from emogap.annotation.sam import sam_to_unit
from emogap.annotation.shares import mean_ratings, shown_labels, vote_shares

__all__ = [
    "Rating",
    "is_machine",
    "mean_ratings",
    "rating_table",
    "read_ratings",
    "sam_to_unit",
    "shown_labels",
    "vote_shares",
]
