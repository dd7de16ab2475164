"""What an audit gives: a finding for everything that was looked for.

A *finding* is a leak (a score is worth nothing until it is mended), a warning (the score stands, but must be read
with care) or ok (looked for and not there).
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from emogap.types import SampleKey

__all__ = ["Audit", "Finding", "Severity", "Sides"]

Severity = Literal["ok", "warning", "leak"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes
    ----------
    kind : str
        What was looked for: ``copies``, ``people``, ``stimuli``, ``test clips``, ``scaler``, ``predictions``,
        ``fingerprint``, ``recordings`` or ``checkpoints``.
    severity : Severity
    what : str
        What was found, with numbers and names.
    fix : str
        What to do; empty if ok.
    sides : str
        In which parts of a split both, in words that follow the kind: ``test and in training or validation``; empty if
        it is about no split.
    """

    kind: str
    severity: Severity
    what: str
    fix: str = ""
    sides: str = ""

    @property
    def looked_for(self) -> str:
        """The kind with its sides, which tells findings of one kind apart.

        Examples
        --------
        >>> Finding("people", "ok", "no person is there", sides="training and validation").looked_for
        'people in training and validation'
        """
        return f"{self.kind} in {self.sides}" if self.sides else self.kind


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings about one data set, split or run.

    Attributes
    ----------
    name : str
        Name of the data set, or name and seed of the split: ``person-0``.
    subject : str
        What was audited, in words.
    findings : tuple of Finding
    """

    name: str
    subject: str
    findings: tuple[Finding, ...]

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings that are leaks."""
        return tuple(finding for finding in self.findings if finding.severity == "leak")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {"num_leaks": len(self.leaks)}


@dataclass(frozen=True, slots=True)
class Sides:
    """Who was tested and who was learnt from in one fit.

    Attributes
    ----------
    name : str
        Cell or fit, for messages.
    test, train, validation : frozenset of SampleKey
    """

    name: str
    test: frozenset[SampleKey]
    train: frozenset[SampleKey]
    validation: frozenset[SampleKey]

    @property
    def learnt(self) -> frozenset[SampleKey]:
        """Everything that had a part in the model: trained on, or selected on."""
        return self.train | self.validation
