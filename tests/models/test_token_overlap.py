"""The overlap of tokens is the sum of their squared scalar products."""

import torch

from emogap.models.token_overlap import token_overlap


def test_every_token_is_compared_with_every_other_by_hand() -> None:
    one, other = torch.randn(3, 4, 6), torch.randn(3, 5, 6)
    counts = torch.tensor([True, False, True])
    expected = sum(float(one[clip, s] @ other[clip, t]) ** 2 for clip in (0, 2) for s in range(4) for t in range(5))
    torch.testing.assert_close(token_overlap(one, other, counts), torch.tensor(expected / 2))


def test_tokens_in_disjoint_subspaces_do_not_overlap() -> None:
    one, other = torch.randn(3, 4, 6), torch.randn(3, 5, 6)
    one[..., 2:], other[..., :2] = 0, 0
    everyone = torch.ones(3, dtype=torch.bool)
    assert token_overlap(one, other, everyone) == 0
    assert token_overlap(one, one, everyone) > 0


def test_it_grows_with_the_fourth_power_of_the_length() -> None:
    one, other = torch.randn(3, 4, 6), torch.randn(3, 5, 6)
    everyone = torch.ones(3, dtype=torch.bool)
    torch.testing.assert_close(
        token_overlap(1.5 * one, 1.5 * other, everyone), 1.5**4 * token_overlap(one, other, everyone)
    )


def test_no_clip_is_no_overlap() -> None:
    assert token_overlap(torch.randn(3, 4, 6), torch.randn(3, 4, 6), torch.zeros(3, dtype=torch.bool)) == 0
