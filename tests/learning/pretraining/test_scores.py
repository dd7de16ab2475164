"""r and errors against NumPy and scikit-learn, and intervals over people."""

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.scores import mean_scores, score_people
from emogap.scoring import bootstrap_metric

B, T, F, D = 18, 4, 5, 3
SD = np.array([1.0, 2.0, 10.0])
PEOPLE = [f"p{number // 3}" for number in range(B)]


def measured(*, lost: float = 0.2) -> GazeWindows:
    rng = np.random.default_rng(0)
    future, valid = rng.normal(size=(B, F, D)), rng.random((B, F)) >= lost
    future[~valid] = np.nan
    return GazeWindows(
        torch.zeros(B, T, D), torch.ones(B, T, dtype=torch.bool), torch.tensor(future).float(), torch.tensor(valid)
    )


def forecast(seed: int, noise: float) -> torch.Tensor:
    known = measured().future.nan_to_num()
    return known + noise * torch.randn(B, F, D, generator=torch.Generator().manual_seed(seed))


def test_r_and_errors_are_those_of_the_valid_frames() -> None:
    windows, predicted = measured(), forecast(1, 0.7)
    found = score_people({"ours": predicted}, windows, PEOPLE, sd=SD, rate_hz=30.0, draws=50)["forecasts"]["ours"]
    label, output = windows.future.double().numpy(), predicted.double().numpy()
    known = windows.future_valid.numpy()
    pairs = known[:, 1:] & known[:, :-1]
    r = [pearsonr(label[known][:, channel], output[known][:, channel])[0] for channel in range(D)]
    mae = np.abs(label - output)[known].mean(axis=0)
    speed = np.abs(np.diff(label, axis=1) - np.diff(output, axis=1))[pairs].mean(axis=0) * 30
    assert found["by_channel"]["pearson_r"] == pytest.approx(r, abs=1e-9)
    assert found["by_channel"]["mae"] == pytest.approx(mae * SD, rel=1e-5)
    assert found["by_channel"]["velocity_mae"] == pytest.approx(speed * SD, rel=1e-5)
    for quantity, expected in (("pearson_r", r), ("mae", mae), ("velocity_mae", speed)):
        assert found[quantity]["estimate"] == pytest.approx(np.mean(expected), rel=1e-5)
    assert mean_scores(predicted, windows, rate_hz=30.0) == pytest.approx(
        {quantity: found[quantity]["estimate"] for quantity in ("pearson_r", "mae", "velocity_mae")}
    )


def test_the_interval_of_one_channel_is_that_of_the_metric_over_people() -> None:
    windows, predicted = measured(), forecast(1, 0.7)
    one = GazeWindows(windows.past[..., :1], windows.past_valid, windows.future[..., :1], windows.future_valid)
    found = score_people({"ours": predicted[..., :1]}, one, PEOPLE, sd=SD[:1], rate_hz=30.0, draws=400, seed=2)
    known = one.future_valid.numpy()
    expected = bootstrap_metric(
        "pearson_r",
        one.future.numpy()[known][:, 0],
        predicted[..., :1].numpy()[known][:, 0],
        people=np.repeat(np.array(PEOPLE)[:, None], F, axis=1)[known],
        draws=400,
        seed=2,
    )
    interval = found["forecasts"]["ours"]["pearson_r"]
    assert interval["clusters"] == "6 people"
    assert (interval["low"], interval["high"]) == pytest.approx((expected.low, expected.high))


def test_a_better_forecast_is_told_from_a_worse_one_on_the_same_people() -> None:
    found = score_people(
        {"ours": forecast(1, 0.3), "floor": forecast(2, 1.5)}, measured(), PEOPLE, sd=SD, rate_hz=30.0, draws=500
    )
    ours, floor = (found["forecasts"][name]["pearson_r"]["estimate"] for name in ("ours", "floor"))
    difference = found["differences"]["floor"]["pearson_r"]
    assert difference["estimate"] == pytest.approx(ours - floor)
    assert difference["low"] > 0
    assert found["differences"]["floor"]["mae"]["high"] < 0
    assert (found["num_people"], found["num_windows"]) == (6, B)


def test_one_person_has_no_interval() -> None:
    found = score_people({"ours": forecast(1, 0.3)}, measured(), ["p"] * B, sd=SD, rate_hz=30.0)
    interval = found["forecasts"]["ours"]["mae"]
    assert (interval["low"], interval["high"], interval["clusters"]) == (None, None, "1 person")
    assert interval["estimate"] is not None


def test_a_constant_forecast_has_no_r() -> None:
    found = score_people({"ours": torch.zeros(B, F, D)}, measured(), PEOPLE, sd=SD, rate_hz=30.0, draws=20)
    assert found["forecasts"]["ours"]["pearson_r"]["estimate"] is None
    assert found["forecasts"]["ours"]["by_channel"]["pearson_r"] == [None] * D
