"""``truth.parquet``: what was drawn for every clip, beside the configuration it was drawn with.

Nothing but tests, the ceiling and ``emogap gap --truth`` opens it.

Columns, one row per clip in the order of participants, then stimuli:

``participant_id``, ``stimulus_id``
    Whose clip it is.
``target_emotion7``, ``felt_emotion7``, ``shown_emotion7``, ``felt_emotion3``
    Words of the vocabularies; ``shown_emotion7`` is what the face shows, not what raters said of it.
``felt_probability``
    float64 list (7): p(felt | target, person, stimulus).
``valence``, ``arousal``, ``dominance``
    What was felt, before the bias and noise of the answer.
``strength``
    Of the shown expression, 0 for neutral.
``eye_cue``, ``face_cue``
    float64 lists (5) and (6): everything about the feeling and the expression that the streams are driven by.
``person_felt_logit``, ``stimulus_felt_logit``
    float64 lists (7): effects on the felt emotion.
``person_valence_bias``, ``stimulus_valence_bias``
    Effects on the answer emotion3 and on pleasure.
``person_eye_cue``, ``stimulus_eye_cue``, ``person_face_cue``, ``stimulus_face_cue``
    float64 lists: effects on the streams, already contained in ``eye_cue`` and ``face_cue``.

The file's metadata key ``emogap_simulation`` holds the configuration as JSON.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.errors import DataError
from emogap.files import write_aside
from emogap.simulation.affect import EMOTIONS
from emogap.simulation.cohort import Cohort
from emogap.simulation.config import SimulationConfig

__all__ = ["Truth", "read_truth", "truth_of", "write_truth"]

METADATA_KEY = b"emogap_simulation"


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The columns of ``truth.parquet`` and the configuration behind them."""

    config: SimulationConfig
    columns: pl.DataFrame

    def vectors(self, name: str) -> Float[ndarray, "N D"]:
        """A list column as an array, one row per clip."""
        result: Float[ndarray, "N D"] = np.array(self.columns[name].to_list(), dtype=np.float64)
        return result

    def values(self, name: str) -> Float[ndarray, " N"]:
        """A column of numbers as an array."""
        return self.columns[name].to_numpy().astype(np.float64)

    def emotions(self, name: str) -> Int[ndarray, " N"]:
        """A column of words of emotion7 as indices into the vocabulary."""
        return np.array([EMOTIONS.index(word) for word in self.columns[name].to_list()])


def truth_of(cohort: Cohort) -> Truth:
    """The truth of a cohort, one row per clip."""
    rows = [
        {
            "participant_id": person.participant_id,
            "stimulus_id": stimulus.stimulus_id,
            "target_emotion7": EMOTIONS[stimulus.target7],
            "felt_emotion7": EMOTIONS[clip.felt7],
            "shown_emotion7": EMOTIONS[clip.shown7],
            "felt_emotion3": clip.felt3,
            "felt_probability": clip.felt_probability.tolist(),
            "valence": clip.valence,
            "arousal": clip.arousal,
            "dominance": clip.dominance,
            "strength": clip.strength,
            "eye_cue": clip.eye_cue.tolist(),
            "face_cue": clip.face_cue.tolist(),
            "person_felt_logit": person.felt_logit.tolist(),
            "stimulus_felt_logit": stimulus.felt_logit.tolist(),
            "person_valence_bias": person.valence_bias,
            "stimulus_valence_bias": stimulus.valence_bias,
            "person_eye_cue": person.eye_cue.tolist(),
            "stimulus_eye_cue": stimulus.eye_cue.tolist(),
            "person_face_cue": person.face_cue.tolist(),
            "stimulus_face_cue": stimulus.face_cue.tolist(),
        }
        for person, stimulus, clip in cohort.shown()
    ]
    return Truth(cohort.config, pl.DataFrame(rows))


def write_truth(path: Path, truth: Truth) -> None:
    """Write ``truth.parquet``; the same truth always gives the same bytes."""
    names = truth.columns.columns
    table = pa.table({name: truth.columns[name].to_list() for name in names})
    table = table.replace_schema_metadata({METADATA_KEY: truth.config.model_dump_json().encode()})
    with write_aside(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_truth(path: Path) -> Truth:
    """The truth of a simulated study.

    Parameters
    ----------
    path : Path
        The study folder, or the file itself.

    Raises
    ------
    DataError
        If the file is absent, no parquet, or was not written by a simulation.
    """
    file = path / "truth.parquet" if path.is_dir() else path
    if not file.is_file():
        raise DataError("there is no truth.parquet: only a simulated study has one", where=str(path))
    try:
        table = pq.read_table(file)
    except pa.ArrowInvalid as error:
        raise DataError("this is not a parquet file", where=str(file), fix="simulate the study again") from error
    metadata = table.schema.metadata or {}
    if METADATA_KEY not in metadata:
        raise DataError("this file does not say how it was simulated", where=str(file), fix="simulate the study again")
    columns = pl.DataFrame({name: table.column(name).to_pylist() for name in table.column_names})
    return Truth(SimulationConfig.model_validate_json(metadata[METADATA_KEY]), columns)
