"""What a study says in codes, in the reader's language: what it is for, and what a participant agreed to."""

from emogap.errors import DataError
from emogap.interfaces.releasing.consent import KINDS, NOTHING, parse_consent
from emogap.interfaces.web.record_studies import USES
from emogap.interfaces.web.words import words_in

__all__ = ["consent_in", "use_in"]


def use_in(language: str, intended_use: str) -> str:
    """The intended use of a study in words; as it is where it was written by hand.

    Examples
    --------
    >>> use_in("de", "medical research"), use_in("de", "art"), use_in("en", "")
    ('medizinische Forschung', 'art', 'not known')
    """
    word = words_in(language)
    if intended_use in USES:
        return word(f"record.use_{intended_use.replace(' ', '_')}")
    return intended_use.strip() or word("person.unknown")


def consent_in(language: str, consent: str | None) -> str:
    """Who may work with which kind of data; as it is where it cannot be read.

    Examples
    --------
    >>> consent_in("en", "face:lab labels:public")
    'Face video: this lab; Gaze: not recorded; Answers and ratings: everybody'
    >>> consent_in("en", "oral")
    'oral'
    """
    word = words_in(language)
    if consent is None:
        return word("person.unknown")
    try:
        agreed = parse_consent(consent, where="participants.tsv")
    except DataError:
        return consent
    levels = {kind: agreed.get(kind, NOTHING) for kind in KINDS}
    return "; ".join(
        f"{word(f'record.kind_{kind}')}: {word(f'record.level_{level}')}" for kind, level in levels.items()
    )
