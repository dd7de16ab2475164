"""The probe as a table of results: one row per fact, both splits side by side, nothing marked as best."""

from dataclasses import replace

import pytest

from emogap.reporting.confound_tables import confound_tables, confound_text
from emogap.reporting.page import build_page
from emogap.reporting.result_text import WIDTH
from emogap.reporting.results import RunResults
from emogap.types.confounds import ConfoundRole, ConfoundRow, ConfoundSplit
from emogap.types.scores import IntervalRecord


def score(estimate: float) -> IntervalRecord:
    return {
        "estimate": estimate,
        "low": estimate - 0.1,
        "high": estimate + 0.1,
        "level": 0.95,
        "method": "bca",
        "clusters": "9 people",
        "draws": 100,
        "undefined_draws": 0,
    }


def row(name: str, title: str, role: ConfoundRole, estimate: float, p_holm: float | None) -> ConfoundRow:
    known = 0.25 if name == "luminance" else 1.0
    return {
        "name": name,
        "title": title,
        "role": role,
        "known_share": known,
        "score": score(estimate),
        "p": p_holm,
        "p_holm": p_holm,
    }


def split(name: str, *rows: ConfoundRow) -> ConfoundSplit:
    return {"split": name, "num_clips": 54, "num_people": 9, "num_stimuli": 6, "chance": 1 / 3, "rows": list(rows)}


@pytest.fixture
def probed(results: RunResults) -> RunResults:
    light, floor = ("luminance", "light <of white>", "fact"), ("majority", "majority", "floor")
    return replace(
        results,
        confounds={
            "schema": 1,
            "protocol": "er3",
            "simulated": True,
            "tables": [
                {
                    "protocol": "er3",
                    "view": "felt",
                    "target": "class",
                    "space": "emotion3",
                    "title": "felt emotion",
                    "primary": "uar",
                    "unused": [{"title": "loudness (LUFS)", "reason": "not known of any clip"}],
                    "splits": [
                        split("person", row(*light, 0.611, 0.0012), row(*floor, 0.333, None)),
                        split("person+stimulus", row(*floor, 0.111, None), row("all", "together", "all", 0.2, 0.004)),
                    ],
                }
            ],
        },
    )


def test_each_fact_has_a_row_and_each_split_its_columns(probed: RunResults) -> None:
    (table,) = confound_tables(probed)
    assert [cells[0]["value"] for cells in table["rows"]] == ["light <of white>", "majority", "together", "chance"]
    light = table["rows"][0]
    assert light[1]["value"] == 0.25
    assert (light[2]["value"], light[2]["low"], light[2]["high"]) == pytest.approx((0.611, 0.511, 0.711))
    assert light[4]["note"] == "a cell is missing"
    assert not any(cell["is_ranked"] for cells in table["rows"] for cell in cells if isinstance(cell["value"], float))
    assert table["is_simulated"]


def test_better_than_a_majority_below_chance_is_no_finding(probed: RunResults) -> None:
    (table,) = confound_tables(probed)
    light, _, together, _ = table["rows"]
    assert light[3]["value"] == 0.0012
    assert together[5]["value"] == ""


def test_what_was_not_probed_is_said_with_the_reason(probed: RunResults) -> None:
    (table,) = confound_tables(probed)
    assert "Not probed: loudness (LUFS) (not known of any clip)." in table["notes"]


def test_the_text_fits_a_terminal(probed: RunResults) -> None:
    lines = confound_text(probed)
    assert any("light <of white>" in line and "61.1 [51.1 71.1]" in line for line in lines)
    assert max(map(len, lines)) <= WIDTH


def test_the_page_shows_the_probe_escaped(probed: RunResults) -> None:
    page = build_page(probed, quality=None, findings=None)
    assert "What else predicts the label?" in page
    assert "light &lt;of white&gt;" in page
    assert "<of white>" not in page


def test_an_older_run_says_that_it_was_not_probed(results: RunResults) -> None:
    assert confound_tables(results) == ()
    assert confound_text(results) == []
    assert "made without a confound probe" in build_page(results, quality=None, findings=None)
