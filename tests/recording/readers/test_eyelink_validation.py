"""What an EyeLink host says of a validation."""

from emogap.recording.readers._eyelink_validation import parse_validation, validated_accuracy
from emogap.types import Message

LEFT = "!CAL VALIDATION HV9 LR LEFT  GOOD ERROR {} avg. 0.64 max  OFFSET 0.35 deg. 12.5,9.6 pix."
RIGHT = "!CAL VALIDATION HV9 LR RIGHT GOOD ERROR {} avg. 0.84 max  OFFSET 0.27 deg. 9.2,8.4 pix."


def said(*messages: tuple[float, str]) -> tuple[Message, ...]:
    return tuple(Message(time_s, text) for time_s, text in messages)


def test_without_a_validation_accuracy_is_unknown() -> None:
    assert validated_accuracy(said((1.0, "!CAL CALIBRATION HV9 LR LEFT GOOD"))) == {}


def test_each_eye_has_its_own() -> None:
    told = said((1.0, LEFT.format("0.41")), (1.0, RIGHT.format("0.31")))
    assert validated_accuracy(told) == {"left": 0.41, "right": 0.31}


def test_the_last_validation_counts_whatever_the_order_of_the_messages() -> None:
    told = said((9.0, LEFT.format("0.30")), (1.0, LEFT.format("2.75")))
    assert validated_accuracy(told) == {"left": 0.30}


def test_an_aborted_validation_says_nothing() -> None:
    assert parse_validation("!CAL VALIDATION HV9 L LEFT ABORTED") is None


def test_an_error_below_zero_is_no_accuracy() -> None:
    assert validated_accuracy(said((1.0, LEFT.format("-1.00")))) == {}


def test_a_validation_is_recognised_after_an_offset() -> None:
    found = parse_validation("-4 " + RIGHT.format("1"))
    assert found is not None
    assert (found.eye, found.verdict, found.mean_deg, found.most_deg) == ("right", "GOOD", 1.0, 0.84)
