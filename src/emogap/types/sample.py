"""One labelled clip."""

from collections.abc import Mapping
from dataclasses import dataclass

from numpy import ndarray

from emogap.types._check import require
from emogap.types.labels import EmotionLabel, LabelView

__all__ = ["Sample", "SampleKey"]


@dataclass(frozen=True, slots=True, order=True)
class SampleKey:
    """Who, what and when of a sample: the unit of every leakage check. Sorts by its fields in this order."""

    dataset: str
    recording_id: str
    participant_id: str
    stimulus_id: str
    stimulus_group: str
    start_s: float
    stop_s: float

    def __post_init__(self) -> None:
        require(
            self.stop_s > self.start_s,
            f"a sample must end after it starts, got {self.start_s} to {self.stop_s} s",
        )

    def values(self) -> tuple[str, str, str, str, str, float, float]:
        """The fields in their order; a data set has thousands of keys, and ``dataclasses.astuple`` copies deeply."""
        return (
            self.dataset,
            self.recording_id,
            self.participant_id,
            self.stimulus_id,
            self.stimulus_group,
            self.start_s,
            self.stop_s,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A clip as models see it.

    Attributes
    ----------
    key : SampleKey
    streams : mapping from modality name to float32 array, shape (T, ...)
        NaN = not measured (a scaler fills it with the training mean).
    masks : mapping from modality name to bool array, shape (T,)
        True = a real step; False = padding, or a step at which the modality holds nothing.
    labels : mapping from LabelView to EmotionLabel
    """

    key: SampleKey
    streams: Mapping[str, ndarray]
    masks: Mapping[str, ndarray]
    labels: Mapping[LabelView, EmotionLabel]

    def __post_init__(self) -> None:
        require(bool(self.streams), f"the sample {self.key} has no modality")
        require(set(self.streams) == set(self.masks), "every stream needs a mask")
        for name, stream in self.streams.items():
            require(
                self.masks[name].shape == stream.shape[:1],
                f"mask of {name} has shape {self.masks[name].shape}, the stream {stream.shape}",
            )
