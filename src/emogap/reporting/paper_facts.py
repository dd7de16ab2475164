"""What a paper has to say of data and runs, as plain facts; what no file states is None or empty, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emogap.reporting.data_quality import Exclusion, Measure
from emogap.reporting.results import RunResults

__all__ = [
    "CheckedItem",
    "DataFacts",
    "LicenceRow",
    "ModelFacts",
    "QuotedFact",
    "RunFacts",
    "StreamFacts",
    "StudyFacts",
]


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """One stream: its steps, its channels with their units, and the channels that no recording had."""

    name: str
    num_steps: int
    channels: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """One item of the reporting guideline: what the files say, and what is still to be added (empty = nothing)."""

    number: str
    title: str
    content: str
    missing: str


@dataclass(frozen=True, slots=True)
class QuotedFact:
    """What the authors of a data set state of one thing, and what of it they do not (empty = nothing)."""

    text: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What only the folder of a study says; None = it does not say.

    Attributes
    ----------
    name, intended_use : str
    tracker : str or None
    rate_hz : float or None
        Nominal.
    screen_px : tuple of int
    screen_mm : tuple of float or None
    distance_mm : float or None
    num_recruited, num_sessions : int
        People in the table of participants, and those with a folder in ``sessions``.
    flow : tuple of (rule, clips left out)
        Stages of exclusion at which a clip fell, in order.
    num_clips_recorded : int
        Clips that came to the first stage.
    consent : str
        Levels of consent and dates of withdrawal in words; empty if no table states them.
    """

    name: str
    intended_use: str
    tracker: str | None
    rate_hz: float | None
    screen_px: tuple[int, int]
    screen_mm: tuple[float, float] | None
    distance_mm: float | None
    num_recruited: int
    num_sessions: int
    flow: tuple[tuple[str, int], ...]
    num_clips_recorded: int
    consent: str = ""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """One data set.

    Attributes
    ----------
    name, catalogue, cleaning, fingerprint : str
        `cleaning` is empty for recordings as they are.
    is_simulated : bool
    num_people, num_stimuli, num_clips : int
    doubts : tuple of str
        What a careful reader of the data would question.
    is_there : bool
        Whether the folder of the data set is where the run says; everything below is empty if not.
    source_fingerprint, gate, gate_options : str
        Of the source files; SHA-256 of the quality gate and the gate itself (empty = none).
    labels : mapping from view to str
        Where the labels of each view come from.
    streams : tuple of StreamFacts
    measures : tuple of Measure
        Data quality over the clips.
    steps : tuple of (str, str)
        Steps of cleaning with their parameters.
    exclusions : tuple of Exclusion
    num_failed : int
        Recordings that could not be read.
    versions : mapping from str to str
        Of the software that built it.
    people : str
        Age and sex in words; empty if no file states them.
    are_people_known, are_stimuli_known : bool
        Whether it is known of every clip whose it is, and what was shown.
    weights : tuple of str
        Known weights that the streams were made with.
    quoted : mapping from str to QuotedFact
        What is published of ``tracker``, ``rate``, ``screen``, ``stimuli`` and ``order``, as far as it is.
    quoted_from : str
        Where; empty if nothing is.
    study : StudyFacts or None
        None if the folder of the study was not given, or there is none.
    checklist : tuple of CheckedItem
    licence, source, citation : str
        Terms of the data, where they come from, and the paper to cite.
    """

    name: str
    catalogue: str
    cleaning: str
    fingerprint: str
    is_simulated: bool
    num_people: int
    num_stimuli: int
    num_clips: int
    doubts: tuple[str, ...]
    is_there: bool = False
    source_fingerprint: str = ""
    gate: str = ""
    gate_options: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    streams: tuple[StreamFacts, ...] = ()
    measures: tuple[Measure, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    num_failed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    people: str = ""
    are_people_known: bool = True
    are_stimuli_known: bool = True
    weights: tuple[str, ...] = ()
    quoted: Mapping[str, QuotedFact] = field(default_factory=dict)
    quoted_from: str = ""
    study: StudyFacts | None = None
    checklist: tuple[CheckedItem, ...] = ()
    licence: str = ""
    source: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model of a run.

    Attributes
    ----------
    name : str
    description : str
        In a few words.
    parameters : int or None
        Trainable numbers of the fit; None if its checkpoint is no longer there.
    training : mapping from str to JSON value
        How it was optimised; empty for a closed form, and if the checkpoint is no longer there.
    is_closed_form : bool
    """

    name: str
    description: str
    parameters: int | None
    training: Mapping[str, object]
    is_closed_form: bool


@dataclass(frozen=True, slots=True, eq=False)
class RunFacts:
    """One run.

    Attributes
    ----------
    name : str
        In the paper.
    results : RunResults
    models : tuple of ModelFacts
    data : DataFacts
        The data set it was made from.
    experiments : tuple of str
        Those that it was made for, if they were named and not the run; the methods then speak of them.
    has_subgroups : bool
        Whether subgroups of its people were scored.
    """

    name: str
    results: RunResults
    models: tuple[ModelFacts, ...]
    data: DataFacts
    experiments: tuple[str, ...] = ()
    has_subgroups: bool = False


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """One thing that is used, and on which terms.

    Attributes
    ----------
    kind : str
        ``package``, ``data`` or ``weights``.
    name, version : str
    licence : str
        Empty if no file states it.
    used_for : str
    shipped : str
        Whether emogap ships it, and whether whoever has it may pass it on.
    """

    kind: str
    name: str
    version: str
    licence: str
    used_for: str
    shipped: str
