"""The floors: the last frame by hand, the ridge against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.forecasts import fit_ridge, repeat_last_frame, roll_out
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass

B, T, F, D = 40, 6, 3, 2


def windows(seed: int = 0, *, num_windows: int = B, lost: float = 0.0, noise: float = 0.5) -> GazeWindows:
    """The future is a fixed linear function of the past, with noise."""
    rng = np.random.default_rng(seed)
    weight = np.random.default_rng(99).normal(size=(T * D, F * D))
    past = rng.normal(size=(num_windows, T, D))
    future = (past.reshape(num_windows, -1) @ weight + 1.5).reshape(num_windows, F, D)
    future += noise * rng.normal(size=future.shape)
    valid = [rng.random((num_windows, length)) >= lost for length in (T, F)]
    past[~valid[0]], future[~valid[1]] = np.nan, np.nan
    return GazeWindows(
        torch.from_numpy(past).float(),
        torch.from_numpy(valid[0]),
        torch.from_numpy(future).float(),
        torch.from_numpy(valid[1]),
    )


def test_the_last_valid_frame_is_repeated() -> None:
    past = torch.arange(24.0).reshape(2, 6, 2)
    past[0, 4:] = torch.nan
    valid = ~past.isnan().any(dim=2)
    valid[1] = False
    given = GazeWindows(past, valid, torch.zeros(2, 3, 2), torch.ones(2, 3, dtype=torch.bool))
    assert repeat_last_frame(given).tolist() == [[[6.0, 7.0]] * 3, [[0.0, 0.0]] * 3]


def test_the_ridge_is_scikit_learns() -> None:
    given, shown = windows(), windows(1, num_windows=5)
    ridge = fit_ridge([given.part(0, 3), given.part(1, 3), given.part(2, 3)], [], penalties=(0.3,))
    expected = Ridge(alpha=0.3 * B).fit(given.past.flatten(1).numpy(), given.future.flatten(1).numpy())
    found = ridge.forecast(shown)
    assert found.shape == (5, F, D)
    np.testing.assert_allclose(
        found.flatten(1).numpy(), expected.predict(shown.past.flatten(1).numpy()), rtol=1e-4, atol=1e-4
    )


def test_the_penalty_is_the_one_that_serves_other_people() -> None:
    few, other = windows(num_windows=14, noise=4.0), windows(1, num_windows=30, noise=4.0)
    assert fit_ridge([few], [other]).penalty > 0.01
    assert fit_ridge([windows(num_windows=300, noise=0.01)], [windows(1, noise=0.01)]).penalty == 0.01
    assert fit_ridge([few], []).penalty == 100.0


def test_windows_that_chose_the_penalty_are_fitted_to_as_well() -> None:
    first, second = windows(), windows(1, num_windows=30)
    both = fit_ridge([first, second], [], penalties=(0.1,))
    chosen = fit_ridge([first], [second], penalties=(0.1,))
    np.testing.assert_allclose(chosen.weight, both.weight)


def test_a_future_frame_that_is_lost_is_not_fitted_to() -> None:
    """Noise-free futures: with a fifth of the frames lost the ridge still finds the weights, near the penalty's."""
    whole = fit_ridge([windows(num_windows=4000, noise=0.0)], [], penalties=(1e-6,))
    given = windows(num_windows=4000, noise=0.0)
    rng = np.random.default_rng(3)
    lost = torch.from_numpy(rng.random((4000, F)) < 0.2)
    given.future[lost] = torch.nan
    holed = fit_ridge([GazeWindows(given.past, given.past_valid, given.future, ~lost)], [], penalties=(1e-6,))
    np.testing.assert_allclose(holed.weight, whole.weight, atol=0.2)
    assert np.isfinite(holed.weight).all()
    assert np.abs(holed.weight).max() > 1.0


def test_a_frame_that_is_never_seen_is_forecast_as_the_mean() -> None:
    given = windows()
    valid = given.future_valid.clone()
    valid[:, 1] = False
    ridge = fit_ridge([GazeWindows(given.past, given.past_valid, given.future, valid)], [], penalties=(0.3,))
    found = ridge.forecast(given)
    assert found[:, 1].abs().max() == 0
    assert found[:, 2].abs().max() > 0.1


@pytest.mark.parametrize("training", [True, False])
def test_a_rollout_is_deterministic_and_leaves_the_mode_of_the_network(training: bool) -> None:
    torch.manual_seed(0)
    model = Glass(GlassConfig(num_channels=D, patch_frames=3, width=8, num_heads=2, dropout=0.5)).train(training)
    given = windows(lost=0.1)
    first = roll_out(model, given)
    assert model.training == training
    assert torch.equal(first, roll_out(model, given))
    assert first.shape == (B, F, D)
    assert first.isfinite().all()
