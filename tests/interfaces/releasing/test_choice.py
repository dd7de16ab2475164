"""Who is released: consent and the last day to withdraw."""

from datetime import date
from pathlib import Path

import pytest

from emogap.errors import DataError, UsageError
from emogap.interfaces.releasing.choice import choose_people

TODAY = date(2026, 6, 15)

PEOPLE = {
    "ann": ("public", "2026-06-14"),
    "bob": ("face:lab gaze:public labels:controlled", ""),
    "cid": ("", "2026-01-01"),
    "dee": ("lab", "2026-01-01"),
    "eve": ("public", "2026-06-15"),
}


def write_people(folder: Path, people: dict[str, tuple[str, str]]) -> Path:
    rows = [f"{name}\t{consent}\t{until}" for name, (consent, until) in people.items()]
    (folder / "participants.tsv").write_text("\n".join(["participant_id\tconsent\twithdraw_until", *rows]) + "\n")
    return folder


def test_each_person_is_released_with_the_kinds_that_they_allow(tmp_path: Path) -> None:
    choice = choose_people(write_people(tmp_path, PEOPLE), level="controlled", on=TODAY)
    assert {person.participant_id: person.kinds for person in choice.permitted} == {
        "ann": ("face", "gaze", "labels"),
        "bob": ("gaze", "labels"),
    }
    assert choice.with_kind("face") == ("ann",)


def test_the_others_are_named_with_the_reason(tmp_path: Path) -> None:
    choice = choose_people(write_people(tmp_path, PEOPLE), level="controlled", on=TODAY)
    assert {one.participant_id: one.stage for one in choice.held_back} == {
        "cid": "consent_stated",
        "dee": "consent_allows",
        "eve": "withdrawal_passed",
    }


def test_the_last_day_to_withdraw_is_still_a_day_to_withdraw(tmp_path: Path) -> None:
    folder = write_people(tmp_path, {"eve": PEOPLE["eve"]})
    assert choose_people(folder, level="public", on=date(2026, 6, 16)).permitted[0].may_withdraw_until is None
    with pytest.raises(UsageError, match="time to withdraw"):
        choose_people(folder, level="public", on=TODAY)


def test_who_may_still_withdraw_is_kept_with_the_day_when_asked_for(tmp_path: Path) -> None:
    folder = write_people(tmp_path, PEOPLE)
    choice = choose_people(folder, level="public", on=TODAY, keep_withdrawable=True)
    days = {person.participant_id: person.may_withdraw_until for person in choice.permitted}
    assert days == {"ann": None, "bob": None, "eve": date(2026, 6, 15)}


def test_nobody_left_is_told_with_the_counts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1 of 2 people fall at 'consent is stated'; 1 of 2"):
        choose_people(write_people(tmp_path, {"cid": ("", ""), "dee": ("lab", "")}), level="public", on=TODAY)


def test_an_unknown_level_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 3: 'pubic' is no level"):
        choose_people(write_people(tmp_path, {"ann": ("lab", ""), "bob": ("pubic", "")}), level="lab", on=TODAY)


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'31\.12\.2026' in withdraw_until is no day"):
        choose_people(write_people(tmp_path, {"ann": ("lab", "31.12.2026")}), level="lab", on=TODAY)


def test_a_table_without_consent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "participants.tsv").write_text("participant_id\twithdraw_until\nann\t\n")
    with pytest.raises(DataError, match="consent"):
        choose_people(tmp_path, level="session", on=TODAY)
