"""Points of the manikin, against the table of conventions: 9: (s-5)/4, 7: (s-4)/3, 5: (s-3)/2."""

import pytest

from emogap.annotation.sam import sam_to_unit
from emogap.errors import DataError, UsageError


@pytest.mark.parametrize(("points", "middle", "half"), [(9, 5, 4), (7, 4, 3), (5, 3, 2)])
def test_every_point_maps_as_printed(points: int, middle: int, half: int) -> None:
    for rating in range(1, points + 1):
        assert sam_to_unit(rating, points=points) == pytest.approx((rating - middle) / half)


@pytest.mark.parametrize("rating", [0, 10, float("nan")])
def test_a_rating_off_the_form_is_refused(rating: float) -> None:
    with pytest.raises(DataError, match="off the form of 1 to 9"):
        sam_to_unit(rating, points=9)


def test_a_form_nobody_uses_is_refused() -> None:
    with pytest.raises(UsageError, match="manikin of 4 points"):
        sam_to_unit(1, points=4)
