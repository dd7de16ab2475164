"""What a machine says of a clip, from what it says of the clip's frames."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError

__all__ = ["ClipShares", "clip_shares", "uncertainty_of"]


@dataclass(frozen=True, slots=True, eq=False)
class ClipShares:
    """One clip, summed up over its frames.

    Attributes
    ----------
    num_frames, num_rated : int
        Frames of the clip, and those among them that have probabilities.
    share : float64 array, shape (K,)
        Mean probability of each class, in [0, 1], summing to 1; NaN if no frame has probabilities.
    frame_share : float64 array, shape (K,)
        Share of the rated frames in which each class is the most probable; NaN as above.
    uncertainty : float
        Entropy of `share`, in [0, 1]: 0 = one class alone, 1 = all K alike; NaN as above.
    """

    num_frames: int
    num_rated: int
    share: Float[ndarray, " K"]
    frame_share: Float[ndarray, " K"]
    uncertainty: float

    @property
    def label(self) -> int | None:
        """Index of the class with the largest share, the first of a tie; None if no frame has probabilities."""
        return None if self.num_rated == 0 else int(np.argmax(self.share))


def clip_shares(probability: Float[ndarray, "F K"]) -> ClipShares:
    """Shares of the classes in a clip of F frames.

    Parameters
    ----------
    probability : float64 array, shape (F, K)
        Rows in [0, 1] that sum to 1; NaN rows where the machine saw nothing.

    Notes
    -----
    The label of a clip is the class of the largest *mean* probability, so that many doubtful frames do not outvote a
    few clear ones by their number alone. The other way of counting is kept in `frame_share`.

    Examples
    --------
    >>> clip = clip_shares(np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0], [np.nan, np.nan]]))
    >>> clip.share.round(2).tolist(), clip.frame_share.round(2).tolist(), clip.label
    ([0.4, 0.6], [0.67, 0.33], 1)
    """
    num_frames, num_classes = probability.shape
    rated = probability[np.isfinite(probability).all(axis=1)]
    if len(rated) == 0:
        nothing = np.full(num_classes, np.nan)
        return ClipShares(num_frames, 0, nothing, nothing, float("nan"))
    share = rated.mean(axis=0)
    frame_share = np.bincount(rated.argmax(axis=1), minlength=num_classes) / len(rated)
    return ClipShares(num_frames, len(rated), share, frame_share, uncertainty_of(share))


def uncertainty_of(share: Float[ndarray, " K"]) -> float:
    """Entropy of shares over K >= 2 classes, divided by its largest value: 0 = one class alone, 1 = all alike.

    Raises
    ------
    DataError
        If the shares are negative or do not sum to 1.

    Notes
    -----
    -sum_k p_k ln p_k / ln K, with 0 ln 0 = 0.

    References
    ----------
    Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x, section 6; as a rule of choosing what to label next:
    Settles (2009), Active learning literature survey, University of Wisconsin-Madison, TR 1648, section 3.1.

    Examples
    --------
    >>> uncertainty_of(np.array([0.5, 0.5, 0.0, 0.0]))
    0.5
    """
    if (share < 0).any() or abs(float(share.sum()) - 1) > 1e-3:
        raise DataError(f"shares must be non-negative and sum to 1, got {share}", fix="divide them by their sum")
    positive = share[share > 0]
    return abs(float((positive * np.log(positive)).sum())) / float(np.log(len(share)))
