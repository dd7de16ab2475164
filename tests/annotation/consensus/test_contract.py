"""What every consensus method on the shelf promises, whichever it is."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.annotation.consensus import CONSENSUS, Consensus, fitting_methods, reach_consensus
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.types import RatingTable
from tests.annotation.consensus.simulated_raters import class_table, number_table, one_coin, votes_of, without_some

NAMES = CONSENSUS.names()
SEEDS = st.integers(0, 2**32 - 1)


def classes(
    *, items: int = 61, raters: int = 5, categories: int = 3, seed: int = 0, missing: float = 0.3
) -> RatingTable:
    rng = np.random.default_rng(seed)
    accuracy = np.linspace(0.5, 0.9, raters).tolist()
    truth = rng.integers(0, categories, items)
    return votes_of(truth, one_coin(accuracy, categories), rng, share_missing=missing)


def numbers(*, items: int = 61, raters: int = 5, seed: int = 0, missing: float = 0.3) -> RatingTable:
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 1, items)
    noise = rng.normal(0, 1, (items, raters)) * np.linspace(0.2, 1, raters)
    return number_table(without_some(truth[:, None] + np.linspace(-0.3, 0.3, raters) + noise, rng, missing))


def tables_for(name: str, **shape: int) -> Iterator[RatingTable]:
    scales = CONSENSUS.open(name).SCALES
    if "nominal" in scales:
        yield classes(**shape)
    if "interval" in scales:
        yield numbers(**{key: size for key, size in shape.items() if key != "categories"})


def soft(result: Consensus) -> np.ndarray:
    """Shares, or values as one column."""
    if result.share is not None:
        return result.share
    assert result.value is not None
    return result.value[:, None]


def test_the_methods_are_there() -> None:
    assert set(NAMES) >= {"majority", "em_reliability", "dawid_skene", "gaussian"}
    assert fitting_methods("interval") == ("em_reliability", "gaussian", "majority")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("items", "raters", "categories"), [(17, 3, 7), (13, 11, 2), (41, 6, 5)])
def test_shapes_follow_the_table(name: str, items: int, raters: int, categories: int) -> None:
    for table in tables_for(name, items=items, raters=raters, categories=categories):
        result = CONSENSUS.open(name).fit(table)
        assert result.method == name
        assert soft(result).shape == (items, categories if table.scale == "nominal" else 1)
        assert result.disagreement.shape == result.num_ratings.shape == (items,)
        assert len(result.states) == items
        assert result.num_rated.shape == (raters,)
        if result.reliability is not None:
            assert result.reliability.shape == (raters,)
            assert np.nanmax(result.reliability) <= 1 + 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_what_is_climbed_never_falls(name: str) -> None:
    for seed in range(5):
        for table in (classes(seed=seed, categories=4), numbers(seed=seed)):
            if table.scale not in CONSENSUS.open(name).SCALES:
                continue
            steps = CONSENSUS.open(name).fit(table).log_likelihood
            assert (np.diff(steps) >= -1e-9 * np.abs(steps[1:])).all()
            assert name == "majority" or len(steps) > 2


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12)
@given(seed=SEEDS)
def test_the_order_of_items_and_raters_does_not_matter(name: str, seed: int) -> None:
    for table in tables_for(name, items=23, raters=4, categories=3, seed=seed):
        rng = np.random.default_rng(seed)
        rows, columns = rng.permutation(23), rng.permutation(4)
        shuffled = RatingTable(
            tuple(table.items[row] for row in rows),
            tuple(table.annotators[column] for column in columns),
            table.rating[rows][:, columns],
            table.scale,
            table.categories,
            table.limits,
        )
        entry = CONSENSUS.open(name)
        # A fixed number of steps: where a climb ends by its tolerance, rounding may decide about one step more.
        config = entry.Config() if name == "majority" else entry.Config(max_steps=20, tolerance=0)
        before, after = entry.fit(table, config), entry.fit(shuffled, config)
        np.testing.assert_allclose(soft(after), soft(before)[rows], atol=1e-8)
        if before.reliability is not None:
            np.testing.assert_allclose(after.reliability, before.reliability[columns], atol=1e-8)


@pytest.mark.parametrize("name", fitting_methods("nominal"))
@settings(max_examples=12)
@given(seed=SEEDS)
def test_renaming_the_classes_renames_the_result(name: str, seed: int) -> None:
    table = classes(items=29, raters=5, categories=4, seed=seed)
    order = np.random.default_rng(seed).permutation(4)
    renamed = class_table(np.where(np.isnan(table.rating), np.nan, order[np.nan_to_num(table.rating).astype(int)]), 4)
    entry = CONSENSUS.open(name)
    config = entry.Config() if name == "majority" else entry.Config(max_steps=20, tolerance=0)
    before, after = entry.fit(table, config), entry.fit(renamed, config)
    np.testing.assert_allclose(after.share[:, order], before.share, atol=1e-8)
    if before.confusion is not None:
        np.testing.assert_allclose(after.confusion[:, order][:, :, order], before.confusion, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "majority"])
def test_a_constant_rater_gets_no_weight(name: str) -> None:
    """Also where its one answer is the most frequent truth, and where it rated only items that are so."""
    for table in tables_for(name, items=83, raters=5, categories=3):
        alone = CONSENSUS.open(name).fit(table)
        always = np.where(table.rating[:, [4]] == 0, 0.0, np.nan) if table.scale == "nominal" else 0.3
        for constant in (np.zeros((83, 1)), np.where(np.isnan(table.rating[:, [2]]), np.nan, 0.0), always):
            rating = np.concatenate([table.rating, np.broadcast_to(constant, (83, 1))], axis=1)
            wider = class_table(rating, 3) if table.scale == "nominal" else number_table(rating)
            result = CONSENSUS.open(name).fit(wider)
            assert result.reliability is not None
            assert abs(result.reliability[-1]) < 1e-6
            assert any("always the same answer" in doubt for doubt in result.doubts)
            had = ~np.isnan(table.rating).all(axis=1)
            far = 2e-2 if name == "dawid_skene" else 1e-4
            np.testing.assert_allclose(soft(result)[had], soft(alone)[had], atol=far)


@pytest.mark.parametrize("name", NAMES)
def test_an_item_without_ratings_stays_unknown_and_changes_nothing(name: str) -> None:
    for table in tables_for(name, items=31, raters=4, categories=3):
        rating = np.insert(table.rating, 7, np.nan, axis=0)
        rating = np.concatenate([rating, np.full((32, 1), np.nan)], axis=1)
        wider = class_table(rating, 3) if table.scale == "nominal" else number_table(rating)
        before, after = CONSENSUS.open(name).fit(table), CONSENSUS.open(name).fit(wider)
        assert np.isnan(soft(after)[7]).all()
        assert after.states[7] == "no rating"
        np.testing.assert_array_equal(np.delete(soft(after), 7, axis=0), soft(before))
        if after.reliability is not None:
            assert np.isnan(after.reliability[-1])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_tables_of_a_few_ratings_give_a_result_or_a_reason(name: str, seed: int) -> None:
    """Found that way: items whose means are all the same left no variance to `gaussian`, which divided by it."""
    rng = np.random.default_rng(seed)
    items, raters, categories = rng.integers(1, 7), rng.integers(1, 6), rng.integers(1, 5)
    rating = without_some(rng.integers(0, categories, (items, raters)).astype(float), rng, rng.random())
    table = class_table(rating, categories) if "nominal" in CONSENSUS.open(name).SCALES else number_table(rating)
    varied = [len(set(column[np.isfinite(column)])) > 1 for column in rating.T]
    has_two = (np.isfinite(rating[:, varied]).sum(axis=1) > 1).any()
    if not np.isfinite(rating).any() or (name != "majority" and not has_two):
        with pytest.raises(DataError, match=r"no rating|rated by two annotators"):
            CONSENSUS.open(name).fit(table)
        return
    result = CONSENSUS.open(name).fit(table)
    is_known = np.isfinite(soft(result)).all(axis=1)
    assert [state not in {"no rating", "no weight"} for state in result.states] == is_known.tolist()
    assert np.isfinite(result.log_likelihood).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_left_as_it_was(name: str) -> None:
    for table in tables_for(name):
        copy = table.rating.copy()
        CONSENSUS.open(name).fit(table)
        np.testing.assert_array_equal(table.rating, copy)


@pytest.mark.parametrize("name", NAMES)
def test_no_rating_at_all_is_refused(name: str) -> None:
    empty = np.full((3, 2), np.nan)
    table = class_table(empty, 4) if "nominal" in CONSENSUS.open(name).SCALES else number_table(empty)
    with pytest.raises(DataError, match="no rating of 3 items by 2 annotators"):
        CONSENSUS.open(name).fit(table)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "majority"])
def test_items_that_were_all_rated_once_teach_nothing_about_raters(name: str) -> None:
    once = np.array([[0, np.nan], [np.nan, 1], [1, np.nan], [np.nan, 0.0]])
    table = class_table(once, 2) if "nominal" in CONSENSUS.open(name).SCALES else number_table(once)
    with pytest.raises(DataError, match="rated by two annotators"):
        CONSENSUS.open(name).fit(table)


def test_a_method_refuses_a_scale_that_is_not_its_own() -> None:
    with pytest.raises(UsageError, match="works on ratings of the scale nominal; these are interval"):
        reach_consensus(numbers(), "dawid_skene")
    with pytest.raises(UsageError, match="ordinal or interval; these are nominal"):
        reach_consensus(classes(), "gaussian")
    with pytest.raises(UnknownNameError, match="no consensus method named 'majorty'") as error:
        reach_consensus(classes(), "majorty")
    assert "did you mean 'majority'" in str(error.value)


def test_groups_of_raters_without_a_common_item_are_named() -> None:
    left, right = numbers(items=19, raters=3, seed=1).rating, numbers(items=11, raters=4, seed=2).rating
    rating = np.full((30, 7), np.nan)
    rating[:19, :3], rating[19:, 3:] = left, right
    result = reach_consensus(number_table(rating), "gaussian")
    assert any("2 groups without a common item" in doubt for doubt in result.doubts)


def test_a_climb_that_was_cut_short_says_so() -> None:
    entry = CONSENSUS.open("dawid_skene")
    result = entry.fit(classes(), entry.Config(max_steps=2))
    assert not result.converged
    assert len(result.log_likelihood) == 2
    assert "still climbing after 2 steps" in result.doubts[0]
