"""A run as tables of results: the numbers of scores.json at their places, and runs that do not belong together."""

from copy import deepcopy
from dataclasses import replace

import pytest

from emogap.errors import MismatchError
from emogap.reporting.result_cells import write_cells
from emogap.reporting.result_of_run import tables_of_run, tables_of_runs
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultTable


def row_of(table: ResultTable, model: str) -> int:
    return [cells[0]["value"] for cells in table["rows"]].index(model)


def test_every_table_can_be_written(results: RunResults) -> None:
    tables = tables_of_run(results)
    assert [table["name"] for table in tables][:2] == ["er3", "er3_stimulus_part"]
    assert all(table["is_simulated"] for table in tables)
    for table in tables:
        assert len(write_cells(table).rows) == len(table["rows"])


def test_a_number_stands_under_its_split_and_metric(results: RunResults) -> None:
    table = tables_of_run(results)[0]
    split = results.scores["tables"][0]["splits"][1]
    record = next(row for row in split["rows"] if row["model"] == "emert")["metrics"]["war"]["pooled"]
    heading = f"{split['split']}: {split['num_clips']} clips, {split['num_people']} people"
    (at,) = [
        at for at, column in enumerate(table["columns"]) if column["name"] == "war" and column["heading"] == heading
    ]
    found = table["rows"][row_of(table, "emert")][at]
    assert (found["value"], found["low"], found["high"]) == (record["estimate"], record["low"], record["high"])
    assert (table["columns"][at]["unit"], table["columns"][at]["decimals"]) == ("percent", 1)


def test_floors_and_the_best_possible_score_are_not_ranked(results: RunResults) -> None:
    table = tables_of_run(results)[0]
    ranked = {str(cells[0]["value"]): cells[1]["is_ranked"] for cells in table["rows"]}
    assert ranked["linear"]
    assert not ranked["majority"]
    assert not ranked["best possible"]
    assert table["row_groups"][row_of(table, "majority")] == "floors"


def test_a_quick_preset_is_warned_of(results: RunResults) -> None:
    assert "never quote these numbers" in tables_of_run(results)[0]["caption"]


def test_averages_over_batches_stand_beside_the_pooled_scores_where_they_were_asked_for(results: RunResults) -> None:
    names = [table["name"] for table in tables_of_run(results)]
    assert "er3_person_batches" in names
    pooled = replace(results, scores={**results.scores, "metric_compat": "pooled"})
    assert not any(table["name"].endswith("batches") for table in tables_of_run(pooled))


def test_two_runs_stand_in_one_table_under_their_names_with_their_floors_once(results: RunResults) -> None:
    other = deepcopy(results)
    for split in other.scores["tables"][0]["splits"]:
        for row in split["rows"]:
            if row["model"] == "emert":
                row["metrics"]["uar"]["pooled"]["estimate"] = 0.125
    table = tables_of_runs([("all", results), ("eyes", other)])[0]
    groups = list(dict.fromkeys(table["row_groups"]))
    assert groups[:3] == ["all: models", "eyes: models", "floors"]
    assert [cells[0]["value"] for cells in table["rows"]].count("majority") == 1
    assert not any(column["better"] for column in table["columns"])
    assert "no test was made between the runs" in table["notes"][-1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"splits": {"person-0": "2222222222222222"}},
            "folds .*person-0 1111111111111111 and person-0 2222222222222222",
        ),
        ({"epochs": 200}, "epochs: 5 and 200"),
        ({"dataset": {"name": "other", "fingerprint": "00ff"}}, "data .*study-<hand> fedcba9876543210 and other 00ff"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused_with_the_difference(
    results: RunResults, change: dict[str, object], words: str
) -> None:
    record = deepcopy(dict(results.record))
    for name, value in change.items():
        record[name] = {**record[name], **value} if name == "dataset" else value  # type: ignore[dict-item]
    other = replace(results, record=record)  # type: ignore[arg-type]
    with pytest.raises(MismatchError, match=words) as caught:
        tables_of_runs([("a", results), ("b", other)])
    assert caught.value.where == "a and b"
