"""How bright a stimulus was."""

from dataclasses import dataclass

from jaxtyping import Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape

__all__ = ["StimulusLuminance"]


@dataclass(frozen=True, slots=True, eq=False)
class StimulusLuminance:
    """Luminance of a stimulus over time, averaged over the picture.

    Attributes
    ----------
    time_s : float64 array, shape (L,)
        Seconds from the onset of the stimulus, strictly increasing; a value holds until the next one.
    luminance : float64 array, shape (L,)
        Share of the white of the screen, from 0 to 1, linear in light (not the code values of a video).
    """

    time_s: Float[ndarray, " L"]
    luminance: Float[ndarray, " L"]

    def __post_init__(self) -> None:
        require_shape("time_s", self.time_s, (None,))
        require_shape("luminance", self.luminance, (len(self.time_s),))
        require(len(self.time_s) > 0, "a stimulus needs at least one value of luminance")
        steps_back = self.time_s[1:] <= self.time_s[:-1]
        if steps_back.any():
            first = int(steps_back.argmax())
            require(False, f"luminance at {self.time_s[first + 1]:g} s follows that at {self.time_s[first]:g} s")
        outside = ~((self.luminance >= 0) & (self.luminance <= 1))
        if outside.any():
            first = int(outside.argmax())
            require(
                False,
                f"luminance is {self.luminance[first]:g} at {self.time_s[first]:g} s, outside 0 to 1"
                f" ({int(outside.sum())} such values)",
                fix="divide cd/m^2 by the white of the screen",
            )
        freeze(self.time_s)
        freeze(self.luminance)
