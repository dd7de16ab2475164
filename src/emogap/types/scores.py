"""The content of ``scores.json``: plain JSON with a shape that the type checker knows on both sides.

Read from the bottom: `Scores` holds one `ScoreTable` per view and target, a table one `SplitScores` per split, and
that one `ScoreRow` per model. A number that does not exist (r of a constant) is null, never 0.
"""

from typing import Literal, NotRequired, TypedDict

__all__ = [
    "CalibrationRecord",
    "IntervalRecord",
    "MetricRecord",
    "PairRecord",
    "PartsRecord",
    "PersonRecord",
    "Role",
    "ScoreRow",
    "ScoreTable",
    "Scores",
    "SplitScores",
    "SpreadRecord",
]

Role = Literal["model", "floor", "oracle"]
"""What a row is: a model; a prediction that looks at no signal; one that is allowed to see what it should not."""


class IntervalRecord(TypedDict):
    """A number and its interval; see :class:`emogap.scoring.Interval`."""

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    clusters: str
    draws: int
    undefined_draws: int


class SpreadRecord(TypedDict):
    """Mean and SD (n - 1) of a metric computed in each cell alone; second to the pooled number."""

    mean: float | None
    sd: float | None
    cells: int


class MetricRecord(TypedDict):
    """One metric of one model under one split."""

    pooled: IntervalRecord
    percentile: list[float | None]
    """Limits of the percentile interval, beside those of `pooled`."""
    per_cell: SpreadRecord
    emer_batch16: float | None
    """The metric as the public code of EMER averages it; null where it was not asked for, or is not computed there."""


class PersonRecord(TypedDict):
    """The score of one participant's clips; WAR for classes, MAE for values."""

    participant_id: str
    num_clips: int
    score: float | None


class CalibrationRecord(TypedDict):
    """Whether probabilities mean what they say."""

    ece: float
    bins: int
    brier: float


class ScoreRow(TypedDict):
    """One model (or floor, or oracle) under one split."""

    model: str
    role: Role
    note: str
    metrics: dict[str, MetricRecord]
    recall: dict[str, float | None]
    confusion: list[list[float]]
    """Rows are labels, columns outputs, both in the order of the table's classes; empty for values."""
    per_person: list[PersonRecord]
    calibration: CalibrationRecord | None
    letters: str
    """Rows that share a letter are not distinguished; empty where no test was made."""


class PairRecord(TypedDict):
    """A paired test between two rows, in the primary metric: over people, or over people and stimuli."""

    first: str
    second: str
    difference: float | None
    p: float | None
    p_holm: float | None
    method: str
    num_people: int
    standard_error: NotRequired[float | None]
    """Of the difference, over what the test is about; runs that were scored before there was one lack it."""
    num_stimuli: NotRequired[int | None]
    """Stimuli that the test is about besides the people; None or absent where it is about other people alone."""


class PartsRecord(TypedDict):
    """Where a model's score under ``person`` goes when the stimuli are unseen too; all on the same test clips."""

    model: str
    person: IntervalRecord
    thinned: IntervalRecord
    blocked: IntervalRecord
    size_part: IntervalRecord
    """person - thinned: what the smaller training set costs."""
    stimulus_part: IntervalRecord
    """thinned - blocked: what having seen the stimulus was worth."""


class SplitScores(TypedDict):
    """All rows under one split."""

    split: str
    num_clips: int
    num_people: int
    num_stimuli: int
    cells: int
    seeds: int
    rows: list[ScoreRow]
    best: str
    """The row with the best primary metric, floors included, oracles not."""
    groups: list[list[str]]
    """The largest groups of rows that are not distinguished from each other."""
    pairs: list[PairRecord]
    parts: list[PartsRecord]
    """Only under ``person+stimulus``."""
    incomplete: list[str]
    """Models that lack a cell and are therefore not scored here."""


class ScoreTable(TypedDict):
    """One view and one target."""

    protocol: str
    view: str
    target: str
    space: str | None
    title: str
    meaning: str
    classes: list[str]
    support: dict[str, int]
    """Labelled clips per class, over the whole data set."""
    primary: str
    metrics: list[str]
    unlabelled: int
    ties: int
    """Labels of which the largest vote share belongs to several classes; the first in the vocabulary was taken."""
    ceiling: dict[str, float]
    """Best possible scores of a simulated study; empty for real people."""
    splits: list[SplitScores]


class Scores(TypedDict):
    """A whole ``scores.json``."""

    schema: int
    protocol: str
    metric_compat: str
    simulated: bool
    tables: list[ScoreTable]
