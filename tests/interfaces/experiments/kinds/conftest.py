"""Experiments with few draws."""

from collections.abc import Iterator

import pytest

from tests.learning.evaluation.few_draws import few_draws


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with few_draws():
        yield
