"""Logistic or ridge regression with its penalty chosen on held-out people: what ``linear`` and the probe fit with.

Shapes: B clips, F features, K classes or targets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.models.floors import SMALLEST_PROBABILITY
from emogap.models.losses import huber, share_cross_entropy

__all__ = ["HELD_OUT_SHARE", "PENALTIES", "LinearFit", "fit_linear"]

PENALTIES = (0.003, 0.03, 0.3, 3.0)
"""L2 penalties per clip to choose from."""

HELD_OUT_SHARE = 0.25
"""Share of the training participants that the penalty is chosen on."""

FEWEST_PEOPLE = 3
"""With fewer training participants none can be held out to choose the penalty."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit:
    """Weights, intercepts and the penalty per clip that they were fitted with.

    Attributes
    ----------
    weight : float64 array, shape (F, K)
    intercept : float64 array, shape (K,)
    penalty : float
    """

    weight: Float[ndarray, "F K"]
    intercept: Float[ndarray, " K"]
    penalty: float

    def __call__(self, feature_BF: Float[ndarray, "B F"]) -> Float[ndarray, "B K"]:
        """Class scores whose softmax are probabilities, or values."""
        return np.asarray(feature_BF @ self.weight + self.intercept)


def fit_linear(
    feature_BF: Float[ndarray, "B F"],
    label_BK: Float[ndarray, "B K"],
    *,
    people: ndarray,
    is_classification: bool,
    penalties: Sequence[float] = PENALTIES,
    held_out_share: float = HELD_OUT_SHARE,
) -> LinearFit:
    """One linear layer fitted to labelled clips.

    Parameters
    ----------
    feature_BF : float64 array, shape (B, F)
        Standardised, without NaN.
    label_BK : float64 array, shape (B, K)
        Vote shares, which enter as weights of the classes, or values.
    people : array, shape (B,)
        Participant of each clip.
    is_classification : bool
        Logistic regression instead of ridge regression.
    penalties : sequence of float
        L2 penalties per clip.
    held_out_share : float

    Returns
    -------
    LinearFit

    Notes
    -----
    Minimises the mean loss over the clips plus half the penalty times the squared weights; the intercept is free. The
    penalty is chosen by the loss on every fourth participant (in the order of their ids, for a share of 0.25), fitting
    on the others; then all clips are used. With fewer than three participants the strongest penalty is taken.
    """
    solve = _logistic if is_classification else _ridge
    penalty = _chosen_penalty(
        feature_BF, label_BK, _held_out(people, held_out_share), penalties, is_classification=is_classification
    )
    return LinearFit(*solve(feature_BF, label_BK, penalty), penalty)


def _chosen_penalty(
    feature_BF: Float[ndarray, "B F"],
    label_BK: Float[ndarray, "B K"],
    is_held_out_B: Bool[ndarray, " B"],
    penalties: Sequence[float],
    *,
    is_classification: bool,
) -> float:
    strongest_first = sorted(penalties, reverse=True)
    if len(strongest_first) == 1 or not is_held_out_B.any():
        return strongest_first[0]
    inner = ~is_held_out_B
    label = torch.as_tensor(label_BK[is_held_out_B])
    solve, loss = (_logistic, share_cross_entropy) if is_classification else (_ridge, huber)
    losses = []
    for penalty in strongest_first:
        weight_FK, intercept_K = solve(feature_BF[inner], label_BK[inner], penalty)
        losses.append(loss(torch.as_tensor(feature_BF[is_held_out_B] @ weight_FK + intercept_K), label).item())
    return strongest_first[int(np.argmin(losses))]


def _held_out(person_B: ndarray, share: float) -> Bool[ndarray, " B"]:
    """Which clips belong to the participants that the penalty is chosen on: evenly spaced in the order of ids."""
    people = np.unique(person_B)
    if len(people) < FEWEST_PEOPLE:
        return np.zeros(len(person_B), bool)
    step = max(2, round(1 / share))
    return np.isin(person_B, people[step // 2 :: step])


def _ridge(
    feature_BF: Float[ndarray, "B F"], label_BK: Float[ndarray, "B K"], penalty: float
) -> tuple[Float[ndarray, "F K"], Float[ndarray, " K"]]:
    from sklearn.linear_model import Ridge

    fitted = Ridge(alpha=penalty * len(feature_BF)).fit(feature_BF, label_BK)
    return fitted.coef_.reshape(label_BK.shape[1], -1).T, np.reshape(fitted.intercept_, -1)


def _logistic(
    feature_BF: Float[ndarray, "B F"], share_BK: Float[ndarray, "B K"], penalty: float
) -> tuple[Float[ndarray, "F K"], Float[ndarray, " K"]]:
    """Multinomial logistic regression against vote shares; a class without a vote gets no weight."""
    from sklearn.linear_model import LogisticRegression

    num_classes = share_BK.shape[1]
    weight_FK = np.zeros((feature_BF.shape[1], num_classes))
    intercept_K = np.full(num_classes, np.log(SMALLEST_PROBABILITY))
    seen = np.flatnonzero(share_BK.sum(axis=0))
    if len(seen) == 1:
        intercept_K[seen] = 0.0
        return weight_FK, intercept_K
    clip, label = np.nonzero(share_BK)
    fitted = LogisticRegression(C=1 / (penalty * len(feature_BF)), max_iter=5000, tol=1e-5).fit(
        feature_BF[clip], label, sample_weight=share_BK[clip, label]
    )
    if len(seen) == 2:
        weight_FK[:, seen[1]], intercept_K[seen] = fitted.coef_[0], (0.0, fitted.intercept_[0])
    else:
        weight_FK[:, seen], intercept_K[seen] = fitted.coef_.T, fitted.intercept_
    return weight_FK, intercept_K
