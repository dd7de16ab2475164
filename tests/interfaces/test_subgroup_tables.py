"""Subgroups of a stored run: on the page, in tables, and silent where they are few."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.participants import write_participants
from emogap.errors import UnknownNameError
from emogap.interfaces.subgroup_tables import SubgroupChoice, subgroup_tables
from emogap.interfaces.subgroup_traits import traits_of
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.reporting.page import build_page
from emogap.reporting.result_text import result_text
from emogap.reporting.results import RunResults, open_run
from emogap.types.result_table import ResultTable
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

FEW = SubgroupChoice(draws=99)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    """Ten people: six men and four women, ages from 18 to 63 and one unknown, a profession each."""
    folder = tmp_path_factory.mktemp("study")
    dataset = write_small_dataset(folder)
    config = BenchConfig(
        protocol="er3", models=("linear",), splits=("person",), preset="quick", folds=3, heads="single"
    )
    run_benchmark(dataset, config, folder / "run", scoring=Scoring(draws=99))
    said: dict[str, dict[str, str | float | None]] = {
        f"p{number}": {
            "sex": "f" if number < 4 else "m",
            "age": None if number == 9 else 18.0 + 5 * number,
            "profession": f"work {number}",
            "country": "here",
        }
        for number in range(PEOPLE)
    }
    write_participants(dataset, said)
    return open_run(folder / "run")


def rows_under(table: ResultTable, heading: str) -> dict[str, Sequence[object]]:
    pairs = zip(table["row_groups"], table["rows"], strict=True)
    return {str(row[0]["value"]): [cell["value"] for cell in row[1:]] for group, row in pairs if group == heading}


def made(results: RunResults, choice: SubgroupChoice = FEW) -> tuple[ResultTable, ...]:
    tables = subgroup_tables(results, choice)
    assert tables is not None
    return tables


def test_the_best_model_is_scored_by_every_trait_that_makes_groups(results: RunResults) -> None:
    scores, *_ = made(results)
    assert scores["title"] == "er3, linear: scores of subgroups"
    assert list(dict.fromkeys(scores["row_groups"])) == ["sex", "age", "profession"]
    scores, *_ = made(results, SubgroupChoice(least_people=4, draws=99))
    men = rows_under(scores, "sex")["m"]
    assert men[:2] == [6, 6 * STIMULI]
    assert isinstance(men[2], float)


def test_a_group_of_four_is_silent_in_score_and_size_and_so_is_the_only_other(results: RunResults) -> None:
    scores, *_ = made(results)
    women = next(row for row in scores["rows"] if row[0]["value"] == "f")
    assert [cell["value"] for cell in women[1:]] == ["", "", "silent"]
    assert rows_under(scores, "sex")["m"] == ["", "", "silent"]
    assert any("by subtracting the others from the total" in note for note in scores["notes"])
    assert "A group of fewer than 5 people or 20 clips is silent." in scores["caption"]


def test_many_silent_words_are_counted_not_named(results: RunResults) -> None:
    scores, *_ = made(results)
    assert list(rows_under(scores, "profession")) == ["10 other groups"]
    assert not any("work" in str(cell["value"]) for row in scores["rows"] for cell in row)


def test_an_unknown_age_is_a_group_of_its_own(results: RunResults) -> None:
    scores, *_ = made(results)
    assert list(rows_under(scores, "age")) == ["under 30", "30 to under 45", "45 and over", "not stated"]


def test_the_difference_is_that_of_the_scores(results: RunResults) -> None:
    scores, differences = made(results, SubgroupChoice(traits=("sex",), least_people=4, draws=99))
    by_sex = rows_under(scores, "sex")
    value, p = rows_under(differences, "sex")["f minus m"]
    assert value == pytest.approx(float(str(by_sex["f"][2])) - float(str(by_sex["m"][2])))
    assert isinstance(p, float)
    assert f"  {p:.3f}" in result_text(differences)


def test_a_trait_that_is_not_carried_is_named_with_the_nearest(results: RunResults) -> None:
    with pytest.raises(UnknownNameError, match="profession"):
        made(results, SubgroupChoice(traits=("proffesion",), draws=99))


def test_the_page_shows_subgroups_and_no_person(results: RunResults) -> None:
    page = build_page(results, quality=None, findings=None, subgroups=made(results))
    section = page[page.index('id="subgroups"') : page.index('id="data"')]
    assert "30 to under 45" in section
    assert "<td>silent</td>" in section
    assert not any(f">p{number}<" in section for number in range(PEOPLE))


def test_a_data_set_that_knows_nothing_of_its_people_says_so(results: RunResults, tmp_path: Path) -> None:
    results.record["dataset"]["path"], before = str(tmp_path), results.record["dataset"]["path"]
    assert subgroup_tables(results, FEW) is None
    results.record["dataset"]["path"] = before
    assert "Nothing is known of the participants" in build_page(results, quality=None, findings=None)


def test_few_different_numbers_are_categories_and_many_are_thirds() -> None:
    people = pl.DataFrame(
        {"participant_id": [f"p{n}" for n in range(9)], "level": [1.0, 2.0, 2.0] * 3, "height": np.arange(150.0, 159.0)}
    )
    level, height = traits_of(people)
    assert level.order == ("1", "2")
    assert len(height.order) == 3
