import numpy as np
import pytest

from emogap.simulation.config import PupilConfig
from emogap.simulation.pupils import arousal_dilation_mm, hippus_mm, light_reflex_mm, steady_diameter_mm

CONFIG = PupilConfig()
RATE_HZ = 100.0


@pytest.mark.parametrize(
    ("luminance", "area", "diameter"),
    # The reference observer, S in the notes, worked out by hand: L a / 846 = 1 and 100.
    [(846.0, 1.0, 7.75 - 5.75 / 3), (846.0, 100.0, 7.75 - 5.75 * 100**0.41 / (100**0.41 + 2))],
)
def test_the_steady_diameter_is_the_unified_formula(luminance: float, area: float, diameter: float) -> None:
    found = steady_diameter_mm(np.array(luminance), area_deg2=area, age_years=28.58)
    assert float(found) == pytest.approx(diameter)


def test_older_pupils_are_smaller_and_minors_count_as_twenty() -> None:
    sizes = [float(steady_diameter_mm(np.array(50.0), area_deg2=600, age_years=age)) for age in (18, 20, 40, 70)]
    assert sizes[0] == sizes[1] > sizes[2] > sizes[3]


def test_a_pupil_narrows_after_the_latency_when_the_screen_lights_up() -> None:
    luminance = np.where(np.arange(600) < 200, 20.0, 120.0)
    steady = steady_diameter_mm(luminance, area_deg2=600, age_years=25)
    pupil = light_reflex_mm(steady, RATE_HZ, CONFIG)
    assert (pupil[: 200 + 22] == pupil[0]).all()
    assert pupil[200 + 23] < pupil[0]
    assert pupil[-1] == pytest.approx(steady[-1], abs=0.01)


def test_dilation_in_the_dark_is_slower_than_constriction_in_the_light() -> None:
    wide, narrow = 6.0, 3.0
    down = light_reflex_mm(np.where(np.arange(900) < 100, wide, narrow), RATE_HZ, CONFIG)
    up = light_reflex_mm(np.where(np.arange(900) < 100, narrow, wide), RATE_HZ, CONFIG)
    to_middle_down = int(np.argmax(down < 4.5)) - 122
    to_middle_up = int(np.argmax(up > 4.5)) - 122
    assert to_middle_down == pytest.approx(100 * 0.30 * np.log(2), abs=2)
    assert to_middle_up == pytest.approx(100 * 0.90 * np.log(2), abs=2)


def test_arousal_dilates_after_its_latency_to_what_was_asked() -> None:
    asked = np.where(np.arange(1000) >= 100, 0.2, 0.0)
    dilation = arousal_dilation_mm(asked, RATE_HZ, CONFIG)
    assert (dilation[:140] == 0).all()
    assert dilation[140] > 0
    assert dilation[140 + 240] == pytest.approx(0.2 * (1 - np.exp(-3)), rel=0.02)
    assert dilation[-1] == pytest.approx(0.2, rel=0.01)


def test_hippus_has_the_stated_spread() -> None:
    noise = hippus_mm(300_000, RATE_HZ, CONFIG, np.random.default_rng(0))
    assert noise.std() == pytest.approx(0.05, rel=0.1)
