"""Features of clips in the plane, and how far neighbours share a label, a person or a stimulus.

The picture is t-SNE, which keeps neighbourhoods and no distances; the numbers are of the features themselves.

Shapes: N clips, F features.
"""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.counted_nouns import counted
from emogap.errors import UsageError

__all__ = ["NEIGHBOURS", "neighbour_excess", "tsne"]

NEIGHBOURS = 5
"""Nearest clips that a clip is compared with; ours."""


def tsne(features_NF: Float[ndarray, "N F"], *, perplexity: float, seed: int) -> tuple[Float[ndarray, "N 2"], float]:
    """Places of clips in the plane by t-SNE, and the divergence that is left.

    Parameters
    ----------
    features_NF : float array, shape (N, F)
        Standardised here, channel by channel; a constant channel says nothing.
    perplexity : float
        Effective number of neighbours that a clip keeps.
    seed : int

    Returns
    -------
    float64 array, shape (N, 2), and float
        Places without unit; Kullback-Leibler divergence, in nats.

    Raises
    ------
    UsageError
        If there are fewer than three times as many other clips as `perplexity`.

    Notes
    -----
    scikit-learn's, started from the two first principal components, so that the picture follows from data and seed.

    References
    ----------
    van der Maaten & Hinton (2008), JMLR 9, 2579-2605; initialisation: Kobak & Berens (2019),
    doi:10.1038/s41467-019-13056-x.
    """
    from sklearn.manifold import TSNE

    if 3 * perplexity > len(features_NF) - 1:
        raise UsageError(
            f"{counted(len(features_NF), 'clip', 'is')} too few for a perplexity of {perplexity:g}",
            fix=f"give a perplexity of at most {(len(features_NF) - 1) // 3}, or fewer folds",
        )
    fitted = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    places = fitted.fit_transform(_standardised(features_NF))
    return np.asarray(places, np.float64), float(fitted.kl_divergence_)


def neighbour_excess(
    features_NF: Float[ndarray, "N F"], groups: ArrayLike, *, neighbours: int = NEIGHBOURS
) -> Float[ndarray, " N"]:
    """How much more often the nearest clips are of a clip's own group than other clips are, float64 (N,) in [-1, 1].

    Parameters
    ----------
    features_NF : float array, shape (N, F)
        Standardised here.
    groups : array, shape (N,)
        Class, person or stimulus of each clip.
    neighbours : int
        How many nearest clips, by Euclidean distance; fewer if there are not so many.

    Notes
    -----
    Share of the group among the nearest, less its share among all other clips: 0 = features know nothing of it.

    Examples
    --------
    >>> neighbour_excess(np.array([[0.0], [0.1], [5.0], [5.1]]), ["a", "a", "b", "b"], neighbours=1).round(2).tolist()
    [0.67, 0.67, 0.67, 0.67]
    """
    standard = _standardised(features_NF)
    distance = ((standard[:, None] - standard[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(neighbours, len(standard) - 1)]
    same: Bool[ndarray, "N N"] = np.asarray(groups)[:, None] == np.asarray(groups)[None]
    among_others = (same.sum(axis=1) - 1) / (len(standard) - 1)
    return np.asarray(np.take_along_axis(same, nearest, axis=1).mean(axis=1) - among_others)


def _standardised(features_NF: Float[ndarray, "N F"]) -> Float[ndarray, "N F"]:
    centred = np.asarray(features_NF, np.float64) - np.mean(features_NF, axis=0, dtype=np.float64)
    sd = centred.std(axis=0)
    return np.asarray(np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 1e-9 * (1 + np.abs(centred).max())))
