"""How loud a stimulus is: integrated loudness as broadcasters measure it, and the plain RMS level."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.signal import lfilter

__all__ = ["Loudness", "measure_loudness"]

RATE_HZ = 48_000
STEP = RATE_HZ // 10
"""Blocks of 0.4 s overlap by three quarters: a step is 0.1 s."""
STEPS_PER_BLOCK = 4

SHELF_B = (1.53512485958697, -2.69169618940638, 1.19839281085285)
SHELF_A = (1.0, -1.69065929318241, 0.73248077421585)
HIGH_PASS_B = (1.0, -2.0, 1.0)
HIGH_PASS_A = (1.0, -1.99004745483398, 0.99007225036621)
"""The K weighting at 48 kHz: BS.1770-4, tables 1 and 2."""

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LU = -0.691


@dataclass(frozen=True, slots=True)
class Loudness:
    """The level of one sound track.

    Attributes
    ----------
    integrated_lufs : float
        Gated loudness; NaN if no block of 0.4 s is above -70 LUFS, as in silence.
    rms_dbfs : float
        Mean square of all samples and channels in dB of full scale; a sine of full scale has -3.01. NaN in silence.
    duration_s : float
    """

    integrated_lufs: float
    rms_dbfs: float
    duration_s: float


def measure_loudness(blocks: Iterable[Float[ndarray, "T C"]]) -> Loudness | None:
    """The loudness of a sound that comes in blocks; None if there is no sample.

    Parameters
    ----------
    blocks : iterable of float arrays (T, C)
        At 48 kHz, full scale = 1, one or two channels; as ``recording.audio.read_audio`` gives them.

    Notes
    -----
    ``L = -0.691 + 10 log10 sum_c z_c``: z_c is the mean square of channel c after the K weighting, over the blocks
    of 0.4 s (overlapping by 75 %) that are above -70 LUFS and above the mean of those minus 10 LU. A mono track
    counts once, so that it measures 3 LU less than the same sound on two channels. It says nothing of the sound
    level in the room, which needs a meter.

    References
    ----------
    ITU-R BS.1770-4 (2015), annex 1. EBU R 128 and Tech 3341 (test signals).
    """
    shelf = high_pass = np.zeros((2, 0))
    rest = np.zeros((0, 0))
    energies, square, samples, channels = [], 0.0, 0, 1
    for block in blocks:
        values = np.asarray(block, np.float64)
        if not samples:
            channels = values.shape[1]
            shelf = high_pass = np.zeros((2, channels))
            rest = np.zeros((0, channels))
        square += float((values**2).sum())
        samples += len(values)
        weighted, shelf = lfilter(SHELF_B, SHELF_A, values, axis=0, zi=shelf)
        weighted, high_pass = lfilter(HIGH_PASS_B, HIGH_PASS_A, weighted, axis=0, zi=high_pass)
        waiting = np.concatenate([rest, weighted])
        whole = len(waiting) // STEP
        steps = waiting[: whole * STEP].reshape(whole, STEP, channels)
        energies += (steps**2).mean(axis=1).sum(axis=1).tolist()
        rest = waiting[whole * STEP :]
    if not samples:
        return None
    mean_square = square / (samples * channels)
    return Loudness(
        integrated_lufs=_gated(np.array(energies)),
        rms_dbfs=float(10 * np.log10(mean_square)) if mean_square > 0 else float("nan"),
        duration_s=samples / RATE_HZ,
    )


def _gated(step_energy: Float[ndarray, " S"]) -> float:
    if len(step_energy) < STEPS_PER_BLOCK:
        return float("nan")
    block = np.convolve(step_energy, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), mode="valid")
    loud = block[block > _energy(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return float("nan")
    gate = max(_energy(ABSOLUTE_GATE_LUFS), loud.mean() * 10 ** (RELATIVE_GATE_LU / 10))
    return float(OFFSET_LU + 10 * np.log10(block[block > gate].mean()))


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LU) / 10))
