"""A simulated study walks the same road as a real one, and its truth is not on that road."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets import BuildConfig, Dataset, build, label_array, open_dataset
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study
from emogap.types import LabelView


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three people, two clips of 3 s, no video."""
    config = SimulationConfig(participants=3, stimuli=2, seed=5, clip_s=3, video=False)
    return simulate_study(tmp_path_factory.mktemp("simulated") / "study", config, jobs=1)


@pytest.fixture(scope="module")
def dataset(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("built") / "D"
    report = build(simulated, out, BuildConfig(), jobs=1)
    assert not report.failures
    return open_dataset(out)


def test_every_clip_arrives_with_all_its_labels(dataset: Dataset) -> None:
    assert len(dataset.keys) == 3 * 2
    for view in (LabelView.FELT, LabelView.SHOWN, LabelView.TARGET):
        for space, num_classes in (("emotion7", 7), ("emotion3", 3)):
            labels = label_array(dataset, view, "class", space)
            assert labels.shape == (6, num_classes)
            np.testing.assert_allclose(labels.sum(axis=1), 1)
    assert np.isfinite(label_array(dataset, LabelView.FELT, "valence")).all()
    assert np.isfinite(label_array(dataset, LabelView.SHOWN, "intensity")).all()


def test_the_eyes_were_tracked_almost_always(dataset: Dataset) -> None:
    assert dataset.streams["eye"].shape == (6, 32, 20)
    assert dataset.masks["eye"].mean() > 0.8
    gaze = dataset.streams["eye"][..., :2]
    assert np.nanmax(np.abs(gaze)) < 60


def test_the_ceiling_that_was_published_is_kept(dataset: Dataset) -> None:
    assert dataset.simulated
    assert 0 < dataset.ceilings["felt/emotion3"]["uar"] <= 1


def test_without_the_truth_the_bytes_are_the_same(simulated: Path, dataset: Dataset, tmp_path: Path) -> None:
    (simulated / "truth.parquet").unlink()
    build(simulated, tmp_path / "blind", BuildConfig(), jobs=1)
    for file in sorted(path for path in dataset.path.rglob("*") if path.is_file()):
        assert file.read_bytes() == (tmp_path / "blind" / file.relative_to(dataset.path)).read_bytes(), file.name
