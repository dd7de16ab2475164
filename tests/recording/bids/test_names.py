import pytest

from emogap.errors import UsageError
from emogap.recording.bids import BidsName, subject_label


def test_two_ids_never_become_one_label() -> None:
    ids = ["a-b", "ab", "a--b", "A-b", "a-b-"]
    assert len({subject_label(name) for name in ids}) == len(ids)


@pytest.mark.parametrize("name", ["a_b", "", "a+b", "a b", "a/../b"])
def test_a_participant_that_cannot_be_named_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named in BIDS"):
        subject_label(name)


def test_a_session_is_a_folder_and_a_part_of_the_name() -> None:
    name = BidsName("01", "watch", run="02", session="b")
    assert name.path("events.tsv").as_posix() == "sub-01/ses-b/beh/sub-01_ses-b_task-watch_run-02_events.tsv"


@pytest.mark.parametrize("parts", [("0_1", "watch", None), ("01", "wa-tch", None), ("01", "watch", "one")])
def test_a_name_that_is_none_is_refused(parts: tuple[str, str, str | None]) -> None:
    with pytest.raises(UsageError, match="is no name of BIDS"):
        BidsName(*parts)
