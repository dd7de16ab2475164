"""What labels of two views say together. Plain arrays in, numbers out; no files.

Read in this order: ``weightings`` (people drawn with replacement), ``misclassification`` (labels that may be wrong),
``group_gap`` (stimuli, people and people who share a trait), ``class_gap`` (how often felt and shown differ) and
``plane_gap`` (how far apart they are in valence and arousal). Then ``distribution`` (of the labels), ``coefficients``,
``two_way_correlation`` and ``correlation`` (of eye measures with labels); ``attention`` and ``embedding`` (of stored
maps and features of networks).
"""

from emogap.analysis.class_gap import DRAWS, ClassGap, class_gap
from emogap.analysis.correlation import Correlation, Difference, correlate
from emogap.analysis.group_gap import NO_GROUP, GroupGap
from emogap.analysis.misclassification import corrected_views, fit_views, symmetric_confusion
from emogap.analysis.plane_gap import PlaneGap, plane_gap

__all__ = [
    "DRAWS",
    "NO_GROUP",
    "ClassGap",
    "Correlation",
    "Difference",
    "GroupGap",
    "PlaneGap",
    "class_gap",
    "corrected_views",
    "correlate",
    "fit_views",
    "plane_gap",
    "symmetric_confusion",
]
