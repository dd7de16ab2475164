"""Sets from models of several folds that hold the right class as often as stated, also where the models disagree.

:func:`emogap.scoring.conformal.cross_conformal` asks every model about a new clip and averages; an average is less
often extreme than what it averages, so its sets hold the truth more often than stated. Here a new person takes the
seat of one person of the calibration: one model reads them, as it read that person.
"""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UsageError
from emogap.scoring.conformal import fit_conformal
from emogap.scoring.sums import codes_of

__all__ = ["seated_conformal"]

UNKNOWN = 0.5
"""Rank of a clip whose fold has nobody else to compare it with."""


def seated_conformal(
    label: Int[ndarray, " C"],
    probability: Float[ndarray, "C K"],
    folds: Int[ndarray, " C"],
    new: Float[ndarray, "M N K"],
    *,
    level: float,
    rng: np.random.Generator,
    groups: ArrayLike | None = None,
    new_groups: ArrayLike | None = None,
    by_class: bool = True,
) -> Bool[ndarray, "N K"]:
    """Which classes the set of each new clip holds, when each new person is read by one of M models.

    Parameters
    ----------
    label : int array, shape (C,)
        Class indices of the calibration clips.
    probability : float array, shape (C, K)
        What was said of each calibration clip by the model that has not seen its fold.
    folds : int array, shape (C,)
        That model, 0 to M - 1; the same for all clips of a group.
    new : float array, shape (M, N, K)
        What every model says of every new clip.
    level : float
        In (0, 1), such as 0.9.
    rng : numpy.random.Generator
        Deals the seats.
    groups, new_groups : array, shape (C,) and (N,), optional
        Participant of each clip; without them every clip stands for itself.
    by_class : bool
        As in :func:`emogap.scoring.conformal.fit_conformal`.

    Raises
    ------
    UsageError
        If the level is not in (0, 1), or a group was said by two models.

    Notes
    -----
    Seats are dealt: new people, in sorted order, take those of the calibration people in random order, and of more
    new people than seats some share one. What the model of the seat says of a clip is turned into its rank ``r``, the
    share of clips *of the others of that fold, by the same model*, of which it says less, equal ones half, each person
    with the same weight; labels play no part. A calibration clip is ranked in the same way among the others of its
    fold. So ``r`` means the same whatever numbers a model prefers. From there on it is
    :func:`emogap.scoring.conformal.fit_conformal` of the ranks of all folds together; with ``by_class=False``, where
    classes are compared with one another, of the quantile of all calibration clips at that rank. With one model there
    is nothing to deal, and it is that function of the probabilities.

    Given the model of a seat, its owner and the new person are both unseen by it and come from the same people, so
    the ranks of both have one distribution: at any threshold fixed beforehand, new clips exceed it as often as
    calibration clips do. The threshold is not fixed but that of the calibration ranks, which promises ``level`` to
    ``level + 1 / (G + 1)`` if all ranks are exchangeable (:func:`emogap.scoring.conformal.conformal_threshold`). They
    are but for this: the other models were trained on the owner of the seat, and not on the new person. How much one
    person more among those trained on moves ranks has no bound that holds for every model; where it moves them little
    the promise holds (stability; Barber et al., section 5), and simulations say how far it does elsewhere.

    To pick one of several sets by lot, and to keep the coverage that each has, is the randomised vote of Gasparin and
    Ramdas with a single draw. A set may turn out otherwise with another deal; how often a set holds the truth does not.

    References
    ----------
    Barber, Candes, Ramdas and Tibshirani (2021), Ann. Statist. 49(1), 486-507, doi:10.1214/20-AOS1965.
    Gasparin and Ramdas (2024), arXiv 2401.09379, section 2.8.
    Linusson, Norinder, Bostrom, Johansson and Lofstrom (2017), PMLR 60, 154-173: why averages cover too much.

    Examples
    --------
    Two models, the second of which says 0.1 more of everything; the new clip is as strange as the strangest to both:

    >>> said = np.array([0.9, 0.8, 0.7, 1.0, 0.9, 0.8])
    >>> seated_conformal(
    ...     np.zeros(6, int), np.stack([said, 1 - said], axis=1), np.array([0, 0, 0, 1, 1, 1]),
    ...     np.array([[[0.6, 0.4]], [[0.7, 0.3]]]), level=0.5, rng=np.random.default_rng(0),
    ... ).tolist()
    [[False, True]]
    """
    num_models, num_new, num_classes = new.shape
    names = np.arange(len(label)) if groups is None else np.asarray(groups)
    if num_models == 1:
        return fit_conformal(label, probability, level=level, groups=groups, by_class=by_class).of(new[0])
    people, num_people = codes_of(names)
    new_people = codes_of(np.arange(num_new) if new_groups is None else new_groups)[0]
    owners = rng.permutation(num_people)[new_people % num_people]
    fold_of = _fold_of(people, folds, names)
    known_rank, new_rank = np.empty(probability.shape), np.empty((num_new, num_classes))
    for fold in np.unique(folds):
        asked, seated = folds == fold, fold_of[owners] == fold
        for number in range(num_classes):
            clips = probability[asked, number], people[asked]
            known_rank[asked, number] = _rank(*clips, probability[asked, number], people[asked])
            new_rank[seated, number] = _rank(*clips, new[fold, seated, number], owners[seated])
    if not by_class:
        for number in range(num_classes):
            known_rank[:, number], new_rank[:, number] = (
                np.quantile(probability[:, number], rank[:, number]) for rank in (known_rank, new_rank)
            )
    return fit_conformal(label, known_rank, level=level, groups=groups, by_class=by_class).of(new_rank)


