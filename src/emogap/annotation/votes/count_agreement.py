"""Agreement between raters who are not told apart: the two coefficients that counts support."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.annotation.votes.clustered import interval_over_clusters
from emogap.annotation.votes.counts import VoteCounts
from emogap.errors import UsageError
from emogap.scoring.resampling import Interval
from emogap.scoring.sums import ratio

__all__ = ["agreement_interval", "fleiss_kappa_of_counts", "krippendorff_alpha_of_counts"]


def fleiss_kappa_of_counts(votes: VoteCounts) -> float:
    """Fleiss' kappa in [-1, 1]; NaN if all votes are for one category.

    Parameters
    ----------
    votes : VoteCounts
        Nominal, every item with the same number of votes n, at least 2.

    Raises
    ------
    UsageError
        If the items have different numbers of votes, or fewer than two.

    Notes
    -----
    ``kappa = (P - P_e) / (1 - P_e)``; ``P`` is the mean over items of the share of agreeing pairs of votes
    ``sum_k n_ik (n_ik - 1) / (n (n - 1))``, ``P_e = sum_k p_k^2`` of the overall shares p_k.

    References
    ----------
    Fleiss (1971), Psychological Bulletin 76(5), 378-382, doi:10.1037/h0031619, equations 2-7.

    Examples
    --------
    >>> votes = VoteCounts(("a", "b"), ("anger", "fear", "neutral"), np.array([[4, 0, 0], [0, 3, 1]]))
    >>> round(fleiss_kappa_of_counts(votes), 4)
    0.5789
    """
    number = votes.num_votes
    if len(number) == 0 or (number != number[0]).any() or number[0] < 2:
        least, most = (int(number.min()), int(number.max())) if len(number) else (0, 0)
        raise UsageError(
            f"fleiss_kappa needs the same number of votes for every item, at least 2; here there are {least} to {most}",
            fix="use krippendorff_alpha, which takes any number, or keep the items with equal numbers",
        )
    return float(_fleiss(_fleiss_sums(votes).sum(axis=0)))


def krippendorff_alpha_of_counts(votes: VoteCounts) -> float:
    """Krippendorff's alpha, at most 1; NaN if all votes that can be paired are for one category.

    Parameters
    ----------
    votes : VoteCounts
        Nominal or ordinal (the metric follows `votes.scale`), with any number of votes per item; an item with
        fewer than two votes holds no pair and does not count.

    Notes
    -----
    ``alpha = 1 - D_o / D_e`` from the coincidences ``o_kl = sum_i n_ik (n_il - [k = l]) / (n_i - 1)``. Who cast a
    vote never enters, so nothing is lost by knowing the counts alone. Ordinal metric: the square of the sum of the
    margins from k to l, each end counted half.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability", University of Pennsylvania,
    https://repository.upenn.edu/asc_papers/43, section C (nominal) and D (metrics).

    Examples
    --------
    >>> votes = VoteCounts(("a", "b"), ("anger", "fear", "neutral"), np.array([[4, 0, 0], [0, 2, 1]]))
    >>> round(krippendorff_alpha_of_counts(votes), 4)
    0.5714
    """
    return float(_alpha_from(len(votes.categories), votes.scale)(_coincidences(votes).sum(axis=0)))


def agreement_interval(
    votes: VoteCounts,
    coefficient: str,
    *,
    clusters: ArrayLike | None = None,
    crossed: ArrayLike | None = None,
    names: tuple[str, str] = ("clusters", "stimuli"),
    draws: int = 10_000,
    seed: int = 0,
) -> Interval:
    """A coefficient with its bootstrap interval.

    Parameters
    ----------
    votes : VoteCounts
    coefficient : "fleiss_kappa" or "krippendorff_alpha"
    clusters, crossed : array, shape (I,), optional
        What is drawn (:func:`interval_over_clusters`); by default the items. Clips of one actor are not
        independent: give the actors.
    names : (str, str)
        What is drawn, in the plural.
    draws, seed : int

    Raises
    ------
    UsageError
        If the coefficient is neither of the two, or does not apply.
    """
    from_sums: Callable[[Float[ndarray, "*draws S"]], Float[ndarray, "*draws"]]
    if coefficient == "fleiss_kappa":
        fleiss_kappa_of_counts(votes)
        sums, from_sums = _fleiss_sums(votes), _fleiss
    elif coefficient == "krippendorff_alpha":
        sums, from_sums = _coincidences(votes), _alpha_from(len(votes.categories), votes.scale)
    else:
        raise UsageError(f"counts do not support '{coefficient}'", fix="use fleiss_kappa or krippendorff_alpha")
    if clusters is None:
        clusters, names = np.arange(len(votes.items)), ("items", names[1])
    return interval_over_clusters(sums, from_sums, clusters, crossed=crossed, names=names, draws=draws, seed=seed)


def _fleiss_sums(votes: VoteCounts) -> Float[ndarray, "I S"]:
    """Per item: the share of agreeing pairs, 1, and the shares of the categories."""
    number = votes.num_votes[:, None]
    agreeing = (votes.count * (votes.count - 1)).sum(axis=1, keepdims=True) / (number * (number - 1))
    return np.concatenate([agreeing, np.ones_like(agreeing), votes.count / number], axis=1)


def _fleiss(sums: Float[ndarray, "*draws S"]) -> Float[ndarray, "*draws"]:
    items = sums[..., 1]
    observed = sums[..., 0] / items
    expected = ((sums[..., 2:] / items[..., None]) ** 2).sum(axis=-1)
    return ratio(observed - expected, 1 - expected, least=1e-12)


def _coincidences(votes: VoteCounts) -> Float[ndarray, "I KK"]:
    """Coincidence matrix of each item, flat; zero where no two votes can be paired."""
    count = votes.count.astype(np.float64)
    pairs = count[:, :, None] * count[:, None, :]
    diagonal = np.arange(count.shape[1])
    pairs[:, diagonal, diagonal] -= count
    pairs /= np.maximum(votes.num_votes - 1, 1)[:, None, None]
    return pairs.reshape(len(count), -1)


def _alpha_from(num_categories: int, scale: str) -> Callable[[Float[ndarray, "*draws KK"]], Float[ndarray, "*draws"]]:
    def alpha(sums: Float[ndarray, "*draws KK"]) -> Float[ndarray, "*draws"]:
        coincidence = sums.reshape(*sums.shape[:-1], num_categories, num_categories)
        margin = coincidence.sum(axis=-1)
        if scale == "nominal":
            distance = np.broadcast_to(1 - np.eye(num_categories), coincidence.shape)
        else:
            middle = np.cumsum(margin, axis=-1) - margin / 2
            distance = (middle[..., :, None] - middle[..., None, :]) ** 2
        observed = (coincidence * distance).sum(axis=(-2, -1))
        expected = (margin[..., :, None] * margin[..., None, :] * distance).sum(axis=(-2, -1))
        total = margin.sum(axis=-1)
        return np.asarray(1 - ratio((total - 1) * observed, expected, least=1e-12))

    return alpha
