"""From shares to a class."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.scoring import harden, is_tied


def test_a_tie_goes_to_the_first_word_of_the_vocabulary_and_is_known() -> None:
    share = np.array([[0.2, 0.4, 0.4, 0.0], [0.0, 0.0, 0.1, 0.9], [0.25, 0.25, 0.25, 0.25]])
    assert harden(share).tolist() == [1, 3, 0]
    assert is_tied(share).tolist() == [True, False, True]


def test_votes_that_differ_in_rounding_only_are_a_tie() -> None:
    """0.1 + 0.2 is larger than 0.3 in the 17th digit, but three votes of ten are three votes of ten."""
    share = np.array([[0.3, 0.1 + 0.2, 0.2, 0.2]])
    assert share[0, 1] > share[0, 0]
    assert harden(share).tolist() == [0]
    assert is_tied(share).tolist() == [True]


def test_an_unlabelled_clip_is_refused_by_its_row() -> None:
    with pytest.raises(UsageError, match="1 of 3 clips have no shares, first in row 1"):
        harden(np.array([[1.0, 0.0], [np.nan, np.nan], [0.0, 1.0]]))
