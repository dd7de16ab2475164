"""Every metric on the shelf, whichever it is."""

import itertools

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.scoring import METRICS
from emogap.scoring.sums import metric_sums

NAMES = METRICS.names()


def clips_of(kind: str, rng: np.random.Generator, num_clips: int = 101) -> tuple[np.ndarray, np.ndarray]:
    """Labels and outputs that agree a little."""
    if kind == "classification":
        label = rng.integers(0, 5, num_clips)
        return label, np.where(rng.random(num_clips) < 0.4, label, rng.integers(0, 5, num_clips))
    label = rng.normal(0.2, 0.5, num_clips)
    return label, 0.4 * label + rng.normal(0, 0.3, num_clips)


def test_the_metrics_of_the_conventions_are_there() -> None:
    assert set(NAMES) >= {"war", "uar", "f1_weighted", "f1_macro", "mae", "mse", "rmse", "ccc", "pearson_r", "r2"}


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_what_it_is(name: str) -> None:
    entry = METRICS.open(name)
    assert entry.KIND in {"classification", "regression"}
    assert isinstance(entry.HIGHER_IS_BETTER, bool)
    assert entry.TITLE
    assert "doi" in entry.score.__doc__ or "References" in entry.score.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_output_scores_best(name: str) -> None:
    entry = METRICS.open(name)
    label, output = clips_of(entry.KIND, np.random.default_rng(1))
    best, ordinary = entry.score(label, label), entry.score(label, output)
    assert best == pytest.approx(1.0 if entry.HIGHER_IS_BETTER else 0.0, abs=1e-7)
    assert (best > ordinary) == entry.HIGHER_IS_BETTER


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_clips_does_not_matter(name: str) -> None:
    entry = METRICS.open(name)
    rng = np.random.default_rng(2)
    label, output = clips_of(entry.KIND, rng)
    order = rng.permutation(len(label))
    assert entry.score(label[order], output[order]) == pytest.approx(entry.score(label, output), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_sums_over_groups_give_the_score_of_all_clips(name: str) -> None:
    entry = METRICS.open(name)
    rng = np.random.default_rng(3)
    label, output = clips_of(entry.KIND, rng)
    groups = rng.integers(0, 7, len(label))
    sums = metric_sums(entry.KIND, label, output, groups=groups, num_groups=7)
    assert float(entry.from_sums(sums.sum(axis=0))) == pytest.approx(entry.score(label, output), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_leading_axes_are_scored_one_by_one(name: str) -> None:
    entry = METRICS.open(name)
    rng = np.random.default_rng(4)
    label, output = clips_of(entry.KIND, rng)
    sums = metric_sums(entry.KIND, label, output, groups=rng.integers(0, 6, len(label)), num_groups=6)
    stacked = entry.from_sums(sums.reshape(2, 3, *sums.shape[1:]))
    assert stacked.shape == (2, 3)
    for row, column in itertools.product(range(2), range(3)):
        assert stacked[row, column] == pytest.approx(float(entry.from_sums(sums[3 * row + column])), nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
def test_no_clip_is_refused_in_words(name: str) -> None:
    with pytest.raises(UsageError, match="no clip"):
        METRICS.open(name).score(np.zeros(0, np.int64), np.zeros(0, np.int64))


@pytest.mark.parametrize("name", NAMES)
def test_lengths_that_differ_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"\(3,\) and \(2,\)"):
        METRICS.open(name).score(np.zeros(3, np.int64), np.zeros(2, np.int64))
