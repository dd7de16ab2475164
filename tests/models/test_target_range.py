"""The ranges are those that a label may have."""

import numpy as np
import pytest
import torch

from emogap.errors import DataError
from emogap.models.target_range import TARGET_RANGES, pole_weights, target_centre, target_reach
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


def test_a_value_belongs_to_the_pole_of_its_side_and_at_the_centre_to_none() -> None:
    label_NK = torch.tensor([[0.2, 1.0], [-0.4, 1.5], [0.0, 2.0], [torch.nan, torch.nan]])
    weight_NP = pole_weights(label_NK, torch.tensor([0.0, 1.5]))
    assert weight_NP.tolist() == [[1, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_clip_belongs_to_its_classes_by_their_shares() -> None:
    label_NK = torch.tensor([[0.25, 0.75, 0.0], [torch.nan] * 3])
    assert pole_weights(label_NK, None).tolist() == [[0.25, 0.75, 0], [0, 0, 0]]
