"""SVG read back: places, colours and outlines worked out by hand."""

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.reporting.figures.svg_shapes import Picture, Shape, Text, read_svg

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one red point
)


def only(inner: str, *, attributes: str = "") -> Shape | Text | Picture:
    drawing = read_svg(f'<svg viewBox="0 0 40 30" {attributes}>{inner}</svg>', name="f")
    (part,) = drawing.parts
    return part


def test_a_rectangle_is_closed_and_has_its_colours() -> None:
    part = only('<rect x="1" y="2" width="3" height="4" fill="rgb(255, 0, 16)" fill-opacity="0.5" opacity="0.5"/>')
    assert isinstance(part, Shape)
    np.testing.assert_array_equal(part.points_px, [[1, 2], [4, 2], [4, 6], [1, 6], [1, 2]])
    assert part.codes.tolist() == [1, 2, 2, 2, 79]
    assert (part.fill, part.fill_opacity, part.stroke) == ("#ff0010", 0.25, None)


def test_transforms_of_groups_are_applied_from_the_outside_in() -> None:
    part = only('<g transform="translate(10 5)"><g transform="scale(2)"><line x1="1" y1="1" x2="2" y2="3"/></g></g>')
    assert isinstance(part, Shape)
    np.testing.assert_array_equal(part.points_px, [[12, 7], [14, 11]])
    assert part.width_px == 2


def test_text_turned_about_a_point_keeps_its_place() -> None:
    part = only(
        '<text x="8" y="20" transform="rotate(-90 8 20)" text-anchor="middle" font-weight="600">'
        "a<tspan>b</tspan></text>"
    )
    assert isinstance(part, Text)
    np.testing.assert_allclose([part.x_px, part.y_px, part.angle_deg], [8, 20, 90])
    assert (part.text, part.anchor, part.is_bold) == ("ab", "middle", True)


def test_a_style_is_taken_from_what_stands_around() -> None:
    part = only('<g style="stroke: #123456; stroke-width: 3px"><polyline points="0,0 5,5 9,1" fill="none"/></g>')
    assert isinstance(part, Shape)
    assert (part.stroke, part.width_px, part.fill) == ("#123456", 3.0, None)
    assert part.codes.tolist() == [1, 2, 2]


def test_a_path_in_relative_steps_is_the_path_in_absolute_ones() -> None:
    relative = only('<path d="m1 2 l3 0 v4 h-3 q1-1 2-2 c0 1 1 1 1-1 z"/>')
    absolute = only('<path d="M1 2 L4 2 V6 H1 Q2 5 3 4 C3 5 4 5 4 3 Z"/>')
    assert isinstance(relative, Shape)
    assert isinstance(absolute, Shape)
    np.testing.assert_allclose(relative.points_px, absolute.points_px)
    assert relative.codes.tolist() == absolute.codes.tolist() == [1, 2, 2, 2, 3, 3, 4, 4, 4, 79]


def test_a_circle_of_curves_is_round() -> None:
    part = only('<circle cx="20" cy="10" r="6"/>')
    assert isinstance(part, Shape)
    middle = (
        0.125 * part.points_px[0] + 0.375 * part.points_px[1] + 0.375 * part.points_px[2] + 0.125 * part.points_px[3]
    )
    np.testing.assert_allclose(np.hypot(*(middle - [20, 10])), 6, rtol=3e-4)
    np.testing.assert_allclose(part.points_px[[0, 3, 6, 9]], [[26, 10], [20, 16], [14, 10], [20, 4]])


def test_a_picture_is_placed() -> None:
    part = only(
        '<g transform="translate(2 3)">'
        f'<image x="1" y="1" width="8" height="9" href="data:image/png;base64,{PIXEL}"/></g>'
    )
    assert isinstance(part, Picture)
    assert (part.left_px, part.top_px, part.width_px, part.height_px) == (3, 4, 8, 9)
    assert part.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<marker/>", "element <marker> is not understood"),
        ('<path d="M0 0 A1 1 0 0 0 2 2"/>', "command 'A' of a path"),
        ('<g transform="skewX(3)"/>', "transform 'skewX'"),
        ('<image href="https://example.org/a.png"/>', "no PNG in the file"),
        ("<text><tspan x='3'>a</tspan></text>", "several places"),
        ("<g>", "cannot be read"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(inner: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        only(inner)
