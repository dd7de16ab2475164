"""What catalogue entries say of people and stimuli, beside their clips."""

from pathlib import Path

import pytest

from emogap.datasets.catalogue import ceap360vr, study, uniss_fgd
from tests.interfaces.small_study import write_study

PEOPLE = """participant_id\tsex\tage\tglasses\tconsent\twithdraw_until
p01\tf\t41\tno\tlab\t2027-01-01
p02\tm\t\tyes\tlab\t
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_study(tmp_path / "study")
    (made / "participants.tsv").write_text(PEOPLE)
    (made / "stimuli").mkdir()
    (made / "stimuli" / "s1.luminance.tsv").write_text("time_s\tluminance\n0\t0.2\n1\t0.4\n")
    (made / "stimuli" / "s2.luminance.tsv").write_text("time_s\tluminance\n0\tbright\n")
    return made


def test_a_study_says_everything_of_its_people_but_their_consent(folder: Path) -> None:
    assert study.participants(folder) == {
        "p01": {"sex": "f", "age": "41", "glasses": "no"},
        "p02": {"sex": "m", "age": None, "glasses": "yes"},
    }


def test_a_damaged_table_of_light_is_named_and_the_other_stimuli_are_known(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    facts = study.stimulus_facts(folder)
    assert facts["s1"]["luminance"] == pytest.approx(0.3)
    assert facts["s2"] == facts["s3"] == {}
    assert "stimulus s2" in caplog.text
    assert "'bright'" in caplog.text


def test_ceap_says_age_and_sex_of_its_people(shared_data: Path) -> None:
    people = ceap360vr.participants(shared_data / "ceap360vr")
    assert len(people) == 24
    assert people["P10"] == {
        "sex": "Female",
        "age": 22.0,
        "vr_experience": "Less than 5 times",
        "profession": "student",
    }


def test_uniss_says_the_sex_of_its_people(shared_data: Path, tmp_path: Path) -> None:
    """As listed in the README of the data: seven men."""
    (tmp_path / "fgd").mkdir()
    (tmp_path / "fgd" / "000.csv.gz").symlink_to(shared_data / "uniss_fgd" / "fgd" / "000.csv.gz")
    people = uniss_fgd.participants(tmp_path)
    men = {person for person, said in people.items() if said["sex"] == "M"}
    assert men == {"00", "01", "02", "04", "05", "09", "11"}
    assert len(people) == 16
