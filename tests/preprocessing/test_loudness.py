"""Loudness against the test signals of the standards."""

import numpy as np
import pytest

from emogap.preprocessing.loudness import measure_loudness

RATE_HZ = 48_000


def sine(level_dbfs: float, seconds: float, *, frequency_hz: float = 1000, channels: int = 2) -> np.ndarray:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * time)
    return np.tile(wave[:, None], (1, channels))


def test_a_full_sine_of_997_hz_in_one_channel_measures_minus_3_01() -> None:
    """BS.1770-4, annex 1: "the indicated loudness will equal -3.01 LKFS"."""
    loudness = measure_loudness([sine(0, 3, frequency_hz=997, channels=1)])
    assert loudness is not None
    assert loudness.integrated_lufs == pytest.approx(-3.01, abs=0.01)
    assert loudness.rms_dbfs == pytest.approx(-3.01, abs=0.01)
    assert loudness.duration_s == 3


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_the_signals_of_tech_3341_measure_what_it_says(segments: list[tuple[float, float]], expected: float) -> None:
    """EBU Tech 3341, table 1, cases 1 to 5: integrated loudness within 0.1 LU."""
    loudness = measure_loudness([sine(level, seconds) for level, seconds in segments])
    assert loudness is not None
    assert loudness.integrated_lufs == pytest.approx(expected, abs=0.1)


def test_the_size_of_blocks_changes_nothing() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, (3 * RATE_HZ, 2))
    whole, parts = measure_loudness([noise]), measure_loudness(np.split(noise, [7, 1024, 70_001]))
    assert whole is not None
    assert parts is not None
    assert parts.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)


def test_silence_has_no_loudness_and_no_sound_is_none() -> None:
    silence = measure_loudness([np.zeros((RATE_HZ, 2))])
    assert silence is not None
    assert np.isnan([silence.integrated_lufs, silence.rms_dbfs]).all()
    assert measure_loudness([]) is None
