"""The kind ``correlation`` on people whose pupils follow what they feel."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from emogap.errors import DataError, UnknownNameError
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.kinds.correlation import Options, run
from emogap.types import LabelView
from emogap.types.result_table import ResultCell, ResultTable
from tests.interfaces.experiments.kinds.labelled_eyes import write_labelled_eyes


def place_of(data: Path, folder: Path) -> ExperimentPlace:
    return ExperimentPlace("fig", "Eyes", data, folder, folder / "runs", folder / "fits", 1)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ExperimentResult:
    folder = tmp_path_factory.mktemp("eyes")
    return run(Options(draws=150), place_of(write_labelled_eyes(folder), folder))


def table_of(result: ExperimentResult, name: str) -> ResultTable:
    return next(table for table in result.tables if table["name"] == name)


def cell_of(table: ResultTable, group: str, label: str, column: str) -> ResultCell:
    names = [one["name"] for one in table["columns"]]
    rows = zip(table["rows"], table["row_groups"], strict=True)
    cells = next(cells for cells, own in rows if own.startswith(group) and cells[0]["value"] == label)
    return cells[names.index(column)]


def test_each_view_and_mode_has_a_table_of_all_measures_and_labels(result: ExperimentResult) -> None:
    names = [table["name"] for table in result.tables]
    assert names == [
        "fig_level_felt",
        "fig_level_shown",
        "fig_within_felt",
        "fig_within_shown",
        "fig_level_difference",
        "fig_within_difference",
    ]
    table = table_of(result, "fig_within_felt")
    # 13 measures are known; valence, arousal and the two classes that occur.
    assert len(table["rows"]) == 13 * 4
    assert table["is_simulated"]
    assert "48 clips of 12 simulated people and 4 stimuli" in table["caption"]


@pytest.mark.parametrize("coefficient", ["pearson", "spearman", "kendall"])
@pytest.mark.parametrize("mode", ["level", "within"])
def test_what_is_planted_is_found_in_its_own_view(result: ExperimentResult, mode: str, coefficient: str) -> None:
    felt, shown = (table_of(result, f"fig_{mode}_{view}") for view in ("felt", "shown"))
    assert cell_of(felt, "pupil: slope", "arousal", coefficient)["value"] == pytest.approx(1)
    assert cell_of(shown, "blinks: rate", "arousal", coefficient)["value"] == pytest.approx(-1)
    for table, group in ((shown, "pupil: slope"), (felt, "blinks: rate")):
        found = cell_of(table, group, "arousal", coefficient)["value"]
        assert isinstance(found, float)
        assert abs(found) < 0.6


def test_a_class_goes_with_the_measure_as_its_one_against_the_rest(result: ExperimentResult) -> None:
    felt = table_of(result, "fig_level_felt")
    positive = cell_of(felt, "pupil: slope", "positive (emotion3)", "pearson")["value"]
    negative = cell_of(felt, "pupil: slope", "negative (emotion3)", "pearson")["value"]
    assert positive == pytest.approx(-negative if isinstance(negative, float) else None)
    assert "neutral" not in str([row[0]["value"] for row in felt["rows"]])


def test_felt_minus_shown_is_the_difference_of_the_tables(result: ExperimentResult) -> None:
    of_view = [
        cell_of(table_of(result, f"fig_level_{view}"), "pupil: mean", "valence", "pearson")["value"]
        for view in ("felt", "shown")
    ]
    difference = cell_of(table_of(result, "fig_level_difference"), "pupil: mean", "valence", "difference")["value"]
    assert isinstance(of_view[0], float)
    assert isinstance(of_view[1], float)
    assert difference == pytest.approx(of_view[0] - of_view[1])


def test_every_map_prints_every_value_and_says_that_it_is_simulated(result: ExperimentResult) -> None:
    assert len(result.figures) == 7
    assert set(result.figures) == set(result.captions)
    for name, text in result.figures.items():
        words = [element.text or "" for element in ElementTree.fromstring(text).iter()]
        assert any("SIMULATED" in word for word in words), name
        if not name.endswith("bars"):
            printed = [word for word in words if word[:1] in "+-" and word[1:2].isdigit()]
            assert len(printed) == 13 * 4 * 2


def test_captions_of_figures_name_no_column_of_the_tables(result: ExperimentResult) -> None:
    for name, caption in result.captions.items():
        assert ("at once" in caption) == name.endswith("bars")
        assert "Intervals" not in caption
        assert ("Dots:" in caption) == name.endswith("pearson")
        assert ("dot:" in result.figures[name]) == name.endswith("pearson")
    assert all("All at once" in table_of(result, f"fig_level_{view}")["caption"] for view in ("felt", "shown"))


def test_notes_name_what_no_clip_knows(result: ExperimentResult) -> None:
    assert "left out: pupil_mean_au, pupil_slope_au_s, pupil_variance_au2" in result.notes[0]


def test_where_nobody_was_asked_the_target_is_taken(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path, views=(LabelView.TARGET,))
    options = Options(draws=100, coefficients=("kendall",), modes=("within",), measures=("loss_share",))
    found = run(options, place_of(data, tmp_path))
    assert [table["name"] for table in found.tables] == ["fig_within_target"]
    assert "nobody's feeling" in found.notes[-1]


def test_a_view_that_is_not_labelled_is_refused(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path, views=(LabelView.FELT,))
    with pytest.raises(DataError, match="no clip has a label of the view shown"):
        run(Options(views=("felt", "shown")), place_of(data, tmp_path))


def test_an_unknown_measure_is_refused_with_the_nearest(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'pupil_mean_mm'"):
        run(Options(measures=("pupil_mean",)), place_of(data, tmp_path))


def test_measures_that_no_clip_knows_are_refused(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path)
    with pytest.raises(DataError, match="none of the eye measures is known"):
        run(Options(measures=("pupil_mean_au",)), place_of(data, tmp_path))
