"""PSNR and SSIM: what they are of equal pictures, of noise, and by their definitions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.foundation.unified.metrics.image_similarity import MAX_PSNR, SSIM_CONSTANTS, WINDOW, psnr, ssim


def picture(seed: int, side: int = 24) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (side // 8, side // 8, 3), dtype=np.uint8)
    return coarse.repeat(8, 0).repeat(8, 1)


def noisy(of: NDArray[np.uint8], spread: float) -> NDArray[np.uint8]:
    return (of + np.random.default_rng(1).normal(0, spread, of.shape)).clip(0, 255).astype(np.uint8)


def test_equal_pictures_have_maximal_similarity() -> None:
    assert psnr(picture(1), picture(1)) == MAX_PSNR
    assert ssim(picture(1), picture(1)) == pytest.approx(1)


def test_more_noise_lowers_similarity() -> None:
    steps = [noisy(picture(1), spread) for spread in (2, 8, 32)]
    for measure in (psnr, ssim):
        values = [measure(picture(1), each) for each in steps]
        assert values == sorted(values, reverse=True) and values[0] > values[-1] > measure(picture(1), picture(2))


def test_psnr_is_the_error_in_decibels() -> None:
    one = np.zeros((8, 8, 3), np.uint8)
    assert psnr(one, one + 16) == pytest.approx(20 * np.log10(255 / 16))


def test_ssim_is_the_mean_over_windows() -> None:
    one, other = picture(1), noisy(picture(1), 20)
    low, high = SSIM_CONSTANTS
    values: list[float] = []
    for top in range(len(one) - WINDOW + 1):
        for left in range(len(one) - WINDOW + 1):
            for colour in range(3):
                a, b = (p[top : top + WINDOW, left : left + WINDOW, colour].astype(float) for p in (one, other))
                both = ((a - a.mean()) * (b - b.mean())).mean()
                above = (2 * a.mean() * b.mean() + low) * (2 * both + high)
                values.append(above / ((a.mean() ** 2 + b.mean() ** 2 + low) * (a.var() + b.var() + high)))
    assert ssim(one, other) == pytest.approx(np.mean(values))


def test_a_part_smaller_than_a_window_is_one_window() -> None:
    assert 0 < ssim(picture(1)[:3, :5], noisy(picture(1), 5)[:3, :5]) <= 1
