"""What the methods say of a data set."""

from collections.abc import Sequence

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
