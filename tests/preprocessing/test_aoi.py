"""Dwell, visits and transitions of planted looks at areas whose place is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as MatplotlibPath

from emogap.errors import UsageError
from emogap.preprocessing.aoi import AreaResult, is_inside, locate, measure_areas, on_screen, screen_share, vertices_at
from emogap.types import Screen
from emogap.types.aoi import AreaOfInterest, Overlap

RATE_HZ = 100.0
SCREEN = Screen((1000, 500), (500.0, 300.0), 600.0)


def box(name: str, x0: float, y0: float, x1: float, y1: float) -> AreaOfInterest:
    corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], float)
    return AreaOfInterest(name, "s1", np.zeros(1), corners, "screen_norm")


LEFT, RIGHT = box("left", 0, 0, 0.4, 1), box("right", 0.6, 0, 1, 1)


def looked(*stretches: tuple[float, float | None], areas: tuple[AreaOfInterest, ...], overlap: Overlap) -> AreaResult:
    """Fixations at x = the second number for as many seconds as the first; None = nothing measured."""
    x = np.concatenate([np.full(round(lasts_s * RATE_HZ), np.nan if at is None else at) for lasts_s, at in stretches])
    stops = np.cumsum([lasts_s for lasts_s, _ in stretches])
    starts = stops - [lasts_s for lasts_s, _ in stretches]
    is_fixation = np.array([at is not None for _, at in stretches])
    return measure_areas(
        areas,
        time_s=np.arange(len(x)) / RATE_HZ,
        point=np.column_stack([x, np.where(np.isfinite(x), 0.5, np.nan)]),
        rate_hz=RATE_HZ,
        fixation_onset_s=starts[is_fixation],
        fixation_offset_s=stops[is_fixation],
        overlap=overlap,
    )


def test_dwell_fixations_and_visits_are_those_that_were_planted() -> None:
    """0.3 s middle, 0.2 s left, 0.1 s lost, 0.25 s left again, 0.4 s right, 0.15 s left."""
    plan = ((0.3, 0.5), (0.2, 0.1), (0.1, None), (0.25, 0.2), (0.4, 0.9), (0.15, 0.3))
    left, right, outside = looked(*plan, areas=(LEFT, RIGHT), overlap="first").measures
    assert [one.area for one in (left, right, outside)] == ["left", "right", "outside"]
    assert left.dwell_s == pytest.approx(0.6)
    assert left.valid_s == pytest.approx(1.3)
    assert left.dwell_share == pytest.approx(0.6 / 1.3)
    assert left.fixation_dwell_s == pytest.approx(0.6)
    assert (left.num_fixations, right.num_fixations, outside.num_fixations) == (3, 1, 1)
    assert left.first_fixation_s == pytest.approx(0.3)
    assert left.first_fixation_duration_s == pytest.approx(0.2)
    assert left.num_visits == 2
    assert right.present_s == pytest.approx(1.4)


def test_a_loss_within_an_area_does_not_make_two_visits() -> None:
    left = looked((0.2, 0.1), (0.2, None), (0.2, 0.1), areas=(LEFT,), overlap="first").measures[0]
    assert (left.num_fixations, left.num_visits) == (2, 1)


def test_transitions_are_counted_from_row_to_column() -> None:
    plan = ((0.1, 0.1), (0.1, 0.2), (0.1, 0.9), (0.1, 0.5), (0.1, 0.9), (0.1, 0.1))
    steps = looked(*plan, areas=(LEFT, RIGHT), overlap="first").transitions
    assert steps.names == ("left", "right", "outside")
    assert steps.counts.tolist() == [[1, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_what_was_never_looked_at_has_no_first_fixation() -> None:
    right = looked((0.2, 0.1), areas=(LEFT, RIGHT), overlap="first").measures[1]
    assert (right.dwell_s, right.num_fixations, right.num_visits) == (0.0, 0, 0)
    assert np.isnan(right.first_fixation_s)
    assert np.isnan(right.first_fixation_duration_s)


def test_without_measured_gaze_shares_are_unknown() -> None:
    lost = looked((0.5, None), areas=(LEFT,), overlap="first")
    assert np.isnan(lost.measures[0].dwell_share)
    assert lost.transitions.counts.sum() == 0


def test_where_areas_overlap_the_first_named_or_all_hold_the_point() -> None:
    inner = box("inner", 0.1, 0.1, 0.3, 0.9)
    first = looked((0.2, 0.2), (0.3, 0.35), areas=(inner, LEFT), overlap="first")
    assert [one.dwell_s for one in first.measures] == pytest.approx([0.2, 0.3, 0.0])
    both = looked((0.2, 0.2), (0.3, 0.35), areas=(inner, LEFT), overlap="all")
    assert [one.dwell_s for one in both.measures] == pytest.approx([0.2, 0.5, 0.0])
    assert both.transitions.counts.tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_areas_of_one_name_count_as_one() -> None:
    eyes = (box("eyes", 0, 0, 0.2, 1), box("eyes", 0.8, 0, 1, 1))
    result = looked((0.2, 0.1), (0.3, 0.9), areas=eyes, overlap="first")
    assert [one.area for one in result.measures] == ["eyes", "outside"]
    assert result.measures[0].dwell_s == pytest.approx(0.5)
    assert result.measures[0].num_visits == 1


def test_a_moving_area_is_where_its_keyframes_put_it_and_nowhere_before_or_after() -> None:
    """From x = 0..0.2 at 1 s to 0.8..1 at 2 s: gaze at 0.5 is in it from 1.375 to 1.625 s."""
    start = box("moving", 0, 0, 0.2, 1).vertices[0]
    moving = AreaOfInterest(
        "moving", "s1", np.array([1.0, 2.0]), np.stack([start, start + np.array([0.8, 0.0])]), "screen_norm"
    )
    result = looked((3.0, 0.5), areas=(moving,), overlap="first").measures[0]
    assert result.present_s == pytest.approx(1.01)
    assert result.dwell_s == pytest.approx(0.25, abs=0.011)


def test_a_keyframe_without_the_area_takes_it_out_of_the_picture() -> None:
    whole = box("a", 0, 0, 1, 1).vertices[0]
    frames = np.stack([whole, whole, np.full((4, 2), np.nan), whole])
    area = AreaOfInterest("a", "s1", np.array([0.0, 1.0, 2.0, 3.0]), frames, "screen_norm")
    there = np.isfinite(vertices_at(area, np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]))).all(axis=(1, 2))
    assert there.tolist() == [True, True, True, False, False, False, True]


@given(
    seed=st.integers(0, 10_000),
    num_corners=st.integers(3, 9),
)
def test_a_point_is_inside_where_another_implementation_says_so(seed: int, num_corners: int) -> None:
    """Matplotlib's paths, which fill by non-zero winding: the same for polygons that do not cross themselves."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, num_corners))
    radius = rng.uniform(0.2, 1.0, num_corners)
    corners = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    point = rng.uniform(-1, 1, (50, 2))
    ours = is_inside(point, np.repeat(corners[None], 50, axis=0))
    gaps = np.diff(np.append(angle, angle[0] + 2 * np.pi))
    if gaps.max() < np.pi:
        assert ours.tolist() == MatplotlibPath(corners).contains_points(point).tolist()


