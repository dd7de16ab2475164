"""A small simulated study without videos, its data set, and checkpoints fitted on it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.datasets import BuildConfig, build
from emogap.interfaces.cli import build_app
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study


@pytest.fixture(scope="session")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with study, D (its data set) and checkpoints of the models linear (er-va) and majority (er3)."""
    folder = tmp_path_factory.mktemp("road")
    config = SimulationConfig(participants=3, stimuli=3, clip_s=2.0, video=False, seed=1)
    simulate_study(folder / "study", config, jobs=1)
    build(folder / "study", folder / "D", BuildConfig(), jobs=1)
    for protocol, model in (("er-va", "linear"), ("er3", "majority")):
        result = CliRunner().invoke(
            build_app(),
            ["train", str(folder / "D"), "--protocol", protocol, "--model", model, "--out", str(folder / model)],
            catch_exceptions=False,
        )
        assert result.exit_code == 0
    return folder
