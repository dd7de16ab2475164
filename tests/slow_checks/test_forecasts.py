"""What the slow check of forecasts does between the networks and the numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.datasets.gaze_index import GazeIndex
from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.models.glass.config import GlassConfig
from slow_checks._forecasts import (
    UnseenForecasts,
    deal_people,
    joined,
    scores_by_horizon,
    scores_of,
    spread_mean,
    unseen_forecasts,
)
from tests.learning.pretraining.conftest import FUTURE, PAST, waving_index

PATCH = 3


def windows_of(future: np.ndarray, valid: np.ndarray) -> GazeWindows:
    """Windows whose past, two frames of zero, nothing depends on."""
    num_windows, _, num_channels = future.shape
    past = torch.zeros(num_windows, 2, num_channels)
    return GazeWindows(
        past, torch.ones(num_windows, 2, dtype=torch.bool), torch.from_numpy(future), torch.from_numpy(valid)
    )


def forecasts_from(rng: np.random.Generator, num_windows: int, name: str) -> UnseenForecasts:
    """Seven future frames of three channels; the first four are forecast rightly, the others with the wrong sign."""
    future = rng.normal(0, 1, (num_windows, 7, 3))
    told = np.concatenate([future[:, :4], -future[:, 4:]], axis=1)
    windows = windows_of(future, np.ones((num_windows, 7), bool))
    people = tuple(f"{name}{number % 2}" for number in range(num_windows))
    return UnseenForecasts({"glass": torch.from_numpy(told), "last": torch.from_numpy(future)}, windows, people, 10.0)


def test_everybody_who_does_not_choose_is_tested_once() -> None:
    names = [f"p{number}" for number in range(11)]
    choosing, folds = deal_people(names, num_choosing=3, num_folds=3, seed=4)
    assert len(choosing) == 3
    assert sorted(len(fold) for fold in folds) == [2, 3, 3]
    assert sorted([*choosing, *(name for fold in folds for name in fold)]) == sorted(names)


def test_how_often_a_person_is_named_does_not_matter_to_who_is_tested() -> None:
    dealt = deal_people(["b", "a", "c", "a", "d", "b"], num_choosing=1, num_folds=2, seed=0)
    assert dealt == deal_people(["a", "b", "c", "d"], num_choosing=1, num_folds=2, seed=0)


def test_the_mean_of_the_past_leaves_out_what_was_lost() -> None:
    past = torch.tensor([[[1.0, 10.0], [3.0, 30.0], [torch.nan, torch.nan]], [[torch.nan] * 2] * 3])
    valid = torch.tensor([[True, True, False], [False, False, False]])
    windows = GazeWindows(past, valid, torch.zeros(2, 4, 2), torch.ones(2, 4, dtype=torch.bool))
    assert spread_mean(windows).tolist() == [[[2.0, 20.0]] * 4, [[0.0, 0.0]] * 4]


def test_each_stretch_of_the_future_is_scored_by_itself() -> None:
    rows = scores_by_horizon(forecasts_from(np.random.default_rng(1), 20, "p"), frames=4)
    assert [row["until_s"] for row in rows] == [0.4, 0.7]
    assert [row["pearson_r"]["glass"]["estimate"] for row in rows] == pytest.approx([1.0, -1.0])
    assert [row["pearson_r"]["last"]["estimate"] for row in rows] == pytest.approx([1.0, 1.0])


def test_errors_are_in_the_units_of_the_channels() -> None:
    future = np.zeros((4, 5, 2))
    told = {"glass": torch.from_numpy(future + 3.0), "last": torch.from_numpy(future + np.arange(5.0)[None, :, None])}
    valid = np.ones((4, 5), bool)
    valid[:, 2] = False
    found = UnseenForecasts(told, windows_of(future, valid), ("a", "a", "b", "c"), 30.0)
    scores = scores_of(found)["forecasts"]
    assert scores["glass"]["mae"]["estimate"] == pytest.approx(3.0)
    assert scores["glass"]["velocity_mae"]["estimate"] == pytest.approx(0.0)
    assert scores["last"]["mae"]["estimate"] == pytest.approx((0 + 1 + 3 + 4) / 4)
    assert scores["last"]["velocity_mae"]["estimate"] == pytest.approx(30.0)


def test_folds_are_scored_as_one_with_the_people_of_all() -> None:
    rng = np.random.default_rng(2)
    parts = [forecasts_from(rng, 6, "p"), forecasts_from(rng, 9, "q")]
    found = joined(parts)
    assert found.people == parts[0].people + parts[1].people
    assert torch.equal(found.forecasts["glass"][6:], parts[1].forecasts["glass"])
    scores = scores_of(found)
    assert (scores["num_windows"], scores["num_people"]) == (15, 4)


@pytest.fixture(scope="module")
def index() -> GazeIndex:
    return waving_index(num_people=6)


def network(index: GazeIndex, folder: Path, **options: object) -> Pretrained:
    sizes = GlassConfig(num_channels=2, patch_frames=PATCH, width=8, num_heads=2, encoder_layers=1, decoder_layers=1)
    config = PretrainingConfig.model_validate(
        {"max_steps": 3, "passes": 9, "batch_size": 8, "held_out": ("p01", "p04"), "accelerator": "cpu", **options}
    )
    return pretrain(index, sizes, config, folder)


def test_gaze_is_told_in_degrees_and_of_the_unseen_people_alone(index: GazeIndex, tmp_path: Path) -> None:
    found = unseen_forecasts(network(index, tmp_path), index, ["p01", "p04"])
    assert set(found.people) == {"p01", "p04"}
    segments = [number for number, name in enumerate(index.participants) if name in {"p01", "p04"}]
    starts = [start for start in index.starts.tolist() if start // 60 in segments]
    first = index.values[starts[0] + PAST : starts[0] + PAST + FUTURE]
    np.testing.assert_allclose(found.windows.future[0].numpy(), first, atol=1e-5)
    past = index.values[starts[0] : starts[0] + PAST]
    last = past[np.isfinite(past).all(axis=1)][-1]
    np.testing.assert_allclose(found.forecasts["repeat"][0].numpy(), np.tile(last, (FUTURE, 1)), atol=1e-5)
    assert set(found.forecasts) == {"glass", "repeat", "ridge", "past mean"}


def test_a_network_of_shuffled_windows_is_shown_shuffled_windows(index: GazeIndex, tmp_path: Path) -> None:
    plain = unseen_forecasts(network(index, tmp_path / "a"), index, ["p01"]).windows
    mixed = unseen_forecasts(network(index, tmp_path / "b", time_order="shuffled"), index, ["p01"]).windows
    assert not torch.equal(plain.past_valid, mixed.past_valid) or not torch.allclose(
        plain.past.nan_to_num(), mixed.past.nan_to_num()
    )
    frames = [
        np.sort(torch.cat([each.past, each.future], dim=1)[0, :, 0].nan_to_num().numpy()) for each in (plain, mixed)
    ]
    np.testing.assert_allclose(*frames, atol=1e-6)


def test_who_was_seen_is_not_scored(index: GazeIndex, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a person was seen"):
        unseen_forecasts(network(index, tmp_path), index, ["p01", "p02"])
