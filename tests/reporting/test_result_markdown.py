"""Tables in Markdown."""

from emogap.reporting.result_markdown import markdown_result
from tests.reporting.result_tables import cell, column, table

COLUMNS = [column("model"), column("uar", heading="person", better="higher")]


def test_a_table_reads_as_it_should() -> None:
    rows = [
        [cell("e|m"), cell(0.665, 0.6, 0.7)],
        [cell("tmc"), cell(0.5, 0.4, 0.59)],
        [cell("majority", is_ranked=False), cell(0.25, is_ranked=False)],
        [cell("mult"), cell(None, note="a fit failed")],
    ]
    text = markdown_result(table(COLUMNS, rows, groups=["models", "models", "floors", "floors"], notes=["n = 24"]))
    assert text == (
        "**Scores &amp; more.** 24 people, 150 clips.\n\n"
        "| MODEL | person: UAR |\n"
        "| --- | ---: |\n"
        "| *models* |  |\n"
        "| e\\|m | **0.67** \\[.60 .70\\] |\n"
        "| tmc | 0.50 \\[.40 .59\\] |\n"
        "| *floors* |  |\n"
        "| majority \u2020 | 0.25 |\n"
        "| mult | -<sup>a</sup> |\n\n"
        "- Bold: best of its block; its 95 % interval lies apart from all others, not corrected for the number of"
        " comparisons.\n"
        "- \u2020: floor, oracle or best possible score: shown for comparison, never marked as best.\n"
        "- <sup>a</sup> a fit failed\n"
        "- n = 24\n"
    )


def test_simulated_people_are_said_in_colour() -> None:
    rows = [[cell("tmc"), cell(0.5)]]
    assert '<strong style="color: #8a4b08">Simulated people' in markdown_result(table(COLUMNS, rows, is_simulated=True))
    assert "style" not in markdown_result(table(COLUMNS, rows))


def test_a_title_that_is_a_question_gets_no_full_stop() -> None:
    """Tables of confounds were headed "what else predicts the label?."."""
    asked = {**table(COLUMNS, [[cell("tmc"), cell(0.5)]]), "title": "What else predicts the label?"}
    assert markdown_result(asked).startswith("**What else predicts the label?** 24 people")
