"""From predictions to numbers that can be believed. Plain arrays in, numbers out; no files.

Read in this order: ``sums`` (what is counted per person), ``metrics`` (one file each), ``resampling`` and
``intervals`` (people drawn with replacement), ``paired`` (two models on the same clips), ``detectable`` (what a test
would have found), ``equivalence`` (alike within a margin), ``jackknife`` (tests of a
coefficient over people), ``discovery`` (of many tests), ``calibration``,
``temperature`` and ``conformal`` (what a probability promises), ``detection`` (of an event), ``harden`` (from shares to
a class) and ``compat`` (how published numbers were averaged).
"""

from emogap.scoring.calibration import ReliabilityCurve, brier, ece, reliability_curve
from emogap.scoring.compat import EMER_METRICS, emer_batch16
from emogap.scoring.harden import harden, is_tied
from emogap.scoring.intervals import bootstrap_difference, bootstrap_metric, cluster_bootstrap, two_way_test
from emogap.scoring.metrics import METRICS
from emogap.scoring.paired import PairedTest, group_letters, holm, indistinguishable_groups, permutation_test
from emogap.scoring.resampling import Interval

__all__ = [
    "EMER_METRICS",
    "METRICS",
    "Interval",
    "PairedTest",
    "ReliabilityCurve",
    "bootstrap_difference",
    "bootstrap_metric",
    "brier",
    "cluster_bootstrap",
    "ece",
    "emer_batch16",
    "group_letters",
    "harden",
    "holm",
    "indistinguishable_groups",
    "is_tied",
    "permutation_test",
    "reliability_curve",
    "two_way_test",
]
