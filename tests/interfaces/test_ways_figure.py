"""The figure of the ways to annotate holds every number of the tables, and none that is not there."""

from pathlib import Path
from xml.etree import ElementTree

from emogap.annotation.agreement import AgreementResult
from emogap.interfaces.labels_and_truth import CategoryCloseness, TruthReport, ValueCloseness
from emogap.interfaces.ways_figure import write_ways_figure
from emogap.interfaces.ways_to_annotate import WayAgreement
from emogap.scoring import Interval

SVG = "{http://www.w3.org/2000/svg}"


def result(method: str, estimate: float, low: float, high: float) -> AgreementResult:
    return AgreementResult(method, method, estimate, low, high, 0.95, 7, 0, 3, 21, 100, 0)


def test_a_way_without_an_alpha_has_no_dot_and_a_negative_one_widens_the_axis(tmp_path: Path) -> None:
    cells = (
        WayAgreement("machine", "category", "emotion7", "", why="no machine gives emotion7"),
        WayAgreement(
            "experts",
            "category",
            "emotion7",
            "ann, ben",
            result("cronbach_alpha", 0.61, 0.5, 0.7),
            result("krippendorff_alpha", 0.2, -0.3, 0.4),
        ),
    )
    write_ways_figure(cells, None, tmp_path / "ways.svg")
    root = ElementTree.fromstring((tmp_path / "ways.svg").read_text())
    told = [element.text for element in root.iter(f"{SVG}text")]
    assert told.count("0.61") == 1
    assert "-0.4" in told
    # Five ways in three panels, one of them with a number.
    assert told.count("-") == 14
    assert not any("plays the items" in (text or "") for text in told)


def test_methods_of_words_and_of_numbers_share_a_row(tmp_path: Path) -> None:
    right, gap = (
        Interval(estimate, estimate - 0.1, estimate + 0.1, 0.95, "bca", is_widened=True, clusters="6 people", draws=100)
        for estimate in (0.75, 0.31)
    )
    truth = TruthReport(
        0.22,
        84,
        30,
        2,
        (CategoryCloseness("experts", "majority", 84, 3, right, 0.7, gap),),
        (ValueCloseness("valence", "experts", "majority", 84, 0.06, 0.9),),
    )
    write_ways_figure((), truth, tmp_path / "ways.svg")
    told = [e.text for e in ElementTree.fromstring((tmp_path / "ways.svg").read_text()).iter(f"{SVG}text")]
    assert told.count("majority") == 1
    assert {"0.75", "0.31", "0.06", "true gap", "valence"} <= set(told)
