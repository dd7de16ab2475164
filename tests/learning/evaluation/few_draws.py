"""Fewer draws than a real benchmark takes, where what is drawn is tested, and not how precisely."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emogap.learning.evaluation.rows import Scoring

DRAWS = 200


@contextmanager
def few_draws() -> Iterator[None]:
    """Within the block every score is drawn 200 times unless it is said otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scoring.__init__, "__defaults__", (DRAWS, 0, False))
        yield
