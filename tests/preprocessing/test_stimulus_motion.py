"""Motion of planted films."""

import numpy as np
import pytest

from emogap.preprocessing.stimulus_motion import measure_motion


def moving_edge(rate_hz: float, seconds: float, *, share_per_s: float = 0.2) -> list[tuple[float, np.ndarray]]:
    frames = []
    for place in range(round(rate_hz * seconds)):
        picture = np.zeros((36, 640, 3), np.uint8)
        picture[:, : round(640 * share_per_s * place / rate_hz)] = 255
        frames.append((place / rate_hz, picture))
    return frames


@pytest.mark.parametrize("rate_hz", [10, 30, 50])
def test_an_edge_that_moves_uncovers_its_speed_whatever_the_rate(rate_hz: float) -> None:
    """A fifth of the picture turns from black to white per second: 0.02 per 0.1 s."""
    assert measure_motion(moving_edge(rate_hz, 3)) == pytest.approx(0.02, abs=1e-3)


def test_a_still_film_does_not_move() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    assert measure_motion([(step / 25, picture) for step in range(20)]) == 0


def test_one_picture_has_no_motion() -> None:
    assert np.isnan(measure_motion([(0.0, np.zeros((4, 8, 3), np.uint8))]))
