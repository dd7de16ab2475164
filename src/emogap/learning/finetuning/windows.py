"""Windows of gaze with a label each: what every row of a comparison learns from and is scored on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.files import fingerprint_json
from emogap.learning.finetuning.question import Question

__all__ = ["LabelledWindows", "require_classes"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledWindows:
    """N labelled windows, in memory: 54,000 windows of 150 frames and 6 channels take 195 MB.

    Attributes
    ----------
    name : str
        Of the data; with a participant's name it names a person.
    question : Question
    gaze : float32 array, shape (N, T, D)
        In the units of the channels; NaN exactly where not `valid`.
    valid : bool array, shape (N, T)
    label : float64 array, shape (N, O)
        Values on the scale of the question, or vote shares of the classes; finite.
    people, recordings : tuple of str, length N
    start_s, stop_s : float64 array, shape (N,)
        Of the window, from the first frame of the recording, trial or clip.
    channels : tuple of str, length D
    rate_hz : float
    simulated : bool
    fingerprint : str
        Of the gaze and the labels it comes from.
    dropped : mapping from reason to count
        Labels or moments that gave no window.
    measured_from : tuple of str
        What the gaze is measured from, such as ``screen``, each once; empty where it is not known.
    """

    name: str
    question: Question
    gaze: Float[ndarray, "N T D"]
    valid: Bool[ndarray, "N T"]
    label: Float[ndarray, "N O"]
    people: tuple[str, ...]
    recordings: tuple[str, ...]
    start_s: Float[ndarray, " N"]
    stop_s: Float[ndarray, " N"]
    channels: tuple[str, ...]
    rate_hz: float
    simulated: bool
    fingerprint: str
    dropped: Mapping[str, int] = field(default_factory=dict)
    measured_from: tuple[str, ...] = ()

    @property
    def num_windows(self) -> int:
        """N."""
        return len(self.people)

    @property
    def identity(self) -> str:
        """Fingerprint of the data, the question and every window's place."""
        places = [self.recordings, self.start_s.round(6).tolist(), self.label.round(9).tolist()]
        return fingerprint_json([self.name, self.fingerprint, self.question.name, self.question.outputs, places])


def require_classes(windows: LabelledWindows, rows: Int[ndarray, " R"], *, who: str) -> None:
    """Raise if the question is one of classes and the windows `rows` hold fewer than two of them.

    Raises
    ------
    DataError
        Naming the class that all have.
    """
    if windows.question.kind == "values":
        return
    found = windows.label[rows].sum(axis=0).nonzero()[0]
    if len(found) < 2:
        word = windows.question.outputs[found[0]] if len(found) else "unlabelled"
        raise DataError(
            f"{counted(len(rows), 'window', 'is')} {word}, all of the {who} people: there is nothing to tell apart",
            fix="choose other people with --test or another --seed, or label more of them",
        )
