"""Rows that no model was fitted for, computed from stored labels and the stored shares of the majority.

Shapes: N clips, K classes.
"""

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray

from emogap.learning.evaluation.aligned import Aligned

__all__ = ["ORACLE", "STRATIFIED", "person_oracle", "stratified_confusion"]

ORACLE = "oracle:person"
STRATIFIED = "stratified"


def person_oracle(aligned: Aligned, labels: pl.DataFrame) -> Float[ndarray, "N ..."]:
    """For each clip the mean label of the same participant's *other* clips, which no honest model may see.

    Parameters
    ----------
    aligned : Aligned
        The clips to predict.
    labels : polars.DataFrame
        ``participant_id recording_id stimulus_id start_s stop_s label``, every labelled clip once.

    Returns
    -------
    float64 array, shape (N, K) or (N,)
        For a participant with a single clip, the mean label of all others.

    Notes
    -----
    Leaving the clip itself out pulls the guess away from its class: where every participant has every class
    equally often, this oracle is *below* chance. It is above only where participants differ in their shares.
    """
    label = np.array(labels["label"].to_list(), np.float64)
    people = labels["participant_id"].to_numpy()
    total, clips = label.sum(axis=0), len(label)
    sums = {person: label[people == person].sum(axis=0) for person in np.unique(people)}
    counts = {person: int((people == person).sum()) for person in sums}
    guesses = []
    for person, own in zip(aligned.people, aligned.label, strict=True):
        others = counts[person] - 1
        guesses.append((sums[person] - own) / others if others else (total - own) / max(1, clips - 1))
    return np.array(guesses)


def stratified_confusion(aligned: Aligned, share: Float[ndarray, "N K"]) -> Float[ndarray, "K K"]:
    """Expected confusion matrix of a guess drawn at random by the class shares of training.

    Parameters
    ----------
    aligned : Aligned
    share : float64 array, shape (N, K)
        Class shares of the training clips of each clip's cell: the probabilities of ``majority``.
    """
    expected = np.zeros((share.shape[1], share.shape[1]))
    np.add.at(expected, aligned.hard_label, share)
    return expected
