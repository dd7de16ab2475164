"""What is published of data sets: quoted as it stands, and true of the files where they tell."""

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.published_facts import published_facts


def test_facts_belong_to_entries_of_the_catalogue() -> None:
    assert set(published_facts()) <= set(CATALOGUE.names())
    assert "study" not in published_facts()


def test_the_exports_of_uniss_fgd_say_the_same(shared_data: Path) -> None:
    facts = published_facts()["uniss_fgd"]
    table = pl.read_csv(
        gzip.decompress((shared_data / "uniss_fgd" / "fgd" / "007.csv.gz").read_bytes()), infer_schema_length=None
    )
    assert facts.rate is not None
    assert facts.screen is not None
    steps_ms = table.select(pl.col("RecordingTimestamp").diff().over("ParticipantName")).drop_nulls()
    assert 1000 / np.mean(steps_ms.to_numpy()) == pytest.approx(float(facts.rate.text.split()[0]), abs=1)
    assert set(table["RecordingResolution"]) == {"1280x1024"}
    for letter, count, size_mm in (("X", 1280, 1040), ("Y", 1024, 580)):
        both = table.select(f"GazePointLeft{letter}(ADCSpx)", f"GazePointLeft{letter}(ADCSmm)").drop_nulls().to_numpy()
        pitch_mm = abs(np.polyfit(both[:, 0], both[:, 1], 1)[0])
        assert round(pitch_mm * count) == size_mm
        assert str(count) in facts.screen.text
        assert str(size_mm) in facts.screen.text


def test_the_films_of_ceap360vr_came_in_other_orders(shared_data: Path) -> None:
    files = sorted((shared_data / "ceap360vr" / "2_QuestionnaireData").glob("P*.json"))
    orders = {json.loads(path.read_text())["QuestionnaireData"][0]["VideoOrder"] for path in files}
    assert len(orders) == len(files) > 1
    facts = published_facts()["ceap360vr"]
    assert facts.order is not None
    assert facts.order.text == "another one for each participant"
