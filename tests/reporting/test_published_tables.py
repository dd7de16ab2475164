"""The printed numbers: that they are the paper's, and when they may stand beside measured ones."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from emogap.errors import UnknownNameError
from emogap.models.zoo import ZOO
from emogap.reporting.published_tables import PrintedRow, open_published, published_names, what_differs
from emogap.reporting.results import RunResults
from tests.reporting.emer_run import as_released

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "emer"
OUR_NAMES = {"f1_weighted": "f1"}


def rows_with(name: str, **setting: object) -> Iterator[PrintedRow]:
    return (row for row in open_published(name).rows if row.setting.items() >= setting.items())


def test_every_table_that_is_not_about_another_data_set_is_there() -> None:
    numbers = ("02", "03", "04", "05", "06", "07", "08", "10", "11", "12")
    assert published_names() == tuple(f"emer_table_{number}" for number in numbers)


def test_the_full_model_has_the_same_numbers_in_all_tables_that_print_it() -> None:
    """33.92 / 28.17 / 30.38 in ER and 51.18 / 33.04 / 43.33 in FER: Tables II, V, VII, X and XII."""
    full = {
        "emer_table_02": {},
        "emer_table_05": {"streams": "eye+face+fixation"},
        "emer_table_07": {"feature": "all"},
        "emer_table_10": {"mafd": True, "emt": True},
        "emer_table_12": {"alpha": 0.3, "beta": 0.1},
    }
    for name, setting in full.items():
        found = {row.protocol: row.printed for row in rows_with(name, **setting) if row.model == "EMERT"}
        assert found["er7"] == {"war": 33.92, "uar": 28.17, "f1_weighted": 30.38}, name
        assert found["fer7"] == {"war": 51.18, "uar": 33.04, "f1_weighted": 43.33}, name


def test_thirteen_models_and_all_of_ours_are_on_the_shelf() -> None:
    rows = open_published("emer_table_02").rows_about("er3", "class")
    assert len(rows) == 13
    assert {row.ours.partition("@")[0] for name in published_names() for row in open_published(name).rows} - {
        ""
    } <= set(ZOO.names())


@pytest.mark.parametrize("name", published_names())
def test_each_table_holds_the_numbers_of_the_reference(name: str) -> None:
    """As many rows, and each row's numbers in one row of the table read off the paper."""
    found = sorted(REFERENCE.glob(f"table_{name[-2:]}_*.csv"))
    if not found:
        pytest.skip(f"the tables read off the paper are not here ({REFERENCE})")
    with found[0].open() as stream:
        reference = list(csv.DictReader(stream))
    rows = open_published(name).rows
    assert len(rows) == len(reference)
    for row, read in zip(rows, reference, strict=True):
        columns = {score: read[OUR_NAMES.get(score, score)] for score in open_published(name).scores}
        assert row.printed == {score: float(text) for score, text in columns.items() if text}
        assert row.model in ("", read.get("model", "EMERT"))
        if row.protocol and "task" in read:
            assert row.protocol.startswith(read["task"].lower())


def test_the_caveats_about_rmse_are_what_the_numbers_give() -> None:
    """Of 58 pairs, RMSE is above the root of MSE in four: those that the caveats name."""
    pairs = [(name, row) for name in ("emer_table_03", "emer_table_04") for row in open_published(name).rows]
    assert len(pairs) == 58
    above = {(row.model, row.protocol, row.target) for _, row in pairs if row.printed["rmse"] ** 2 > row.printed["mse"]}
    named = {("MMA-DFER", "er-va", "arousal")} | {
        (model, "fer-va", "valence") for model in ("MMA-DFER", "LMF", "NORM-TR")
    }
    assert above == named
    published = open_published("emer_table_03")
    for model, protocol, target in named:
        assert model in published.notes_about(protocol, target)[0]
    assert published.notes_about("er-va", "valence") == published.notes


def test_a_table_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="emer_table_02"):
        open_published("emer_table_2")


def test_nothing_differs_for_the_release_trained_as_the_paper_states(results: RunResults) -> None:
    released = as_released(results)
    assert what_differs(released.record, released.scores["tables"][0]["splits"][0]) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"catalogue": "study"}, "not the release of EMER"),
        ({"simulated": True}, "the people are simulated"),
        ({"cleaning": "none"}, "the cleaning is none"),
        ({"as_rate": 30.0}, "gaze was thinned to 30 Hz"),
    ],
)
def test_other_data_differ(results: RunResults, change: dict[str, object], said: str) -> None:
    released = as_released(results, dataset=change)
    (reason,) = what_differs(released.record, released.scores["tables"][0]["splits"][0])
    assert said in reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_clips": 1302}, "1302 clips were tested, not 1303"),
        ({"split": "person"}, "the split is person"),
        ({"cells": 4}, "4 folds, not 5"),
    ],
)
def test_other_folds_differ(results: RunResults, change: dict[str, object], said: str) -> None:
    released = as_released(results, split=change)
    (reason,) = what_differs(released.record, released.scores["tables"][0]["splits"][0])
    assert said in reason
