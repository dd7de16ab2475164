"""What eye measures are called where people read them."""

__all__ = ["MEASURE_TITLES", "measure_title"]

MEASURE_TITLES: dict[str, tuple[str, str, str]] = {
    "fixation_duration_s": ("fixations", "duration", "s"),
    "fixation_rate_per_s": ("fixations", "rate", "1/s"),
    "fixation_time_share": ("fixations", "share of time", "1"),
    "saccade_amplitude_deg": ("saccades", "amplitude", "deg"),
    "saccade_peak_velocity_deg_s": ("saccades", "peak velocity", "deg/s"),
    "saccade_mean_velocity_deg_s": ("saccades", "mean velocity", "deg/s"),
    "blink_rate_per_min": ("blinks", "rate", "1/min"),
    "pupil_mean_mm": ("pupil", "mean", "mm"),
    "pupil_slope_mm_s": ("pupil", "slope", "mm/s"),
    "pupil_variance_mm2": ("pupil", "variance", "mm^2"),
    "pupil_mean_au": ("pupil", "mean", "au"),
    "pupil_slope_au_s": ("pupil", "slope", "au/s"),
    "pupil_variance_au2": ("pupil", "variance", "au^2"),
    "gaze_dispersion_deg": ("dispersion", "of gaze", "deg"),
    "fixation_dispersion_deg": ("dispersion", "of fixations", "deg"),
    "loss_share": ("data loss", "share", "1"),
}
"""Group, name within it and unit of each column of ``measures.parquet``; ``1`` is a number without unit."""


def measure_title(name: str) -> str:
    """Group, name and unit of a measure in one.

    Examples
    --------
    >>> measure_title("pupil_slope_mm_s"), measure_title("loss_share")
    ('pupil: slope (mm/s)', 'data loss: share')
    """
    group, title, unit = MEASURE_TITLES[name]
    return f"{group}: {title}" + ("" if unit == "1" else f" ({unit})")
