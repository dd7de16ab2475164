import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.face.choice import ChosenFace, FaceChoice, parse_choice
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.tracking import FrameFaces, TrackedFace

FRAME = np.zeros((90, 160, 3), np.uint8)
BOXES = {1: (60, 20, 100, 60), 2: (5, 30, 35, 60), 3: (120, 10, 140, 30)}


def at(time_s: float, *numbers: int) -> FrameFaces:
    faces = tuple(TrackedFace(number, Detection(BOXES[number], None, 0.9), True) for number in numbers)
    return FrameFaces(time_s, FRAME, faces, float("nan"))


def numbers_chosen(choice: FaceChoice, *frames: FrameFaces) -> list[int | None]:
    chosen = ChosenFace(choice)
    faces = [chosen.of(frame) for frame in frames]
    return [None if face is None else face.number for face in faces]


@pytest.mark.parametrize(
    ("text", "number"),
    [("largest", 1), ("left", 2), ("Right", 3), ("2", 2), ("118,12", 3), ("20, 80.5", 2), ("7", None)],
)
def test_each_rule_chooses_its_face(text: str, number: int | None) -> None:
    assert numbers_chosen(parse_choice(text), at(0.0, 1, 2, 3)) == [number]


def test_a_chosen_face_stays_chosen_when_a_larger_one_comes_in() -> None:
    assert numbers_chosen(FaceChoice(), at(0.0, 3), at(0.04, 1, 3), at(0.08, 1, 2, 3)) == [3, 3, 3]


def test_while_the_chosen_face_is_briefly_away_no_other_takes_its_place() -> None:
    assert numbers_chosen(FaceChoice(), at(0.0, 3), at(0.5, 1), at(1.0, 1), at(1.02, 1, 3)) == [3, None, None, 3]


def test_after_a_second_the_rule_chooses_anew() -> None:
    assert numbers_chosen(FaceChoice(), at(0.0, 3), at(1.2, 1, 2)) == [3, 1]
    assert numbers_chosen(parse_choice("3"), at(0.0, 3), at(1.2, 1, 2)) == [3, None]


@pytest.mark.parametrize("text", ["", "0", "-1", "biggest", "3,", "1,2,3", "nan,4"])
def test_other_words_are_refused_with_those_that_are_on_offer(text: str) -> None:
    with pytest.raises(UsageError, match=r"(?s)chooses no face.*largest.*X,Y"):
        parse_choice(text)
