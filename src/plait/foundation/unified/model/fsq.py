"""Finite scalar quantisation: a code is four whole numbers (arXiv 2309.15505, "FSQ: VQ-VAE made simple").

No codebook is learned, so none collapses: each number is bounded to as many levels as LEVELS says and rounded, and the
gradient passes the rounding by. Levels of [8, 5, 5, 5] are the paper's for 2^10 codes (its table 1).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

LEVELS = (8, 5, 5, 5)
NUM_CODES = 8 * 5 * 5 * 5
# The paper's bound leaves the outermost levels a thousandth of room, so that tanh need not reach its end.
BOUND_EPSILON = 1e-3


def quantize(features: Float[Tensor, "... 4"]) -> Float[Tensor, "... 4"]:
    """Features as the nearest of the levels, from -1 to 1, with the gradient of what was not yet rounded."""
    levels = torch.tensor(LEVELS, device=features.device, dtype=features.dtype)
    half_range = (levels - 1) * (1 + BOUND_EPSILON) / 2
    offset = torch.where(levels % 2 == 0, 0.5, 0.0)  # an even number of levels has none at zero
    bounded = (features + torch.atanh(offset / half_range)).tanh() * half_range - offset
    rounded = bounded + (bounded.round() - bounded).detach()
    return rounded / (levels // 2)


def latents_to_codes(latents: Float[Tensor, "... 4"]) -> Int[Tensor, "..."]:
    """The code of each four rounded numbers, from 0."""
    levels = torch.tensor(LEVELS, device=latents.device)
    digits = (latents * (levels // 2)).round().long() + levels // 2
    return (digits * code_basis(latents.device)).sum(-1)


def codes_to_latents(codes: Int[Tensor, "..."]) -> Float[Tensor, "... 4"]:
    """The four numbers of each code: what `codes` takes."""
    levels = torch.tensor(LEVELS, device=codes.device)
    digits = codes[..., None] // code_basis(codes.device) % levels
    return (digits - levels // 2) / (levels // 2).float()


def code_basis(device: torch.device) -> Int[Tensor, "4"]:
    """What each number counts for in a code."""
    levels = torch.tensor(LEVELS, device=device)
    return torch.cat((levels.new_ones(1), levels[:-1].cumprod(0)))
