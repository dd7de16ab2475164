"""A place to run experiments in, with a data set of ten people."""

from pathlib import Path

import pytest

from tests.learning.evaluation.small_study import write_small_dataset


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten people, six stimuli; felt and shown classes, felt valence."""
    return write_small_dataset(tmp_path_factory.mktemp("study"))
