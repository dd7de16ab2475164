"""The batch averages of the public EMER test code, and what they do to a score."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, mean_squared_error, recall_score

from emogap.errors import UnknownNameError, UsageError
from emogap.scoring import emer_batch16
from emogap.scoring.metrics import f1_weighted, rmse, uar, war


def batches(num_clips: int) -> list[slice]:
    return [slice(start, start + 16) for start in range(0, num_clips, 16)]


def fold(rng: np.random.Generator, share: list[float], *, skill: float, num_clips: int = 260) -> tuple[np.ndarray, ...]:
    label = rng.choice(len(share), num_clips, p=share)
    return label, np.where(rng.random(num_clips) < skill, label, rng.choice(len(share), num_clips, p=share))


@pytest.mark.parametrize("num_clips", [5, 16, 37])
def test_classification_is_scikit_learn_batch_by_batch(num_clips: int) -> None:
    label, output = fold(np.random.default_rng(num_clips), [0.5, 0.3, 0.1, 0.1], skill=0.5, num_clips=num_clips)
    parts = [(label[part], output[part]) for part in batches(num_clips)]
    for metric, score in (
        ("war", lambda y, o: recall_score(y, o, average="weighted", zero_division=0)),
        ("uar", lambda y, o: recall_score(y, o, average="macro", zero_division=0)),
        ("f1_weighted", lambda y, o: f1_score(y, o, average="weighted", zero_division=0)),
    ):
        assert emer_batch16(label, output, metric) == pytest.approx(np.mean([score(*part) for part in parts]))


def test_the_root_is_taken_in_every_batch() -> None:
    label, output = np.random.default_rng(0).normal(size=(2, 37))
    roots = [np.sqrt(mean_squared_error(label[part], output[part])) for part in batches(37)]
    assert emer_batch16(label, output, "rmse") == pytest.approx(np.mean(roots))
    assert emer_batch16(label, output, "rmse") < rmse.score(label, output)


def test_folds_are_averaged_and_never_share_a_batch() -> None:
    label, output = fold(np.random.default_rng(1), [0.4, 0.6], skill=0.5, num_clips=45)
    folds = np.array(["one"] * 20 + ["two"] * 25)
    parts = [emer_batch16(label[folds == name], output[folds == name], "uar") for name in ("one", "two")]
    assert emer_batch16(label, output, "uar", folds=folds) == pytest.approx(np.mean(parts))


def test_the_last_small_batch_weighs_as_much_as_a_full_one() -> None:
    label = np.zeros(260, np.int64)
    output = label.copy()
    output[-4:] = 1
    assert war.score(label, output) == pytest.approx(256 / 260)
    assert emer_batch16(label, output, "war") == pytest.approx(16 / 17)


def test_batch_means_lower_uar_and_hardly_move_the_rest() -> None:
    """The size of the effect with 260 clips of 7 classes: about 35.8 on the fold, about 32.7 as batch mean.

    Seven label shares from 25 to 10 %, a guess that is right one time in four and else drawn from the shares.
    """
    rng = np.random.default_rng(0)
    share = [0.25, 0.15, 0.15, 0.12, 0.12, 0.11, 0.10]
    folds = [fold(rng, share, skill=0.25) for _ in range(150)]
    whole = {m.TITLE: np.mean([m.score(*clips) for clips in folds]) for m in (war, uar, f1_weighted)}
    averaged = {
        name: np.mean([emer_batch16(*clips, name) for clips in folds]) for name in ("war", "uar", "f1_weighted")
    }
    assert whole["UAR"] == pytest.approx(0.358, abs=0.008)
    assert averaged["uar"] == pytest.approx(0.327, abs=0.008)
    assert averaged["war"] == pytest.approx(whole["WAR"], abs=0.003)
    assert averaged["f1_weighted"] == pytest.approx(whole["F1 (weighted)"], abs=0.02)


def test_gaussian_errors_lose_one_and_two_thirds_percent_of_rmse() -> None:
    """Reference simulation: batch means of RMSE lie 1.67 % below the root of the batch mean of MSE."""
    rng = np.random.default_rng(0)
    deviation = []
    for _ in range(300):
        error = rng.normal(size=260)
        zero = np.zeros(260)
        deviation.append(emer_batch16(zero, error, "rmse") / np.sqrt(emer_batch16(zero, error, "mse")) - 1)
    assert 100 * np.mean(deviation) == pytest.approx(-1.67, abs=0.1)


def test_a_constant_guess_on_three_classes_gains_from_batch_means() -> None:
    """A class that is absent from a batch drops out of its mean: 33.3 becomes about 34.4 at a majority of 53 %."""
    rng = np.random.default_rng(3)
    scores = []
    for _ in range(200):
        label = rng.choice(3, 260, p=[0.5292, 0.2354, 0.2354])
        scores.append(emer_batch16(label, np.zeros(260, np.int64), "uar"))
    assert 0.335 < np.mean(scores) < 0.355


def test_no_clip_is_refused() -> None:
    with pytest.raises(UsageError, match="no clip"):
        emer_batch16([], [], "mae")


def test_a_metric_the_public_code_lacks_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="mae"):
        emer_batch16([0.0], [1.0], "ccc")
