"""Where a person looked, as a density over the stimulus."""

from dataclasses import dataclass

from jaxtyping import Float
from numpy import ndarray

from emogap.types._check import freeze, require

__all__ = ["FixationMap"]


@dataclass(frozen=True, slots=True, eq=False)
class FixationMap:
    """A duration-weighted Gaussian density of fixations; the extent is centred on the screen.

    Attributes
    ----------
    density : float32 array, shape (H, W)
        Non-negative, sum 1 (or all zero if there was no fixation). Row 0 is the top.
    extent_deg : (float, float)
        Width and height covered, in degrees of visual angle.
    sigma_deg : float
        Standard deviation of the Gaussian, in degrees.
    from_s, to_s : float
        The window, in seconds of the recording.
    """

    density: Float[ndarray, "H W"]
    extent_deg: tuple[float, float]
    sigma_deg: float
    from_s: float
    to_s: float

    def __post_init__(self) -> None:
        require(self.density.ndim == 2, f"density must have two axes but has shape {self.density.shape}")
        require(float(self.density.min()) >= 0, f"density must not be negative, got {self.density.min()}")
        total = float(self.density.sum(dtype="float64"))
        require(total == 0 or abs(total - 1) < 1e-4, f"density must sum to 1, got {total:.6f}")
        require(self.to_s > self.from_s, f"the window ends at {self.to_s} s, before it begins at {self.from_s} s")
        freeze(self.density)
