"""Which clips experts judge, and in which order: active learning of labels (ALA).

A machine labels every clip. Where it says what the participant reported, the label may be accepted; the experts judge
the rest. Read :class:`QueueRule` and :data:`PRESETS` first, then :func:`build_queue`, then :func:`next_clip`. All are
functions of what is known at the moment: the same clips and answers give the same queue, in any order of the input.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.annotation.ratings import LIMITS, QUESTIONS
from emogap.errors import UnknownNameError, UsageError

__all__ = [
    "PRESETS",
    "ClipEvidence",
    "Queue",
    "QueueRule",
    "QueuedClip",
    "Reason",
    "build_queue",
    "difference",
    "next_clip",
]

Reason = Literal["differs", "double-coded", "no machine label", "no self-report", "all clips"]
"""Why a clip goes to experts."""


class QueueRule(BaseModel):
    """Which clips go to experts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept_agreement: bool = Field(
        default=True, description="Whether a machine's label that is the self-report too is accepted without experts."
    )
    double_coded_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of the accepted clips that experts judge all the same, drawn at random.",
    )
    experts_per_clip: int = Field(
        default=4, ge=1, description="Experts that judge each clip of the queue; 4 as in EMER."
    )
    tolerance: float = Field(
        default=0.25,
        ge=0,
        description="Largest difference of machine and self-report, on the scale of the question, that counts as "
        "agreement where the answer is a number. 0.25 is one point of a 9-point manikin. Choice; EMER states none.",
    )
    seed: int = Field(default=0, ge=0, description="Seed of the random share and of the order among equals.")


PRESETS: Mapping[str, QueueRule] = {
    "ala-blind": QueueRule(),
    "ala-paper": QueueRule(double_coded_share=0.0),
    "all-clips": QueueRule(accept_agreement=False, double_coded_share=0.0),
}
"""``ala-blind`` is the default. ``ala-paper`` is the procedure of EMER (arXiv:2512.16485): what machine and self-report
agree on is never seen by an expert. ``all-clips`` accepts nothing."""


