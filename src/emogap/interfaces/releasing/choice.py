"""Who is released and with what: decided from ``participants.tsv`` alone, before anything else is opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from emogap.errors import DataError, UsageError
from emogap.interfaces.releasing.consent import KINDS, Kind, Level, parse_consent, reaches
from emogap.rows import Row, read_rows

__all__ = ["STAGES", "Choice", "HeldBack", "Permission", "choose_people"]

STATED, ALLOWS, WITHDRAWAL = "consent_stated", "consent_allows", "withdrawal_passed"

STAGES = {
    STATED: "consent is stated",
    ALLOWS: "consent reaches the level of the release",
    WITHDRAWAL: "the time to withdraw has passed",
}
"""Stages at which people are held back, in order, and what each asks for."""

COLUMNS = ("participant_id", "consent", "withdraw_until")


@dataclass(frozen=True, slots=True)
class Permission:
    """Somebody who is released, with which kinds of data; `may_withdraw_until` is None if that has passed."""

    participant_id: str
    kinds: tuple[Kind, ...]
    may_withdraw_until: date | None = None
    withdrawal_is_stated: bool = True


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Somebody of whom nothing is released: at which stage, and why."""

    participant_id: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is released, and who is not; both in the order of the table."""

    permitted: tuple[Permission, ...]
    held_back: tuple[HeldBack, ...]

    def with_kind(self, kind: Kind) -> tuple[str, ...]:
        """The people of whom this kind is released."""
        return tuple(person.participant_id for person in self.permitted if kind in person.kinds)


def choose_people(study: Path, *, level: Level, on: date, keep_withdrawable: bool = False) -> Choice:
    """Whose data may be released at `level`.

    Parameters
    ----------
    study : Path
        Folder of the study.
    level : Level
    on : date
        The day of the release: whoever may withdraw on that day or later may still withdraw.
    keep_withdrawable : bool
        Whether they are released all the same; their last day then goes with the data.

    Raises
    ------
    DataError
        If the table has no column of consent, a level is unknown, or a day is none.
    UsageError
        If nobody is left.
    """
    rows = read_rows(study / "participants.tsv", columns=COLUMNS)
    found = [_decide(row, level=level, on=on, keep_withdrawable=keep_withdrawable) for row in rows]
    permitted = tuple(one for one in found if isinstance(one, Permission))
    held_back = tuple(one for one in found if isinstance(one, HeldBack))
    if not permitted:
        raise UsageError(
            f"nothing can be released at the level '{level}': {'; '.join(_counted(held_back))}",
            where="participants.tsv",
            fix="release at a level that people agreed to, or complete the column consent from the signed forms",
        )
    return Choice(permitted, held_back)


def _counted(held_back: Sequence[HeldBack]) -> Iterator[str]:
    for stage, rule in STAGES.items():
        count = sum(one.stage == stage for one in held_back)
        if count:
            yield f"{count} of {len(held_back)} people fall at '{rule}'"
    if not held_back:
        yield "the table names nobody"


def _decide(row: Row, *, level: Level, on: date, keep_withdrawable: bool) -> Permission | HeldBack:
    person, text = row.identifier("participant_id"), row.optional("consent")
    until = _day(row)
    if text is None:
        return HeldBack(person, STATED, "no consent is stated")
    consent = parse_consent(text, where=row.where)
    kinds = tuple(kind for kind in KINDS if kind in consent and reaches(consent[kind], level))
    if not kinds:
        return HeldBack(person, ALLOWS, f"the consent is '{text}'")
    still = until if until is not None and until >= on else None
    if still is not None and not keep_withdrawable:
        return HeldBack(person, WITHDRAWAL, f"may withdraw until {still.isoformat()}")
    return Permission(person, kinds, still, until is not None)


def _day(row: Row) -> date | None:
    text = row.optional("withdraw_until")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(
            f"'{text}' in withdraw_until is no day", where=row.where, fix="write it like 2026-12-31, or leave it empty"
        ) from error
