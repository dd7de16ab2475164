"""What the methods say of a data set."""

from collections.abc import Sequence

import pytest

from emogap.datasets.reporting_items import EFFECTIVE_RATE
from emogap.reporting.data_quality import Measure
from emogap.reporting.methods_of_data import data_passages
from emogap.reporting.paper_facts import DataFacts, QuotedFact, StreamFacts


def streams_told(channels: Sequence[str]) -> str:
    """The sentence on the only stream of a data set."""
    data = DataFacts(
        name="hand",
        catalogue="study",
        cleaning="emer",
        fingerprint="0",
        is_simulated=True,
        num_people=3,
        num_stimuli=4,
        num_clips=12,
        doubts=(),
        streams=(StreamFacts("face", 8, tuple(channels)),),
    )
    sentences = [sentence.text for passage in data_passages(data, is_named=False) for sentence in passage.sentences]
    return next(text for text in sentences if text.startswith("Stream face"))


@pytest.mark.parametrize(("steps", "said"), [((), ""), ((("thin", "rate_hz = 30.0"),), " after thinning")])
def test_the_rate_is_named_as_in_the_checklist(steps: tuple[tuple[str, str], ...], said: str) -> None:
    data = DataFacts(
        name="hand",
        catalogue="study",
        cleaning="emer",
        fingerprint="0",
        is_simulated=True,
        num_people=1,
        num_stimuli=1,
        num_clips=1,
        doubts=(),
        steps=steps,
        measures=(Measure("effective rate", "Hz", 29.5, 28.0, 30.0, 1), Measure("data loss", "%", 2.0, 1.0, 3.0, 1)),
    )
    passages = {passage.title: passage.sentences for passage in data_passages(data, is_named=False)}
    assert EFFECTIVE_RATE.startswith("effective rate (samples with an eye per second of the stimulus)")
    rate, loss = (one.text for one in passages["Recording"] if not one.is_gap)
    assert rate.startswith(f"The effective rate{said} (samples with an eye per second of the stimulus) had a median of")
    assert rate.endswith("29.5 Hz over 1 clip (middle 90 %: 28 to 30 Hz).")
    assert loss.startswith(f"Data quality{said}, median over clips")
    first = passages["Participants and stimuli"][0].text
    assert first.endswith("holds 1 clip of 1 simulated person with 1 stimulus.")


def test_the_channels_of_a_stream_are_named() -> None:
    told = streams_told(["gaze_x_deg (deg)", "gaze_y_deg (deg)"])
    assert told == "Stream face, 8 steps per clip: gaze_x_deg (deg), gaze_y_deg (deg)."


def test_of_a_long_vector_the_first_and_the_last_are_named() -> None:
    told = streams_told([f"hog_{number} (1)" for number in range(324)])
    assert told == "Stream face, 8 steps per clip: 324 channels, hog_0 (1) to hog_323 (1)."


def test_a_stream_of_pictures_has_no_channels() -> None:
    assert streams_told([]) == "Stream face, 8 steps per clip."


def test_what_is_published_stands_with_its_source_and_leaves_a_gap_for_the_rest() -> None:
    data = DataFacts(
        name="hand",
        catalogue="emer",
        cleaning="emer",
        fingerprint="0",
        is_simulated=False,
        num_people=3,
        num_stimuli=4,
        num_clips=12,
        doubts=(),
        quoted={"tracker": QuotedFact("Fusion", "tracking method"), "screen": QuotedFact("27 inches")},
        quoted_from="pages 2 and 3",
    )
    passages = {passage.title: passage.sentences for passage in data_passages(data, is_named=False)}
    stated, missing = passages["Recording"][:2]
    assert stated.text == "As pages 2 and 3 say, eye tracker: Fusion; screen: 27 inches."
    assert missing.is_gap
    assert missing.text == "[to be added: tracking method; nominal sampling rate]"
    assert passages["Recording"][-1].text == (
        "[to be added: calibration and its accuracy, head restraint, lighting]"  # a fact of the screen tells how far
    )
    assert passages["Participants and stimuli"][-1].text == (
        "[to be added: what the stimuli are and how they were chosen; in which order the stimuli were shown]"
    )
