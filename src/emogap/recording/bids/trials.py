"""``events.tsv``: what was shown when, and what was answered and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emogap.recording.bids.tables import write_sidecar, write_tsv
from emogap.types import StimulusInterval

__all__ = ["PRESENTATION", "TrialColumn", "TrialRow", "write_events"]

PRESENTATION = "presentation"
"""``trial_type`` of the rows that repeat what the recording's own file says was shown."""


@dataclass(frozen=True, slots=True)
class TrialColumn:
    """A column of the trials: its name, its meaning, and what its words mean, if it holds words."""

    name: str
    description: str
    levels: Mapping[str, str] | None = None

    @property
    def entry(self) -> dict[str, object]:
        """The column's entry in the sidecar."""
        return {"Description": self.description} | ({"Levels": dict(self.levels)} if self.levels else {})


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as the study notes it, in s of the recording; `values` by column, None = not known."""

    interval: StimulusInterval
    values: Mapping[str, object]


FIXED = (
    TrialColumn("onset", "Onset on the clock of the recording, in s."),
    TrialColumn("duration", "Duration in s."),
    TrialColumn(
        "trial_type",
        "Who says so.",
        {"trial": "A trial as the study notes it.", PRESENTATION: "What the tracker's own file says was shown."},
    ),
    TrialColumn("stimulus_id", "The stimulus."),
    TrialColumn("offset", "End on the clock of the recording, in s: onset + duration, before rounding."),
)


def write_events(
    path: Path,
    *,
    task: Mapping[str, str],
    trials: Sequence[TrialRow],
    columns: Sequence[TrialColumn],
    stimuli: Sequence[StimulusInterval],
    presentation: Mapping[str, object] | None,
) -> None:
    """Write ``*_events.tsv`` and its sidecar.

    Parameters
    ----------
    path : Path
        The table; the sidecar stands beside it.
    task : mapping
        ``TaskName`` and what else the sidecar says of the task.
    trials : sequence of TrialRow
    columns : sequence of TrialColumn
        What the trials hold beyond onset, duration and stimulus.
    stimuli : sequence of StimulusInterval
        What the recording's own file says was shown.
    presentation : mapping or None
        ``StimulusPresentation``: the screen.
    """
    rows = [{**_fixed(trial.interval, "trial"), **trial.values} for trial in trials]
    rows += [_fixed(interval, PRESENTATION) for interval in stimuli]
    rows.sort(key=lambda row: float(str(row["onset"])))
    described = [*FIXED[:4], *columns, FIXED[4]]
    write_tsv(path, [column.name for column in described], rows)
    sidecar: dict[str, object] = dict(task)
    if presentation is not None:
        sidecar["StimulusPresentation"] = presentation
    # BIDS defines onset and duration itself, and its validator warns where a sidecar defines them again.
    write_sidecar(path.with_suffix(".json"), sidecar | {column.name: column.entry for column in described[2:]})


def _fixed(interval: StimulusInterval, trial_type: str) -> dict[str, object]:
    return {
        "onset": interval.onset_s,
        "duration": interval.offset_s - interval.onset_s,
        "trial_type": trial_type,
        "stimulus_id": interval.stimulus_id,
        "offset": interval.offset_s,
    }
