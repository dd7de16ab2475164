"""The quality gate: thresholds fixed and hashed before any label is joined, and what falls by them.

:class:`QualityGate` is the content of ``qc.toml``; :func:`read_gate` reads it, :func:`first_failure` judges one clip,
:func:`gate_clips` the clips of one person. No label is an argument of anything here.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.counted_nouns import counted
from emogap.recording.strict_toml import read_strict_toml
from emogap.types.quality import ClipQuality

__all__ = [
    "CLIP_RULES",
    "GATE_STAGE",
    "PERSON_RULE",
    "QualityGate",
    "first_failure",
    "gate_clips",
    "gate_of",
    "read_gate",
]

GATE_STAGE = "quality gate"
"""Stage of ``excluded.parquet`` for what falls at the gate."""

PERSON_RULE = "min_clips_per_person"

CLIP_RULES = {
    "max_accuracy_deg": ("accuracy_deg", "validation error at most {:g} deg"),
    "min_valid_share": ("valid_share", "at least {:.4g} of the samples valid"),
    "min_effective_rate_share": ("effective_rate_share", "at least {:.4g} of the nominal rate"),
    "max_longest_gap_s": ("longest_gap_s", "no gap longer than {:g} s"),
    "max_rms_s2s_deg": ("rms_s2s_deg", "RMS-S2S at most {:g} deg"),
    "max_sd_deg": ("sd_deg", "SD within fixations at most {:g} deg"),
    "min_face_found_share": ("face_found_share", "a face in at least {:.4g} of the frames"),
}
"""Threshold, in the order in which they are applied: the measure of a clip that it judges, and the rule in words."""


class QualityGate(BaseModel):
    """The content of ``qc.toml``; a threshold that is not named does not apply. Limits themselves pass."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the file.")
    unknown: Literal["exclude", "keep"] = Field(
        "exclude", description="What becomes of a clip whose measure is unknown where a threshold asks for it."
    )
    max_accuracy_deg: float | None = Field(None, gt=0, description="Mean validation error of the session, in degrees.")
    min_valid_share: float | None = Field(
        None, ge=0, le=1, description="Share of samples with a valid eye while the stimulus was on."
    )
    min_effective_rate_share: float | None = Field(
        None, ge=0, le=1, description="Measured samples per second over the nominal sampling rate."
    )
    max_longest_gap_s: float | None = Field(None, gt=0, description="Longest stretch without a sample, in s.")
    max_rms_s2s_deg: float | None = Field(None, gt=0, description="Precision, RMS-S2S within fixations, in degrees.")
    max_sd_deg: float | None = Field(None, gt=0, description="Precision, SD within fixations, in degrees.")
    min_face_found_share: float | None = Field(
        None, ge=0, le=1, description="Share of the frames looked at in which a face was found."
    )
    min_clips_per_person: int | None = Field(None, ge=1, description="Clips a person must have left, else all fall.")

    @model_validator(mode="after")
    def _asks_for_something(self) -> "QualityGate":
        if not self.thresholds():
            raise ValueError(f"no threshold is set: name one of {', '.join((*CLIP_RULES, PERSON_RULE))}")
        return self

    def thresholds(self) -> dict[str, float]:
        """The thresholds that are set, in the order in which they are applied."""
        named = {name: getattr(self, name) for name in (*CLIP_RULES, PERSON_RULE)}
        return {name: value for name, value in named.items() if value is not None}

    def canonical(self) -> str:
        """The gate as one line of JSON that depends on its content alone: not on order, comments, or 1 for 1.0."""
        content = {"schema": self.schema_number, "unknown": self.unknown, **self.thresholds()}
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """SHA-256 over :meth:`canonical`, in hexadecimal digits."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def read_gate(path: Path) -> QualityGate:
    """The gate of a ``qc.toml``.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If it is no TOML, names an unknown threshold, or one that cannot be met; with file, line and remedy.
    """
    return read_strict_toml(path, QualityGate)


def gate_of(canonical: str) -> QualityGate:
    """The gate that :meth:`QualityGate.canonical` wrote as a line of JSON."""
    return QualityGate.model_validate(json.loads(canonical))


def first_failure(gate: QualityGate, clip: ClipQuality) -> tuple[str, str] | None:
    """The first rule that a clip does not pass, with the value it failed by; None if it passes all.

    Examples
    --------
    >>> gate = QualityGate.model_validate({"schema": 1, "min_valid_share": 0.8})
    >>> first_failure(gate, ClipQuality("p1", "s1", 8.0, valid_share=0.75))
    ('min_valid_share', 'valid_share is 0.75, the gate asks for at least 0.8 of the samples valid')
    """
    return next(_failures(gate, clip), None)


def _failures(gate: QualityGate, clip: ClipQuality) -> Iterator[tuple[str, str]]:
    for name, limit in gate.thresholds().items():
        if name == PERSON_RULE:
            continue
        measure, words = CLIP_RULES[name]
        value = getattr(clip, measure)
        rule = words.format(limit)
        if math.isnan(value):
            if gate.unknown == "exclude":
                yield name, f"{measure} is unknown, the gate asks for {rule}"
        elif value < limit if name.startswith("min_") else value > limit:
            yield name, f"{measure} is {value:.4g}, the gate asks for {rule}"


def gate_clips(gate: QualityGate, clips: Sequence[ClipQuality]) -> tuple[tuple[str, str] | None, ...]:
    """For each clip of one person the rule that it falls by and why; None for the clips that are kept.

    Parameters
    ----------
    gate : QualityGate
    clips : sequence of ClipQuality
        All of one person that could be measured.
    """
    failures = [first_failure(gate, clip) for clip in clips]
    kept = sum(failure is None for failure in failures)
    least = gate.min_clips_per_person
    if least is None or kept >= least:
        return tuple(failures)
    alone = (PERSON_RULE, f"the person has {counted(kept, 'clip')} left, the gate asks for at least {least}")
    return tuple(failure or alone for failure in failures)
