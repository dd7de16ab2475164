"""Predictions are probabilities or values, and do not depend on how many are asked for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.store import Dataset
from emogap.learning import inputs
from emogap.learning.prediction import predict_rows
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.zoo import ZOO, emert
from emogap.types import TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]
ONCE = TrainingConfig(epochs=1, accelerator="cpu")
SMALL = {"emert": emert.Config(encoder_width=9, width=8, head_width=5)}


@pytest.mark.parametrize("values", [False, True], ids=["classes", "values"])
@pytest.mark.parametrize("name", ZOO.names())
def test_every_model_gives_probabilities_or_values(
    name: str, values: bool, make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    dataset, task = make_dataset(model=name), make_task(values=values, model=name)
    trained = fit_model(
        name, SMALL.get(name), task, dataset, range(16), range(16, 20), training=ONCE, folder=tmp_path / "fit"
    )
    predicted = predict_rows(trained, dataset, range(20, 24))
    assert set(predicted) == {view.value for view in task.views}
    for output in predicted.values():
        assert output.shape == (4, task.head_size)
        assert output.dtype == np.float64
        assert np.isfinite(output).all()
        if not values:
            np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-9)


def test_the_number_of_clips_asked_for_changes_nothing(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset()
    trained = fit_model(
        "emert", SMALL["emert"], make_task(), dataset, range(16), range(16, 20), training=ONCE, folder=tmp_path
    )
    together = predict_rows(trained, dataset, range(24))["felt"]
    monkeypatch.setattr(inputs, "VALUES_AT_ONCE", 300)
    np.testing.assert_allclose(predict_rows(trained, dataset, range(24))["felt"], together, atol=1e-6)
    assert predict_rows(trained, dataset, [])["felt"].shape == (0, 3)
