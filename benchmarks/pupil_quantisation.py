"""How much of the paper's pupil difference is noise: ``python -m benchmarks.pupil_quantisation [FOLDER]``.

A diameter written in steps of q carries an error that is nearly uniform over one step, of variance q^2 / 12; the
difference of two samples whose errors are independent carries q^2 / 6 (Bennett 1948,
doi:10.1002/j.1538-7305.1948.tb01340.x). At two decimals q = 0.01 mm and sqrt(q^2 / 6) = 0.0041 mm.

All noise, quantisation included, shows in the serial correlation r of the differences: those of white noise have
r = -0.5, those of a signal that is smooth from one difference to the next have r = 1. For the sum of both, the noise's
share of the variance of the differences is 2 (1 - r) / 3.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy import ndarray

from benchmarks.event_agreement import DATA, recordings_in
from emogap.types import Recording

STEP_MM = 0.01
EVERY = (1, 3, 10, 30)
"""Distances in samples between which the difference is taken; at 300 Hz: 3.3, 10, 33 and 100 ms."""


def pupils(recordings: Iterable[Recording]) -> list[ndarray]:
    """Pupil diameters in mm of each eye of each recording, shape (T,), as the file has them; NaN where missing."""
    found = []
    for recording in recordings:
        assert recording.gaze is not None
        assert recording.gaze.pupil is not None
        found += list(recording.gaze.pupil.T)
    return found


def measure(diameters: list[ndarray], every: int) -> dict[str, float]:
    """Shares, spread and serial correlation of the differences between samples `every` apart."""
    changes = [np.diff(diameter[::every]) for diameter in diameters]
    change = np.concatenate(changes)
    change = change[np.isfinite(change)]
    steps = np.round(change / STEP_MM).astype(int)
    sd_mm = float(change.std())
    correlation = _serial_correlation(changes)
    return {
        "differences": len(change),
        "share_zero": float((steps == 0).mean()),
        "share_one_step": float((np.abs(steps) == 1).mean()),
        "sd_mm": sd_mm,
        "quantisation_sd_mm": STEP_MM / np.sqrt(6),
        "quantisation_share_of_variance": (STEP_MM**2 / 6) / sd_mm**2,
        "serial_correlation": correlation,
        "noise_share_of_variance": 2 * (1 - correlation) / 3,
    }


def _serial_correlation(changes: list[ndarray]) -> float:
    first = np.concatenate([change[:-1] for change in changes])
    second = np.concatenate([change[1:] for change in changes])
    both = np.isfinite(first) & np.isfinite(second)
    return float(np.corrcoef(first[both], second[both])[0, 1])


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    diameters = pupils(recordings_in(folder))
    known = np.concatenate(diameters)
    in_steps = known[np.isfinite(known)] / STEP_MM
    on_grid = np.isclose(in_steps, np.round(in_steps)).mean()
    print(f"{len(in_steps):,} diameters, {on_grid:.2%} of them multiples of {STEP_MM} mm")
    print("| between samples | differences | 0 | 0.01 mm | SD | serial correlation | noise | quantisation |")
    print("|---|---|---|---|---|---|---|---|")
    for every in EVERY:
        row = measure(diameters, every)
        print(
            f"| {1000 * every / 300:.1f} ms | {row['differences']:,} | {row['share_zero']:.1%} |"
            f" {row['share_one_step']:.1%} | {row['sd_mm']:.4f} mm | {row['serial_correlation']:.2f} |"
            f" {row['noise_share_of_variance']:.0%} | {row['quantisation_share_of_variance']:.1%} |"
        )


if __name__ == "__main__":
    main()
