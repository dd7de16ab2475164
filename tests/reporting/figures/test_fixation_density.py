"""The scale of the heat map against the peak of a Gaussian worked out by hand."""

import base64
from math import pi
from xml.etree import ElementTree

import cv2
import numpy as np

from emogap.preprocessing import fixation_map
from emogap.reporting.figures.fixation_density import density_figure
from emogap.reporting.figures.screen_view import ScreenView
from emogap.types import EyeEvents

SVG = "{http://www.w3.org/2000/svg}"
EXTENT = (40.0, 24.0)


def drawn(view: ScreenView, seconds: float) -> ElementTree.Element:
    one = EyeEvents(
        np.array(["fixation"]),
        np.zeros(1),
        np.array([2.0]),
        np.array([[10.0, 0.0]]),
        np.full(1, np.nan),
        "by hand",
        "deg",
    )
    heat = fixation_map(one, from_s=0, to_s=9, extent_deg=EXTENT, shape=(120, 200), sigma_deg=1.5)
    return ElementTree.fromstring(density_figure(view, heat, seconds=seconds, title="t"))


def image_of(figure: ElementTree.Element) -> np.ndarray:
    content = next(figure.iter(f"{SVG}image")).attrib["href"].partition(",")[2]
    return cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_the_scale_ends_at_the_peak_in_seconds_per_square_degree() -> None:
    """2 s in a Gaussian of 1.5 deg: 2 / (2 pi 1.5^2) = 0.141 s per square degree."""
    assert f"{2 / (2 * pi * 1.5**2):.2g}" == "0.14"
    assert "0.14" in [text.text for text in drawn(ScreenView(EXTENT), 2.0).iter(f"{SVG}text")]
    assert "0.28" in [text.text for text in drawn(ScreenView(EXTENT), 4.0).iter(f"{SVG}text")]


def test_the_heat_lies_right_of_the_middle_and_leaves_the_rest_as_it_was() -> None:
    image = image_of(drawn(ScreenView(EXTENT), 2.0)).astype(int)
    changed = np.argwhere((image != image[0, 0]).any(axis=2)).mean(axis=0) / image.shape[:2]
    # tan 10 / tan 20 = 0.4844 of the half width.
    assert np.allclose(changed, [0.5, 0.5 + 0.4844 / 2], atol=0.01)


def test_the_picture_shines_through_where_nobody_looked() -> None:
    picture = np.full((90, 160, 3), (10, 90, 10), np.uint8)
    image = image_of(drawn(ScreenView(EXTENT, picture), 2.0))
    assert image.shape == (90, 160, 3)
    assert image[5, 5, 1] > image[5, 5, 0]
    assert (image[45, 119] != image[5, 5]).any()
