"""The kind ``distribution`` counts what the data set holds."""

from pathlib import Path

import polars as pl
import pytest

from emogap.errors import DataError
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.kinds.distribution import Options, run
from emogap.types import LabelView
from emogap.types.result_table import ResultTable
from tests.interfaces.experiments.kinds.labelled_eyes import write_labelled_eyes


def place_of(data: Path, folder: Path) -> ExperimentPlace:
    return ExperimentPlace("fig", "Labels", data, folder, folder / "runs", folder / "fits", 1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labelled_eyes(tmp_path_factory.mktemp("eyes"))


@pytest.fixture(scope="module")
def result(data: Path) -> ExperimentResult:
    return run(Options(draws=120), place_of(data, data))


def values_of(table: ResultTable, column: str) -> list[float | int | str | None]:
    at = [one["name"] for one in table["columns"]].index(column)
    return [row[at]["value"] for row in table["rows"]]


def table_of(result: ExperimentResult, name: str) -> ResultTable:
    return next(table for table in result.tables if table["name"] == name)


def test_counts_and_shares_are_those_of_the_samples(data: Path, result: ExperimentResult) -> None:
    samples = pl.read_parquet(data / "samples.parquet")
    table = table_of(result, "fig_emotion3")
    for view, counted in (("felt", "answers"), ("shown", "votes")):
        counts = [sum(shares[place] for shares in samples[f"{view}_emotion3"]) for place in range(3)]
        assert values_of(table, counted) == counts
        assert values_of(table, view) == pytest.approx([count / 48 for count in counts])


def test_the_joint_table_has_felt_in_rows_and_shown_in_columns(data: Path, result: ExperimentResult) -> None:
    samples = pl.read_parquet(data / "samples.parquet")
    pairs = list(zip(samples["felt_emotion3"].to_list(), samples["shown_emotion3"].to_list(), strict=True))
    felt_positive_shown_negative = sum(felt[0] * shown[1] for felt, shown in pairs) / 48
    negative_positive = sum(felt[1] * shown[0] for felt, shown in pairs) / 48
    assert felt_positive_shown_negative != negative_positive
    table = table_of(result, "fig_emotion3_joint")
    assert values_of(table, "shown_negative")[0] == pytest.approx(felt_positive_shown_negative)
    assert values_of(table, "shown_positive")[1] == pytest.approx(negative_positive)


def test_valence_and_arousal_are_shifted_by_the_difference_of_their_means(data: Path, result: ExperimentResult) -> None:
    samples = pl.read_parquet(data / "samples.parquet")
    table = table_of(result, "fig_va")
    for at, value in enumerate(("valence", "arousal")):
        shift = (samples[f"shown_{value}"] - samples[f"felt_{value}"]).mean()
        assert values_of(table, "shift")[at] == pytest.approx(shift)
        assert values_of(table, "felt_mean")[at] == pytest.approx(samples[f"felt_{value}"].mean())


def test_figures_have_captions_and_what_is_absent_is_named(result: ExperimentResult) -> None:
    assert set(result.figures) == {"fig_emotion3", "fig_emotion3_joint", "fig_valence", "fig_arousal"}
    assert set(result.captions) == set(result.figures)
    assert result.notes[0] == "not labelled in both views, so not set against each other: emotion7"


def test_too_few_votes_leave_the_gap_uncorrected_and_say_why(result: ExperimentResult) -> None:
    table, joint = table_of(result, "fig_gap"), table_of(result, "fig_emotion3_joint")
    same = [values_of(joint, f"shown_{word}")[at] for at, word in enumerate(("positive", "negative", "neutral"))]
    assert values_of(table, "raw") == pytest.approx([1 - sum(float(share or 0) for share in same)])
    cell = table["rows"][0][2]
    assert cell["value"] is None
    assert "only 0 of 48 clips have 3 votes or more" in cell["note"]


def test_one_view_alone_is_shown_without_another(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path, views=(LabelView.SHOWN,))
    samples = pl.read_parquet(data / "samples.parquet")
    alone = run(Options(draws=120), place_of(data, tmp_path))
    names = ["fig_emotion3_shown", "fig_valence_shown", "fig_arousal_shown"]
    assert [table["name"] for table in alone.tables] == names
    assert list(alone.figures) == list(alone.captions) == names
    classes = table_of(alone, "fig_emotion3_shown")
    counts = [sum(shares[place] for shares in samples["shown_emotion3"]) for place in range(3)]
    assert values_of(classes, "clips") == counts
    assert values_of(classes, "share") == pytest.approx([count / 48 for count in counts])
    # Valences are -0.5, 0 or 0.25: the third, fifth and sixth of nine answers.
    around = values_of(table_of(alone, "fig_valence_shown"), "clips")
    assert [at for at, count in enumerate(around) if count] == [2, 4, 5]
    assert "view shown; no other view" in classes["caption"]
    assert classes["caption"].endswith("Brackets: 95 % intervals over people.")
    assert not any("intervals" in caption for caption in alone.captions.values())
    assert "judged expression" in alone.figures["fig_emotion3_shown"]
    assert "self-reported" not in alone.figures["fig_emotion3_shown"]
    assert not any("difference of the views" in note for note in alone.notes)


def test_without_any_of_the_labels_there_is_nothing_to_show(tmp_path: Path) -> None:
    data = write_labelled_eyes(tmp_path, views=())
    with pytest.raises(DataError, match="no clip of two people or more is labelled in emotion7, valence or arousal"):
        run(Options(spaces=("emotion7",)), place_of(data, tmp_path))
