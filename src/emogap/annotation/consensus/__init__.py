"""The shelf of consensus methods: one label per item from the ratings of several annotators.

A method defines ``TITLE``, ``SCALES``, ``Config`` and ``fit(table, config=None) -> Consensus``. Read in this
order: ``_consensus`` (what comes out), ``majority``, ``em_reliability`` (with ``_class_reliability`` and
``_number_reliability``), ``dawid_skene``, ``gaussian``. Any rating may be missing; nothing is filled in.

Every method promises (``tests/annotation/consensus/test_contract.py``): the order of items, annotators and
categories does not matter, an annotator who always says the same gets no weight where annotators are weighed,
and what expectation maximisation climbs never falls.
"""

from emogap.annotation.consensus._consensus import Consensus
from emogap.shelf import Shelf
from emogap.types import RatingTable
from emogap.types.ratings import Scale

__all__ = ["CONSENSUS", "Consensus", "fitting_methods", "reach_consensus"]

CONSENSUS = Shelf("emogap.annotation.consensus", kind="consensus method", defines=("TITLE", "SCALES", "Config", "fit"))
"""Every consensus method by its name: majority em_reliability dawid_skene gaussian."""


def reach_consensus(table: RatingTable, method: str = "em_reliability") -> Consensus:
    """The consensus of `table` by one method, with the method's default settings.

    Raises
    ------
    UnknownNameError
        If no method has this name.
    UsageError
        If the method does not work on the scale of the table.
    DataError
        If there is nothing to learn from: no rating, or no item with two of them.

    Examples
    --------
    >>> import numpy as np
    >>> votes = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, np.nan]])
    >>> table = RatingTable(("p1/s1", "p1/s2"), ("a", "b", "c"), votes, "nominal", categories=("calm", "tense"))
    >>> reach_consensus(table, "majority").labels
    ('calm', 'tense')
    """
    consensus = CONSENSUS.open(method).fit(table)
    assert isinstance(consensus, Consensus)
    return consensus


def fitting_methods(scale: Scale) -> tuple[str, ...]:
    """Methods of the shelf that work on a scale, sorted.

    Examples
    --------
    >>> fitting_methods("nominal")
    ('dawid_skene', 'em_reliability', 'majority')
    """
    return tuple(name for name in CONSENSUS.names() if scale in CONSENSUS.open(name).SCALES)