@dataclass(frozen=True, slots=True)
class ClipEvidence:
    """What is known of one clip on one question.

    Attributes
    ----------
    item : str
        ``<participant_id>/<stimulus_id>``.
    felt, machine : float or None
        Self-report and machine's label: index of a word in its vocabulary, or a number on the scale of the question;
        None = there is none.
    uncertainty : float or None
        Of the machine, in [0, 1], such as ``clip_shares.uncertainty_of``; None = unknown.
    answers : mapping from annotator to float
        The experts' latest answers so far.
    """

    item: str
    felt: float | None
    machine: float | None
    uncertainty: float | None = None
    answers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueuedClip:
    """A clip that experts judge.

    Attributes
    ----------
    item : str
    reason : Reason
    expert_difference : float
        Mean difference between two experts so far, in [0, 1]; 0 with fewer than two.
    machine_difference : float
        Difference of machine and self-report, in [0, 1]; 0 where one is missing.
    uncertainty : float or None
        Of the machine, in [0, 1].
    answered_by : tuple of str
        Experts who have judged it, sorted.
    num_missing : int
        Experts that are still to judge it.
    """

    item: str
    reason: Reason
    expert_difference: float
    machine_difference: float
    uncertainty: float | None
    answered_by: tuple[str, ...]
    num_missing: int

    @property
    def explanation(self) -> str:
        """Why it is here and at this place; for the organiser, never for an expert who is to judge it."""
        parts = {
            "differs": f"machine and self-report differ ({self.machine_difference:.2f})",
            "double-coded": "accepted, drawn to be judged all the same",
            "no machine label": "no machine label",
            "no self-report": "no self-report",
            "all clips": "every clip is judged",
        }
        told = [parts[self.reason]]
        if self.expert_difference > 0:
            told.append(f"experts so far differ ({self.expert_difference:.2f})")
        if self.uncertainty is not None:
            told.append(f"uncertainty {self.uncertainty:.2f}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Queue:
    """All clips of a question: what experts judge, in order, and what was accepted without them.

    Attributes
    ----------
    question : str
    clips : tuple of QueuedClip
        Finished ones too, at their place.
    accepted : tuple of str
        Items whose machine label stands without experts, sorted.
    num_agreed : int
        Items on which machine and self-report agree; the double-coded are among them.
    """

    question: str
    clips: tuple[QueuedClip, ...]
    accepted: tuple[str, ...]
    num_agreed: int


def difference(question: str, first: float, second: float) -> float:
    """How far two answers are apart, in [0, 1]: 0 or 1 between words, else the share of the scale's length.

    Examples
    --------
    >>> difference("emotion7", 2, 5), difference("valence", -0.5, 0.5)
    (1.0, 0.5)
    """
    if question not in LIMITS:
        return float(first != second)
    low, high = LIMITS[question]
    return abs(first - second) / (high - low)


def build_queue(clips: Iterable[ClipEvidence], question: str, rule: QueueRule) -> Queue:
    """The queue of `question` by `rule`.

    Parameters
    ----------
    clips : iterable of ClipEvidence
        Each item once.
    question : str
        One of ``ratings.QUESTIONS``.
    rule : QueueRule
        Such as an entry of :data:`PRESETS`.

    Raises
    ------
    UnknownNameError
        If there is no such question.
    UsageError
        If an item stands twice, or the rule accepts what a machine says and no clip has a machine label.

    Notes
    -----
    Order of the clips that were not accepted: where experts so far differ more; then where machine and self-report
    differ more; then where the machine is less certain, unknown last; equal ones by a number drawn from seed and item.
    The double-coded clips are ordered by that number alone and spread evenly over the queue: their place tells an
    expert nothing, and whenever the work stops, about the right share of them has been judged.

    Of n clips that machine and self-report agree on, the ceil(share * n) with the smallest numbers are double-coded.
    The number of a clip depends on seed and item only, so that a clip's lot does not change with the other clips'.
    """
    if question not in QUESTIONS:
        raise UnknownNameError("question", question, QUESTIONS)
    known = sorted(clips, key=lambda clip: clip.item)
    _refuse_repeats(known)
    if rule.accept_agreement and known and all(clip.machine is None for clip in known):
        raise UsageError(
            f"no clip has a machine's answer to {question}, so there is nothing to accept or to doubt",
            fix="emogap annotate auto STUDY --model fer_onnx, or --preset all-clips: experts judge every clip",
        )
    agreed = [clip for clip in known if rule.accept_agreement and _agrees(clip, question, rule.tolerance)]
    by_lot = sorted(agreed, key=lambda clip: _lot(rule.seed, clip.item))
    drawn = by_lot[: ceil(rule.double_coded_share * len(agreed) - 1e-9)]
    spared = {clip.item for clip in agreed}
    rest = [_queued(clip, question, _reason(clip, rule), rule) for clip in known if clip.item not in spared]
    rest.sort(key=lambda clip: _priority(clip, rule.seed))
    double_coded = [_queued(clip, question, "double-coded", rule) for clip in drawn]
    accepted = sorted(spared - {clip.item for clip in drawn})
    return Queue(question, _spread(rest, double_coded), tuple(accepted), len(agreed))


def next_clip(queue: Queue, annotator: str, *, skipped: Collection[str] = ()) -> QueuedClip | None:
    """The first clip that `annotator` has not judged and that still wants an expert; None if there is none.

    Clips in `skipped` come last, in the order of the queue.

    A clip is not reserved: two experts who ask at the same time may be given the same last place, and both answers
    count.
    """
    waiting = [clip for clip in queue.clips if clip.num_missing and annotator not in clip.answered_by]
    return next((clip for clip in waiting if clip.item not in skipped), waiting[0] if waiting else None)


def _refuse_repeats(clips: Sequence[ClipEvidence]) -> None:
    for before, after in pairwise(clips):
        if before.item == after.item:
            raise UsageError(f"the clip {after.item} stands twice", fix="give each clip once")


def _agrees(clip: ClipEvidence, question: str, tolerance: float) -> bool:
    if clip.machine is None or clip.felt is None:
        return False
    if question in LIMITS:
        return abs(clip.machine - clip.felt) <= tolerance + 1e-9
    return clip.machine == clip.felt


def _reason(clip: ClipEvidence, rule: QueueRule) -> Reason:
    if not rule.accept_agreement:
        return "all clips"
    if clip.machine is None:
        return "no machine label"
    return "no self-report" if clip.felt is None else "differs"


def _queued(clip: ClipEvidence, question: str, reason: Reason, rule: QueueRule) -> QueuedClip:
    pairs = [difference(question, *pair) for pair in combinations(clip.answers.values(), 2)]
    return QueuedClip(
        item=clip.item,
        reason=reason,
        expert_difference=sum(pairs) / len(pairs) if pairs else 0.0,
        machine_difference=_machine_difference(clip, question),
        uncertainty=clip.uncertainty,
        answered_by=tuple(sorted(clip.answers)),
        num_missing=max(0, rule.experts_per_clip - len(clip.answers)),
    )


def _machine_difference(clip: ClipEvidence, question: str) -> float:
    if clip.machine is None or clip.felt is None:
        return 0.0
    return difference(question, clip.machine, clip.felt)


def _priority(clip: QueuedClip, seed: int) -> tuple[float, float, float, float]:
    # 'all clips' is the plan that does without machine and self-report: neither may move a clip.
    if clip.reason == "all clips":
        return (-clip.expert_difference, 0.0, 0.0, _lot(seed, clip.item))
    uncertainty = -1.0 if clip.uncertainty is None else clip.uncertainty
    return (-clip.expert_difference, -clip.machine_difference, -uncertainty, _lot(seed, clip.item))


def _lot(seed: int, item: str) -> float:
    """A number in [0, 1) that depends on seed and item only."""
    digest = hashlib.blake2b(f"{seed} {item}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _spread(rest: Sequence[QueuedClip], double_coded: Sequence[QueuedClip]) -> tuple[QueuedClip, ...]:
    """Both lists in their own order, the second spread evenly over the first."""
    placed = [
        ((place + 0.5) / len(clips), which, clip)
        for which, clips in enumerate((rest, double_coded))
        for place, clip in enumerate(clips)
    ]
    return tuple(clip for _, _, clip in sorted(placed, key=lambda entry: entry[:2]))
