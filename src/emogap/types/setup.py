"""The hardware: eye tracker and screen."""

from dataclasses import dataclass

from emogap.types._check import require

__all__ = ["EyeTracker", "Screen"]


@dataclass(frozen=True, slots=True)
class EyeTracker:
    """An eye tracker as its file names it.

    Attributes
    ----------
    model : str
        Maker and model, or the recording software where the file names no device.
    rate_hz : float or None
        Nominal sampling rate in Hz; None if neither the file nor the study states it.
    """

    model: str
    rate_hz: float | None = None

    def __post_init__(self) -> None:
        require(
            self.rate_hz is None or self.rate_hz > 0,
            f"a sampling rate must be positive, got {self.rate_hz} Hz",
        )


@dataclass(frozen=True, slots=True)
class Screen:
    """The stimulus screen. Pixels need not be square: use both pitches.

    Attributes
    ----------
    size_px : (int, int)
        Width and height in pixels.
    size_mm : (float, float) or None
        Width and height of the lit area in mm; None if unknown (then nothing can be given in degrees).
    distance_mm : float or None
        Viewing distance, eye to screen plane, in mm; None if unknown.
    """

    size_px: tuple[int, int]
    size_mm: tuple[float, float] | None = None
    distance_mm: float | None = None

    def __post_init__(self) -> None:
        require(min(self.size_px) > 0, f"the screen size must be positive, got {self.size_px} px")
        require(
            self.size_mm is None or min(self.size_mm) > 0,
            f"the screen size must be positive, got {self.size_mm} mm",
        )
        require(
            self.distance_mm is None or self.distance_mm > 0,
            f"the viewing distance must be positive, got {self.distance_mm} mm",
        )
