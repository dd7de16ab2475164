"""FER+: faces, images that are none, and repeats."""

from pathlib import Path

import pytest

from emogap.annotation.votes import read_ferplus
from emogap.annotation.votes.ferplus import FERPLUS_EMOTIONS
from emogap.errors import DataError

HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def test_the_published_file_is_read_and_what_is_no_face_is_counted(shared_data: Path) -> None:
    faces = read_ferplus(shared_data / "votes" / "ferplus_fer2013new.csv")
    assert (faces.num_without_face, faces.num_without_name, faces.num_repeated) == (176, 173, 3)
    assert len(faces.votes.items) == 35_887 - 176 - 3
    assert sorted(set(faces.votes.num_votes.tolist())) == [9, 10]


def test_unknown_is_an_answer_and_no_class(tmp_path: Path) -> None:
    faces = read_ferplus(
        write(tmp_path / "v.csv", "Training,a.png,4,0,0,1,3,0,0,0,2,0", "Training,,0,0,0,0,0,0,0,0,0,10")
    )
    assert faces.votes.num_votes.tolist() == [10]
    assert faces.votes.among(FERPLUS_EMOTIONS).num_votes.tolist() == [8]
    assert faces.num_without_name == 1


def test_an_image_twice_with_other_votes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", "Training,a.png,4,0,0,1,3,0,0,0,2,0", "Training,a.png,5,0,0,1,2,0,0,0,2,0")
    with pytest.raises(DataError, match=r"line 3: a\.png stands in line 2 already, with other votes"):
        read_ferplus(path)


def test_votes_for_an_emotion_of_a_nameless_image_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 2: the image name is empty"):
        read_ferplus(write(tmp_path / "v.csv", "Training,,4,0,0,1,3,0,0,0,2,0"))
