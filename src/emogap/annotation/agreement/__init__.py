"""How far annotators agree: one coefficient per file, all with the same face.

Every file defines ``TITLE``, ``SCALES`` (of which it is a coefficient), ``ALLOWS_MISSING``, ``ASSUMES`` (in words),
``item_sums(table)``, ``from_sums(sums, table)`` and ``coefficient(table)``. The first two compute the same number
from sums over items, for any number of leading axes, so that ten thousand resamples of items cost one matrix product.

Read in this order: ``_designs`` (what a table must be), ``_mean_squares`` and ``_pairs`` (sums that several
coefficients share), the entries, ``_measuring`` (intervals over items).
"""

from emogap.annotation.agreement._designs import complete_items
from emogap.annotation.agreement._measuring import AGREEMENT, AgreementResult, measure_agreement, measure_all

__all__ = ["AGREEMENT", "AgreementResult", "complete_items", "measure_agreement", "measure_all"]
