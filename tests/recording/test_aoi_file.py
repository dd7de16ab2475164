"""Areas are read as they are written, and every fault is named with its entry and line."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.aoi_file import AreaFile, read_area_file, read_landmarks

HEAD = 'schema = 1\nunit = "px"\noverlap = "first"\n'
STIMULI = ("s1", "s2", "film-3")


def read(tmp_path: Path, text: str) -> AreaFile:
    (tmp_path / "AOI.toml").write_text(HEAD + text)
    return read_area_file(tmp_path / "AOI.toml", STIMULI)


def test_a_rectangle_a_polygon_and_keyframes_are_corners_at_times(tmp_path: Path) -> None:
    content = read(
        tmp_path,
        '[[area]]\nname = "a"\nstimulus = "s1"\nrectangle = [1, 2, 11, 22]\n'
        '[[area]]\nname = "b"\nstimulus = "*"\npolygon = [[0, 0], [5, 0], [5, 5], [0, 5], [-2, 2.5]]\n'
        '[[area]]\nname = "c"\nstimulus = "s2"\n'
        "[[area.keyframe]]\ntime_s = 0\nrectangle = [0, 0, 1, 1]\n"
        "[[area.keyframe]]\ntime_s = 1.5\npolygon = [[4, 0], [5, 0], [5, 1], [4, 1]]\n",
    )
    first, second, third = (area.shape() for area in content.area)
    assert first[1].tolist() == [[[1, 2], [11, 2], [11, 22], [1, 22]]]
    assert second[1].shape == (1, 5, 2)
    assert third[0].tolist() == [0, 1.5]
    assert third[1][1, 0].tolist() == [4, 0]


AREA = '[[area]]\nname = "a"\nstimulus = "s1"\n'


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", None, "there is no [[area]] and no [[face]]"),
        (AREA, 4, "give either rectangle"),
        (AREA + "rectangle = [0, 0, 1, 1]\npolygon = [[0, 0], [1, 0], [0, 1]]\n", 4, "give either rectangle"),
        (AREA + "rectangle = [5, 0, 1, 1]\n", 4, "is empty: x0 < x1"),
        (AREA + "rectangle = [0, 0, 1]\n", 7, "at least 4 items"),
        (AREA + 'rectangle = [0, 0, 1, "1"]\n', 7, "valid number"),
        (AREA + "polygon = [[0, 0], [1, 1]]\n", 7, "at least 3 items"),
        (AREA + "polygon = [[0, 0], [1, 1], [2, 2]]\n", 4, "has no area"),
        (AREA + "polygone = [[0, 0], [1, 1], [2, 0]]\n", 7, "did you mean 'polygon'?"),
        ('[[area]]\nname = "outside"\nstimulus = "s1"\nrectangle = [0, 0, 1, 1]\n', 4, "choose another name"),
        ('[[area]]\nname = "a"\nstimulus = "s4"\nrectangle = [0, 0, 1, 1]\n', 6, "there is no stimulus 's4'"),
        (AREA + "[[area.keyframe]]\ntime_s = 0\nrectangle = [0, 0, 1, 1]\n", 4, "at least two times"),
        (AREA + "rectangle = [0, 0, nan, 1]\n", 7, "finite number"),
        ('[[face]]\nstimulus = "*"\nlandmarks = "x.tsv"\n', 5, "there is no stimulus '*'"),
        ('[[face]]\nstimulus = "s1"\nlandmarks = "x.tsv"\nparts = ["ears"]\n', 7, "'eyes', 'nose' or 'mouth'"),
        (AREA + 'rectangle = [0, 0, 1, 1]\n[[stimulus]]\nid = "s1"\nsize_px = [0, 9]\n', 8, "has no area"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int | None, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    if line is not None:
        assert str(caught.value.where).endswith(f"line {line}")


def test_keyframes_must_agree_in_corners_and_increase_in_time(tmp_path: Path) -> None:
    frames = "[[area.keyframe]]\ntime_s = {}\nrectangle = [0, 0, 1, 1]\n[[area.keyframe]]\ntime_s = 1\npolygon = {}\n"
    with pytest.raises(DataError, match="as many corners as the first"):
        read(tmp_path, AREA + frames.format(0, "[[0, 0], [1, 0], [0, 1]]"))
    with pytest.raises(DataError, match="times that increase"):
        read(tmp_path, AREA + frames.format(2, "[[0, 0], [1, 0], [1, 1], [0, 1]]"))


COLUMNS = [
    f"{name}_{axis}_px" for name in ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left") for axis in "xy"
]


def table(tmp_path: Path, *rows: tuple[float, int, str, float | None]) -> Path:
    """Rows of time, face, is_chosen and the first of ten coordinates, None = no face."""
    lines = ["\t".join(["frame", "time_s", "face", "is_chosen", *COLUMNS])]
    for number, (time_s, face, is_chosen, first) in enumerate(rows):
        places = [""] * 10 if first is None else [str(first + place) for place in range(10)]
        lines.append("\t".join([str(number), str(time_s), str(face), is_chosen, *places]))
    (tmp_path / "faces.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path / "faces.tsv"


def test_landmarks_of_the_chosen_face_are_read_in_their_order(tmp_path: Path) -> None:
    path = table(
        tmp_path, (0.0, 1, "true", 10), (0.0, 2, "false", 500), (0.04, 1, "false", None), (0.08, 1, "true", 30)
    )
    time_s, landmarks = read_landmarks(path)
    assert time_s.tolist() == [0.0, 0.04, 0.08]
    assert landmarks[0].tolist() == [[10, 11], [12, 13], [14, 15], [16, 17], [18, 19]]
    assert np.isnan(landmarks[1]).all()
    assert read_landmarks(path, face=2)[1][0, 0, 0] == 500


def test_two_faces_and_no_choice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"two faces at 0.04 s"):
        read_landmarks(table(tmp_path, (0.0, 1, "true", 1), (0.04, 1, "true", 1), (0.04, 2, "true", 2)))


def test_a_table_without_landmarks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row holds the landmarks of the face 7"):
        read_landmarks(table(tmp_path, (0.0, 1, "true", 1)), face=7)


def test_the_file_of_the_page_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "aoi.md").read_text(encoding="utf-8")
    (tmp_path / "AOI.toml").write_text(page.split("```toml\n")[1].split("```")[0])
    content = read_area_file(tmp_path / "AOI.toml", ("s001", "s003"))
    assert [area.name for area in content.area] == ["actor", "window"]
