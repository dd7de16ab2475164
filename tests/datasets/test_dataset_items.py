"""The reporting guideline from a data set alone."""

import polars as pl

from emogap.datasets.dataset_items import dataset_items
from emogap.datasets.header import Header
from emogap.datasets.reporting_items import ITEM_TITLES, NOT_REPORTED

CHANNEL = {"name": "pupil_l_mm", "unit": "mm"}


def header(*channels: dict[str, str], stream: str = "eye", catalogue: str = "study", simulated: bool = False) -> Header:
    return Header.model_validate(
        {
            "schema": 1, "name": "d", "catalogue": catalogue, "cleaning": "standard", "config": {},
            "simulated": simulated,
            "source_fingerprint": "1", "fingerprint": "2", "num_samples": 5, "num_excluded": 2, "num_failed": 1,
            "label_sources": {}, "versions": {"emogap": "0.0.9"}, "files": {},
            "streams": {stream: {"num_steps": 32, "channels": list(channels)}},
        }
    )  # fmt: skip


QUALITY = pl.DataFrame(
    {
        "effective_rate_hz": [100.0, 120.0, 110.0],
        "loss_share": [0.0, 0.25, 0.125],
        "longest_gap_s": [0.0, 0.5, 0.25],
        "rms_s2s_deg": [0.1, None, 0.3],
        "sd_deg": [0.2, 0.4, float("nan")],
    }
)


def test_every_item_stands_once_and_in_order() -> None:
    items = dataset_items(header(CHANNEL), QUALITY, [])
    assert [item.number for item in items] == list(ITEM_TITLES)


def test_numbers_are_those_of_the_clips() -> None:
    items = {item.number: item for item in dataset_items(header(CHANNEL), QUALITY, [("blink", "shortest_s = 0.075")])}
    assert "median 110 Hz (range 100 to 120 Hz)" in items["A4"].content
    assert "median 12.5 % (range 0 to 25 %)" in items["A12"].content
    assert "RMS-S2S median 0.2 deg (range 0.1 to 0.3 deg), SD median 0.3 deg" in items["A10"].content
    assert items["A11"].content == "preset standard: blink (shortest_s = 0.075)"
    assert items["A6"].content == "left"
    assert "0.0.9" in items["A2"].content
    assert "5 clips kept, 2 left out" in items["-"].content


def test_numbers_of_thinned_gaze_say_so() -> None:
    """The study's own files have the full rate: the two numbers are not of one thing."""
    items = {item.number: item for item in dataset_items(header(CHANNEL), QUALITY, [("thin", "rate_hz = 30.0")])}
    for number, said in (("A4", "by clip after thinning median"), ("A10", "within fixations after thinning: RMS")):
        assert said in items[number].content
    assert items["A12"].content.startswith("by clip after thinning median 12.5 %")


def test_what_a_data_set_does_not_hold_is_a_gap() -> None:
    items = {item.number: item for item in dataset_items(header(), pl.DataFrame({"steps": ["[]"]}), [])}
    for number in ("A1", "A3", "A5", "A6", "A7", "A8", "A9", "A10", "A12", "B1", "C1"):
        assert items[number].content == NOT_REPORTED
        assert items[number].missing


def test_vectors_of_the_face_are_no_parameters_of_an_eye_tracker() -> None:
    items = {item.number: item for item in dataset_items(header(CHANNEL, stream="face"), QUALITY, [])}
    assert items["A7"].content == NOT_REPORTED
    items = {item.number: item for item in dataset_items(header(CHANNEL), QUALITY, [])}
    assert items["A7"].content == "eye: pupil_l_mm (mm)"
    assert not items["A7"].missing


def test_what_is_published_of_a_data_set_is_quoted_and_only_the_rest_is_a_gap() -> None:
    of_emer = header(CHANNEL, catalogue="emer")
    items = {item.number: item for item in dataset_items(of_emer, QUALITY, [])}
    assert items["A1"].content == "Tobii Pro Fusion (sections I and III of arXiv 2512.16485)"
    assert items["A1"].missing == "tracking method"
    assert items["A4"].missing == "the nominal rate"
    items = {item.number: item for item in dataset_items(header(CHANNEL, catalogue="uniss_fgd"), QUALITY, [])}
    assert items["A4"].content.startswith("300 Hz (steps of 3 and 4 ms in the files) (the README of")
    assert "median 110 Hz" in items["A4"].content
    assert not items["A4"].missing
    assert "1040 x 580 mm" in items["C1"].content


def test_nothing_published_is_said_of_simulated_people() -> None:
    items = {
        item.number: item for item in dataset_items(header(CHANNEL, catalogue="emer", simulated=True), QUALITY, [])
    }
    assert items["A1"].content == NOT_REPORTED
