"""Accuracy comes from a validation, and is unknown without one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from emogap.preprocessing.accuracy import validated_accuracy_deg
from emogap.recording import open_recording
from emogap.types import Eye, EyeTracker, Recording


def validated(accuracy_deg: Mapping[Eye, float]) -> Recording:
    return Recording("r1", "r1.asc", "eyelink_asc", EyeTracker("EyeLink 1000"), accuracy_deg=accuracy_deg)


def test_without_a_validation_accuracy_is_unknown() -> None:
    assert validated_accuracy_deg(validated({})) is None


def test_the_eyes_are_averaged() -> None:
    assert validated_accuracy_deg(validated({"left": 0.41, "right": 0.31})) == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("name", "stated_deg"),
    [("eyelink_monocular_example.asc", 0.27), ("eyelink_binocular_example.asc", (0.41 + 0.31) / 2)],
)
def test_real_recordings_give_the_error_that_their_host_wrote(shared_data: Path, name: str, stated_deg: float) -> None:
    """Read off the VALIDATION lines of the files: 0.27 for the left eye; 0.41 and 0.31 for left and right."""
    recording = open_recording(shared_data / "exports" / "eyelink" / name)
    assert validated_accuracy_deg(recording) == pytest.approx(stated_deg)
