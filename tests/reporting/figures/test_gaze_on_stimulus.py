"""Gaze drawn on a picture: what lies where, and what stays untouched."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.reporting.figures.gaze_on_stimulus import (
    TRAIL,
    GazeDrawing,
    draw_fixations,
    draw_gaze_frames,
    overlay_heat,
    to_picture_px,
)
from emogap.types import EyeEvents, FixationMap

EXTENT_DEG = (40.0, 22.0)
HEIGHT, WIDTH = 198, 360
NAN = float("nan")
PLAIN = GazeDrawing(has_numbers=False)


def grey() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)


def fixations(*centres_deg: tuple[float, float], frame: str = "deg") -> EyeEvents:
    """Half a second each, one after the other, 50 ms between them."""
    onset_s = 0.55 * np.arange(len(centres_deg))
    return EyeEvents(
        kind=np.full(len(centres_deg), "fixation"),
        onset_s=onset_s,
        offset_s=onset_s + 0.5,
        centre=np.array(centres_deg, float).reshape(-1, 2),
        amplitude_deg=np.full(len(centres_deg), NAN),
        method="planted",
        frame=frame,  # type: ignore[arg-type]
    )


def one_hot_cell(row: int, column: int, *, extent_deg: tuple[float, float] = EXTENT_DEG) -> FixationMap:
    density = np.zeros((5, 9), np.float32)
    density[row, column] = 1.0
    return FixationMap(density, extent_deg, 1.0, 0.0, 1.0)


def changed(picture: np.ndarray) -> np.ndarray:
    """Rows and columns of the pixels that are no longer grey, as centres of the pixels."""
    return np.argwhere((picture[:HEIGHT] != 128).any(axis=2)) + 0.5


def test_places_are_those_of_a_flat_screen() -> None:
    """On a screen 40 degrees wide, 10 degrees lie at tan(10) / tan(20) of the half width: worked by hand, 87.2 px."""
    place = to_picture_px(np.array([[10.0, 0.0], [0.0, 11.0]]), size_px=(WIDTH, HEIGHT), extent_deg=EXTENT_DEG)
    assert place[0] == pytest.approx([180 + 87.2, 99], abs=0.05)
    assert place[1] == pytest.approx([180, 0])


def test_a_circle_lies_around_its_fixation() -> None:
    drawn = draw_fixations(grey(), fixations((10.0, -5.0)), extent_deg=EXTENT_DEG, drawing=PLAIN)
    rows, columns = changed(drawn).T
    expected = to_picture_px(np.array([10.0, -5.0]), size_px=(WIDTH, HEIGHT), extent_deg=EXTENT_DEG)
    assert (columns.mean(), rows.mean()) == pytest.approx(tuple(expected), abs=0.3)


def test_the_area_of_a_circle_is_time() -> None:
    """Half of the fixation lies in the second window: the radius shrinks by the root of two."""
    one = fixations((0.0, 0.0))
    thick = GazeDrawing(has_numbers=False, second_deg=6.0)
    whole = draw_fixations(grey(), one, extent_deg=EXTENT_DEG, drawing=thick)
    half = draw_fixations(grey(), one, extent_deg=EXTENT_DEG, from_s=0.25, drawing=thick)
    # The outline adds the same number of pixels to both, so a few pixels of it are taken off.
    reach = [np.ptp(changed(picture)[:, 1]) - 4 for picture in (whole, half)]
    assert reach[0] / reach[1] == pytest.approx(np.sqrt(2), rel=0.05)


def test_the_scanpath_joins_fixations_and_skips_those_outside_the_window() -> None:
    three = fixations((-15.0, 0.0), (0.0, 0.0), (15.0, 0.0))
    drawn = draw_fixations(grey(), three, extent_deg=EXTENT_DEG, to_s=1.0, drawing=PLAIN)
    columns = changed(drawn)[:, 1]
    assert columns.max() < WIDTH * 0.6
    assert len(np.unique(columns)) > (columns.max() - columns.min()) * 0.95


def test_a_fixation_off_the_picture_is_counted_not_drawn() -> None:
    drawn = draw_fixations(grey(), fixations((25.0, 0.0)), extent_deg=EXTENT_DEG)
    assert len(changed(drawn)) == 0
    assert drawn.shape[0] % 2 == 0
    assert drawn.shape[0] > HEIGHT
    assert (drawn[HEIGHT:] < 100).any()


def test_the_given_picture_stays_as_it_was() -> None:
    picture = grey()
    draw_fixations(picture, fixations((0.0, 0.0)), extent_deg=EXTENT_DEG, heat=one_hot_cell(2, 4))
    assert (picture == 128).all()


def test_heat_lies_where_the_density_is_and_up_is_up() -> None:
    rows, columns = changed(overlay_heat(grey(), one_hot_cell(0, 8), extent_deg=EXTENT_DEG)).T
    assert rows.mean() < HEIGHT * 0.3
    assert columns.mean() > WIDTH * 0.7


def test_heat_of_a_map_larger_than_the_picture_is_cut_not_squeezed() -> None:
    """The hot cell of a map twice as wide begins where the picture ends."""
    wide = one_hot_cell(2, 8, extent_deg=(80.0, 22.0))
    assert len(changed(overlay_heat(grey(), wide, extent_deg=EXTENT_DEG))) == 0


def test_a_map_without_a_fixation_leaves_the_picture() -> None:
    empty = FixationMap(np.zeros((5, 9), np.float32), EXTENT_DEG, 1.0, 0.0, 1.0)
    assert (overlay_heat(grey(), empty, extent_deg=EXTENT_DEG) == 128).all()


def test_pixels_are_refused() -> None:
    with pytest.raises(UsageError, match=r"these events \(planted\) are in screen_px"):
        draw_fixations(grey(), fixations((1.0, 1.0), frame="screen_px"), extent_deg=EXTENT_DEG)


def moving_gaze() -> tuple[np.ndarray, np.ndarray]:
    """From left to right in 2 s at 60 Hz, at 3 degrees above the middle; lost from 1.0 to 1.2 s."""
    time_s = np.arange(121) / 60
    position = np.stack([-15 + 15 * time_s, np.full(121, 3.0)], axis=1)
    position[60:72] = NAN
    return time_s, position


def test_a_frame_shows_only_the_last_moments() -> None:
    time_s, position = moving_gaze()
    frames = [(0.9, grey()), (1.9, grey())]
    shown = list(draw_gaze_frames(frames, time_s, position, extent_deg=EXTENT_DEG))
    assert [time for time, _ in shown] == [0.9, 1.9]
    for (now_s, picture), (_, before) in zip(shown, frames, strict=True):
        columns = changed(picture)[:, 1]
        ends = to_picture_px(
            np.array([[-15 + 15 * (now_s - 0.5), 3.0], [-15 + 15 * now_s, 3.0]]),
            size_px=(WIDTH, HEIGHT),
            extent_deg=EXTENT_DEG,
        )[:, 0]
        assert (columns.min(), columns.max()) == pytest.approx(tuple(ends), abs=8)
        assert (before == 128).all()


def test_no_ring_is_drawn_where_gaze_is_lost_and_the_trail_has_a_gap() -> None:
    time_s, position = moving_gaze()
    lost, back = (
        picture
        for _, picture in draw_gaze_frames([(1.15, grey()), (1.35, grey())], time_s, position, extent_deg=EXTENT_DEG)
    )
    last = to_picture_px(position[59], size_px=(WIDTH, HEIGHT), extent_deg=EXTENT_DEG)
    again = to_picture_px(position[72], size_px=(WIDTH, HEIGHT), extent_deg=EXTENT_DEG)
    assert changed(lost)[:, 1].max() < last[0] + 4
    between = (changed(back)[:, 1] > last[0] + 4) & (changed(back)[:, 1] < again[0] - 4)
    assert not between.any()
    ring = (np.abs(back.astype(int) - TRAIL) < 60).all(axis=2)
    assert ring.any()


def test_frames_are_taken_one_at_a_time() -> None:
    time_s, position = moving_gaze()
    taken = []

    def frames():  # type: ignore[no-untyped-def]
        for number in range(50):
            taken.append(number)
            yield number / 25, grey()

    drawn = draw_gaze_frames(frames(), time_s, position, extent_deg=EXTENT_DEG)
    next(drawn)
    assert taken == [0]
