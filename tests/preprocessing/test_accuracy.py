"""Accuracy comes from a validation, and is unknown without one."""

from pathlib import Path

import pytest

from emogap.preprocessing.accuracy import validated_accuracy_deg
from emogap.recording import open_recording
from emogap.types import EyeTracker, Message, Recording


def recorded(*messages: tuple[float, str], notes: tuple[str, ...] = ()) -> Recording:
    said = tuple(Message(time_s, text) for time_s, text in messages)
    return Recording("r1", "r1.asc", "eyelink_asc", EyeTracker("EyeLink 1000"), messages=said, notes=notes)


LEFT = "!CAL VALIDATION HV9 LR LEFT  GOOD ERROR {} avg. 0.64 max  OFFSET 0.35 deg. 12.5,9.6 pix."
RIGHT = "!CAL VALIDATION HV9 LR RIGHT GOOD ERROR {} avg. 0.84 max  OFFSET 0.27 deg. 9.2,8.4 pix."


def test_without_a_validation_accuracy_is_unknown() -> None:
    assert validated_accuracy_deg(recorded((1.0, "!CAL CALIBRATION HV9 LR LEFT GOOD"))) is None


def test_the_eyes_of_one_validation_are_averaged() -> None:
    told = recorded((1.0, LEFT.format("0.41")), (1.0, RIGHT.format("0.31")))
    assert validated_accuracy_deg(told) == pytest.approx(0.36)


def test_the_last_validation_counts_whatever_the_order_of_the_messages() -> None:
    told = recorded((9.0, LEFT.format("0.30")), (1.0, LEFT.format("2.75")))
    assert validated_accuracy_deg(told) == pytest.approx(0.30)


def test_an_aborted_validation_says_nothing() -> None:
    assert validated_accuracy_deg(recorded((1.0, "!CAL VALIDATION HV9 L LEFT ABORTED"))) is None


def test_a_note_of_the_file_counts_too() -> None:
    assert validated_accuracy_deg(recorded(notes=(LEFT.format("1"),))) == 1.0


@pytest.mark.parametrize(
    ("name", "stated_deg"),
    [("eyelink_monocular_example.asc", 0.27), ("eyelink_binocular_example.asc", (0.41 + 0.31) / 2)],
)
def test_real_recordings_give_the_error_that_their_host_wrote(shared_data: Path, name: str, stated_deg: float) -> None:
    """Read off the VALIDATION lines of the files: 0.27 for the left eye; 0.41 and 0.31 for left and right."""
    recording = open_recording(shared_data / "exports" / "eyelink" / name)
    assert validated_accuracy_deg(recording) == pytest.approx(stated_deg)
