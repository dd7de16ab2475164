"""The Self-Assessment Manikin: from the points of a form to [-1, 1]."""

from emogap.errors import DataError, UsageError

__all__ = ["SAM_POINTS", "sam_to_unit"]

SAM_POINTS = (5, 7, 9)
"""Numbers of points of the manikin in use."""


def sam_to_unit(rating: float, *, points: int) -> float:
    """A rating on a manikin of 1 to `points`, as a number in [-1, 1]; the middle of the form is 0.

    Parameters
    ----------
    rating : float
        1 to `points`.
    points : int
        5, 7 or 9.

    Raises
    ------
    UsageError
        If the manikin has another number of points.
    DataError
        If the rating lies off the form.

    Notes
    -----
    v = (s - m) / (m - 1) with m = (points + 1) / 2: (s - 5) / 4 for nine points, (s - 4) / 3 for seven and
    (s - 3) / 2 for five. The direction is that of the form: 1 is unpleasant or calm.

    References
    ----------
    Bradley and Lang (1994), J. Behav. Ther. Exp. Psychiatry 25(1), doi:10.1016/0005-7916(94)90063-9.

    Examples
    --------
    >>> sam_to_unit(9, points=9), sam_to_unit(3, points=5), sam_to_unit(3, points=7)
    (1.0, 0.0, -0.3333333333333333)
    """
    if points not in SAM_POINTS:
        raise UsageError(
            f"there is no manikin of {points} points", fix=f"known are {', '.join(map(str, SAM_POINTS))} points"
        )
    if not 1 <= rating <= points:
        raise DataError(f"the rating {rating:g} lies off the form of 1 to {points}", fix="correct the rating")
    middle = (points + 1) / 2
    return (rating - middle) / (middle - 1)
