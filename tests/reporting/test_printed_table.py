"""Printed numbers as tables of their own."""

import pytest

from emogap.reporting.printed_table import printed_table
from emogap.reporting.published_tables import PublishedNumbers, open_published
from emogap.types.result_table import ResultTable


def whole(published: PublishedNumbers) -> ResultTable:
    return printed_table(
        published, published.rows, name="t", title="Streams", reasons="they are others", notes=("One.",)
    )


def test_what_varies_is_told_in_columns_and_scores_are_shares() -> None:
    """Table V of the paper: the face alone has 30.21 (WAR) in ER and 46.95 in FER."""
    table = whole(open_published("emer_table_05"))
    assert [column["name"] for column in table["columns"]] == [
        "model", "protocol", "streams", "war", "uar", "f1_weighted"
    ]  # fmt: skip
    assert len(table["rows"]) == 14
    first = [cell["value"] for cell in table["rows"][0]]
    assert first[:3] == ["EMERT", "er7", "face"]
    assert first[3:] == pytest.approx([0.3021, 0.264, 0.2932])
    assert table["title"] == "Streams: printed by others, not to be compared with the tables above"
    assert "because they are others" in table["caption"]


def test_nothing_printed_is_ranked_or_called_simulated() -> None:
    table = whole(open_published("emer_table_12"))
    assert not table["is_simulated"]
    assert not any(column["better"] for column in table["columns"])
    assert {"alpha", "beta"} <= {column["name"] for column in table["columns"]}


def test_values_keep_the_three_decimals_of_the_paper() -> None:
    table = whole(open_published("emer_table_04"))
    assert [(column["unit"], column["decimals"]) for column in table["columns"][1:]] == [("", 3)] * 3
