"""Experiments with few draws, each run once for the tests of its file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from tests.learning.evaluation.few_draws import few_draws


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with few_draws():
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def report(request: pytest.FixtureRequest, place: Path, small_dataset: Path) -> ExperimentReport:
    """What the experiment that the file of tests writes with its own ``written`` gives."""
    return run_experiment(request.module.written(place), small_dataset, place / "R")
