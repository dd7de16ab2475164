"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure: no test asserts time, hypothesis' own limit of 200 ms per example included.
settings.register_profile("emogap", deadline=None)
settings.load_profile("emogap")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def no_weights_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty folder of weights: what a user has fetched decides no test. A test that needs weights names them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOGAP_WEIGHTS", str(tmp_path_factory.mktemp("no-weights")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings; the test is skipped, in words, where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not here ({folder})")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of real weights; the test is skipped, in words, where it is absent."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip(f"the real weights are not here ({folder})")
    return folder


@pytest.fixture(scope="session")
def emer_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A miniature of EMER's release, 6 people by 3 films at 60 Hz, one of them in two sets; not to be written to."""
    from emogap.simulation import SimulationConfig
    from emogap.simulation.emer_release import simulate_emer_release

    config = SimulationConfig(participants=6, stimuli=3, seed=4, clip_s=2.0, pause_s=1.0, rate_hz=60, video=False)
    return simulate_emer_release(tmp_path_factory.mktemp("emer") / "release", config, shared_people=1, frames=11).path
