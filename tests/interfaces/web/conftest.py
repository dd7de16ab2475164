"""The app on a folder of nothing but a header, and a browser's manners."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emogap.datasets import BuildConfig, build
from emogap.interfaces.web.app import NOTICE_COOKIE, build_app
from emogap.interfaces.web.opened import Opened
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig, simulate_study
from tests.annotation.store.conftest import postgres_server, postgres_url

__all__ = ["HOST", "TOKEN", "benched", "client_of", "opened", "postgres_server", "postgres_url", "study"]

TOKEN = "t" * 43
HOST = "http://127.0.0.1"


def client_of(opened: Opened, *, has_read: bool = True) -> TestClient:
    """A browser that came in by the address with the token, and has read the notice."""
    client = TestClient(build_app(opened, token=TOKEN, port=0), base_url=HOST, headers={"origin": HOST})
    assert client.get(f"/?token={TOKEN}", follow_redirects=False).status_code == 303
    if has_read:
        client.cookies.set(NOTICE_COOKIE, "read")
    return client


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Folders with names, and nothing in them."""
    return Opened(None, tmp_path / "dataset")


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated people, two stimuli of 2 s, with face videos at 25 frames/s; nobody writes into it."""
    place = tmp_path_factory.mktemp("web") / "study"
    config = SimulationConfig(participants=2, stimuli=2, clip_s=2.0, pause_s=1.0, seed=6)
    simulate_study(place, config, jobs=1)
    return place


@pytest.fixture(scope="session")
def benched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of six simulated people with its data set and a finished run beside it; nobody writes into it."""
    place = tmp_path_factory.mktemp("benched")
    config = SimulationConfig(participants=6, stimuli=7, clip_s=2.0, pause_s=0.5, rate_hz=60, video=False, seed=5)
    simulate_study(place / "study", config, jobs=1)
    build(place / "study", place / "dataset", BuildConfig(), jobs=1)
    bench = BenchConfig(protocol="er3", models=("linear",), splits=("person",), folds=3, preset="quick")
    run_benchmark(place / "dataset", bench, place / "run", scoring=Scoring(draws=200))
    return place
