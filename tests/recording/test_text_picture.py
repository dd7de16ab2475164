"""Traces and maps in characters."""

import numpy as np
import pytest

from emogap.recording.text_picture import density_map, trace


def test_a_trace_rises_with_its_values() -> None:
    drawn = trace(np.arange(70.0), width=7)
    assert len(drawn) == 7
    assert list(drawn) == sorted(drawn)
    assert len(set(drawn)) > 5


def test_a_constant_is_drawn_in_the_middle_and_nothing_is_blank() -> None:
    assert set(trace(np.full(20, 3.0), width=5)) == {"\u2585"}
    assert trace(np.full(20, np.nan), width=5) == "     "


def test_fewer_values_than_characters_draw_fewer_characters() -> None:
    assert len(trace(np.arange(3.0), width=50)) == 3


@pytest.mark.parametrize(("y_up", "line"), [(True, 0), (False, -1)])
def test_a_map_puts_great_y_where_it_belongs(y_up: bool, line: int) -> None:
    drawn = density_map(np.array([[9.0, 9.0]]), extent=(0, 10, 0, 10), y_up=y_up, num_lines=5, max_width=40)
    assert len(drawn) == 5
    assert drawn[line].strip()
    assert drawn[line].rstrip() == drawn[line], "great x stands at the right edge"


def test_points_outside_and_missing_points_leave_an_empty_map() -> None:
    points = np.array([[50.0, 5.0], [np.nan, 5.0]])
    drawn = density_map(points, extent=(0, 10, 0, 20), y_up=True, num_lines=6, max_width=40)
    assert set("".join(drawn)) == {" "}
