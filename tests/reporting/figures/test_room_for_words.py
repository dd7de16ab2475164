"""No figure cuts its words off at the right, whatever is drawn and however narrow it is."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from emogap.reporting.figures.confusion import confusion
from emogap.reporting.figures.curves import CurvePanel, CurvePoint, curves
from emogap.reporting.figures.event_reliability import ReliabilityPanel, event_reliability_figure
from emogap.reporting.figures.heat_map import heat_map
from emogap.reporting.figures.interval_panels import IntervalPanel, PanelBlock, PanelMark, interval_panels
from emogap.reporting.figures.views import felt_against_shown, label_distribution

TITLE = "study-simulated-12x8-seed3, SIMULATED: emotion3"
CLASSES = ("positive", "negative", "neutral")

FIGURES = {
    "distribution": label_distribution((0.2, 0.5, 0.3), (0.3, 0.4, 0.3), CLASSES, title=TITLE),
    "joint": felt_against_shown(np.eye(3).tolist(), CLASSES, title=TITLE),
    "heat map": heat_map(
        [[0.1, 0.2]],
        intervals=[[(0.0, 0.2), (0.1, 0.3)]],
        row_labels=["alpha 0.1"],
        column_labels=["beta 1", "beta 2"],
        title="er7: UAR",
        is_simulated=True,
    ),
    "confusion": confusion(
        [[3, 1], [0, 2]], ("no gap", "gap"), model="resnet_transformer@eye+face+fixation", colour="#1f6f8b"
    ),
    "curves": curves(
        [CurvePanel("Gaussian noise", "variance", {"emert": (CurvePoint(0.0, 0.3, 0.2, 0.4),)})],
        title=TITLE,
        metric="UAR",
        floor=None,
        is_simulated=True,
    ),
    "reliability": event_reliability_figure(
        [ReliabilityPanel("two heads", "linear", np.array([3, 4]), np.array([0.2, 0.7]), np.array([0.1, 0.8]))],
        title=TITLE,
        event="gap",
    ),
    "intervals": interval_panels(
        [PanelBlock("r", (("pupil", "mean"),), (IntervalPanel("valence", (PanelMark(0, 0.1, 0.0, 0.2),)),), (TITLE,))],
        title=TITLE,
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_words_end_within_the_figure_in_the_widest_common_font(name: str) -> None:
    """Once the titles of narrow figures were cut off in browsers whose font is DejaVu Sans. Widths by matplotlib."""
    root = ET.fromstring(FIGURES[name])
    width = float(root.attrib["viewBox"].split()[2])
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        font = FontProperties(family="DejaVu Sans", weight="bold" if "font-weight" in text.attrib else "normal")
        size = float(text.attrib["font-size"])
        long = TextPath((0, 0), text.text or "", size=size, prop=font).get_extents().width
        share = {"start": 1.0, "middle": 0.5, "end": 0.0}[text.attrib["text-anchor"]]
        assert float(text.attrib["x"]) + share * long <= width, text.text
