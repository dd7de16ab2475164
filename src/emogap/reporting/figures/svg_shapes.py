"""Reading back the SVG that the figures of emogap are written in, as shapes, texts and pictures on one plane.

Only what such figures use is understood; anything else is refused by its name, never left out of a drawing.
"""

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from emogap.errors import DataError

__all__ = ["Drawing", "Picture", "Shape", "Text", "read_svg"]

Transform = NDArray[np.float64]
"""Affine, shape (3, 3)."""

INHERITED = {
    "fill": "black",
    "stroke": "none",
    "stroke-width": "1",
    "stroke-dasharray": "none",
    "font-size": "12",
    "font-weight": "400",
    "text-anchor": "start",
}
"""Attributes that a part takes from what it stands in, and what they are where nothing states them."""

SILENT = {"title", "desc", "metadata"}

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")

STEPS = {"M": 1, "L": 1, "H": 1, "V": 1, "C": 3, "Q": 2, "Z": 0}
"""Commands of a path and how many points each takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Outlines.

    `points_px`, shape (P, 2), has a code for each point, as in matplotlib's Path: 1 move, 2 line, 3 and 4 curves,
    79 close. A colour of None is not drawn; `dashes_px` is empty for an unbroken line.
    """

    points_px: NDArray[np.float64]
    codes: NDArray[np.uint8]
    fill: str | None
    fill_opacity: float
    stroke: str | None
    stroke_opacity: float
    width_px: float
    dashes_px: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words at the start, middle or end of their baseline; `angle_deg` counts against the clock."""

    x_px: float
    y_px: float
    text: str
    anchor: str
    size_px: float
    is_bold: bool
    colour: str
    opacity: float
    angle_deg: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image in a rectangle."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    png: bytes


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole figure; y grows downwards, and what comes later lies on top."""

    width_px: float
    height_px: float
    parts: tuple[Shape | Text | Picture, ...]


def read_svg(svg: str, *, name: str) -> Drawing:
    """The parts of the figure `svg`; `name` stands in messages.

    Raises
    ------
    DataError
        If it is no SVG, or holds something that is not understood.
    """
    try:
        root = ElementTree.fromstring(svg)
        box = [float(word) for word in NUMBER.findall(root.get("viewBox", ""))]
        if len(box) != 4:
            raise ValueError("the figure has no viewBox")
        start = np.array([[1.0, 0.0, -box[0]], [0.0, 1.0, -box[1]], [0.0, 0.0, 1.0]])
        parts = tuple(part for child in root for part in _parts(child, {**INHERITED, **_style(root)}, start, 1.0))
    except (ElementTree.ParseError, ValueError, binascii.Error) as error:
        raise DataError(
            f"the figure cannot be read: {error}", where=f"figure {name}", fix="make the figure again"
        ) from error
    return Drawing(box[2], box[3], parts)


def _parts(
    element: ElementTree.Element, outer: Mapping[str, str], placed: Transform, opacity: float
) -> Iterator[Shape | Text | Picture]:
    kind = element.tag.rsplit("}", 1)[-1]
    if kind in SILENT:
        return
    style = {**outer, **_style(element)}
    placed = placed @ _transform(element.get("transform", ""))
    opacity *= float(style.pop("opacity", "1"))
    if kind in ("g", "svg"):
        for child in element:
            yield from _parts(child, style, placed, opacity)
    elif kind == "text":
        yield _text(element, style, placed, opacity)
    elif kind == "image":
        yield _picture(element, placed)
    else:
        yield _shape(*_outline(element, kind), style, placed, opacity)


def _style(element: ElementTree.Element) -> dict[str, str]:
    """Own attributes and those in ``style`` that a drawing depends on."""
    written = dict(element.attrib)
    for word in written.get("style", "").split(";"):
        name, _, value = word.partition(":")
        written[name.strip()] = value.strip()
    known = (*INHERITED, "opacity", "fill-opacity", "stroke-opacity")
    return {name: written[name] for name in known if name in written}


def _transform(text: str) -> Transform:
    whole: Transform = np.eye(3)
    for word, arguments in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        numbers = [float(number) for number in NUMBER.findall(arguments)]
        whole = whole @ _single(word, numbers)
    return whole


def _single(word: str, numbers: list[float]) -> Transform:
    if word == "translate":
        across, down = (*numbers, 0.0)[:2]
        return np.array([[1.0, 0.0, across], [0.0, 1.0, down], [0.0, 0.0, 1.0]])
    if word == "scale":
        return np.array([[numbers[0], 0.0, 0.0], [0.0, numbers[-1], 0.0], [0.0, 0.0, 1.0]])
    if word == "matrix":
        a, b, c, d, e, f = numbers
        return np.array([[a, c, e], [b, d, f], [0.0, 0.0, 1.0]])
    if word == "rotate":
        turn = math.radians(numbers[0])
        turned: Transform = np.array(
            [[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]]
        )
        if len(numbers) == 3:
            turned = _single("translate", numbers[1:]) @ turned @ _single("translate", [-numbers[1], -numbers[2]])
        return turned
    raise ValueError(f"the transform '{word}' is not understood")


