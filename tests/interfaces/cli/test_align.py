"""Acceptance: a simulated session with a planted offset and drift is aligned to less than one video frame."""

import json
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import build_app
from emogap.recording.study import open_study
from emogap.simulation import SimulationConfig, simulate_study
from emogap.simulation.config import BlinkConfig

OFFSET_S, DRIFT_PPM = -2.3, 200.0
FRAME_MS = 40.0
LENGTH_S = 21.0


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person; blinks are frequent because the session is short. No clock is stated."""
    config = SimulationConfig(
        participants=1,
        stimuli=2,
        clip_s=9.0,
        pause_s=1.0,
        seed=4,
        video_offset_s=OFFSET_S,
        video_drift_ppm=DRIFT_PPM,
        screen_flashes=3,
        blinks=BlinkConfig(rate_per_min=32.0),
    )
    return simulate_study(tmp_path_factory.mktemp("align") / "study", config, jobs=1)


@pytest.fixture
def study(simulated: Path, tmp_path: Path) -> Path:
    """With a second session, a copy of the first."""
    folder = Path(shutil.copytree(simulated, tmp_path / "study"))
    shutil.copytree(folder / "sessions" / "p001", folder / "sessions" / "p002")
    with (folder / "participants.tsv").open("a") as table:
        table.write("p002\t\t\t\t\t\n")
    return folder


@pytest.fixture(scope="module")
def aligned(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The study after `emogap align`, and what it printed; truth.parquet is gone before."""
    study = Path(shutil.copytree(simulated, tmp_path_factory.mktemp("aligned") / "study"))
    (study / "truth.parquet").unlink()
    result = CliRunner().invoke(build_app(), ["align", str(study), "--jobs", "1", "--json"])
    assert result.exit_code == 0, result.output
    return study, json.loads(result.stdout)


def test_the_planted_clock_is_found_to_less_than_one_frame(aligned: tuple[Path, dict[str, object]]) -> None:
    ends_s = np.array([0.0, LENGTH_S])
    face_s = (ends_s - OFFSET_S) / (1 + DRIFT_PPM * 1e-6)
    clock = open_study(aligned[0]).sessions[0].clock
    assert clock is not None
    found_s = clock.offset_s + face_s * (1 + clock.drift_ppm * 1e-6)
    assert np.abs(found_s - ends_s).max() * 1000 < FRAME_MS
    assert clock.source == "blinks"
    assert (clock.events or 0) >= 5
    assert 0 < (clock.residual_ms or 0) < FRAME_MS


def test_every_source_is_reported_and_every_file_listed(aligned: tuple[Path, dict[str, object]]) -> None:
    study, printed = aligned
    sessions = printed["sessions"]
    assert isinstance(sessions, list)
    assert [session["participant_id"] for session in sessions] == ["p001"]
    assert "need 3 on each" in sessions[0]["sources"]["markers"]
    assert set(sessions[0]["sources"]) == {"markers", "flashes", "blinks"}
    assert sorted(file.name for file in (study / "derived" / "align").iterdir()) == ["p001.json", "p001.png"]
    assert (study / "derived" / "align" / "p001.png").read_bytes().startswith(b"\x89PNG")
    assert '"path": "derived/align"' in (study / "derived.jsonl").read_text()


def test_only_the_clock_and_derived_files_are_written(aligned: tuple[Path, dict[str, object]], simulated: Path) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before, after = contents(simulated), contents(aligned[0])
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {name for name in changed if not name.startswith("derived")} == {
        "sessions/p001/clock.toml",
        "truth.parquet",
    }


def write_markers(study: Path, person: str, gaze_s: list[float], other_s: list[float], *, clock: str = "face") -> None:
    rows = [f"{time_s}\tgaze\tclap" for time_s in gaze_s] + [f"{time_s}\t{clock}\tclap" for time_s in other_s]
    path = study / "sessions" / person / "markers.tsv"
    path.write_text("\n".join(["time_s\tclock\tkind", *rows]) + "\n")


CLAPS_S = [0.4, 3.1, 8.8, 14.2, 15.9, 20.3]


def seen_by_the_video(gaze_s: list[float]) -> list[float]:
    return [round((time_s - OFFSET_S) / (1 + DRIFT_PPM * 1e-6), 3) for time_s in gaze_s]


def test_markers_alone_are_enough_and_one_that_does_not_fit_is_a_failure(study: Path) -> None:
    write_markers(study, "p001", CLAPS_S, seen_by_the_video(CLAPS_S)[1:])
    write_markers(study, "p002", CLAPS_S, [0.2, 5.0, 9.9, 12.0, 18.0, 19.0])
    result = CliRunner().invoke(build_app(), ["align", str(study), "--source", "markers", "--jobs", "1"])
    assert result.exit_code == 1
    assert "1 of 2 sessions aligned" in result.stdout
    assert "p002        not aligned: markers: " in result.stdout
    clock = tomllib.loads((study / "sessions/p001/clock.toml").read_text())
    assert (clock["offset_s"], clock["source"], clock["events"]) == (pytest.approx(OFFSET_S, abs=1e-3), "markers", 5)
    assert not (study / "sessions/p002/clock.toml").exists()


def test_another_device_in_the_markers_is_reported_beside_the_video(study: Path) -> None:
    for person in ("p001", "p002"):
        write_markers(study, person, CLAPS_S, seen_by_the_video(CLAPS_S))
    path = study / "sessions/p001/markers.tsv"
    path.write_text(path.read_text() + "".join(f"{time_s + 4.0}\tstimulus\tclap\n" for time_s in CLAPS_S))
    result = CliRunner().invoke(build_app(), ["align", str(study), "--source", "markers", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    assert "clock 'stimulus': starts at -4.000 s of the gaze clock, drift +0 ppm" in result.stdout


@pytest.mark.parametrize("source", ["", 'source = "camera frames noted by the browser"\n'])
def test_a_clock_that_was_stated_from_elsewhere_is_kept_and_compared(study: Path, source: str) -> None:
    """A clock that the recorder wrote is not ours to replace; any that named its source once was."""
    stated = f"offset_s = -2.25\ndrift_ppm = 200.0\n{source}"
    for person in ("p001", "p002"):
        write_markers(study, person, CLAPS_S, seen_by_the_video(CLAPS_S))
        (study / "sessions" / person / "clock.toml").write_text(stated)
    command = ["align", str(study), "--source", "markers", "--jobs", "1"]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 0, result.output
    assert (study / "sessions/p001/clock.toml").read_text() == stated
    assert "it stays" in result.stdout
    assert "differ by at most 50." in result.stdout
    assert CliRunner().invoke(build_app(), [*command, "--replace"]).exit_code == 0
    assert tomllib.loads((study / "sessions/p001/clock.toml").read_text())["source"] == "markers"


def test_a_residual_above_the_limit_leaves_no_clock(study: Path) -> None:
    rough = [time_s + shift for time_s, shift in zip(seen_by_the_video(CLAPS_S), (0, 0.012, -0.012) * 2, strict=True)]
    for person in ("p001", "p002"):
        write_markers(study, person, CLAPS_S, rough)
    command = ["align", str(study), "--source", "markers", "--jobs", "1", "--limit-ms"]
    assert CliRunner().invoke(build_app(), [*command, "60"]).exit_code == 0
    (study / "sessions/p001/clock.toml").unlink()
    result = CliRunner().invoke(build_app(), [*command, "8"])
    assert result.exit_code == 1
    assert "the limit is 8 ms" in result.stdout
    assert not (study / "sessions/p001/clock.toml").exists()
