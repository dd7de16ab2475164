"""Areas of a study whose gaze was simulated: what is written, what it adds up to, and what is refused."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from emogap.errors import DataError
from emogap.interfaces.areas_report import report_areas
from emogap.interfaces.cli import build_app

HEAD = 'schema = 1\nunit = "{}"\noverlap = "first"\n'
LEFT = '[[area]]\nname = "left half"\nstimulus = "*"\nrectangle = [{}, {}, {}, {}]\n'


@pytest.fixture(scope="module")
def study(road: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("areas") / "study"
    shutil.copytree(road / "study", folder)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def measured(study: Path, folder: Path, text: str) -> list[dict[str, str]]:
    folder.mkdir(exist_ok=True)
    (folder / "AOI.toml").write_text(text)
    report_areas(study, folder / "AOI.toml", out=folder / "out")
    return rows_of(folder / "out" / "aoi.tsv")


def test_one_place_in_every_unit_gives_the_same_measures(study: Path, tmp_path: Path) -> None:
    """The left half of 1920 x 1080 px; in degrees of a screen of 527 x 296.5 mm at 650 mm."""
    results = [
        measured(study, tmp_path / unit, HEAD.format(unit) + LEFT.format(*corners))
        for unit, corners in (
            ("px", (0, 0, 960, 1080)),
            ("norm", (0, 0, 0.5, 1)),
            ("deg", (-22.067, -12.847, 0, 12.847)),
        )
    ]
    assert results[0] == results[1]
    for first, third in zip(results[0], results[2], strict=True):
        assert float(first["dwell_s"]) == pytest.approx(float(third["dwell_s"]), abs=0.02)


def test_shares_add_up_and_every_clip_is_there(study: Path, tmp_path: Path) -> None:
    rows = measured(study, tmp_path / "px", HEAD.format("px") + LEFT.format(0, 0, 960, 1080))
    assert len(rows) == 3 * 3 * 2
    by_clip: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["participant_id"], row["stimulus_id"])
        by_clip[key] = by_clip.get(key, 0.0) + float(row["dwell_share"])
    assert list(by_clip.values()) == pytest.approx([1.0] * 9, abs=1e-5)
    steps = rows_of(tmp_path / "px" / "out" / "transitions.tsv")
    fixations = sum(int(row["num_fixations"]) for row in rows)
    assert sum(int(step["count"]) for step in steps) == fixations - 9


def test_the_parts_of_a_face_are_areas_and_the_figure_names_them(study: Path, tmp_path: Path) -> None:
    names = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
    places = (280, 130, 360, 130, 320, 180, 290, 230, 350, 230)
    lines = ["time_s\t" + "\t".join(f"{name}_{axis}_px" for name in names for axis in "xy")]
    lines += ["\t".join([f"{time_s}", *map(str, places)]) for time_s in (0.0, 1.0, 2.0)]
    (tmp_path / "faces.tsv").write_text("\n".join(lines) + "\n")
    face = '[[face]]\nstimulus = "s002"\nlandmarks = "faces.tsv"\n[[stimulus]]\nid = "s002"\nsize_px = [640, 360]\n'
    rows = measured(study, tmp_path, HEAD.format("px") + face)
    assert {row["area"] for row in rows} == {"eyes", "nose", "mouth", "outside"}
    assert {row["stimulus_id"] for row in rows} == {"s002"}
    root = ElementTree.parse(tmp_path / "out" / "areas" / "s002.svg").getroot()
    told = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"eyes", "nose", "mouth"} <= told


def test_an_area_in_the_wrong_unit_is_refused(study: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)lies beside the screen.*check unit = 'norm'"):
        measured(study, tmp_path, HEAD.format("norm") + LEFT.format(300, 300, 960, 1080))


def run(arguments: Sequence[object]) -> tuple[int, str, str]:
    result = CliRunner().invoke(build_app(), ["aoi", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_tells_who_looked_where_and_what_is_doubtful(study: Path, tmp_path: Path) -> None:
    moving = (
        '[[area]]\nname = "actor"\nstimulus = "s001"\n'
        "[[area.keyframe]]\ntime_s = 0\nrectangle = [0, 0, 900, 900]\n"
        "[[area.keyframe]]\ntime_s = 1\nrectangle = [500, 0, 1400, 900]\n"
    )
    (tmp_path / "AOI.toml").write_text(HEAD.format("px") + moving)
    code, told, doubts = run([study, tmp_path / "AOI.toml", "--out", tmp_path / "out"])
    assert code == 0
    assert "3 clips on 1 stimulus with areas" in told
    assert "ends with its last keyframe at 1 s" in doubts
    code, told, _ = run([study, tmp_path / "AOI.toml", "--out", tmp_path / "out", "--json"])
    assert json.loads(told)["areas"] == {"s001": ["actor"]}


def test_a_damaged_session_is_told_and_the_rest_is_saved(study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    (sorted(copy.glob("sessions/*"))[0] / "gaze.tsv").write_text("nothing\n")
    (tmp_path / "AOI.toml").write_text(HEAD.format("norm") + LEFT.format(0, 0, 0.5, 1))
    code, told, _ = run([copy, tmp_path / "AOI.toml"])
    assert code == 1
    assert "1 could not be measured; the rest is saved" in told
    assert len(rows_of(copy / "derived" / "aoi" / "aoi.tsv")) == 2 * 3 * 2


def test_the_share_that_is_told_is_the_median_of_an_even_number_of_people_too(study: Path, tmp_path: Path) -> None:
    """The upper of the two middle values was told instead (issue 3)."""
    shutil.copytree(study, tmp_path / "two")
    shutil.rmtree(tmp_path / "two" / "sessions" / "p003")
    (tmp_path / "AOI.toml").write_text(HEAD.format("px") + LEFT.format(0, 0, 960, 1080))
    _, told, _ = run([tmp_path / "two", tmp_path / "AOI.toml", "--out", tmp_path / "out"])
    rows = [row for row in rows_of(tmp_path / "out" / "aoi.tsv") if row["area"] == "outside"]
    first = [float(row["dwell_share"]) for row in rows if row["stimulus_id"] == rows[0]["stimulus_id"]]
    assert len(first) == 2
    line = next(line for line in told.splitlines() if "outside" in line and rows[0]["stimulus_id"] in line)
    assert float(line.split()[2]) == pytest.approx(sum(first) / 2, abs=6e-4)