def _rank(
    reference: Float[ndarray, " R"],
    people: Int[ndarray, " R"],
    said: Float[ndarray, " N"],
    owner: Int[ndarray, " N"],
) -> Float[ndarray, " N"]:
    """Share of the reference clips of people other than the owner that lie below, ties half, people alike."""
    codes, num_people = codes_of(people)
    if num_people == 1:
        return np.full(len(said), UNKNOWN)
    size = np.bincount(codes)
    seat = np.searchsorted(np.unique(people), owner)
    own = _beside(_rows(reference, codes, size)[seat], said) / size[seat]
    return np.asarray(np.clip((_below(reference, 1 / size[codes], said) - own) / (num_people - 1), 0, 1))


def _below(
    reference: Float[ndarray, " R"], weight: Float[ndarray, " R"], said: Float[ndarray, " N"]
) -> Float[ndarray, " N"]:
    """Weight of the reference clips below each clip, half that of equal ones."""
    order = np.argsort(reference)
    passed = np.concatenate([[0.0], np.cumsum(weight[order])])
    below, not_above = (passed[np.searchsorted(reference[order], said, side=side)] for side in ("left", "right"))
    return np.asarray((below + not_above) / 2)


def _beside(reference: Float[ndarray, "N S"], said: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    """How many of the clips in its own row are below each clip, equal ones half."""
    return np.asarray(((reference < said[:, None]).sum(axis=1) + (reference <= said[:, None]).sum(axis=1)) / 2)


def _rows(
    reference: Float[ndarray, " R"], codes: Int[ndarray, " R"], size: Int[ndarray, " G"]
) -> Float[ndarray, "G S"]:
    """The clips of each person as a row, NaN where it is longer than they are many."""
    order = np.argsort(codes, kind="stable")
    place = np.arange(len(codes)) - np.repeat(np.cumsum(size) - size, size)
    rows = np.full((len(size), size.max()), np.nan)
    rows[codes[order], place] = reference[order]
    return rows


def _fold_of(people: Int[ndarray, " C"], folds: Int[ndarray, " C"], names: ndarray) -> Int[ndarray, " G"]:
    """The fold of each person."""
    first = np.unique(people, return_index=True)[1]
    differs = folds != folds[first][people]
    if differs.any():
        raise UsageError(
            f"the clips of {names[differs.argmax()]} were said by models of more than one fold",
            where=f"calibration clip {int(differs.argmax())}",
            fix="deal people, with all their clips, into folds",
        )
    return np.asarray(folds[first])
