"""The shelf of face detectors.

An entry defines ``NUM_LANDMARKS`` (5 or 0), ``WEIGHTS`` (names of the known weights that it takes from the folder of
weights), ``MIN_SCORE`` (the score in [0, 1] from which a candidate is a face) and
``open_detector(weights: Path | None, *, min_score=MIN_SCORE) -> Detector``. Without a path an entry takes its weights
from the folder of weights; one that needs no weights refuses a path to some, because they would not be used.
"""

from emogap.preprocessing.face.weights import find_weights
from emogap.shelf import Shelf

__all__ = ["AUTO", "DETECTORS", "settle_detector"]

AUTO = "auto"
"""In place of an entry: ``yunet`` where its weights are, else ``haar``."""

DETECTORS = Shelf(
    "emogap.preprocessing.face.detectors",
    kind="face detector",
    defines=("NUM_LANDMARKS", "WEIGHTS", "MIN_SCORE", "open_detector"),
)


def settle_detector(name: str) -> str:
    """The entry of the shelf that `name` means: itself, or what ``auto`` is on this machine.

    Raises
    ------
    UnknownNameError
        If there is no such entry.
    DataError
        If the weights of ``yunet`` are there and damaged.
    """
    if name == AUTO:
        return "haar" if find_weights("yunet") is None else "yunet"
    DETECTORS.open(name)
    return name
