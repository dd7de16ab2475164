"""Seeds: every random number of a fit follows from its seed and its epoch, and from nothing that ran before."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["derived_seed", "seeded", "shuffled"]


def derived_seed(seed: int, *path: int) -> int:
    """A seed in [0, 2**63) that belongs to `path` below `seed`, such as an epoch.

    Examples
    --------
    >>> derived_seed(0, 1) == derived_seed(0, 1), derived_seed(0, 1) == derived_seed(1, 0)
    (True, False)
    """
    words = np.random.SeedSequence((seed, *path)).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within the block torch's generators (CPU and accelerator) start from `seed`; afterwards they are as before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def shuffled(num_rows: int, seed: int) -> torch.Tensor:
    """The rows 0 to `num_rows` - 1 in an order given by `seed`; int64, shape (num_rows,)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(num_rows, generator=generator)
