"""The shelf of face detectors.

An entry defines ``NUM_LANDMARKS`` (5 or 0), ``MIN_SCORE`` (the score in [0, 1] from which a candidate is a face) and
``open_detector(weights: Path | None, *, min_score=MIN_SCORE) -> Detector``. Without a path an entry takes its weights
from the folder of weights; one that needs no weights refuses a path to some, because they would not be used.
"""

from emogap.shelf import Shelf

__all__ = ["DETECTORS"]

DETECTORS = Shelf(
    "emogap.preprocessing.face.detectors",
    kind="face detector",
    defines=("NUM_LANDMARKS", "MIN_SCORE", "open_detector"),
)
