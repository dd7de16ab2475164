"""Figures from a study and from single files: what is drawn, whose, when, and what is refused."""

import base64
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.plotting import KINDS, PlotChoice, plot
from emogap.interfaces.plotting_rows import measured_windows, trace_rows
from emogap.interfaces.video_writing import writing_video
from emogap.recording import open_recording
from emogap.recording.derived import derived_notes
from emogap.simulation import SimulationConfig, simulate_study
from emogap.types import EyeTracker, GazeSeries, Recording, Screen

RATE_HZ = 100.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plot") / "study"
    config = SimulationConfig(participants=3, stimuli=2, clip_s=2.0, pause_s=1.0, video=False, seed=6)
    simulate_study(place, config, jobs=1)
    with writing_video(place / "stimuli" / "s001.mp4") as write:
        for number in range(20):
            write(number / 10, np.full((72, 128, 3), (250, 20, 20) if number < 10 else (20, 20, 250), np.uint8))
    return place


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "study"))


def image_in(svg: Path) -> np.ndarray:
    content = re.search(r"base64,([^\"]+)\"", svg.read_text())
    assert content is not None
    return cv2.imdecode(np.frombuffer(base64.b64decode(content[1]), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_files_give_the_same_bytes(study: Path, tmp_path: Path, kind: str, suffix: str) -> None:
    choice = PlotChoice("p002", "s002")
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    plot(kind, study, first, choice)
    plot(kind, study, second, choice)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) > 1000


def test_the_film_stands_below_at_the_time_of_the_window(study: Path, tmp_path: Path) -> None:
    early, late = tmp_path / "early.svg", tmp_path / "late.svg"
    plot("scanpath", study, early, PlotChoice("p001", "s001"))
    plot("scanpath", study, late, PlotChoice("p001", "s001", from_s=1.4))
    assert image_in(early)[10, 10, 0] > 200 > 60 > image_in(early)[10, 10, 2]
    assert image_in(late)[10, 10, 2] > 200 > 60 > image_in(late)[10, 10, 0]


def test_without_a_film_there_is_no_picture(study: Path, tmp_path: Path) -> None:
    plot("scanpath", study, tmp_path / "a.svg", PlotChoice("p001", "s002"))
    assert "<image" not in (tmp_path / "a.svg").read_text()


def test_everybody_is_in_the_heat_map_of_a_stimulus(study: Path, tmp_path: Path) -> None:
    plotted = plot("heatmap", study, tmp_path / "a.svg", PlotChoice(stimulus="s002"))
    assert plotted.names == ("p001", "p002", "p003")
    assert (plotted.from_s, plotted.to_s) == (0.0, 2.0)
    text = (tmp_path / "a.svg").read_text()
    assert "3 people" in text
    assert "SIMULATED people" in text


def test_one_damaged_session_does_not_hide_the_others_and_is_named(study: Path, tmp_path: Path) -> None:
    (study / "sessions" / "p002" / "trials.tsv").write_text("nonsense\n")
    plotted = plot("quality", study, tmp_path / "a.svg")
    assert plotted.names == ("p001", "p003")
    assert plotted.doubts[0].startswith("p002 is left out")


def test_a_figure_of_a_study_is_in_its_list_so_that_it_can_be_forgotten(study: Path, tmp_path: Path) -> None:
    plot("trace", study, tmp_path / "a.svg", PlotChoice("p001"))
    assert ("plot", tmp_path / "a.svg") in derived_notes(study)


def test_a_figure_of_one_file_of_a_study_is_in_its_list_too(study: Path, tmp_path: Path) -> None:
    """Only figures of a whole study were: that of a gaze file in it stayed after a withdrawal."""
    plot("trace", study / "sessions" / "p001" / "gaze.tsv", tmp_path / "b.svg")
    assert ("plot", tmp_path / "b.svg") in derived_notes(study)


def test_a_single_file_is_drawn_without_a_study(study: Path, tmp_path: Path) -> None:
    shutil.copy(study / "sessions" / "p001" / "gaze.tsv", tmp_path / "gaze.tsv")
    for kind in KINDS:
        plotted = plot(kind, tmp_path / "gaze.tsv", tmp_path / f"{kind}.svg", PlotChoice(stimulus="s001"))
        assert plotted.stimulus == "s001"


@pytest.mark.parametrize(
    ("kind", "choice", "said"),
    [
        ("map", PlotChoice(), "no figure named 'map'"),
        ("scanpath", PlotChoice(), "3 recordings"),
        ("scanpath", PlotChoice("p001"), "2 stimuli"),
        ("heatmap", PlotChoice(), "2 stimuli"),
        ("scanpath", PlotChoice("p9", "s001"), "p9"),
        ("trace", PlotChoice("p001", "s9"), "s9"),
        ("trace", PlotChoice("p001", "s001", from_s=3.0), "2 s there are"),
        ("trace", PlotChoice("p001", "s001", from_s=1.0, to_s=0.5), "from 1 to 0.5 s"),
        ("trace", PlotChoice("p001", cleaning="washed"), "washed"),
    ],
)
def test_what_is_not_clear_or_not_there_is_refused_in_words(
    study: Path, tmp_path: Path, kind: str, choice: PlotChoice, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        plot(kind, study, tmp_path / "a.svg", choice)
    assert not (tmp_path / "a.svg").exists()


def test_only_pictures_are_written(study: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.jpg"):
        plot("trace", study, tmp_path / "a.jpg")


def test_the_real_files_of_uniss_fgd_are_drawn(shared_data: Path, tmp_path: Path) -> None:
    """Sixteen people in one file, named by number; the stimulus is the file's own."""
    source = shared_data / "uniss_fgd" / "fgd" / "000.csv.gz"
    assert plot("scanpath", source, tmp_path / "a.svg", PlotChoice("02")).names == ("000-02",)
    assert len(plot("heatmap", source, tmp_path / "b.svg").names) == 16
    with pytest.raises(UnknownNameError, match="'99'"):
        plot("trace", source, tmp_path / "c.svg", PlotChoice("99"))


def still_gaze(lost: slice) -> Recording:
    """10 s of a left eye that rests at the centre, without a sample in `lost`; precision is 0 by construction."""
    num = 1000
    position = np.full((num, 1, 2), [263.5, 148.25])
    valid = np.ones((num, 1), bool)
    position[lost], valid[lost] = np.nan, False
    pupil = np.where(valid, 3.0, np.nan)
    altered = np.zeros((num, 1), bool)
    gaze = GazeSeries(
        time_s=np.arange(num) / RATE_HZ,
        position=position,
        frame="screen_mm",
        valid=valid,
        altered=altered,
        eyes=("left",),
        rate_hz=RATE_HZ,
        pupil=pupil,
        pupil_unit="mm",
        pupil_altered=altered,
    )
    screen = Screen((1920, 1080), (527.0, 296.5), 650.0)
    return Recording("r1", "by hand", "none", EyeTracker("none", RATE_HZ), screen=screen, gaze=gaze)


def test_quality_is_measured_window_by_window() -> None:
    """50 lost samples from 2.5 s: half of the window of 2 to 3 s, and a gap of 0.5 s."""
    row = measured_windows("r1", still_gaze(slice(250, 300)), from_s=0.0, to_s=5.0, window_s=1.0)
    assert list(row.loss_share) == pytest.approx([0, 0, 0.5, 0, 0])
    assert list(row.longest_gap_s) == pytest.approx([0, 0, 0.5, 0, 0], abs=0.011)
    assert row.rms_s2s_deg[0] == pytest.approx(0.0, abs=1e-9)


def test_a_window_that_remains_belongs_to_the_last() -> None:
    row = measured_windows("r1", still_gaze(slice(0, 0)), from_s=0.0, to_s=5.2, window_s=1.0)
    assert len(row.loss_share) == 5


def test_what_cleaning_put_in_is_told_from_what_was_measured() -> None:
    """Five lost samples, 50 ms, are filled by 'standard', which fills losses below 75 ms; none by 'none'."""
    for cleaning, num_filled in (("standard", 5), ("none", 0)):
        rows, intervals = trace_rows(still_gaze(slice(250, 255)), cleaning, from_s=0.0, to_s=10.0, shift_s=0.0)
        across = next(row for row in rows if row.name == "gaze x")
        assert np.isfinite(across.altered_low).sum() == num_filled
        assert np.isfinite(across.low).sum() == 995
        assert intervals["loss"] == pytest.approx(np.array([[2.5, 2.55]]))


def test_a_stimulus_begins_at_zero(study: Path) -> None:
    recording = open_recording(study / "sessions" / "p001" / "gaze.tsv")
    whole, _ = trace_rows(recording, "none", from_s=1.0, to_s=3.0, shift_s=0.0)
    shifted, _ = trace_rows(recording, "none", from_s=0.0, to_s=2.0, shift_s=1.0)
    np.testing.assert_array_equal(whole[0].low, shifted[0].low)
    assert whole[0].start_s == pytest.approx(shifted[0].start_s + 1.0)
