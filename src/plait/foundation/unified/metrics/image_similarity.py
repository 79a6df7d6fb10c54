"""How alike two pictures are, pixel by pixel.

PSNR in decibels; SSIM after Wang et al. 2004 ("Image quality assessment: from error visibility to structural
similarity"), in even windows of WINDOW pixels, over each colour, without their Gaussian weights.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PixelArray: TypeAlias = NDArray[np.uint8]  # (height, width, 3)

MAX_PSNR = 50.0  # decibels that equal pictures are told to have
WINDOW = 7
SSIM_CONSTANTS = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # keep the quotients of SSIM finite


def psnr(one: PixelArray, other: PixelArray) -> float:
    error = np.square(one.astype(np.float64) - other).mean()
    return min(MAX_PSNR, float(10 * np.log10(255**2 / error))) if error else MAX_PSNR


def ssim(one: PixelArray, other: PixelArray) -> float:
    """1 where they are equal. A picture smaller than the window is one window."""
    window = min(WINDOW, *one.shape[:2])
    a, b = one.astype(np.float64), other.astype(np.float64)
    mean_a, mean_b = window_means(a, window), window_means(b, window)
    variance_a, variance_b = window_means(a * a, window) - mean_a**2, window_means(b * b, window) - mean_b**2
    covariance = window_means(a * b, window) - mean_a * mean_b
    low, high = SSIM_CONSTANTS
    numerator = (2 * mean_a * mean_b + low) * (2 * covariance + high)
    return float((numerator / ((mean_a**2 + mean_b**2 + low) * (variance_a + variance_b + high))).mean())


def window_means(x: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Of all windows that lie within, by sums of sums."""
    sums = np.pad(x, ((1, 0), (1, 0), (0, 0))).cumsum(0).cumsum(1)
    window_sums = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    return window_sums / window**2
