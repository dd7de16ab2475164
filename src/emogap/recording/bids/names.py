"""What the files of a BIDS data set are called."""

import re
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import UsageError

__all__ = ["BidsName", "subject_label"]

LABEL = re.compile(r"[0-9A-Za-z+]+")
"""A label of BIDS 1.11; hyphens separate key and label there."""


def subject_label(participant_id: str) -> str:
    """The label of a participant: the id, with ``+`` for each hyphen, so that two ids never become one.

    Raises
    ------
    UsageError
        If the id holds anything but letters, digits and hyphens.

    Examples
    --------
    >>> subject_label("p-07")
    'p+07'
    """
    label = participant_id.replace("-", "+")
    if not LABEL.fullmatch(label) or "+" in participant_id:
        raise UsageError(
            f"the participant '{participant_id}' cannot be named in BIDS",
            fix="name participants with letters, digits and hyphens",
        )
    return label


@dataclass(frozen=True, slots=True)
class BidsName:
    """Subject, task and run of one recording; the files of its eyes share everything up to there.

    Attributes
    ----------
    subject, task : str
        Labels: letters, digits and ``+``.
    run : str or None
        Digits; None if the subject has one recording of the task.
    session : str or None
        Label; None if the subject came once.
    """

    subject: str
    task: str
    run: str | None = None
    session: str | None = None

    def __post_init__(self) -> None:
        for key, label in (("sub", self.subject), ("task", self.task), ("ses", self.session or "0")):
            if not LABEL.fullmatch(label):
                raise UsageError(f"'{key}-{label}' is no name of BIDS", fix="use letters, digits and +")
        if self.run is not None and not self.run.isdecimal():
            raise UsageError(f"'run-{self.run}' is no name of BIDS", fix="number the runs")

    @property
    def folder(self) -> Path:
        """Where the files stand, from the root of the data set."""
        session = () if self.session is None else (f"ses-{self.session}",)
        return Path(f"sub-{self.subject}", *session, "beh")

    @property
    def stem(self) -> str:
        """How the names of all files of the recording begin.

        Examples
        --------
        >>> BidsName("01", "watch", run="003").stem
        'sub-01_task-watch_run-003'
        """
        parts = {"sub": self.subject, "ses": self.session, "task": self.task, "run": self.run}
        return "_".join(f"{key}-{label}" for key, label in parts.items() if label is not None)

    def path(self, ending: str) -> Path:
        """One file of the recording, from the root of the data set: `ending` is ``events.tsv`` and the like."""
        return self.folder / f"{self.stem}_{ending}"
