"""What the leakage audit found, as a page shows it; the audit itself belongs to the data sets."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["AuditFinding"]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that the audit looked for.

    Attributes
    ----------
    subject : str
        What was audited: the data set, or a split.
    kind : str
        What was looked for, in a few words that no other finding about the same subject has.
    severity : str
        ``leak`` (the score is worth nothing until it is mended), ``warning`` or ``ok``.
    what : str
        What was found, with names and numbers.
    fix : str
        What to do; empty if ok.
    """

    subject: str
    kind: str
    severity: Literal["ok", "warning", "leak"]
    what: str
    fix: str = ""
