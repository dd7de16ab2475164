"""The content of ``run.toml``: how the numbers of a run were made."""

from typing import NotRequired, TypedDict

__all__ = ["FailureRecord", "RunDataset", "RunRecord"]


class RunDataset(TypedDict):
    """The data set that was read."""

    path: str
    name: str
    catalogue: str
    cleaning: str
    fingerprint: str
    simulated: bool
    num_clips: int
    num_people: int
    num_stimuli: int
    streams: dict[str, list[int]]
    """Shape of one clip in each stream."""
    doubts: list[str]
    ceiling: dict[str, dict[str, float]]
    """Best possible scores of a simulated study, by ``view/space`` and metric; empty for real people."""
    as_rate: NotRequired[float]
    """Hz that gaze was thinned to before cleaning; absent where it is as recorded."""


class FailureRecord(TypedDict):
    """A fit that did not come to an end."""

    model: str
    target: str
    split: str
    cell: str
    seed: int
    problem: str


class RunRecord(TypedDict):
    """A whole ``run.toml``."""

    schema: int
    job: str
    """Fingerprint of configuration and data: the same job is taken up again, another is refused."""
    command: str
    is_finished: bool
    config: dict[str, object]
    dataset: RunDataset
    splits: dict[str, str]
    """Fingerprint of each split, by ``name-seed``."""
    split_notes: list[str]
    models: list[str]
    """In the order of the tables, floors included."""
    epochs: int
    num_fits: int
    jobs: int
    seconds: float
    """Wall time of the commands that worked on this run and came to an end."""
    versions: dict[str, str]
    machine: dict[str, str]
    failures: list[FailureRecord]
