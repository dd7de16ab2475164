"""What a reader should know before trusting a consensus."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emogap.annotation.consensus._climb import Climb, ClimbConfig, Expectation, Parameters
from emogap.annotation.consensus._given import GivenRatings
from emogap.counted_nouns import counted

__all__ = ["doubts_about"]

FEW = 3
"""With fewer annotators on common items, only some product of their reliabilities is determined."""


def doubts_about(
    given: GivenRatings,
    annotators: tuple[str, ...],
    climbed: Climb[Parameters, Expectation],
    config: ClimbConfig,
) -> tuple[str, ...]:
    """Doubts that every model of annotators shares."""
    doubts = []
    if not climbed.converged:
        doubts.append(f"still climbing after {config.max_steps} steps: the numbers are not final")
    rating_annotators = int((given.by_annotator() > 0).sum())
    if rating_annotators < FEW:
        doubts.append(f"only {counted(rating_annotators, 'annotator')}: whose errors they are cannot be told apart")
    constant = np.flatnonzero(given.is_constant())
    if len(constant):
        named = ", ".join(annotators[index] for index in constant[:FEW]) + (" ..." if len(constant) > FEW else "")
        doubts.append(
            f"always the same answer, so no weight: {len(constant)} of {counted(len(annotators), 'annotator')}"
            f" ({named})"
        )
    groups = _num_groups(given)
    if groups > 1:
        doubts.append(
            f"the annotators fall into {groups} groups without a common item: between groups they are compared only "
            "by the assumption that the items are alike"
        )
    return tuple(doubts)


def _num_groups(given: GivenRatings) -> int:
    """Connected parts of the graph of items and annotators."""
    ends = (given.item, given.annotator + given.num_items)
    nodes = given.num_items + given.num_annotators
    graph = coo_array((np.ones(len(given.item), np.int8), ends), shape=(nodes, nodes))
    silent = int((given.by_annotator() == 0).sum())
    return int(connected_components(graph, directed=False, return_labels=False)) - silent
