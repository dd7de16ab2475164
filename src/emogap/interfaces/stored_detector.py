"""A calibrated gap detector beside the checkpoints of its two-view models: ``detector.json``."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.analysis.gap_detector import TwoHeads
from emogap.errors import DataError
from emogap.files import write_json
from emogap.scoring.temperature import Recalibration

__all__ = ["DETECTOR_FILE", "StoredDetector", "read_detector", "write_detector"]

DETECTOR_FILE = "detector.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class StoredDetector:
    """Everything but the networks that turns a clip into the probability of a gap.

    Attributes
    ----------
    space : str
        ``emotion7`` or ``emotion3``.
    felt_temperature, shown_temperature : float
    slope, intercept : float
        Of the recalibration of the logit.
    threshold : float
        Least probability that is flagged; infinite if there were too few people to flag anything.
    coverage : float
        Nominal coverage of the sets that the threshold comes from.
    num_people : int
        People of the calibration.
    """

    space: str
    felt_temperature: float
    shown_temperature: float
    slope: float
    intercept: float
    threshold: float
    coverage: float
    num_people: int

    def probability(self, felt: Float[ndarray, "N K"], shown: Float[ndarray, "N K"]) -> Float[ndarray, " N"]:
        """That felt and shown differ, from the probabilities of both heads of one model."""
        said = TwoHeads(self.felt_temperature, self.shown_temperature).apply(felt, shown)
        return Recalibration(self.slope, self.intercept).apply(said)


def write_detector(folder: Path, detector: StoredDetector) -> None:
    """Write ``detector.json`` into the folder of a cell; an infinite threshold is null."""
    content: dict[str, object] = {"schema": SCHEMA, **asdict(detector)}
    if not np.isfinite(detector.threshold):
        content["threshold"] = None
    write_json(folder / DETECTOR_FILE, content)


def read_detector(folder: Path) -> StoredDetector:
    """The detector beside the checkpoint in `folder`.

    Raises
    ------
    DataError
        If there is none, or it is damaged.
    """
    path = folder / DETECTOR_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        named = {field.name: content[field.name] for field in fields(StoredDetector)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the gap detector cannot be read: {error}",
            where=str(path),
            fix="give a folder below 'detectors/views' of an experiment of the kind gap_detector",
        ) from error
    named["threshold"] = np.inf if named["threshold"] is None else named["threshold"]
    return StoredDetector(**named)
