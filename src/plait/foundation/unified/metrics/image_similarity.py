"""Pixel similarity of two pictures.

PSNR in decibels; SSIM after Wang et al. 2004 ("Image quality assessment: from error visibility to structural
similarity"), per colour, in uniform windows of WINDOW pixels instead of Gaussian ones.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PixelArray: TypeAlias = NDArray[np.uint8]  # (height, width, 3)

MAX_PSNR = 50.0  # decibels, reported for equal pictures
WINDOW = 7
SSIM_CONSTANTS = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # keep the quotients of SSIM finite


def psnr(one: PixelArray, other: PixelArray) -> float:
    error = np.square(one.astype(np.float64) - other).mean()
    return min(MAX_PSNR, float(10 * np.log10(255**2 / error))) if error else MAX_PSNR


def ssim(one: PixelArray, other: PixelArray) -> float:
    """SSIM, 1 for equal pictures. A picture smaller than the window is one window."""
    window = min(WINDOW, *one.shape[:2])
    a, b = one.astype(np.float64), other.astype(np.float64)
    mean_a, mean_b = window_means(a, window), window_means(b, window)
    variance_a, variance_b = window_means(a * a, window) - mean_a**2, window_means(b * b, window) - mean_b**2
    covariance = window_means(a * b, window) - mean_a * mean_b
    low, high = SSIM_CONSTANTS
    numerator = (2 * mean_a * mean_b + low) * (2 * covariance + high)
    return float((numerator / ((mean_a**2 + mean_b**2 + low) * (variance_a + variance_b + high))).mean())


def window_means(x: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Means of all windows inside the array, by cumulative sums."""
    sums = np.pad(x, ((1, 0), (1, 0), (0, 0))).cumsum(0).cumsum(1)
    window_sums = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    return window_sums / window**2
