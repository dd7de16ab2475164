"""The page of real outputs stays true, and says what the description of the files states."""

import re
from pathlib import Path

import pytest
from docs.look_page import PAGE, real_files, section

from emogap.recording.overview import FileOverview, look_at

EYELINK, EDVAM, IER = "exports/eyelink", "exports/pupil_labs_edvam", "exports/ier2023_vr"

# Device, rate in Hz (None: must be unknown), part of a doubt that must be there. From exports/README.md.
STATED = {
    "exports/tobii_prolab/transition test Data Export.tsv": ("Tobii", 60.0, "no unit of the timestamps"),
    "exports/tobii_studio2/J07.csv": ("Tobii", 50.0, "size of the screen"),
    "exports/tobii_studio2/Rec 04-All-Data-2stimuli.tsv": ("Tobii", 50.0, "in mm is not in the file"),
    f"{EYELINK}/eyelink_binocular_example.asc": ("EyeLink Portable Duo", 1000.0, "size of the screen in mm"),
    f"{EYELINK}/eyelink_monocular_example.asc": ("EyeLink Portable Duo", None, "shortened or spliced"),
    f"{EYELINK}/eyelink_monocular_2khz_example.asc": ("EyeLink Portable Duo", None, "shortened or spliced"),
    f"{EDVAM}/5.csv": ("Pupil Labs", 28.1, "3D model of the eye failed"),
    f"{EDVAM}/35.csv": ("Pupil Labs", None, "the heading is wrong"),
    f"{IER}/P1/Eyerecording_Test_Control.csv": ("VR headset", 88.3, "no time zone"),
    f"{IER}/P1/Eyerecording_Test_Control_blinks.csv": ("VR headset", 88.3, "not of a person"),
    f"{IER}/P18/Eyerecording_Test_NPC.csv": ("VR headset", 87.4, "no time zone"),
    f"{IER}/P18/Eyerecording_Test_NPC_blinks.csv": ("VR headset", 87.4, "not of a person"),
    "exports/openface/OpenFace_Test.csv": ("OpenFace", None, "timestamps step 1 ms"),
}


def test_the_page_says_what_the_command_says(shared_data: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    stale = [path.name for path in real_files(shared_data) if section(shared_data, path) not in text]
    assert not stale, "run: python docs/look_page.py ../shared/data"
    assert text.count("\n## ") == len(real_files(shared_data))


def test_the_page_has_a_section_for_every_file_that_is_described(shared_data: Path) -> None:
    names = set(re.findall(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(STATED) <= names


@pytest.mark.parametrize("file", STATED)
def test_device_rate_and_doubt_are_those_of_the_description(file: str, shared_data: Path) -> None:
    """The description counts samples over the whole time, holes included."""
    device, rate_hz, doubt = STATED[file]
    found = look_at(shared_data / file)
    assert isinstance(found, FileOverview)
    (overview,) = found.overviews
    assert device in overview.tracker
    assert any(doubt in " ".join(one.split()) for one in overview.doubts)
    if rate_hz is None:
        assert (overview.rate_hz, overview.mean_rate_hz) == (None, None)
        assert any("rate is unknown" in one for one in overview.doubts)
    else:
        assert overview.mean_rate_hz == pytest.approx(rate_hz, rel=0.01)
