"""The ranges are those that a label may have."""

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.models.target_range import TARGET_RANGES, target_centre, target_reach
from emogap.types import EmotionLabel, LabelView


@pytest.mark.parametrize("target", TARGET_RANGES)
def test_a_label_may_take_both_ends_and_nothing_beyond(target: str) -> None:
    for end, beyond in zip(TARGET_RANGES[target], (-0.01, 0.01), strict=True):
        EmotionLabel(LabelView.SHOWN, {}, **{target: end})
        with pytest.raises(DataError, match=target):
            EmotionLabel(LabelView.SHOWN, {}, **{target: end + beyond})


def test_centre_and_reach_give_the_range_back() -> None:
    targets = ("intensity", "arousal", "valence")
    low, high = np.array([TARGET_RANGES[target] for target in targets]).T
    np.testing.assert_array_equal(target_centre(targets) - target_reach(targets), low)
    np.testing.assert_array_equal(target_centre(targets) + target_reach(targets), high)
