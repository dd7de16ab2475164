"""The gap as it was drawn in a simulated study, to hold an estimate against."""

from pathlib import Path

import numpy as np
import polars as pl

from emogap.errors import MismatchError
from emogap.simulation.affect import AROUSAL, VALENCE
from emogap.simulation.truth import Truth, read_truth
from emogap.types import vocabulary

__all__ = ["true_gap"]


def true_gap(path: Path, clips: pl.DataFrame, space: str) -> float:
    """Share of the clips in which the drawn felt and shown class differ; for ``va`` the root mean square distance.

    Parameters
    ----------
    path : Path
        ``truth.parquet``, or the study that holds it.
    clips : polars.DataFrame
        participant_id and stimulus_id.
    space : str
        ``emotion3``, ``emotion7`` or ``va``.

    Raises
    ------
    DataError
        If there is no such file, or it was not written by a simulation.
    MismatchError
        If a clip is not in it.

    Notes
    -----
    emotion7: ``felt_emotion7`` against ``shown_emotion7``. emotion3: the answer to that question against the tone of
    the shown expression as an expert without noise would call it. va: the felt valence and arousal against those of
    the shown emotion times its strength.
    """
    truth = read_truth(path)
    keys = {key: row for row, key in enumerate(truth.columns.select("participant_id", "stimulus_id").iter_rows())}
    try:
        rows = [keys[key] for key in clips.select("participant_id", "stimulus_id").iter_rows()]
    except KeyError as absent:
        raise MismatchError(
            f"the clip {absent.args[0]} of the data set is not in it",
            where=str(path),
            fix="give the truth.parquet of the study that the data set was built from",
        ) from absent
    chosen = Truth(truth.config, truth.columns[rows])
    shown = chosen.emotions("shown_emotion7")
    if space == "emotion7":
        return float(np.mean(chosen.emotions("felt_emotion7") != shown))
    strength = chosen.values("strength")
    if space == "emotion3":
        seen, limit = VALENCE[shown] * strength, truth.config.raters.tone_limit
        words = np.array(vocabulary("emotion3"))[np.where(seen > limit, 0, np.where(seen < -limit, 1, 2))]
        return float(np.mean(chosen.columns["felt_emotion3"].to_numpy() != words))
    across = VALENCE[shown] * strength - chosen.values("valence")
    up = AROUSAL[shown] * strength - chosen.values("arousal")
    return float(np.sqrt(np.mean(across**2 + up**2)))
