import cv2
import numpy as np
import pytest

from emogap.preprocessing.face.illumination import illumination_map, normalise_illumination
from emogap.simulation.face import FaceIdentity, draw_face, pure_expression

FACE = draw_face(FaceIdentity(), pure_expression("happiness"))


def ramp(lowest: int, highest: int, *, shape: tuple[int, int] = (37, 60)) -> np.ndarray:
    """Grey that grows evenly from left to right."""
    row = np.linspace(lowest, highest, shape[1]).round().astype(np.uint8)
    return np.repeat(np.broadcast_to(row, shape)[..., None], 3, axis=2)


def exposed(value: float, ratio: float) -> float:
    """The published brightness transform for one value on [0, 1], written out."""
    k = ratio**-0.3293
    return np.exp(1.1258 * (1 - k)) * value**k


def test_a_dark_slope_gets_brighter_and_stays_a_slope() -> None:
    """Light grows to the right and a little downwards, so that there are more shades than grey values."""
    slope = np.linspace(5, 50, 90)[None, :] + np.linspace(0, 11, 40)[:, None]
    dark = np.repeat(slope.round().astype(np.uint8)[..., None], 3, axis=2)
    lit = normalise_illumination(dark, "ying")
    assert (lit >= dark).all()
    assert lit.mean() > 2 * dark.mean()
    assert (np.diff(lit[18, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize("value", [8, 25, 60])
def test_an_even_dark_picture_follows_the_published_formula(value: int) -> None:
    """Where all pixels are alike T is their value, every ratio has the entropy 0, and the first, 1, is kept."""
    even = np.full((20, 31, 3), value, np.uint8)
    assert illumination_map(even) == pytest.approx(value / 255, abs=1e-6)
    assert np.array_equal(normalise_illumination(even, "ying"), even)


def test_each_pixel_is_the_published_mixture_for_one_exposure_ratio() -> None:
    """With T from the map, some ratio between 1 and 7 must explain every pixel of the result."""
    dark = ramp(5, 60)
    lit = normalise_illumination(dark, "ying")[..., 0].astype(float)
    picture, weight = dark[..., 0] / 255, illumination_map(dark) ** 0.5
    errors = [
        np.abs(255 * (weight * picture + (1 - weight) * exposed(picture, ratio)) - lit).max()
        for ratio in np.linspace(1, 7, 61)
    ]
    assert min(errors) < 0.51
    assert np.argmin(errors) > 0


def test_the_illumination_solves_the_published_normal_equations() -> None:
    """Against a dense solve of the weighted least squares, written with loops over neighbouring pixels."""
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (6, 9), dtype=np.uint8)
    lightness = picture / 255
    height, width = lightness.shape
    system = np.eye(lightness.size)
    for row in range(height):
        for column in range(width):
            for down, right in ((0, 1), (1, 0)):
                if row + down >= height or column + right >= width:
                    continue
                along = np.diff(lightness[:, column]) if down else np.diff(lightness[row])
                at = row if down else column
                summed = along[max(0, at - 2) : at + 3].sum()
                gradient = along[at]
                weight = 1 / (abs(summed) + 1e-3) / (abs(gradient) + 1e-3)
                here, there = row * width + column, (row + down) * width + column + right
                system[[here, there], [here, there]] += weight
                system[here, there] -= weight
                system[there, here] -= weight
    expected = np.linalg.solve(system, lightness.ravel()).reshape(height, width)
    found = illumination_map(np.repeat(picture[..., None], 3, axis=2))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_edges_of_light_stay_in_the_map_and_texture_goes() -> None:
    rng = np.random.default_rng(3)
    picture = np.full((40, 60), 60.0)
    picture[:, 30:] = 200
    noisy = np.clip(picture + rng.normal(0, 10, picture.shape), 0, 255).astype(np.uint8)
    light = 255 * illumination_map(np.repeat(noisy[..., None], 3, axis=2))
    assert light[:, 5:25].std() < 0.3 * noisy[:, 5:25].std()
    assert light[:, 33:55].mean() - light[:, 5:27].mean() > 100


@pytest.mark.parametrize("method", ["ying", "clahe"])
def test_a_well_exposed_picture_hardly_changes(method: str) -> None:
    bright = ramp(150, 240)
    changed = normalise_illumination(bright, method).astype(int) - bright
    assert np.abs(changed).mean() < (0.01 if method == "ying" else 25)


def test_a_dark_face_keeps_its_hues_and_their_order() -> None:
    dark = (FACE * 0.2).astype(np.uint8)
    lit = normalise_illumination(dark, "ying")
    before, after = (cv2.cvtColor(each, cv2.COLOR_RGB2HSV).astype(float) for each in (dark, lit))
    coloured = (before[..., 1] > 60) & (before[..., 2] > 20)
    turned_deg = 2 * np.abs((after - before)[..., 0][coloured])
    assert coloured.mean() > 0.2
    assert np.median(np.minimum(turned_deg, 360 - turned_deg)) < 6
    order = np.argsort(dark[coloured], axis=-1, kind="stable")
    assert (np.diff(np.take_along_axis(lit[coloured].astype(int), order, axis=-1), axis=-1) >= 0).all()


def test_a_dark_face_comes_back_near_its_brightness() -> None:
    dark = (FACE * 0.25).astype(np.uint8)
    lit = normalise_illumination(dark, "ying")
    assert abs(lit.mean() - FACE.mean()) < 0.4 * abs(dark.mean() - FACE.mean())


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (3, 2), (51, 49), (113, 401)])
@pytest.mark.parametrize("method", ["none", "clahe", "ying"])
def test_odd_sizes_keep_their_shape(method: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 90, (*shape, 3), dtype=np.uint8)
    before = picture.copy()
    result = normalise_illumination(picture, method)
    assert (result.shape, result.dtype) == (picture.shape, np.uint8)
    assert np.array_equal(picture, before)


def test_the_same_picture_gives_the_same_bytes() -> None:
    dark = (FACE * 0.3).astype(np.uint8)
    assert np.array_equal(normalise_illumination(dark, "ying"), normalise_illumination(dark, "ying"))


def test_black_stays_black() -> None:
    black = np.zeros((11, 13, 3), np.uint8)
    assert np.array_equal(normalise_illumination(black, "ying"), black)
