"""The miniature of EMER's release: its layout as the public loader reads it, and what is planted in it."""

from collections import defaultdict
from pathlib import Path

import cv2
import fastexcel
import polars as pl
import pytest

from emogap.errors import UsageError
from emogap.simulation import SimulationConfig
from emogap.simulation.emer_release import simulate_emer_release

CONFIG = SimulationConfig(participants=6, stimuli=3, seed=4, clip_s=2.0, pause_s=1.0, rate_hz=60, video=False)


def columns_of(path: Path) -> list[str]:
    return [column.name for column in fastexcel.read_excel(path).load_sheet(0, n_rows=0).available_columns()]


def test_folders_and_names_are_those_that_the_public_loader_opens(emer_release: Path) -> None:
    """face/set1..5/<ID>/*.jpg, eye/<ID>.xlsx and new_label.xlsx with ID, Emotion, Valence, Arousal and Intensity."""
    ids = {folder.name for folder in emer_release.glob("face/set[1-5]/*")}
    assert ids == {path.stem for path in (emer_release / "eye").glob("*.xlsx")}
    assert len(ids) == 18
    assert "1_film_happy Happy" in ids
    labels = fastexcel.read_excel(emer_release / "new_label.xlsx").load_sheet(0).to_polars()
    assert {"ID", "Emotion", "Valence", "Arousal", "Intensity"} <= set(labels.columns)
    assert set(labels["ID"]) == ids
    pictures = sorted((emer_release / "face/set2/2_film_happy Happy").glob("*.jpg"))
    assert len(pictures) == 11
    assert cv2.imread(str(pictures[0])).shape == (112, 112, 3)


def test_gaze_has_39_columns_in_either_spelling(emer_release: Path) -> None:
    with_units = columns_of(emer_release / "eye/1_film_happy Happy.xlsx")
    bare = columns_of(emer_release / "eye/2_film_happy Happy.xlsx")
    assert len(with_units) == len(bare) == 39
    assert {"Gaze point X [DACS px]", "Gaze point Y [DACS px]"} <= set(with_units)
    assert {"Gaze point X", "Gaze point Y"} <= set(bare)


def test_a_bare_file_holds_numbers_alone_as_the_public_loader_takes_them(emer_release: Path) -> None:
    sheet = fastexcel.read_excel(emer_release / "eye/2_film_happy Happy.xlsx").load_sheet(0).to_polars()
    assert sheet.select(pl.all().cast(pl.Float64)).shape == sheet.shape
    assert set(sheet["Validity left"]) <= {0, 4}


def test_only_the_shared_people_are_in_two_sets(tmp_path: Path) -> None:
    made = simulate_emer_release(tmp_path / "release", CONFIG, shared_people=2, frames=1)
    sets_of: dict[str, set[str]] = defaultdict(set)
    for folder in made.path.glob("face/*/*"):
        assert made.set_of[folder.name] == folder.parent.name
        sets_of[made.person_of[folder.name]].add(folder.parent.name)
    assert {person for person, sets in sets_of.items() if len(sets) > 1} == set(made.shared_people) == {"p001", "p002"}


def test_the_same_configuration_gives_the_same_bytes(emer_release: Path, tmp_path: Path) -> None:
    again = simulate_emer_release(tmp_path / "release", CONFIG, shared_people=1, frames=11).path
    files = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(emer_release) for path in emer_release.rglob("*") if path.is_file())
    assert all((again / file).read_bytes() == (emer_release / file).read_bytes() for file in files)


def test_fewer_people_than_sets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="4 participants"):
        simulate_emer_release(tmp_path / "release", CONFIG.model_copy(update={"participants": 4}))
