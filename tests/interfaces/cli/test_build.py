"""`emogap build` says what it made, and ends with 0, 1 or 2."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.datasets import BuildConfig
from emogap.errors import UsageError
from emogap.interfaces.checked_options import checked_options
from emogap.interfaces.cli import build_app

FIXATIONS = [{"StartFrame": 0, "EndFrame": 899, "Pitch": 5.0, "Yaw": 90.0}]
HEAD = [{"ID": window, "Pitch": -10.0, "Yaw": 180.0} for window in range(1, 300)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two people and one film in the folders of CEAP-360VR."""
    folder = tmp_path / "ceap"
    film = {"VideoID": "V2"}
    contents: dict[str, object] = {
        "1_Stimuli/VideoInfo.json": {"VideoInfo": [film | {"VideoDuration": 60, "FrameRate": 30}]}
    }
    for person in ("P1", "P2"):
        who = {"ParticipantID": person}
        answers = [film | {"ValenceValue": 7, "ArousalValue": 3}]
        watched = [film | {"Fixation": FIXATIONS}]
        turned = [film | {"ID_Pitch_Yaw": HEAD}]
        behaviour = "4_BehaviorData"
        contents |= {
            f"2_QuestionnaireData/{person}_Questionnaire_Data.json": {
                "QuestionnaireData": [who | {"Video_SAMRating_VideoTime_Data": answers}]
            },
            f"{behaviour}/EM_Fixation/{person}_Behavior_FixationData.json": {
                "Behavior_FixationData": [who | {"Video_Behavior_FixationData": watched}]
            },
            f"{behaviour}/HM_ScanPath/{person}_Behavior_HeadScanPathData.json": {
                "Behavior_HeadScanPath_Data": [who | {"Video_Behavior_ScanPath_Data": turned}]
            },
        }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder


def options(source: Path, tmp_path: Path, *more: str) -> list[str]:
    return ["build", str(source), str(tmp_path / "D"), "--catalogue", "ceap360vr", "--jobs", "1", *more]


def test_a_build_is_told_in_a_few_lines(source: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), options(source, tmp_path))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"ceap360vr: 2 samples, cleaning emer, in {tmp_path / 'D'}"
    assert "  head      32 x 3 channels" in lines


def test_json_is_one_object_with_all_of_it(source: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), options(source, tmp_path, "--json"))
    told = json.loads(result.stdout)
    assert told["dataset"]["num_samples"] == 2
    assert told["streams"] == {"fixation": [32, 3], "head": [32, 3]}
    assert told["failures"] == []


def test_a_damaged_recording_ends_in_1_with_a_table(source: Path, tmp_path: Path) -> None:
    (source / "4_BehaviorData/EM_Fixation/P2_Behavior_FixationData.json").write_text('{"Behavior_FixationData": 3}')
    result = CliRunner().invoke(build_app(), options(source, tmp_path))
    assert result.exit_code == 1
    assert "1 could not be read; the rest is saved:" in result.stdout
    assert "  P2: EM_Fixation/P2_Behavior_FixationData.json" in result.stdout


def test_an_option_that_cannot_be_lists_those_that_can() -> None:
    with pytest.raises(UsageError, match=r"(?s)--cleaning cannot be 'emr'.*choose 'emer', 'standard' or 'none'"):
        checked_options(BuildConfig, {"cleaning": "emr"})
    with pytest.raises(UsageError, match=r"(?s)--illumination cannot be 'yin'.*choose 'none', 'clahe' or 'ying'"):
        checked_options(BuildConfig, {"illumination": "yin"})
