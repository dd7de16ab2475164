"""The page: complete, self-contained, and without a ranking of people."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.errors import DataError
from emogap.learning.evaluation.predictions import prediction_frame
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.scores import score_predictions
from emogap.reporting.audit_findings import AuditFinding
from emogap.reporting.data_quality import read_data_quality
from emogap.reporting.page import build_page, figures_of
from emogap.reporting.results import RunResults
from emogap.reporting.tables import WIDTH, text_tables
from emogap.types import LabelView, Prediction, SampleKey
from emogap.types.run import RunDataset, RunRecord

VOID = {"meta"}


class Balance(HTMLParser):
    """Fails where a tag is closed that was not opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> in line {self.getpos()[0]}"


@pytest.fixture(scope="module")
def page(results: RunResults) -> str:
    quality = read_data_quality(results.path.parent / "D")
    return build_page(
        results,
        quality=quality,
        findings=[AuditFinding("split person-0", "people", "leak", "p1 is on both sides of p0", "split by person")],
    )


def words(page: str) -> str:
    body = page[page.index("<body>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_of_thinned_gaze_says_so_above_all(results: RunResults) -> None:
    dataset = RunDataset({**results.record["dataset"], "as_rate": 30.0})
    thinned = RunResults(results.path, RunRecord({**results.record, "dataset": dataset}), results.scores)
    pages = [words(build_page(each, quality=None, findings=[])) for each in (results, thinned)]
    assert ["gaze thinned to 30 Hz" in page for page in pages] == [False, True]


def test_every_tag_is_closed(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    assert parser.open == []


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    assert "url(" not in page
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize(
    "said",
    [
        "SIMULATED people",
        "Never quote these numbers",
        "it does not read feelings",
        "Regulation (EU) 2024/1689, Art. 5(1)(f)",
        "Not a medical device",
        "this is no ranking of people",
        "all samples lost",
        "the clock of p3 is unknown",
        "1 leak. Do not quote these scores",
        "p1 is on both sides of p0",
        "emogap bench D1 --protocol er3",
        "fedcba9876543210",
        "blink : shortest_s = 0.075",
        "best possible",
        "it is broken",
    ],
)
def test_the_page_says(page: str, said: str) -> None:
    assert said in words(page)


def test_names_from_files_are_escaped(page: str) -> None:
    assert "study-&lt;hand&gt;" in page
    assert "study-<hand>" not in page


def test_participants_are_in_the_order_of_their_ids(page: str) -> None:
    tables = re.findall(r"<div class=\"scroll people\">.*?</div>", page, re.S)
    for table in tables:
        people = re.findall(r"scope=\"row\">(p\d+)<", table)
        assert people == sorted(people)
        assert people


def test_a_participant_of_whom_nothing_was_kept_is_still_listed(results: RunResults) -> None:
    quality = read_data_quality(results.path.parent / "D")
    assert quality is not None
    last = quality.people[-1]
    assert (last.participant_id, last.kept, last.excluded, last.loss_percent) == ("p9", 0, 1, None)
    # p0 lacks one label of a clip that is in the data set.
    assert (quality.people[0].kept, quality.people[0].excluded) == (6, 0)


def test_a_phone_and_a_printer_are_thought_of(page: str) -> None:
    assert 'name="viewport"' in page
    assert "@media print" in page


def test_the_page_says_when_the_data_set_is_gone(results: RunResults, tmp_path: Path) -> None:
    assert read_data_quality(tmp_path / "gone") is None
    page = build_page(results, quality=None, findings=None)
    assert "its quality and its exclusions cannot be shown" in words(page)
    assert "The audit was not made" in words(page)


def test_a_clean_audit_is_said_to_be_clean(results: RunResults) -> None:
    looked_for = [AuditFinding("split person-0", "people", "ok", "nobody is on both sides of a cell")]
    said = words(build_page(results, quality=None, findings=looked_for))
    assert "No leak was found" in said
    assert "nobody is on both sides of a cell" in said


def test_a_damaged_quality_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "quality.parquet").write_bytes(b"no table")
    with pytest.raises(DataError, match=r"quality\.parquet"):
        read_data_quality(tmp_path)


def test_the_same_run_gives_the_same_page(results: RunResults) -> None:
    first, second = (build_page(results, quality=None, findings=[]) for _ in range(2))
    assert first == second


def test_figures_are_whole_svg_documents(results: RunResults) -> None:
    figures = figures_of(results)
    assert {"scores-er3-class.svg", "confusion-er3-class-person-linear.svg", "people-er3-class-person.svg"} <= set(
        figures
    )
    for figure in figures.values():
        assert ElementTree.fromstring(figure).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_confusion_matrix_shows_every_count(results: RunResults) -> None:
    figure = figures_of(results)["confusion-er3-class-person-linear.svg"]
    row = next(row for row in results.scores["tables"][0]["splits"][0]["rows"] if row["model"] == "linear")
    counts = [f"{count:g}" for counts in row["confusion"] for count in counts]
    texts = re.findall(r'font-size="13">(\d+)<', figure)
    assert texts == counts


def test_values_have_a_page_without_classes(results: RunResults) -> None:
    predictions = pl.concat([_values("linear", [0.1 * number for number in range(8)]), _values("majority", [0.4] * 8)])
    scores = score_predictions(predictions, protocol="fer-int", models=("linear", "majority"), scoring=Scoring(200))
    values = RunResults(results.path, results.record, scores)
    page = build_page(values, quality=None, findings=[])
    Balance().feed(page)
    assert "intensity of the shown expression" in words(page)
    assert "Recall of each class" not in page
    assert "MAE of a participant" in page
    assert not any(name.startswith("confusion") for name in figures_of(values))
    assert max(map(len, text_tables(values).splitlines())) <= WIDTH


def _values(model: str, values: list[float]) -> pl.DataFrame:
    keys = tuple(
        SampleKey("hand", f"r{row}", f"p{row // 2}", f"s{row % 2}", f"s{row % 2}", 0.0, 8.0) for row in range(8)
    )
    label = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 0.0])
    prediction = Prediction(
        keys,
        LabelView.SHOWN,
        "intensity",
        None,
        np.array(values),
        label,
        model=model,
        split="person",
        cell="p0",
        seed=0,
    )
    return prediction_frame(prediction, protocol="fer-int", fold=0)
