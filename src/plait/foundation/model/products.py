"""Products with weights, through the library that is quickest."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

LARGE = 1_300_000  # multiplications; smaller products are done sooner by MKL


class Product(nn.Linear):
    """A linear map without a bias."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(inside, outside, bias=False)

    def forward(self, input: Float[Tensor, "... inside"]) -> Float[Tensor, "... outside"]:
        return product(input, self.weight)


def product(x: Float[Tensor, "... inside"], weight: Float[Tensor, "outside inside"]) -> Float[Tensor, "... outside"]:
    """Large products go through oneDNN in use. torch's own choice, MKL, keeps to AVX2 on AMD's processors: 576 rows of
    192 features to 768 took 1.59 ms by MKL and 0.68 by oneDNN (one core, Zen 5), with the same errors of rounding.

    torch takes that way only where bf16 is permitted, and oneDNN makes use of that where a processor has units for it
    (AMX). The permission is given for the product alone: attention took ten times as long with it.
    """
    if x.device.type != "cpu" or not torch.is_inference_mode_enabled() or x.numel() * len(weight) < LARGE:
        return F.linear(x, weight)
    setting = torch.backends.mkldnn.matmul  # pyright: ignore[reportAttributeAccessIssue]
    before, setting.fp32_precision = setting.fp32_precision, "bf16"
    try:
        return F.linear(x, weight)
    finally:
        setting.fp32_precision = before
