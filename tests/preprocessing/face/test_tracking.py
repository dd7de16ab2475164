"""Truth: a textured square whose place is known moves over a still background; a scripted detector sees it, or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face import tracking
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.tracking import FrameFaces, follow_faces
from emogap.recording.video import frame_times, read_frames_at

WIDTH, HEIGHT, SIDE = 320, 180, 80
BACKGROUND = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8), (0, 0), 2)
TEXTURES = [
    cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8), (0, 0), 2)
    for seed in (2, 3)
]


def square(x: float, y: float, *, score: float = 0.9) -> Detection:
    landmarks = np.array([[x, y]]) + SIDE * np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    return Detection((x, y, x + SIDE, y + SIDE), landmarks, score)


@dataclass
class Film:
    """Frames with squares at known places, and the detector that knows them; `looks` are the frames it saw."""

    places: list[list[Detection]]
    textures: list[int] | None = None
    rate_hz: float = 25.0
    looks: list[int] = field(default_factory=list)

    def frames(self) -> Iterator[tuple[float, np.ndarray]]:
        for number, faces in enumerate(self.places):
            frame = BACKGROUND.copy()
            for order, face in enumerate(faces):
                texture = TEXTURES[order if self.textures is None else self.textures[number]]
                shift = np.array([[1.0, 0, face.box_px[0]], [0, 1, face.box_px[1]]])
                inside = cv2.warpAffine(np.full((SIDE, SIDE), 255, np.uint8), shift, (WIDTH, HEIGHT)) > 127
                frame[inside] = cv2.warpAffine(texture, shift, (WIDTH, HEIGHT))[inside]
            frame[0, 0] = number
            yield number / self.rate_hz, frame

    def detect(self, frame: np.ndarray) -> tuple[Detection, ...]:
        number = int(frame[0, 0, 0])
        self.looks.append(number)
        return tuple(self.places[number])


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch):
    def follow_film(film: Film, *, every: int = 3) -> list[FrameFaces]:
        entry = SimpleNamespace(MIN_SCORE=0.7, open_detector=lambda weights, min_score: film.detect)
        monkeypatch.setattr(tracking, "DETECTORS", SimpleNamespace(open=lambda name: entry))
        return list(follow_faces(film.frames(), detector="scripted", every=every))

    return follow_film


def test_between_looks_the_face_is_followed_to_within_a_pixel(follow) -> None:
    film = Film([[square(40 + 2.4 * t, 30 + 1.1 * t)] for t in range(26)])
    seen = follow(film, every=5)
    assert film.looks == [0, 5, 10, 15, 20, 25]
    for number, frame in enumerate(seen):
        (tracked,), (true,) = frame.faces, film.places[number]
        assert tracked.is_detected == (number % 5 == 0)
        assert np.allclose(tracked.face.box_px, true.box_px, atol=1.0)
        assert np.allclose(tracked.face.landmarks_px, true.landmarks_px, atol=1.0)
        assert 0.7 <= tracked.face.confidence <= 0.9
        assert tracked.number == 1


def test_a_face_leaves_on_the_frame_where_it_is_gone(follow) -> None:
    for last in range(6, 12):
        film = Film([[square(60, 40)] if t <= last else [] for t in range(19)])
        assert [bool(frame.faces) for frame in follow(film, every=4)] == [t <= last for t in range(19)]


def test_a_face_appears_on_the_frame_where_it_is_first_there(follow) -> None:
    film = Film([[square(60, 40)] if t >= 7 else [] for t in range(13)])
    assert [bool(frame.faces) for frame in follow(film)] == [t >= 7 for t in range(13)]
    assert film.looks[:8] == list(range(8))


def test_a_second_face_coming_in_between_looks_is_seen_on_its_first_frame(follow) -> None:
    film = Film([[square(20, 40), square(200, 60)][: 1 + (t >= 5)] for t in range(13)])
    assert [len(frame.faces) for frame in follow(film, every=4)] == [1 + (t >= 5) for t in range(13)]


def test_after_a_cut_to_another_picture_at_the_same_place_nothing_is_followed(follow) -> None:
    film = Film([[square(60, 40)] for _ in range(10)], textures=[int(t >= 5) for t in range(10)])
    assert [frame.faces[0].is_detected for frame in follow(film)] == [t not in (1, 2, 7, 8) for t in range(10)]


def test_without_a_face_the_confidence_is_what_the_best_candidate_leaves(follow) -> None:
    film = Film([[square(60, 40, score=0.3), square(90, 40, score=0.45)], [], [square(60, 40, score=0.7)]])
    seen = follow(film)
    assert [frame.faces == () for frame in seen] == [True, True, False]
    assert [frame.no_face_confidence for frame in seen[:2]] == pytest.approx([0.55, 0.95])
    assert np.isnan(seen[2].no_face_confidence)


def test_two_faces_keep_their_numbers_when_their_order_changes(follow) -> None:
    film = Film([[square(20 + 3 * t, 20), square(230 - 3 * t, 95)] for t in range(9)])
    turned = Film([faces[:: 1 if t < 4 else -1] for t, faces in enumerate(film.places)])
    turned.frames = film.frames
    for frame in follow(turned):
        assert {tracked.number: tracked.face.box_px[1] < 60 for tracked in frame.faces} == {1: True, 2: False}


@pytest.mark.parametrize(("away", "number"), [(20, 1), (30, 2)])
def test_a_face_keeps_its_number_if_it_is_back_within_a_second(follow, away: int, number: int) -> None:
    film = Film([[square(60, 40)]] + [[]] * away + [[square(64, 42)]])
    assert follow(film)[-1].faces[0].number == number


def test_a_damaged_video_gives_all_frames_before_the_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film([[square(60, 40)] for _ in range(8)])
    entry = SimpleNamespace(MIN_SCORE=0.7, open_detector=lambda weights, min_score: film.detect)
    monkeypatch.setattr(tracking, "DETECTORS", SimpleNamespace(open=lambda name: entry))

    def broken() -> Iterator[tuple[float, np.ndarray]]:
        yield from film.frames()
        raise DataError("the video breaks off at 0.320 s")

    seen = []
    with pytest.raises(DataError, match="breaks off"):
        seen.extend(follow_faces(broken(), detector="scripted", every=3))
    assert [frame.time_s for frame in seen] == [t / 25 for t in range(8)]


@settings(deadline=None, max_examples=20)
@given(every=st.integers(1, 7), shown=st.lists(st.booleans(), min_size=1, max_size=17))
def test_every_frame_comes_once_and_in_order(every: int, shown: list[bool]) -> None:
    film = Film([[square(60, 40)] if here else [] for here in shown])
    entry = SimpleNamespace(MIN_SCORE=0.7, open_detector=lambda weights, min_score: film.detect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "DETECTORS", SimpleNamespace(open=lambda name: entry))
        seen = list(follow_faces(film.frames(), detector="scripted", every=every))
    assert [frame.time_s for frame in seen] == [t / 25 for t in range(len(shown))]
    # While a face is followed nobody looks: one that is away between two looks that see it is found by its loss.
    assert [bool(frame.faces) for frame in seen] == shown


def test_looking_less_than_every_frame_is_refused() -> None:
    with pytest.raises(UsageError, match="got 0"):
        follow_faces([], detector="haar", every=0)


@pytest.mark.parametrize(
    ("detector", "name", "span", "shown"),
    [
        ("yunet", "face_noface.mov", (64, 78), range(64, 72)),
        ("yunet", "noface_face.mov", (90, 101), range(96, 101)),
        ("yunet", "noface_face.mov", (162, 169), range(162, 168)),
        ("yunet", "no_face.mp4", (30, 39), range(0)),
        ("mtcnn", "face_noface.mov", (70, 74), range(70, 72)),
        ("mtcnn", "no_face.mp4", (30, 34), range(0)),
    ],
)
def test_real_faces_come_and_go_on_the_frame_where_the_eye_sees_it(
    shared_data: Path, shared_models: Path, detector: str, name: str, span: tuple[int, int], shown: range
) -> None:
    """Seen by eye: face_noface.mov shows a face up to frame 71 and frame 72 is black; in noface_face.mov it is there
    from frame 96 to 167 and frame 168 is black. (The README of the videos counted on every fourth frame.)"""
    path = shared_data / "video" / name
    weights = shared_models / "face_detection_yunet_2023mar.onnx" if detector == "yunet" else shared_models
    frames = read_frames_at(path, frame_times(path)[slice(*span)])
    seen = list(follow_faces(frames, detector=detector, weights=weights, every=3))
    assert [bool(frame.faces) for frame in seen] == [number in shown for number in range(*span)]
