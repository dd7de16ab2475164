"""A heat map shows every number, and the darkest is the greatest."""

import re
from xml.etree import ElementTree

from emogap.reporting.figures.heat_map import heat_map

VALUES = [[0.31, 0.42, None], [0.35, 0.50, 0.30]]
INTERVALS = [[(0.2, 0.4), (0.3, 0.5), (None, None)], [(0.3, 0.4), (0.4, 0.6), (0.25, 0.35)]]


def drawn(values: list[list[float | None]] = VALUES, *, is_simulated: bool = False) -> str:
    return heat_map(
        values,
        intervals=INTERVALS,
        row_labels=["alpha 0.1", "alpha 0.3"],
        column_labels=["beta 0", "beta 1", "beta 2"],
        title="UAR",
        is_simulated=is_simulated,
    )


def test_every_number_and_label_is_there() -> None:
    texts = [element.text for element in ElementTree.fromstring(drawn()).iter() if element.tag.endswith("text")]
    for text in ("0.310", "0.420", "0.350", "0.500", "0.300", "-", "[.40 .60]", "alpha 0.3", "beta 2"):
        assert text in texts


def test_the_greatest_is_full_and_the_least_is_empty() -> None:
    shades = [float(shade) for shade in re.findall(r'fill-opacity="([\d.]+)"/>', drawn())][1::2]
    assert shades == [0.05, 0.6, 0.0, 0.25, 1.0, 0.0]


def test_simulated_people_are_said_to_be() -> None:
    assert "SIMULATED" in drawn(is_simulated=True)
    assert "SIMULATED" not in drawn()


def test_equal_values_are_all_empty() -> None:
    assert 'fill-opacity="nan"' not in drawn([[0.4, 0.4, 0.4], [0.4, 0.4, 0.4]])