def _outline(element: ElementTree.Element, kind: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    def number(name: str) -> float:
        return float(element.get(name, "0"))

    if kind == "line":
        ends = [[number("x1"), number("y1")], [number("x2"), number("y2")]]
        return np.array(ends), np.array([1, 2], np.uint8)
    if kind == "rect":
        left, top, right, bottom = number("x"), number("y"), number("width"), number("height")
        right, bottom = left + right, top + bottom
        return _closed(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    if kind in ("circle", "ellipse"):
        radii = (number("r"), number("r")) if kind == "circle" else (number("rx"), number("ry"))
        return _ellipse(np.array([number("cx"), number("cy")]), np.array(radii))
    if kind in ("polygon", "polyline"):
        points = np.array([float(word) for word in NUMBER.findall(element.get("points", ""))]).reshape(-1, 2)
        if kind == "polygon":
            return _closed(points)
        return points, np.array([1] + [2] * (len(points) - 1), np.uint8)
    if kind == "path":
        return _path(element.get("d", ""))
    raise ValueError(f"the element <{kind}> is not understood")


def _closed(points_P2: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    codes = [1, *[2] * (len(points_P2) - 1), 79]
    return np.vstack([points_P2, points_P2[:1]]), np.array(codes, np.uint8)


def _ellipse(centre: NDArray[np.float64], radii: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Four cubic curves, which leave a circle by less than 0.03 % of its radius."""
    k = 4 * (math.sqrt(2) - 1) / 3
    quarter = np.array([[1, k], [k, 1], [0, 1]])
    turns = [np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]) for a in np.arange(4) * math.pi / 2]
    points = np.vstack([[[1.0, 0.0]], *(quarter @ turn.T for turn in turns), [[1.0, 0.0]]])
    return centre + points * radii, np.array([1, *[4] * 12, 79], np.uint8)


def _path(d: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    here, start = (0.0, 0.0), (0.0, 0.0)
    for letter, arguments in re.findall(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)", d):
        command = letter.upper()
        if command not in STEPS:
            raise ValueError(f"the command '{letter}' of a path is not understood")
        if command == "Z":
            points, codes, here = [*points, start], [*codes, 79], start
            continue
        numbers = [float(word) for word in NUMBER.findall(arguments)]
        size = 1 if command in "HV" else 2 * STEPS[command]
        for at in range(0, len(numbers), size):
            step = _step(command, numbers[at : at + size], here if letter.islower() else None, here)
            begins = command == "M" and at == 0
            codes += [1] if begins else [{"C": 4, "Q": 3}.get(command, 2)] * len(step)
            points += step
            here = step[-1]
            start = here if begins else start
    return np.array(points).reshape(-1, 2), np.array(codes, np.uint8)


def _step(
    command: str, numbers: list[float], origin: tuple[float, float] | None, here: tuple[float, float]
) -> list[tuple[float, float]]:
    from_x, from_y = origin or (0.0, 0.0)
    if command == "H":
        return [(numbers[0] + from_x, here[1])]
    if command == "V":
        return [(here[0], numbers[0] + from_y)]
    return [(x + from_x, y + from_y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _shape(
    points_P2: NDArray[np.float64],
    codes_P: NDArray[np.uint8],
    style: Mapping[str, str],
    placed: Transform,
    opacity: float,
) -> Shape:
    dashes = style["stroke-dasharray"]
    size = _scale(placed)
    return Shape(
        points_px=points_P2 @ placed[:2, :2].T + placed[:2, 2],
        codes=codes_P,
        fill=_colour(style["fill"]),
        fill_opacity=opacity * float(style.get("fill-opacity", "1")),
        stroke=_colour(style["stroke"]),
        stroke_opacity=opacity * float(style.get("stroke-opacity", "1")),
        width_px=size * _length(style["stroke-width"]),
        dashes_px=() if dashes == "none" else tuple(size * float(word) for word in NUMBER.findall(dashes)),
    )


def _text(element: ElementTree.Element, style: Mapping[str, str], placed: Transform, opacity: float) -> Text:
    if len(element) and any(child.get("x") or child.get("y") or child.get("dy") for child in element):
        raise ValueError("words of one text at several places are not understood")
    x, y = placed[:2, :2] @ [float(element.get("x", "0")), float(element.get("y", "0"))] + placed[:2, 2]
    return Text(
        x_px=float(x),
        y_px=float(y),
        text=" ".join("".join(element.itertext()).split()),
        anchor=style["text-anchor"],
        size_px=_scale(placed) * _length(style["font-size"]),
        is_bold=style["font-weight"] in ("bold", "600", "700", "800"),
        colour=_colour(style["fill"]) or "black",
        opacity=opacity * float(style.get("fill-opacity", "1")),
        angle_deg=-math.degrees(math.atan2(placed[1, 0], placed[0, 0])),
    )


def _picture(element: ElementTree.Element, placed: Transform) -> Picture:
    source = element.get("href") or element.get("{http://www.w3.org/1999/xlink}href") or ""
    kind, _, content = source.partition(",")
    if kind != "data:image/png;base64":
        raise ValueError(f"a picture that is no PNG in the file ('{kind[:40]}') is not understood")
    box = [float(element.get(name, "0")) for name in ("x", "y", "width", "height")]
    left, top = placed[:2, :2] @ box[:2] + placed[:2, 2]
    width, height = placed[0, 0] * box[2], placed[1, 1] * box[3]
    return Picture(float(left), float(top), float(width), float(height), base64.b64decode(content, validate=True))


def _colour(text: str) -> str | None:
    """As matplotlib reads it; None for none."""
    if text in ("none", "transparent"):
        return None
    if parts := re.fullmatch(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", text):
        return "#" + "".join(f"{int(part):02x}" for part in parts.groups())
    return "black" if text == "currentColor" else text


def _length(text: str) -> float:
    return float(text.removesuffix("px"))


def _scale(placed: Transform) -> float:
    return math.sqrt(abs(float(np.linalg.det(placed[:2, :2]))))
