"""Figures of gap detectors: where dots and bars lie."""

import re

import numpy as np
import pytest

from emogap.reporting.figures.answer_bars import ANSWERS, AnswerBar, answer_bars
from emogap.reporting.figures.event_reliability import ReliabilityPanel, event_reliability_figure


def test_a_dot_lies_where_probability_and_share_meet() -> None:
    """One bin of clips with probability 0.2 and share 0.6: 0.2 of a side from the left, 0.6 above the bottom."""
    panel = ReliabilityPanel("two heads", "linear", np.array([0, 5]), np.array([np.nan, 0.2]), np.array([np.nan, 0.6]))
    figure = event_reliability_figure([panel], title="Gap", event="gap")
    (dot,) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', figure)
    diagonal = re.findall(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"[^>]*dasharray', figure)[0]
    left, bottom, right, top = map(float, diagonal)
    assert (float(dot[0]) - left) / (right - left) == pytest.approx(0.2, abs=0.01)
    assert (bottom - float(dot[1])) / (bottom - top) == pytest.approx(0.6, abs=0.01)


def test_bars_are_as_long_as_their_shares_and_fill_the_row() -> None:
    shares = (0.1, 0.05, 0.4, 0.05, 0.4, 0.0)
    figure = answer_bars([AnswerBar("linear", "two heads", shares)], title="Answers")
    widths = [
        float(width) for width in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="17.0"', figure)
    ]
    assert np.array(widths) / sum(widths) == pytest.approx([share for share in shares if share], abs=0.001)
    assert all(answer in figure for answer in ANSWERS)


def test_names_are_escaped() -> None:
    assert "a &lt; b" in answer_bars([AnswerBar("m", "a < b", (1, 0, 0, 0, 0, 0))], title="x")
