"""A figure as PDF, with vectors and embedded fonts, or as PNG, drawn from the same SVG that the report shows."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emogap.reporting.figures.svg_shapes import Drawing, Picture, Shape, Text, read_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["svg_to_pdf", "svg_to_png"]

PX_PER_INCH = 96
POINTS_PER_PX = 72 / PX_PER_INCH
"""96 px and 72 points are an inch."""

FONT = "DejaVu Sans"
FONT_SHRINK = 0.9
"""The letters of this font are about a tenth wider than those that figures are laid out for."""

ALIGNED = {"start": "left", "middle": "center", "end": "right"}


def svg_to_pdf(svg: str, *, name: str) -> bytes:
    """The figure `svg` as a PDF of one page; the same figure gives the same bytes.

    Parameters
    ----------
    svg : str
        A figure of emogap.
    name : str
        What the figure is called in messages.

    Raises
    ------
    DataError
        If it is no SVG, or holds something that is not understood.
    """
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    written = io.BytesIO()
    with _quiet("fontTools"), _drawn(read_svg(svg, name=name)) as figure:
        FigureCanvasPdf(figure)
        figure.savefig(written, format="pdf", metadata={"CreationDate": None, "Creator": "emogap"})
    return written.getvalue()


def svg_to_png(svg: str, *, name: str, scale: float = 2.0) -> bytes:
    """The figure `svg` as a PNG image; the same figure gives the same bytes.

    Parameters
    ----------
    svg : str
        A figure of emogap.
    name : str
        What the figure is called in messages.
    scale : float
        Pixels of the image per unit of the figure.

    Raises
    ------
    DataError
        If it is no SVG, or holds something that is not understood.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    written = io.BytesIO()
    with _drawn(read_svg(svg, name=name)) as figure:
        FigureCanvasAgg(figure)
        figure.savefig(written, format="png", dpi=PX_PER_INCH * scale, facecolor="white", metadata={"Software": None})
    return written.getvalue()


@contextmanager
def _drawn(drawing: Drawing) -> Iterator["Figure"]:
    """The drawing as a figure that may be saved within the block."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"pdf.fonttype": 42, "path.simplify": False, "font.family": FONT, "text.usetex": False}):
        figure = Figure(figsize=(drawing.width_px / PX_PER_INCH, drawing.height_px / PX_PER_INCH))
        axes = figure.add_axes((0, 0, 1, 1), frameon=False)
        axes.set_axis_off()
        axes.set(xlim=(0, drawing.width_px), ylim=(drawing.height_px, 0))
        for order, part in enumerate(drawing.parts):
            _draw(part, axes, order)
        yield figure


@contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Within the block `library` logs warnings only: embedding a font is no news."""
    logger = logging.getLogger(library)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _draw(part: Shape | Text | Picture, axes: "Axes", order: int) -> None:
    if isinstance(part, Shape):
        _draw_shape(part, axes, order)
    elif isinstance(part, Text):
        _draw_text(part, axes, order)
    else:
        _draw_picture(part, axes, order)


def _draw_shape(part: Shape, axes: "Axes", order: int) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not len(part.points_px):
        return
    width = part.width_px * POINTS_PER_PX
    is_filled = part.fill is not None and len(part.points_px) > 2
    patch = PathPatch(
        Path(part.points_px, part.codes),
        facecolor=to_rgba(part.fill, part.fill_opacity) if is_filled else "none",
        edgecolor="none" if part.stroke is None else to_rgba(part.stroke, part.stroke_opacity),
        linewidth=0 if part.stroke is None else width,
        linestyle=(0, [dash * POINTS_PER_PX / width for dash in part.dashes_px]) if part.dashes_px else "solid",
        capstyle="butt",
        joinstyle="miter",
        zorder=order,
    )
    axes.add_patch(patch)


def _draw_text(part: Text, axes: "Axes", order: int) -> None:
    axes.text(
        part.x_px,
        part.y_px,
        part.text,
        ha=ALIGNED[part.anchor],
        va="baseline",
        rotation=part.angle_deg,
        rotation_mode="anchor",
        fontsize=part.size_px * POINTS_PER_PX * FONT_SHRINK,
        fontweight="bold" if part.is_bold else "normal",
        color=part.colour,
        alpha=part.opacity,
        parse_math=False,
        zorder=order,
    )


def _draw_picture(part: Picture, axes: "Axes", order: int) -> None:
    from matplotlib.image import imread

    limits = axes.get_xlim(), axes.get_ylim()
    right, bottom = part.left_px + part.width_px, part.top_px + part.height_px
    axes.imshow(
        imread(io.BytesIO(part.png), format="png"),
        extent=(part.left_px, right, bottom, part.top_px),
        aspect="auto",
        interpolation="none",
        cmap="gray",
        zorder=order,
    )
    axes.set(xlim=limits[0], ylim=limits[1])
