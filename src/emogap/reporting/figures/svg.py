"""A few words of SVG, each returning text: enough for figures of lines, rectangles, circles and labels."""

import base64
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

__all__ = [
    "INK",
    "circle",
    "diamond",
    "document",
    "label",
    "line",
    "picture",
    "polygon",
    "polyline",
    "rectangle",
    "ring",
    "text_room",
]

INK = "#1d2733"


def document(width: float, height: float, parts: Iterable[str], *, title: str) -> str:
    """A whole figure that scales with the page; `title` is read out to those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
        f' aria-label={quoteattr(title)} font-family="system-ui, sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def label(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, size: float = 12, bold: bool = False
) -> str:
    """Text whose baseline starts (or is centred, or ends) at a point."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size:g}"{weight}>'
        f"{escape(text)}</text>"
    )


def text_room(text: str, *, size: float = 12, bold: bool = False) -> float:
    """Room that `text` takes from left to right, rather too much than too little.

    A browser draws with the font of its system; a letter of DejaVu Sans, the widest in common use, is 0.55 of its size
    wide on average, and 0.62 in bold.
    """
    return (0.65 if bold else 0.58) * size * len(text)


def line(
    start: tuple[float, float],
    stop: tuple[float, float],
    *,
    colour: str = INK,
    width: float = 1.0,
    is_dashed: bool = False,
) -> str:
    """A straight line between two points."""
    dashes = ' stroke-dasharray="4 3"' if is_dashed else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{stop[0]:.1f}" y2="{stop[1]:.1f}"'
        f' stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
    )


def circle(x: float, y: float, radius: float, *, colour: str = INK, opacity: float = 1.0) -> str:
    """A filled circle around a point."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}" fill-opacity="{opacity:g}"/>'


def diamond(x: float, y: float, radius: float, *, colour: str = INK) -> str:
    """A filled square on its corner around a point."""
    corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def rectangle(x: float, y: float, width: float, height: float, *, colour: str, opacity: float = 1.0) -> str:
    """A filled rectangle from its upper left corner."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"'
        f' fill-opacity="{opacity:.3f}"/>'
    )


def polygon(
    corners: Iterable[tuple[float, float]],
    *,
    colour: str,
    opacity: float = 0.2,
    width: float = 1.5,
    outline: float = 1.0,
) -> str:
    """A closed outline through `corners`, filled with the same colour; `outline` is the opacity of the line."""
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
    return (
        f'<polygon points="{points}" fill="{colour}" fill-opacity="{opacity:g}" stroke="{colour}"'
        f' stroke-width="{width:g}" stroke-opacity="{outline:g}"/>'
    )


def polyline(points: Iterable[tuple[float, float]], *, colour: str = INK, width: float = 1.0) -> str:
    """An open line through `points`."""
    written = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
    return f'<polyline points="{written}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'


def ring(x: float, y: float, radius: float, *, colour: str = INK, width: float = 1.5, opacity: float = 0.0) -> str:
    """A circle's outline around a point; `opacity` is that of the filling, in the same colour."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" fill="{colour}" fill-opacity="{opacity:g}"'
        f' stroke="{colour}" stroke-width="{width:g}"/>'
    )


def picture(x: float, y: float, width: float, height: float, png: bytes) -> str:
    """A PNG image in a rectangle, from its upper left corner; it is stretched to it."""
    content = base64.b64encode(png).decode()
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none"'
        f' href="data:image/png;base64,{content}"/>'
    )
