"""Fewer draws than a real experiment takes: what is tested here is what is drawn, not how precisely."""

from collections.abc import Iterator

import pytest

from emogap.learning.evaluation.rows import Scoring


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scoring.__init__, "__defaults__", (1100, 0, False))
        yield
