"""Random numbers follow from the seed, and leave those of others alone."""

import torch

from emogap.learning.randomness import derived_seed, seeded, shuffled


def test_a_seeded_block_is_repeatable_and_leaves_no_trace() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    with seeded(5):
        first = torch.rand(4)
    assert torch.equal(torch.rand(3), expected)
    with seeded(5):
        assert torch.equal(torch.rand(4), first)


def test_every_epoch_and_purpose_has_a_seed_of_its_own() -> None:
    seeds = {derived_seed(seed, epoch, purpose) for seed in range(5) for epoch in range(20) for purpose in range(2)}
    assert len(seeds) == 5 * 20 * 2
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_shuffling_loses_no_row() -> None:
    order = shuffled(17, 3)
    assert sorted(order.tolist()) == list(range(17))
    assert torch.equal(order, shuffled(17, 3))
    assert not torch.equal(order, shuffled(17, 4))
