"""The data card of a study, before anything was built from it."""

import csv
from pathlib import Path

import pytest

from emogap.datasets.study_quality import measure_study
from emogap.interfaces.paper.study_card import study_card
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card") / "study"
    simulate_study(folder, SimulationConfig(participants=4, stimuli=2, clip_s=2.0, video=False, seed=3), jobs=1)
    return folder


def test_a_card_says_who_took_part_and_what_they_consented_to(study: Path) -> None:
    table = study / "participants.tsv"
    rows = list(csv.DictReader(table.read_text().splitlines(), delimiter="\t"))
    for row, level in zip(rows, ("lab", "public", "lab", "lab"), strict=True):
        row |= {"consent": level, "withdraw_until": "2027-01-31"}
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    table.write_text("\n".join(lines) + "\n")
    settings = study / "study.toml"
    text = settings.read_text().replace("simulated = true", "simulated = false")
    settings.write_text(text)
    card = study_card(measure_study(study)).replace("\\", "")
    women = sum(row["sex"] == "female" for row in rows)
    ages = [float(row["age"]) for row in rows]
    assert (f"{women} female" in card) == (women > 0)
    assert f"age {min(ages):g} to {max(ages):g} years" in card
    assert "Consent by participant: 3 lab, 1 public. Participants may withdraw until 2027-01-31." in card
    assert "holds 8 clips of 4 people with 2 stimuli" in card
    assert "nothing was cleaned" in card
    assert "what its participants consented to" in card
    assert "to be added: how participants were recruited" in card


def test_a_card_is_the_same_twice(study: Path) -> None:
    assert study_card(measure_study(study)) == study_card(measure_study(study))
