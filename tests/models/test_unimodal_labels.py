"""Labels move with the difference of the distances, within their range."""

import hypothesis
import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import strategies

from emogap.models.unimodal_labels import (
    blended,
    on_simplex,
    pole_distances,
    relative_offset,
    shifted_shares,
    shifted_values,
)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_distances_are_those_to_the_means_of_the_poles() -> None:
    remembered_ND, feature_BD = noise(6, 4), noise(5, 4, seed=1)
    weight_NP = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]])
    distance_BP, is_seen_P = pole_distances(feature_BD, remembered_ND, weight_NP)
    assert is_seen_P.tolist() == [True, True, False]
    for pole, rows in ((0, [0, 1, 3]), (1, [2, 4])):
        centre = remembered_ND[rows].mean(0).numpy()
        expected = [np.linalg.norm(feature - centre) for feature in feature_BD.numpy()]
        np.testing.assert_allclose(distance_BP[:, pole], expected, rtol=1e-5)


def test_shares_weigh_in_the_mean_of_a_class() -> None:
    remembered_ND = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
    distance_BP, _ = pole_distances(torch.zeros(1, 2), remembered_ND, torch.tensor([[0.75], [0.25]]))
    assert distance_BP.item() == pytest.approx(1.0)


# Equal offsets leave the label unchanged.
@pytest.mark.parametrize("offset", [-0.7, -1e-5, 0.0, 1e-5, 0.3, 40.0])
def test_equal_offsets_leave_a_value_as_it_is(offset: float) -> None:
    value_BK = torch.tensor([[-0.8], [0.0], [0.31]])
    same_BK = torch.full((3, 1), offset)
    assert torch.equal(shifted_values(value_BK, same_BK, same_BK, torch.ones(1)), value_BK)


# The two forms agree.
def test_the_shift_is_the_mean_of_a_ratio_and_a_difference() -> None:
    """As printed in the paper: half of ``y o_s / o_f`` and half of ``y + o_s - o_f``; reach wide enough not to clip."""
    value, offset, fused = (0.5 * noise(50, 2, seed=seed).double() for seed in range(3))
    fused = torch.where(fused.abs() < 0.01, 0.01, fused)
    expected = 0.5 * value * offset / fused + 0.5 * (value + offset - fused)
    found = shifted_values(value, offset, fused, torch.full((2,), 1e6).double())
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("fused", "expected"), [(1e-6, 0.5 + 0.1 / 2 * 0.5 / 1e-3), (-1e-6, 0.5 - 0.1 / 2 * 0.5 / 1e-3)]
)
def test_a_divisor_near_zero_keeps_its_sign_and_a_size_of_a_thousandth(fused: float, expected: float) -> None:
    shifted = shifted_values(torch.tensor([[0.5]]), torch.tensor([[0.1]]), torch.tensor([[fused]]), torch.tensor([1e3]))
    assert shifted.item() == pytest.approx(expected, rel=1e-3)


def test_the_offset_is_positive_where_the_upper_pole_is_nearer() -> None:
    """Two targets: distances to both upper poles first, then to both lower ones."""
    offset_BK = relative_offset(torch.tensor([[1.0, 4.0, 3.0, 2.0]]))
    assert offset_BK.tolist() == [[pytest.approx(2.0), pytest.approx(-0.5)]]


FINITE = strategies.floats(-100, 100, width=32)


# Labels never leave their range.
@hypothesis.given(arrays.arrays(np.float32, (3, 5, 2), elements=FINITE))
def test_values_stay_in_reach_whatever_the_distances(numbers: np.ndarray) -> None:
    reach_K = torch.tensor([1.0, 1.5])
    value, offset, fused = torch.from_numpy(numbers)
    assert (shifted_values(value, offset, fused, reach_K).abs() <= reach_K).all()


@hypothesis.given(arrays.arrays(np.float32, (4, 6), elements=strategies.floats(-5, 5, width=32)))
def test_shares_stay_shares_and_no_other_shares_are_nearer(numbers: np.ndarray) -> None:
    point_BK = torch.from_numpy(numbers).double()
    share_BK = on_simplex(point_BK)
    assert (share_BK >= 0).all()
    torch.testing.assert_close(share_BK.sum(1), torch.ones(4).double())
    # A projection onto a convex set: the rest stands at no acute angle to any corner of it.
    towards_corners = torch.eye(6).double()[None] - share_BK[:, None]
    assert (torch.einsum("bk,bck->bc", point_BK - share_BK, towards_corners) < 1e-9).all()


def test_shares_move_towards_the_class_that_is_nearer_in_the_modality() -> None:
    """Worked by hand: softmax(0, ln 3) = (1/4, 3/4) against (1/2, 1/2); the sum is within the simplex already."""
    share_BK = torch.tensor([[0.5, 0.5]])
    distance_BK = torch.tensor([[np.log(3.0), 0.0]], dtype=torch.float32)
    moved = shifted_shares(share_BK, distance_BK, torch.ones(1, 2), torch.tensor([True, True]))
    torch.testing.assert_close(moved, torch.tensor([[0.25, 0.75]]))


def test_a_class_without_a_centre_gets_and_loses_nothing() -> None:
    share_BK = torch.tensor([[0.4, 0.2, 0.4]])
    alone, fused = torch.tensor([[0.0, 9.0, 0.5]]), torch.tensor([[0.5, 0.0, 0.0]])
    moved = shifted_shares(share_BK, alone, fused, torch.tensor([True, False, True]))
    assert moved[0, 1] == pytest.approx(0.2)
    assert moved[0, 0] == pytest.approx(0.4 + 2 / (1 + np.exp(-0.5)) - 1)
    nothing = shifted_shares(share_BK, alone, fused, torch.tensor([False] * 3))
    torch.testing.assert_close(nothing, share_BK)


# n = 2 gives a third of the old label and two thirds of the new.
@pytest.mark.parametrize(("epoch", "old"), [(1, 1 / 3), (2, 2 / 4), (9, 9 / 11)])
def test_old_labels_weigh_more_with_every_epoch(epoch: int, old: float) -> None:
    label = blended(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), epoch=epoch)
    torch.testing.assert_close(label, torch.tensor([[old, 1 - old]]))
