"""The options of a queue, agreed on at its first use: experts never work on different queues without knowing.

Read :class:`AskedQueue` (what a call asks for), :class:`QueueChoice` (what is kept) and :func:`use_queue`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emogap.annotation.active import PRESETS, QueueRule
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.annotating import Desk

__all__ = ["AskedQueue", "QueueChoice", "use_queue"]

DEFAULT_PRESET = "ala-blind"

Told = TypeVar("Told")


class QueueChoice(BaseModel):
    """The options of a study's queue for one question, as they are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = Field(description="What the rule was made from.")
    rule: QueueRule = Field(description="Every option with its value, so that a change of presets changes no queue.")
    machine: str | None = Field(description="The machine that is compared with; None if the rule asks none.")

    @property
    def told(self) -> str:
        """The options in words.

        Examples
        --------
        >>> QueueChoice(preset="all-clips", rule=PRESETS["all-clips"], machine=None).told
        'preset all-clips, experts 4, double-coded 0, tolerance 0.25, seed 0'
        """
        rule = self.rule
        words = f"preset {self.preset}, experts {rule.experts_per_clip}, double-coded {rule.double_coded_share:g}"
        words += f", tolerance {rule.tolerance:g}, seed {rule.seed}"
        return words if self.machine is None else f"{words}, machine {self.machine}"


@dataclass(frozen=True, slots=True)
class AskedQueue:
    """Options as they were asked for; None = whatever was agreed on, or the default where nothing was.

    Attributes
    ----------
    preset, machine : str or None
    experts_per_clip, seed : int or None
    double_coded_share, tolerance : float or None
        As in :class:`emogap.annotation.active.QueueRule`.
    """

    preset: str | None = None
    experts_per_clip: int | None = None
    double_coded_share: float | None = None
    tolerance: float | None = None
    seed: int | None = None
    machine: str | None = None

    def chosen(self, machine_for: Callable[[QueueRule, str | None], str | None]) -> QueueChoice:
        """The options with the defaults of the preset; `machine_for` names the machine that is meant.

        Raises
        ------
        UnknownNameError
            If there is no such preset.
        """
        preset = self.preset or DEFAULT_PRESET
        if preset not in PRESETS:
            raise UnknownNameError("preset", preset, PRESETS)
        rule = QueueRule.model_validate(PRESETS[preset].model_dump() | self._rule_options())
        return QueueChoice(preset=preset, rule=rule, machine=machine_for(rule, self.machine))

    def differing(self, agreed: QueueChoice) -> tuple[str, ...]:
        """The options that were asked for and are others than was agreed on, such as ``--seed 3``."""
        if self.preset is not None and self.preset not in PRESETS:
            raise UnknownNameError("preset", self.preset, PRESETS)
        kept = agreed.rule.model_dump() | {"preset": agreed.preset, "machine": agreed.machine}
        asked = self._rule_options() | {"preset": self.preset, "machine": self.machine}
        return tuple(
            f"{_OPTIONS[name]} {value}" for name, value in asked.items() if value is not None and value != kept[name]
        )

    def _rule_options(self) -> dict[str, float]:
        given = {
            "experts_per_clip": self.experts_per_clip,
            "double_coded_share": self.double_coded_share,
            "tolerance": self.tolerance,
            "seed": self.seed,
        }
        return {name: value for name, value in given.items() if value is not None}


_OPTIONS = {
    "preset": "--preset",
    "experts_per_clip": "--experts",
    "double_coded_share": "--double-coded",
    "tolerance": "--tolerance",
    "seed": "--seed",
    "machine": "--machine",
}


def use_queue(
    desk: Desk,
    question: str,
    asked: AskedQueue,
    serve: Callable[[QueueChoice], Told],
    *,
    who: str,
    new_queue: bool = False,
) -> tuple[Told, QueueChoice]:
    """What `serve` gives for the queue that was agreed on; at the first use the options asked for become it.

    Parameters
    ----------
    desk : Desk
    question : str
        Each question has a queue of its own.
    asked : AskedQueue
    serve : function
        Uses the queue, such as ``desk.next_for``. Nothing is agreed on if it fails.
    who : str
        For the audit of a store.
    new_queue : bool
        Whether the options asked for, and defaults for the rest, take the place of what was agreed on.

    Raises
    ------
    UsageError
        If options are asked for that are others than was agreed on, or the machine cannot be told.
    UnknownNameError
        If there is no such preset or machine.
    DataError
        If what was agreed on cannot be read.
    """
    name = f"queue of {question}"
    fresh: list[QueueChoice] = []

    def decide(kept: str | None) -> str:
        if kept is None or new_queue:
            if not fresh:
                fresh.append(asked.chosen(lambda rule, machine: desk.machine_for(question, rule, machine)))
            return json.dumps(fresh[0].model_dump(), sort_keys=True)
        agreed = _read(kept, question)
        differing = asked.differing(agreed)
        if differing:
            raise UsageError(
                f"the queue of {question} was agreed on: {agreed.told}; {', '.join(differing)} would be another one",
                where=str(desk.study.path),
                fix="leave it out; or --new-queue, for everybody from now on",
            )
        return kept

    while True:
        choice = _read(decide(desk.book.agreed(name)), question)
        served = serve(choice)
        if _read(desk.book.settle(name, decide, who=who), question) == choice:
            return served, choice


def _read(kept: str, question: str) -> QueueChoice:
    try:
        return QueueChoice.model_validate_json(kept)
    except ValidationError as error:
        raise DataError(
            f"the queue of {question} that was agreed on cannot be read: {error.errors()[0]['msg']}",
            fix="--new-queue agrees on another; or use the emogap that made it",
        ) from error
