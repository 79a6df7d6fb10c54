"""Finite scalar quantisation: a code is four integers (arXiv 2309.15505, "FSQ: VQ-VAE made simple").

There is no learned codebook that could collapse: each number is bounded to the number of levels in LEVELS and rounded,
with a straight-through gradient. Levels [8, 5, 5, 5] are the paper's choice for 2^10 codes (its table 1).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

LEVELS = (8, 5, 5, 5)
NUM_CODES = 8 * 5 * 5 * 5
# The paper's bound leaves a margin of 0.001 at the outermost levels, which tanh would reach only at infinity.
BOUND_EPSILON = 1e-3


def quantize(features: Float[Tensor, "... 4"]) -> Float[Tensor, "... 4"]:
    """Rounds features to the nearest levels, scaled to -1..1; the gradient is that of the features before rounding."""
    levels = torch.tensor(LEVELS, device=features.device, dtype=features.dtype)
    half_range = (levels - 1) * (1 + BOUND_EPSILON) / 2
    offset = torch.where(levels % 2 == 0, 0.5, 0.0)  # an even number of levels has no level at zero
    bounded = (features + torch.atanh(offset / half_range)).tanh() * half_range - offset
    rounded = bounded + (bounded.round() - bounded).detach()
    return rounded / (levels // 2)


def latents_to_codes(latents: Float[Tensor, "... 4"]) -> Int[Tensor, "..."]:
    """The code, from 0, of each four rounded numbers."""
    levels = torch.tensor(LEVELS, device=latents.device)
    digits = (latents * (levels // 2)).round().long() + levels // 2
    return (digits * code_basis(latents.device)).sum(-1)


def codes_to_latents(codes: Int[Tensor, "..."]) -> Float[Tensor, "... 4"]:
    """The four numbers of each code: the inverse of `latents_to_codes`."""
    levels = torch.tensor(LEVELS, device=codes.device)
    digits = codes[..., None] // code_basis(codes.device) % levels
    return (digits - levels // 2) / (levels // 2).float()


def code_basis(device: torch.device) -> Int[Tensor, "4"]:
    """The weight of each of the four numbers in a code."""
    levels = torch.tensor(LEVELS, device=device)
    return torch.cat((levels.new_ones(1), levels[:-1].cumprod(0)))
