"""Tables of a reproduction: both conventions, and printed numbers beside or apart."""

from emogap.reporting.reproduction import reproduction_tables
from emogap.reporting.reproduction_data import FoldFacts, clip_table, fold_table
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultCell, ResultTable
from tests.reporting.emer_run import as_released


def cell(table: ResultTable, model: str, column: str) -> ResultCell:
    names = [each["name"] for each in table["columns"]]
    row = next(row for row in table["rows"] if row[0]["value"] == model)
    return row[names.index(column)]


def test_printed_numbers_stand_beside_measured_ones_on_the_release_alone(results: RunResults) -> None:
    (table,) = reproduction_tables(as_released(results), people_known=True)
    assert cell(table, "emert", "war_published")["value"] == 59.28 / 100
    assert cell(table, "emert", "uar_published")["value"] == 52.62 / 100
    assert not cell(table, "emert", "war_published")["is_ranked"]
    assert cell(table, "linear", "war_published")["note"] == "not printed"
    assert cell(table, "TMT", "war_published")["value"] == 58.72 / 100
    assert cell(table, "TMT", "war_pooled")["note"] == "not run"
    assert not any("repeats the numbers of three classes" in note for note in table["notes"])
    assert any("MMA-DFER is a constant guess here" in note for note in table["notes"])


def test_a_simulated_release_never_gets_printed_numbers_beside_its_own(results: RunResults) -> None:
    measured, printed = reproduction_tables(as_released(results, dataset={"simulated": True}), people_known=True)
    assert not any(column["name"].endswith("_published") for column in measured["columns"])
    assert "the people are simulated" in printed["caption"]
    assert "not to be compared" in printed["title"]
    assert printed["name"] == "emer_er3_published"
    assert "linear" not in {row[0]["value"] for row in printed["rows"]}


def test_both_conventions_are_those_of_the_run(results: RunResults) -> None:
    released = as_released(results)
    (table,) = reproduction_tables(released, people_known=True)
    row = next(row for row in released.scores["tables"][0]["splits"][0]["rows"] if row["model"] == "emert")
    assert cell(table, "emert", "uar_batches")["value"] == row["metrics"]["uar"]["emer_batch16"]
    pooled = cell(table, "emert", "uar_pooled")
    assert [pooled["value"], pooled["low"], pooled["high"]] == [
        row["metrics"]["uar"]["pooled"][name] for name in ("estimate", "low", "high")
    ]


def test_floors_stand_below_models_and_are_never_best(results: RunResults) -> None:
    (table,) = reproduction_tables(as_released(results), people_known=True)
    groups = list(dict.fromkeys(table["row_groups"]))
    assert groups[:2] == ["models", "floors"]
    assert not cell(table, "majority", "uar_pooled")["is_ranked"]


def test_intervals_over_clips_are_said_to_be_so_where_people_are_unknown(results: RunResults) -> None:
    (table,) = reproduction_tables(as_released(results), people_known=False)
    assert "people unknown" in table["caption"]
    assert "resampled over clips" in table["caption"]


def test_frames_per_second_are_frames_over_the_duration_of_each_clip() -> None:
    """300 frames in 10 and 12 s: 30 and 25 a second."""
    measures = {
        "duration_s": [10.0, 12.0],
        "num_samples": [1200, 1440],
        "rate_hz": [120.0, 120.0],
        "num_face_frames": [300, 300],
        "loss_share": [0.0, 0.5],
    }
    table = clip_table(measures, is_simulated=False)
    rate = table["rows"][-1]
    assert [each["value"] for each in rate[1:]] == [27.5, 25.0, 30.0]
    assert "2,640 gaze samples and 600 face frames" in table["caption"]


def test_unknown_people_of_a_fold_are_not_counted_as_none() -> None:
    table = fold_table([FoldFacts("set1", 13, None, None, 7, 2)], is_simulated=False)
    assert [each["value"] for each in table["rows"][0]] == ["set1", 13, None, None, 7, 2]
    assert [each["note"] for each in table["rows"][0]] == ["", "", "not known", "not known", "", ""]
