"""Labels that may be wrong: what raters mix up, and what is left of two views once that is taken out.

Read :func:`fit_views` first. It fits one model to many weightings of the same clips at once, since an interval over
people needs the fit of every draw.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import UsageError

__all__ = ["ViewsFit", "corrected_views", "fit_views", "symmetric_confusion"]

STEPS = 500
TOLERANCE = 1e-5
PSEUDO_VOTES = 1.0
"""Votes added to each row of a confusion matrix, spread evenly (Perks' prior), so that no row is without any."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewsFit:
    """The fit of D weightings of N clips with K classes and A raters.

    Attributes
    ----------
    views : float64 array, shape (D, K, K)
        Probability that the *answer* to the felt question is the class of the row and the shown class that of the
        column; sums to 1.
    confusion : float64 array, shape (D, K, A, K)
        Probability that a rater votes for the last axis when the class of the second is shown.
    posterior : float64 array, shape (D, K, N)
        Probability of each shown class of a clip, given its votes and its felt answer.
    is_converged : bool
        Whether the share of differing clips moved by less than the tolerance in the last step, in every weighting.
    """

    views: Float[ndarray, "D K K"]
    confusion: Float[ndarray, "D K A K"]
    posterior: Float[ndarray, "D K N"]
    is_converged: bool


def symmetric_confusion(reliability: float, num_classes: int) -> Float[ndarray, "K K"]:
    """Probability of each answer (columns) given the class (rows) if a wrong answer falls on every other class alike.

    Parameters
    ----------
    reliability : float
        Probability that the answer names the class, above 1 / K and at most 1.
    num_classes : int
        K.

    Raises
    ------
    UsageError
        If the reliability is no better than guessing, or above 1.

    Examples
    --------
    >>> symmetric_confusion(0.8, 3).round(3).tolist()
    [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    """
    if not 1 / num_classes < reliability <= 1:
        raise UsageError(
            f"a reliability of {reliability:g} is {'above 1' if reliability > 1 else 'no better than guessing'}",
            fix=f"give the probability of a right answer, above {1 / num_classes:.3f} for"
            f" {counted(num_classes, 'class')}",
        )
    wrong = (1 - reliability) / (num_classes - 1)
    return np.asarray(np.full((num_classes, num_classes), wrong) + (reliability - wrong) * np.eye(num_classes))


def fit_views(
    felt: Int[ndarray, " N"],
    votes: Float[ndarray, "N A K"],
    weights: Float[ndarray, "D N"],
    *,
    confusion: Float[ndarray, "K K"] | None = None,
    start: ViewsFit | None = None,
    tolerance: float = TOLERANCE,
) -> ViewsFit:
    """Maximum likelihood of the joint distribution of felt answer and shown class, and of every rater's confusions.

    Parameters
    ----------
    felt : int array, shape (N,)
        The answer of each clip, an index into K classes.
    votes : float64 array, shape (N, A, K)
        Votes of each rater for each class: one or none of each rater, or A = 1 with all votes of a clip together if
        it is not known who gave them (raters are then taken as alike).
    weights : float64 array, shape (D, N)
        How often each clip counts, one row per weighting.
    confusion : float64 array, shape (K, K), optional
        What every rater is assumed to mix up; then nothing is estimated but the joint distribution.
    start : ViewsFit, optional
        A fit to begin from, with D = 1 or the same D; vote shares if None.
    tolerance : float
        Change of the share of differing clips below which the steps end, in every weighting.

    Returns
    -------
    ViewsFit

    Notes
    -----
    Clip i with answer f and votes v has the likelihood ``sum_s p(f, s) prod_a prod_k C_a[s, k]^v_iak``: votes depend
    on the shown class alone. EM: the E-step gives ``q_i(s) ~ p(f_i, s) prod C``, the M-step counts
    ``p(f, s) = mean of q_i(s) over clips answered f`` and ``C_a[s, k] ~ sum_i q_i(s) v_iak`` plus 1/K pseudo-votes.
    It is the model of Dawid and Skene with a prior that depends on the felt answer. Without that dependence the
    posterior pulls clips with few votes to the most frequent class, and the gap comes out too large: with 24 people,
    14 stimuli and four raters by 0.02 of 0.22.

    References
    ----------
    Dawid and Skene (1979), Applied Statistics 28(1), 20-28, doi:10.2307/2346806, equations 2.3 to 2.5.
    Bandeen-Roche et al. (1997), JASA 92(440), 1375-1386, doi:10.1080/01621459.1997.10473658: latent classes that
    depend on covariates.
    """
    num_classes = votes.shape[2]
    model = _Model(felt, votes, confusion)
    if start is None:
        share = votes.sum(axis=1).T / votes.sum(axis=(1, 2))
        posterior = np.repeat(share[None], len(weights), axis=0)
    else:
        repeats = len(weights) // len(start.views)
        posterior = model.posterior(
            np.repeat(start.views, repeats, axis=0), np.repeat(start.confusion, repeats, axis=0)
        )
    views = np.zeros((len(weights), num_classes, num_classes))
    chance = np.zeros((len(weights), num_classes, *votes.shape[1:]))
    active = np.arange(len(weights))
    for _ in range(STEPS):
        before = np.trace(views[active], axis1=1, axis2=2)
        views[active], chance[active] = model.counted(posterior[active], weights[active])
        posterior[active] = model.posterior(views[active], chance[active])
        moved = np.abs(np.trace(views[active], axis1=1, axis2=2) - before)
        active = active[moved >= tolerance]
        if not len(active):
            break
    return ViewsFit(views, chance, posterior, not len(active))


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The two steps of EM, for many weightings at once."""

    felt: Int[ndarray, " N"]
    votes: Float[ndarray, "N A K"]
    confusion: Float[ndarray, "K K"] | None

    def counted(
        self, posterior: Float[ndarray, "D K N"], weights: Float[ndarray, "D N"]
    ) -> tuple[Float[ndarray, "D K K"], Float[ndarray, "D K A K"]]:
        """The M-step: joint distribution of answer and shown class, and confusions."""
        num_clips, num_raters, num_classes = self.votes.shape
        weighted = (posterior * weights[:, None]).reshape(-1, num_clips)
        views = (weighted @ np.eye(num_classes)[self.felt]).reshape(-1, num_classes, num_classes).swapaxes(1, 2)
        views = views / views.sum(axis=(1, 2), keepdims=True)
        if self.confusion is not None:
            return views, np.repeat(self.confusion[:, None], num_raters, axis=1)[None]
        counts = (weighted @ self.votes.reshape(num_clips, -1)).reshape(-1, num_classes, num_raters, num_classes)
        counts += PSEUDO_VOTES / num_classes
        return views, counts / counts.sum(axis=-1, keepdims=True)

    def posterior(
        self, views: Float[ndarray, "D K K"], confusion: Float[ndarray, "D K A K"]
    ) -> Float[ndarray, "D K N"]:
        """The E-step: probability of each shown class of a clip."""
        num_clips, _, num_classes = self.votes.shape
        # Confusions assumed to be perfect hold zeros; a vote against them is then nearly, not wholly, impossible.
        log_chance = np.log(np.maximum(confusion, 1e-9)).reshape(len(views) * num_classes, -1)
        result = (log_chance @ self.votes.reshape(num_clips, -1).T).reshape(len(views), num_classes, -1)
        result -= result.max(axis=1, keepdims=True)
        np.exp(result, out=result)
        result *= np.maximum(views.swapaxes(1, 2), 1e-12)[:, :, self.felt]
        result /= result.sum(axis=1, keepdims=True)
        return np.asarray(result)


def corrected_views(
    views: Float[ndarray, "*draws K K"], felt_confusion: Float[ndarray, "K K"]
) -> Float[ndarray, "*draws K K"]:
    """Joint distribution of *felt* and shown class from that of answer and shown class; rows may fall below 0.

    Parameters
    ----------
    views : float64 array, shape (..., K, K)
        Rows: answer; columns: shown.
    felt_confusion : float64 array, shape (K, K)
        Probability of each answer (columns) given what was felt (rows).

    Notes
    -----
    ``answer = C^T felt``, hence ``felt = C^-T answer`` for every shown class: Rogan and Gladen's estimator, p =
    (observed - (1 - specificity)) / (sensitivity + specificity - 1), for K classes. It needs errors of the answer
    that do not depend on what is shown.

    References
    ----------
    Rogan and Gladen (1978), Am. J. Epidemiol. 107(1), 71-76, doi:10.1093/oxfordjournals.aje.a112510, equation 1.

    Examples
    --------
    >>> confusion = symmetric_confusion(0.9, 2)
    >>> told = confusion.T @ np.array([[0.5, 0.1], [0.1, 0.3]])
    >>> corrected_views(told, confusion).round(6).tolist()
    [[0.5, 0.1], [0.1, 0.3]]
    """
    return np.asarray(np.linalg.solve(felt_confusion.T, views))