def test_of_neighbours_exactly_one_holds_a_point_on_their_common_edge() -> None:
    tiles = [box(f"{x}{y}", x / 4, y / 2, (x + 1) / 4, (y + 1) / 2) for x in range(4) for y in range(2)]
    edge = np.array([[0.25, 0.3], [0.5, 0.5], [0.75, 0.5], [0.1, 0.5], [0.25, 0.5]])
    assert locate(tiles, np.zeros(5), edge, overlap="all").sum(axis=1).tolist() == [1] * 5


@given(st.lists(st.tuples(st.sampled_from([0.05, 0.1, 0.2]), st.none() | st.floats(0, 1)), min_size=1, max_size=7))
def test_the_times_of_areas_and_outside_add_up_to_the_valid_time(stretches: list[tuple[float, float | None]]) -> None:
    result = looked(*stretches, areas=(LEFT, box("wide", 0.2, 0, 0.9, 1)), overlap="first")
    assert sum(one.dwell_s for one in result.measures) == pytest.approx(result.measures[0].valid_s)
    steps = sum(at is not None for _, at in stretches) - 1
    assert result.transitions.counts.sum() == max(steps, 0)
    visits = sum(one.num_visits for one in result.measures)
    assert visits == np.sum(result.transitions.counts) - np.trace(result.transitions.counts) + (steps >= 0)


def test_all_frames_of_gaze_meet_on_the_screen() -> None:
    """A quarter across and a quarter down a screen of 500 x 300 mm at 600 mm, in every unit."""
    x_deg, y_deg = np.degrees(np.arctan([-125 / 600, 75 / 600]))
    for frame, place in (
        ("screen_px", [250.0, 125.0]),
        ("screen_mm", [125.0, 225.0]),
        ("screen_norm", [0.25, 0.25]),
        ("deg", [x_deg, y_deg]),
    ):
        share = screen_share(np.array([place]), frame, SCREEN, where="r1")  # type: ignore[arg-type]
        assert share[0].tolist() == pytest.approx([0.25, 0.25]), frame


def test_pixels_of_a_smaller_stimulus_are_put_where_it_was_shown() -> None:
    corners = np.array([[[0.0, 0.0], [160.0, 0.0], [160.0, 90.0], [0.0, 90.0]]])
    area = AreaOfInterest("a", "s1", np.zeros(1), corners, "px")
    put = on_screen(area, SCREEN, size_px=(320, 180), on_screen_px=(200.0, 100.0, 600.0, 500.0))
    assert put.vertices[0, 0].tolist() == pytest.approx([0.2, 0.2])
    assert put.vertices[0, 2].tolist() == pytest.approx([0.4, 0.6])


def test_what_cannot_be_put_on_the_screen_says_what_is_missing() -> None:
    with pytest.raises(UsageError, match="viewing distance is unknown"):
        screen_share(np.zeros((1, 2)), "deg", Screen((1000, 500), (500.0, 300.0)), where="r1")
    with pytest.raises(UsageError, match="its size is unknown"):
        screen_share(np.zeros((1, 2)), "screen_mm", Screen((1000, 500)), where="r1")
    with pytest.raises(UsageError, match="says nothing about places on the screen"):
        screen_share(np.zeros((1, 2)), "scene_px", SCREEN, where="r1")
