"""The mixed model against statsmodels, closed forms and simulated truth."""

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from emogap.analysis.mixed_effects import mixed_difference
from emogap.errors import UsageError
from emogap.scoring import bootstrap_difference


def leads(
    num_people: int, num_stimuli: int, seed: int, *, sd: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    people, stimuli = (axis.ravel() for axis in np.indices((num_people, num_stimuli)))
    effects = rng.normal(0, sd[0], num_people)[people] + rng.normal(0, sd[1], num_stimuli)[stimuli]
    return 0.05 + effects + rng.normal(0, sd[2], len(people)), people, stimuli


def test_it_is_the_model_of_statsmodels() -> None:
    """Crossed effects as variance components of a single group, REML; a table with holes."""
    values, people, stimuli = leads(13, 9, 3, sd=(0.3, 0.25, 0.4))
    there = np.random.default_rng(1).random(len(values)) < 0.8
    frame = pd.DataFrame({"d": values, "person": people, "stimulus": stimuli, "one": 1})[there]
    model = MixedLM.from_formula(
        "d ~ 1",
        groups="one",
        re_formula="0",
        vc_formula={"person": "0 + C(person)", "stimulus": "0 + C(stimulus)"},
        data=frame,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = model.fit(reml=True)
    ours = mixed_difference(frame["d"], np.zeros(len(frame)), people=frame["person"], stimuli=frame["stimulus"])
    assert ours.difference == pytest.approx(theirs.fe_params.iloc[0], abs=1e-4)
    assert ours.standard_error == pytest.approx(theirs.bse_fe.iloc[0], rel=0.01)
    assert [ours.person_variance, ours.stimulus_variance] == pytest.approx(theirs.vcomp, rel=0.02)
    assert ours.rest_variance == pytest.approx(theirs.scale, rel=0.01)


def test_a_full_table_has_the_variances_of_its_mean_squares() -> None:
    """Two-way analysis of variance: REML is s2_p = (MS_p - MS_e) / S and so on where these are above 0."""
    values, people, stimuli = leads(17, 11, 4, sd=(0.2, 0.15, 0.3))
    table = values.reshape(17, 11)
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    residual = table - rows[:, None] - columns + mean
    ms_p, ms_s, ms_e = 11 * rows.var(ddof=1), 17 * columns.var(ddof=1), (residual**2).sum() / (16 * 10)
    found = mixed_difference(values, np.zeros(len(values)), people=people, stimuli=stimuli)
    assert found.difference == pytest.approx(mean)
    assert found.rest_variance == pytest.approx(ms_e, rel=1e-3)
    assert found.person_variance == pytest.approx((ms_p - ms_e) / 11, rel=1e-2)
    assert found.stimulus_variance == pytest.approx((ms_s - ms_e) / 17, rel=1e-2)
    assert found.standard_error == pytest.approx(np.sqrt((ms_p + ms_s - ms_e) / (17 * 11)), rel=1e-2)


def test_its_limits_hold_the_truth_as_often_as_they_say() -> None:
    """150 tables of 15 people and 12 stimuli with lead 0.05; 95 % within the 99.9 % binomial band."""
    hits = 0
    for seed in range(150):
        values, people, stimuli = leads(15, 12, seed, sd=(0.1, 0.1, 0.5))
        found = mixed_difference(values, np.zeros(len(values)), people=people, stimuli=stimuli)
        hits += found.low <= 0.05 <= found.high
    assert 0.88 <= hits / 150 <= 0.995


def test_right_and_wrong_clips_have_the_interval_of_the_bootstrap() -> None:
    rng = np.random.default_rng(9)
    people, stimuli = (axis.ravel() for axis in np.indices((40, 21)))
    label = rng.integers(0, 2, len(people))
    suits = rng.normal(0, 0.12, 40)[people] + rng.normal(0, 0.1, 21)[stimuli]
    right = rng.random(len(people)) < np.clip(0.65 + suits, 0, 1), rng.random(len(people)) < 0.5
    outputs = [np.where(each, label, 1 - label) for each in right]
    drawn = bootstrap_difference("war", label, *outputs, people=people, stimuli=stimuli)
    found = mixed_difference(*(each * 1.0 for each in right), people=people, stimuli=stimuli)
    assert found.difference == pytest.approx(drawn.estimate, abs=0.005)
    assert found.high - found.low == pytest.approx(drawn.high - drawn.low, rel=0.15)


def test_models_that_never_differ_are_refused() -> None:
    with pytest.raises(UsageError, match="variance 0"):
        mixed_difference([1, 0, 1, 0], [1, 0, 1, 0], people=[0, 0, 1, 1], stimuli=[0, 1, 0, 1])
