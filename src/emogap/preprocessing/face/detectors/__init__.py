"""The shelf of face detectors.

An entry defines ``NUM_LANDMARKS`` (5 or 0) and ``open_detector(weights: Path | None) -> Detector``. An entry that
needs no weights refuses a path to some, because they would not be used.
"""

from emogap.shelf import Shelf

__all__ = ["DETECTORS"]

DETECTORS = Shelf(
    "emogap.preprocessing.face.detectors", kind="face detector", defines=("NUM_LANDMARKS", "open_detector")
)
