"""Words of consent: what is read, what is refused."""

import pytest

from emogap.errors import DataError
from emogap.interfaces.releasing.consent import parse_consent, reaches


def test_one_level_holds_for_all_three_kinds() -> None:
    assert parse_consent("Controlled sharing", where="x") == dict.fromkeys(("face", "gaze", "labels"), "controlled")


def test_a_kind_that_is_not_named_is_not_shared() -> None:
    assert parse_consent("gaze:public, labels:lab", where="x") == {"gaze": "public", "labels": "lab"}


def test_none_shares_nothing() -> None:
    assert parse_consent("none", where="x") == {}
    assert parse_consent("face:none; gaze:session", where="x") == {"gaze": "session"}


def test_levels_are_ordered_as_the_conventions_say() -> None:
    levels = ("session", "lab", "controlled", "public")
    for place, stated in enumerate(levels):
        assert [reaches(stated, asked) for asked in levels] == [rank <= place for rank in range(4)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("publc", "did you mean 'public'"),
        ("face:labb", "did you mean 'lab'"),
        ("voice:lab", "no kind:level"),
        ("lab public", "no kind:level"),
        ("face:lab face:public", "stands twice"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        parse_consent(text, where="participants.tsv, line 3")
    assert caught.value.where == "participants.tsv, line 3"
