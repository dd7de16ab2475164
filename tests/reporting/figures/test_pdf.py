"""Figures as PDF."""

import re
import subprocess
import sys
import zlib

import pytest

from emogap.errors import DataError
from emogap.reporting.figures.pdf import svg_to_pdf
from emogap.reporting.figures.svg import circle, document, label, line, polygon, rectangle

FIGURE = document(
    120,
    80,
    [
        rectangle(1, 2, 30, 40, colour="#1f5fa8", opacity=0.5),
        line((0, 0), (100, 50), is_dashed=True),
        circle(50, 40, 6),
        polygon([(1, 1), (9, 3), (4, 8)], colour="#b8500f"),
        label(60, 70, "UAR $x_1$ \u00e4", anchor="middle", bold=True),
    ],
    title="a figure",
)


def streams(pdf: bytes) -> bytes:
    """The drawing commands of a PDF, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompress(part) for part in packed if part[:1] == b"\x78")


def test_the_same_figure_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from emogap.reporting.figures.pdf import svg_to_pdf;"
        "sys.stdout.buffer.write(svg_to_pdf(sys.stdin.read(), name='f'))"
    )
    other = subprocess.run([sys.executable, "-c", code], input=FIGURE.encode(), capture_output=True, check=True)
    assert other.stdout == svg_to_pdf(FIGURE, name="f")


def test_a_pdf_has_no_date_and_brings_its_fonts() -> None:
    pdf = svg_to_pdf(FIGURE, name="f")
    assert b"Date" not in pdf
    assert b"/FontFile2" in pdf


def test_a_page_is_as_large_as_the_figure_and_drawn_in_vectors() -> None:
    pdf = svg_to_pdf(FIGURE, name="f")
    assert re.search(rb"/MediaBox \[ ?0 0 90 60 ?\]", pdf)
    assert b"/Subtype /Image" not in pdf
    # The rectangle from (1, 2) to (31, 42) px, in points from the lower left corner.
    assert re.search(rb"0\.75 58\.5 m\n23\.25 58\.5 l\n23\.25 28\.5 l\n0\.75 28\.5 l", streams(pdf))


def test_what_is_no_figure_is_refused_by_its_name() -> None:
    with pytest.raises(DataError, match="figure noise"):
        svg_to_pdf("no svg", name="noise")
